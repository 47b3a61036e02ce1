//! Transactions that share a commit: whoever is told yes is stored, whoever is told no may ask again, and nobody waits for
//! one who went away (`nothing-lost`).

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::join_all;
use futures_util::poll;
use rapport::store::{Accepted, EventKind};
use sqlx::{AnyConnection, Connection as _, Executor as _, Row};

use super::gate::Gate;
use super::{Fixture, LEASE, on_both_engines};

on_both_engines!(
    one_that_is_given_up_leaves_the_others,
    whoever_is_told_yes_is_stored_though_a_commit_fails,
    cut_off_at_any_moment_it_blocks_nobody,
    an_arrival_cut_off_at_any_moment_leaves_the_others,
    a_step_cut_off_at_any_moment_blocks_nobody,
    what_is_cut_off_while_it_begins_takes_no_arrival_with_it,
);

async fn is_stored(f: &Fixture, key: &str) -> bool {
    f.store.setting(key).await.expect("read").is_some()
}

/// Runs `future` until `held` transactions in all have come to the gate.
async fn until_held(gate: &Gate, held: usize, future: &mut (impl Future + Unpin)) {
    tokio::select! {
        biased;
        () = gate.until(held) => {}
        _ = future => panic!("it ended before {held} had come"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_share_a_commit_on_sqlite() {
    let f = Fixture::sqlite().await;
    let (store, gate) = Gate::on(&f).await;
    let mut a = Box::pin(store.set_setting("a", "1"));
    until_held(&gate, 1, &mut a).await;
    let mut b = Box::pin(store.set_setting("b", "1"));
    assert!(poll!(&mut b).is_pending());
    gate.let_through(1);
    // The first has written everything and leaves its commit to the second, which came meanwhile.
    let mut both = Box::pin(join_all([a, b]));
    until_held(&gate, 2, &mut both).await;
    assert!(!is_stored(&f, "a").await);
    gate.let_through(1);
    assert!(both.await.iter().all(Result::is_ok));
    assert!(is_stored(&f, "a").await && is_stored(&f, "b").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_is_told_to_everyone_in_it_on_sqlite() {
    let f = Fixture::sqlite().await;
    poison(&f).await;
    let (store, gate) = Gate::on(&f).await;
    let mut a = Box::pin(store.set_setting("a", "1"));
    until_held(&gate, 1, &mut a).await;
    let mut b = Box::pin(store.set_setting("poison", "1"));
    assert!(poll!(&mut b).is_pending());
    gate.open();
    assert!(join_all([a, b]).await.iter().all(Result::is_err));
    assert!(!is_stored(&f, "a").await && !is_stored(&f, "poison").await);
    store.set_setting("a", "1").await.expect("the same may be asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_told_to_everyone_in_a_batch_on_postgres() {
    let f = Fixture::postgres().await;
    let (store, gate) = Gate::on(&f).await;
    let arrivals: Vec<_> = (0..5).map(|n| f.arrival(EventKind::LeadText, &format!("ev_{n}"), None)).collect();
    let mut all = Box::pin(join_all(arrivals.iter().map(|arrival| store.accept(arrival))));
    until_held(&gate, 1, &mut all).await;
    gate.let_through(1);
    // The first was alone; the other four have come together.
    until_held(&gate, 2, &mut all).await;
    let mut other = AnyConnection::connect(&f.url).await.expect("a connection");
    other.execute("begin; lock table inbox in exclusive mode").await.expect("now it has to wait");
    gate.open();
    let cut = async {
        // Not from `pg_stat_activity`, which shows a transaction what it saw the first time, for ever.
        let kill = "select count(pg_terminate_backend(pid)) as killed from pg_locks \
                    where relation = 'inbox'::regclass and not granted";
        while other.fetch_one(kill).await.expect("an answer").get::<i64, _>("killed") == 0 {}
        other.execute("rollback").await.expect("nobody has to wait");
    };
    let (told, ()) = tokio::join!(all, cut);
    let told: Vec<bool> = told.iter().map(Result::is_ok).collect();
    assert_eq!(told, [true, false, false, false, false]);
    let again = join_all(arrivals.iter().map(|arrival| store.accept(arrival))).await;
    let duplicates = again.iter().filter(|accepted| matches!(accepted, Ok(Accepted::Duplicate))).count();
    assert_eq!((again.iter().filter(|accepted| accepted.is_ok()).count(), duplicates), (5, 1));
}

async fn one_that_is_given_up_leaves_the_others(f: Fixture) {
    let (store, gate) = Gate::on(&f).await;
    let mut a = Box::pin(store.set_setting("a", "1"));
    until_held(&gate, 1, &mut a).await;
    let mut b = Box::pin(store.set_setting("b", "1"));
    assert!(poll!(&mut b).is_pending());
    gate.let_through(1);
    // The first may end by itself or wait for the second, as the engine likes.
    let given_up = async {
        until_held(&gate, 2, &mut b).await;
        drop(b);
        gate.open();
    };
    let (stored, ()) = tokio::join!(a, given_up);
    stored.expect("the first is stored");
    assert!(is_stored(&f, "a").await && !is_stored(&f, "b").await);
}

/// From now on the database refuses the setting `poison`, at the commit.
async fn poison(f: &Fixture) {
    let mut connection = AnyConnection::connect(&f.url).await.expect("a connection");
    let statements: &[&'static str] = if f.url.starts_with("sqlite") {
        &[
            "create table nobody (id text primary key)",
            "create table hurt (id text references nobody (id) deferrable initially deferred)",
            "create trigger poison after insert on setting when new.key = 'poison' \
             begin insert into hurt values (new.key); end",
        ]
    } else {
        &[
            "create function refuse() returns trigger language plpgsql as \
             $$begin if new.key = 'poison' then raise 'poison'; end if; return null; end$$",
            "create constraint trigger poison after insert on setting deferrable initially deferred \
             for each row execute function refuse()",
        ]
    };
    for statement in statements {
        connection.execute(*statement).await.expect("the trap is set");
    }
}

async fn whoever_is_told_yes_is_stored_though_a_commit_fails(f: Fixture) {
    poison(&f).await;
    let keys: Vec<String> = (0..12).map(|n| if n == 5 { "poison".to_owned() } else { format!("key_{n}") }).collect();
    let told = join_all(keys.iter().map(|key| f.store.set_setting(key, "1"))).await;
    assert!(told[5].is_err());
    for (key, told) in keys.iter().zip(&told) {
        assert_eq!(is_stored(&f, key).await, told.is_ok(), "{key}: {told:?}");
    }
    f.store.set_setting("later", "1").await.expect("the store goes on");
}

/// Ends with nothing after so many polls.
struct CutOff<F> {
    future: F,
    polls_left: usize,
}

impl<F: Future + Unpin> Future for CutOff<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls_left == 0 {
            return Poll::Ready(None);
        }
        self.polls_left -= 1;
        match Pin::new(&mut self.future).poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => Poll::Pending,
        }
    }
}

async fn cut_off_at_any_moment_it_blocks_nobody(f: Fixture) {
    let mut polls = 0;
    loop {
        let (cut, other) = (format!("cut_{polls}"), format!("other_{polls}"));
        let victim = CutOff { future: Box::pin(f.store.set_setting(&cut, "1")), polls_left: polls };
        let companion = f.store.set_setting(&other, "1");
        let (cut_off, told) = tokio::join!(victim, companion);
        // If the one that was cut off was committing for both, the other is told no and may be stored all the same.
        assert!(told.is_err() || is_stored(&f, &other).await, "after {polls} polls");
        let ended = cut_off.is_some();
        let arrived = f.store.accept(&f.arrival(EventKind::Noted, &format!("ev_{polls}"), None)).await;
        arrived.unwrap_or_else(|error| panic!("after {polls} polls: {error}"));
        if ended {
            return;
        }
        polls += 1;
    }
}

async fn an_arrival_cut_off_at_any_moment_leaves_the_others(f: Fixture) {
    let mut polls = 0;
    loop {
        let ids = [format!("ev_cut_{polls}"), format!("ev_other_{polls}")];
        let [cut, other] = ids.each_ref().map(|id| f.arrival(EventKind::LeadText, id, None));
        let victim = CutOff { future: Box::pin(f.store.accept(&cut)), polls_left: polls };
        let (cut_off, told) = tokio::join!(victim, f.store.accept(&other));
        // Whoever wrote for both may have been done: then the other is found stored.
        told.unwrap_or_else(|error| panic!("after {polls} polls: {error}"));
        f.store.accept(&cut).await.unwrap_or_else(|error| panic!("asked again after {polls} polls: {error}"));
        assert_eq!(f.store.known_events(&ids).await.expect("read").len(), 2, "after {polls} polls");
        if cut_off.is_some() {
            return;
        }
        polls += 1;
    }
}

/// A step looks at the conversation and gives it back; another is looked at beside it.
async fn a_step_cut_off_at_any_moment_blocks_nobody(f: Fixture) {
    f.lead_texts("a").await;
    let mut polls = 0;
    loop {
        let lease = f.claim_one().await;
        let step = async {
            f.store.load(&lease).await?;
            f.store.release(&lease, None, None).await
        };
        let victim = CutOff { future: Box::pin(step), polls_left: polls };
        let (cut_off, told) = tokio::join!(victim, f.store.conversations(10));
        assert_eq!(told.expect("read").len(), 1);
        let text = format!("text_{polls}");
        // Whoever committed for both may have been cut off.
        let arrived = f.store.accept(&f.arrival(EventKind::LeadText, &text, Some(&text))).await;
        arrived.unwrap_or_else(|error| panic!("after {polls} polls: {error}"));
        f.time.advance(LEASE);
        let next = f.claim_one().await;
        for _ in 0..4 {
            let view = f.store.load(&next).await.unwrap_or_else(|error| panic!("after {polls} polls: {error}"));
            let newest = view.expect("held").inbox.last().and_then(|event| event.activity_id.clone());
            assert_eq!(newest, Some(text.clone()), "it is seen as it is now, after {polls} polls");
        }
        assert!(f.store.release(&next, None, None).await.expect("given back"));
        if cut_off.is_some() {
            return;
        }
        f.lead_texts(&format!("again_{polls}")).await;
        polls += 1;
    }
}

/// `nothing-lost`: a page whose reader has gone, or a change that was given up, must leave no transaction open on a connection
/// that then stores an arrival: it would be told as stored and never be committed.
async fn what_is_cut_off_while_it_begins_takes_no_arrival_with_it(f: Fixture) {
    let id = f.lead_texts("a").await;
    let mut polls = 0;
    let mut ended = [false; 2];
    while ended != [true; 2] {
        let page = async { f.store.thread(&id).await.map(drop) };
        let key = format!("key_{polls}");
        let change = f.store.set_setting(&key, "1");
        ended[0] |= CutOff { future: Box::pin(page), polls_left: polls }.await.is_some();
        ended[1] |= CutOff { future: Box::pin(change), polls_left: polls }.await.is_some();
        let event = format!("ev_{polls}");
        f.store.accept(&f.arrival(EventKind::Noted, &event, None)).await.expect("stored");
        let mut another = AnyConnection::connect(&f.url).await.expect("a connection");
        let seen = sqlx::query("select event_id from event where event_id = $1")
            .bind(&event)
            .fetch_optional(&mut another)
            .await
            .expect("read");
        assert!(seen.is_some(), "others see it after {polls} polls");
        another.close().await.expect("closed");
        polls += 1;
    }
}
