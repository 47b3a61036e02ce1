//! Processes that share PostgreSQL wake each other: a lead does not wait for the next poll because another process took the text.

use std::time::Duration;

use rapport::store::{EventKind, Store};
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tokio::sync::watch;

use super::Fixture;

/// Two processes on one database, the first as the fixture has it.
struct Pair {
    f: Fixture,
    other: Store,
    heard: watch::Receiver<u64>,
    heard_by_other: watch::Receiver<u64>,
}

impl Pair {
    async fn new() -> Self {
        let f = Fixture::postgres().await;
        let other = f.another_process().await;
        Self { heard: f.store.changed(), heard_by_other: other.changed(), f, other }
    }

    /// Runs a story while both are in touch, from the moment they are.
    async fn tell(mut self, story: impl AsyncFnOnce(&mut Self)) {
        let (one, another) = (self.f.store.clone().tend(), self.other.clone().tend());
        let told = async {
            moved(&mut self.heard).await;
            moved(&mut self.heard_by_other).await;
            story(&mut self).await;
        };
        tokio::select! {
            () = told => {}
            () = one => panic!("it is no longer in touch"),
            () = another => panic!("it is no longer in touch"),
        }
    }
}

/// Waits until somebody waits for the clock: a change was told, and the next has to wait.
async fn until_told(f: &Fixture) {
    while f.time.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
}

async fn moved(changes: &mut watch::Receiver<u64>) {
    changes.changed().await.expect("the store is open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_one_process_takes_wakes_the_other_on_postgres() {
    let story = async |pair: &mut Pair| {
        pair.f.lead_texts("hello").await;
        moved(&mut pair.heard_by_other).await;
        let lease = pair.other.claim(1, Duration::from_secs(30), "other").await.expect("claimed");
        assert_eq!(lease.len(), 1);
    };
    Pair::new().await.tell(story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_moment_are_told_together_on_postgres() {
    let story = async |pair: &mut Pair| {
        pair.f.lead_texts("first").await;
        moved(&mut pair.heard_by_other).await;
        for name in ["second", "third", "fourth"] {
            pair.f.lead_texts(name).await;
        }
        until_told(&pair.f).await;
        assert!(!pair.heard_by_other.has_changed().expect("open"), "they wait for each other");
        pair.f.time.advance(Duration::from_secs(1));
        moved(&mut pair.heard_by_other).await;
        // Hints come in the order in which they were told: by then the first process has also heard its own.
        let arrival = pair.f.arrival(EventKind::LeadText, "ev_back", Some("acti_back"));
        pair.heard.mark_unchanged();
        pair.other.accept(&arrival).await.expect("stored");
        moved(&mut pair.heard).await;
        assert_eq!(
            (*pair.heard.borrow(), *pair.heard_by_other.borrow()),
            (6, 4),
            "once when in touch, its own, what it heard"
        );
    };
    Pair::new().await.tell(story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_made_again_and_something_may_have_been_missed_on_postgres() {
    let story = async |pair: &mut Pair| {
        let mut admin = AnyConnection::connect(&pair.f.url).await.expect("a connection");
        let kill = "select pg_terminate_backend(pid) from pg_stat_activity \
                    where datname = current_database() and query like 'LISTEN%'";
        admin.execute(kill).await.expect("the listeners are cut off");
        moved(&mut pair.heard).await;
        moved(&mut pair.heard_by_other).await;
        pair.f.lead_texts("hello").await;
        moved(&mut pair.heard_by_other).await;
    };
    Pair::new().await.tell(story).await;
}
