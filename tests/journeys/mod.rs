//! What leads and reps live through. Every story runs on both databases.

mod acknowledging;
mod answering;
mod booking;
mod handing_off;
mod hours;
mod in_process;
mod injecting;
mod introducing;
mod outages;
mod overtaking;
mod prompting;
mod reconciling;
mod recovering;
mod reviewing;
mod sending;
mod spending;
mod stopping;
mod summarising;
mod upstreams;

/// Runs a story on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($story:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() { super::$story($crate::support::world::Database::Sqlite).await; })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() { super::$story($crate::support::world::Database::Postgres).await; })*
        }
    };
}
pub(crate) use on_both_databases;
