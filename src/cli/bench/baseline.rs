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
/// Whose the rows may be.
const CONVERSATIONS: usize = 10_000;
/// The least that a queue of events needs: an event once, and what is open of a conversation in order.
const FRESH: [&str; 3] = [
    "drop table if exists bare",
    "create table bare (event_id text primary key, conversation text not null, at bigint not null, body text not null, \
     done_at bigint)",
    "create index bare_open on bare (conversation, at) where done_at is null",
];

/// SQLite as Rapport uses it.
const AS_RAPPORT: [&str; 4] = [
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma cache_size = -16000",
    "pragma wal_autocheckpoint = 4000",
];

/// Rows to write: an event's id, and whose it is.
fn rows(count: usize) -> Vec<(String, String)> {
    let random = Random::system();
    let conversation = || format!("conv_{:021}", random.bits() % CONVERSATIONS as u64);
    (0..count).map(|_| (random.token(), conversation())).collect()
}

/// Rows a second into SQLite, `together` in each commit.
///
/// # Errors
/// When the database refuses.
pub(super) async fn sqlite_rows(url: &str, count: usize, together: usize, clock: &Clock) -> anyhow::Result<f64> {
    let mut connection = AnyConnection::connect(&format!("{url}?mode=rwc")).await?;
    for statement in AS_RAPPORT.into_iter().chain(FRESH) {
        connection.execute(statement).await?;
    }
    let values = (0..together).map(|row| {
        let first = 4 * row + 1;
        format!("(${first}, ${}, ${}, ${})", first + 1, first + 2, first + 3)
    });
    let sql =
        format!("insert into bare (event_id, conversation, at, body) values {}", values.collect::<Vec<_>>().join(","));
    let body = "x".repeat(BODY_BYTES);
    let rows = rows(count / together * together);
    let writing = async {
        for rows in rows.chunks(together) {
            let mut tx = connection.begin_with("begin immediate").await?;
            let mut insert = sqlx::query(AssertSqlSafe(sql.clone()));
            for (id, conversation) in rows {
                insert = insert.bind(id).bind(conversation).bind(1_i64).bind(&body);
            }
            insert.execute(&mut *tx).await?;
            tx.commit().await?;
        }
        Ok(())
    };
    let ((), took) = timed(clock, writing).await?;
    connection.close().await?;
    Ok(rate(rows.len(), took))
}

/// Rows a second into PostgreSQL, each a commit of its own, over `connections` at once.
///
/// # Errors
/// When the database refuses.
pub(super) async fn postgres_rows(url: &str, count: usize, connections: usize, clock: &Clock) -> anyhow::Result<f64> {
    let mut first = AnyConnection::connect(url).await?;
    for statement in FRESH {
        first.execute(statement).await?;
    }
    let mut opened = vec![first];
    while opened.len() < connections {
        opened.push(AnyConnection::connect(url).await?);
    }
    let rows: Arc<[(String, String)]> = rows(count).into();
    let next = Arc::new(AtomicUsize::new(0));
    let body = "x".repeat(BODY_BYTES);
    let writers = opened.into_iter().map(|mut connection| {
        let (rows, next, body) = (rows.clone(), next.clone(), body.clone());
        async move {
            while let Some((id, conversation)) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                sqlx::query("insert into bare (event_id, conversation, at, body) values ($1, $2, $3, $4)")
                    .bind(id)
                    .bind(conversation)
                    .bind(1_i64)
                    .bind(&body)
                    .execute(&mut connection)
                    .await?;
            }
            connection.close().await
        }
    });
    let (_, took) = timed(clock, async { Ok(try_join_all(writers).await?) }).await?;
    Ok(rate(count, took))
}
