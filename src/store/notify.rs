//! What one process changed wakes the others, on PostgreSQL: one NOTIFY for many commits, after them, as a hint. Whoever misses
//! it, as behind a proxy that shares connections, finds the change when its poll comes round.

use std::convert::Infallible;
use std::time::Duration;

use sqlx::postgres::PgListener;

use super::Store;

/// The channel in the database. Other organisations' processes may use it as well.
const CHANNEL: &str = "rapport";
/// What changes within so long of a hint is told by one further hint: each is a commit of its own, and PostgreSQL lets only one
/// that notifies commit at a time.
const APART: Duration = Duration::from_millis(50);
/// Until it is tried again to listen.
const DEAF: Duration = Duration::from_secs(5);

impl Store {
    /// Tells other processes when this one has changed something, and hears of their changes: then [`Store::changed`] moves.
    /// Runs until it is dropped.
    pub(super) async fn keep_in_touch(&self) {
        let name = self.0.random.token();
        tokio::select! {
            () = self.tell_others(&name) => {}
            () = self.hear_others(&name) => {}
        }
    }

    async fn tell_others(&self, name: &str) {
        let mut changed = self.0.changed_here.subscribe();
        loop {
            // Fails only if the sender is gone, which this store holds.
            let _ = changed.changed().await;
            let told = sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(hint(name, self.org()))
                .execute(self.0.pools.writer.pool())
                .await;
            if let Err(error) = told {
                tracing::warn!(%error, "other processes could not be told of a change; they find it when they look");
            }
            self.0.clock.sleep(APART).await;
        }
    }

    async fn hear_others(&self, name: &str) {
        loop {
            let Err(error) = self.listen(name).await;
            tracing::warn!(%error, "other processes' changes cannot be heard of; they are found when this one looks");
            self.0.clock.sleep(DEAF).await;
        }
    }

    async fn listen(&self, name: &str) -> Result<Infallible, sqlx::Error> {
        let options = self.0.pools.reader.pool().connect_options();
        let mut listener = PgListener::connect(options.database_url.as_str()).await?;
        listener.listen(CHANNEL).await?;
        // Something may have changed before.
        self.changed_elsewhere();
        loop {
            // None: the connection was lost and made again, and what was told meanwhile is not known.
            let heard = listener.try_recv().await?;
            if heard.is_none_or(|heard| is_of_another(heard.payload(), name, self.org())) {
                self.changed_elsewhere();
            }
        }
    }

    fn changed_elsewhere(&self) {
        self.0.changed.send_modify(|count| *count += 1);
    }
}

/// What the process `name` tells the others of its organisation.
fn hint(name: &str, org: &str) -> String {
    format!("{name} {org}")
}

/// Whether a hint tells the process `name` of something it does not know.
fn is_of_another(hint: &str, name: &str, org: &str) -> bool {
    hint.split_once(' ').is_some_and(|(teller, of)| teller != name && of == org)
}

#[cfg(test)]
mod tests {
    use super::{hint, is_of_another};

    #[test]
    fn a_process_hears_of_the_others_of_its_organisation() {
        assert!(is_of_another(&hint("one", "Acme Roofing"), "another", "Acme Roofing"));
        assert!(!is_of_another(&hint("one", "Acme Roofing"), "one", "Acme Roofing"), "its own");
        assert!(!is_of_another(&hint("one", "Acme Roofing"), "another", "Acme"), "another organisation's");
        assert!(!is_of_another("", "another", "Acme"), "another program's");
    }
}
