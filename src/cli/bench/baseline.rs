//! What the database does without Rapport: the same driver, the same disk, commits that are on it when they return.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::try_join_all;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

use super::{rate, timed};
use crate::runtime::{Clock, Random};

/// Rows of one commit where many share it: about what a busy ingest writes at once.
pub(super) const ROWS_TOGETHER: usize = 80;
/// Bytes of a row's body.
const BODY_BYTES: usize = 1024;
/// Whose the rows are: it is not looked up.
const CONVERSATION: &str = "conv_01kp5n0000abcdefghjkm";
const FRESH: &str = "drop table if exists bare";
/// The table: an event's id, whose it is, when, and what it says.
const TABLE: &str = "create table bare (id text primary key, conversation text not null, at bigint not null, \
                     body text not null)";

/// Rows a second into SQLite, `together` in each commit.
///
/// # Errors
/// When the database refuses.
pub(super) async fn sqlite_rows(url: &str, rows: usize, together: usize, clock: &Clock) -> anyhow::Result<f64> {
    let random = Random::system();
    let mut connection = AnyConnection::connect(&format!("{url}?mode=rwc")).await?;
    for statement in ["pragma journal_mode = wal", "pragma synchronous = full", FRESH, TABLE] {
        connection.execute(statement).await?;
    }
    let values = (0..together).map(|row| {
        let first = 4 * row + 1;
        format!("(${first}, ${}, ${}, ${})", first + 1, first + 2, first + 3)
    });
    let sql = format!("insert into bare (id, conversation, at, body) values {}", values.collect::<Vec<_>>().join(","));
    let body = "x".repeat(BODY_BYTES);
    let commits = rows / together;
    let ids: Vec<String> = (0..commits * together).map(|_| random.token()).collect();
    let writing = async {
        for ids in ids.chunks(together) {
            let mut tx = connection.begin_with("begin immediate").await?;
            let mut insert = sqlx::query(AssertSqlSafe(sql.clone()));
            for id in ids {
                insert = insert.bind(id).bind(CONVERSATION).bind(1_i64).bind(&body);
            }
            insert.execute(&mut *tx).await?;
            tx.commit().await?;
        }
        Ok(())
    };
    let ((), took) = timed(clock, writing).await?;
    connection.close().await?;
    Ok(rate(commits * together, took))
}

/// Rows a second into PostgreSQL, each a commit of its own, over `connections` at once.
///
/// # Errors
/// When the database refuses.
pub(super) async fn postgres_rows(url: &str, rows: usize, connections: usize, clock: &Clock) -> anyhow::Result<f64> {
    let mut first = AnyConnection::connect(url).await?;
    first.execute(FRESH).await?;
    first.execute(TABLE).await?;
    let mut opened = vec![first];
    while opened.len() < connections {
        opened.push(AnyConnection::connect(url).await?);
    }
    let random = Random::system();
    let ids: Arc<[String]> = (0..rows).map(|_| random.token()).collect();
    let next = Arc::new(AtomicUsize::new(0));
    let body = "x".repeat(BODY_BYTES);
    let writers = opened.into_iter().map(|mut connection| {
        let (ids, next, body) = (ids.clone(), next.clone(), body.clone());
        async move {
            while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                sqlx::query("insert into bare (id, conversation, at, body) values ($1, $2, $3, $4)")
                    .bind(id)
                    .bind(CONVERSATION)
                    .bind(1_i64)
                    .bind(&body)
                    .execute(&mut connection)
                    .await?;
            }
            connection.close().await
        }
    });
    let (_, took) = timed(clock, async { Ok(try_join_all(writers).await?) }).await?;
    Ok(rate(rows, took))
}
