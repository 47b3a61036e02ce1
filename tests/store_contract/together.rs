//! Arrivals of one moment share a transaction, and nothing else (`nothing-lost`, `in-order`).

use futures_util::future::join_all;
use futures_util::poll;
use rapport::store::{Accepted, Arrival, EventKind, NumberPair, StoreError};
use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::gate::Gate;
use super::{Fixture, LEASE, OURS, on_both_engines};

on_both_engines!(
    arrivals_of_one_moment_share_a_transaction,
    what_is_twice_in_a_batch_is_stored_once,
    one_that_cannot_be_stored_does_not_refuse_the_others,
    one_that_fails_only_at_the_commit_does_not_refuse_the_others,
    when_too_many_wait_the_sender_is_asked_to_come_again,
    a_writer_that_goes_away_leaves_the_others_to_the_next,
    whoever_goes_away_while_it_waits_is_left_out,
    processes_that_store_the_same_events_at_once_store_each_once,
);

/// The lead number `n` texts.
fn text(f: &Fixture, n: usize, name: &str) -> Arrival {
    let mut arrival = f.arrival(EventKind::LeadText, &format!("ev_{name}"), Some(&format!("acti_{name}")));
    arrival.lane = Some(NumberPair { ours: OURS.to_owned(), theirs: format!("+1212555{n:04}") });
    arrival
}

async fn seqs(f: &Fixture, id: &str) -> Vec<(i64, String)> {
    let thread = f.store.thread(id).await.expect("read").expect("exists");
    thread.inbox.iter().map(|event| (event.seq, event.activity_id.clone().unwrap_or_default())).collect()
}

fn conversation(accepted: &Result<Accepted, StoreError>) -> String {
    match accepted {
        Ok(Accepted::New { conversation_id }) => conversation_id.clone(),
        other => panic!("not new: {other:?}"),
    }
}

async fn arrivals_of_one_moment_share_a_transaction(f: Fixture) {
    let (store, gate) = Gate::on(&f).await;
    let first = text(&f, 0, "first");
    let rest: Vec<Arrival> = (0..40).map(|n| text(&f, n % 4, &format!("{n:02}"))).collect();
    let mut writer = Box::pin(store.accept(&first));
    assert!(poll!(&mut writer).is_pending());
    let mut others = Box::pin(join_all(rest.iter().map(|arrival| store.accept(arrival))));
    assert!(poll!(&mut others).is_pending());
    let changed = store.changed();
    gate.open();
    let (first, others) = tokio::join!(writer, others);
    assert_eq!(gate.came(), 2, "the first alone, then all the others");
    assert_eq!(*changed.borrow(), 2, "whoever watches is told once for each");
    let lane = conversation(&first);
    let expected: Vec<(i64, String)> = std::iter::once("acti_first".to_owned())
        .chain((0..40).step_by(4).map(|n| format!("acti_{n:02}")))
        .zip(1..)
        .map(|(id, seq)| (seq, id))
        .collect();
    assert_eq!(seqs(&f, &lane).await, expected, "in-order");
    assert_eq!(others.iter().filter(|accepted| conversation(accepted) == lane).count(), 10);
    assert_eq!(f.store.claim(10, LEASE, "worker").await.expect("claimed").len(), 4);
}

async fn what_is_twice_in_a_batch_is_stored_once(f: Fixture) {
    f.store.accept(&text(&f, 1, "known")).await.expect("accepted");
    let (store, gate) = Gate::on(&f).await;
    let first = text(&f, 0, "first");
    let same_text = Arrival { event_id: "ev_other".to_owned(), ..text(&f, 1, "new") };
    let known_text = Arrival { event_id: "ev_another".to_owned(), ..text(&f, 1, "known") };
    let noted = f.arrival(EventKind::Noted, "ev_noted", None);
    let last = text(&f, 1, "last");
    let batch = [text(&f, 1, "new"), text(&f, 1, "known"), text(&f, 1, "new"), same_text, known_text, noted, last];
    let mut writer = Box::pin(store.accept(&first));
    assert!(poll!(&mut writer).is_pending());
    let mut others = Box::pin(join_all(batch.iter().map(|arrival| store.accept(arrival))));
    assert!(poll!(&mut others).is_pending());
    gate.open();
    let (_, others) = tokio::join!(writer, others);
    let lane = conversation(&others[0]);
    let [_, known, again, same_text, known_text, noted, last] = others.try_into().expect("as many as asked");
    for duplicate in [known, again, same_text, known_text] {
        assert!(matches!(duplicate, Ok(Accepted::Duplicate)), "{duplicate:?}");
    }
    assert!(matches!(noted, Ok(Accepted::Recorded)), "{noted:?}");
    assert_eq!(conversation(&last), lane);
    let expected = [(1, "acti_known"), (2, "acti_new"), (3, "acti_last")].map(|(seq, id)| (seq, id.to_owned()));
    assert_eq!(seqs(&f, &lane).await, expected, "no place is left empty");
    assert_eq!(gate.came(), 2);
}

/// From now on the database refuses an event called `ev_poison`, at once or at the commit.
async fn poison(f: &Fixture, at_commit: bool) {
    let mut connection = AnyConnection::connect(&f.url).await.expect("a connection");
    let statements: &[&'static str] = match (f.url.starts_with("sqlite"), at_commit) {
        (true, false) => &["create trigger poison before insert on event when new.event_id = 'ev_poison' \
             begin select raise(abort, 'poison'); end"],
        (true, true) => &[
            "create table nobody (id text primary key)",
            "create table hurt (id text references nobody (id) deferrable initially deferred)",
            "create trigger poison after insert on event when new.event_id = 'ev_poison' \
             begin insert into hurt values (new.event_id); end",
        ],
        (false, _) => &[
            "create function refuse() returns trigger language plpgsql as \
             $$begin if new.event_id = 'ev_poison' then raise 'poison'; end if; return null; end$$",
            if at_commit {
                "create constraint trigger poison after insert on event deferrable initially deferred \
                 for each row execute function refuse()"
            } else {
                "create trigger poison after insert on event for each row execute function refuse()"
            },
        ],
    };
    for statement in statements {
        connection.execute(*statement).await.expect("the trap is set");
    }
}

async fn one_that_cannot_be_stored_does_not_refuse_the_others(f: Fixture) {
    poison(&f, false).await;
    all_but_the_poisoned_are_stored(f).await;
}

async fn one_that_fails_only_at_the_commit_does_not_refuse_the_others(f: Fixture) {
    poison(&f, true).await;
    all_but_the_poisoned_are_stored(f).await;
}

async fn all_but_the_poisoned_are_stored(f: Fixture) {
    let (store, gate) = Gate::on(&f).await;
    let first = text(&f, 0, "first");
    let batch = [text(&f, 1, "a"), text(&f, 1, "poison"), text(&f, 1, "b"), text(&f, 2, "c")];
    let mut writer = Box::pin(store.accept(&first));
    assert!(poll!(&mut writer).is_pending());
    let mut others = Box::pin(join_all(batch.iter().map(|arrival| store.accept(arrival))));
    assert!(poll!(&mut others).is_pending());
    gate.open();
    let (_, others) = tokio::join!(writer, others);
    assert!(others[1].is_err(), "{:?}", others[1]);
    let lane = conversation(&others[0]);
    assert_eq!((conversation(&others[2]), conversation(&others[3])), (lane.clone(), conversation(&others[3])));
    let expected = [(1, "acti_a"), (2, "acti_b")].map(|(seq, id)| (seq, id.to_owned()));
    assert_eq!(seqs(&f, &lane).await, expected);
    store.accept(&text(&f, 3, "later")).await.expect("the store goes on");
}

async fn when_too_many_wait_the_sender_is_asked_to_come_again(f: Fixture) {
    let (store, gate) = Gate::on(&f).await;
    let arrivals: Vec<Arrival> = (0..4098).map(|n| f.arrival(EventKind::Noted, &format!("ev_{n}"), None)).collect();
    let mut waiting = Box::pin(join_all(arrivals[..4097].iter().map(|arrival| store.accept(arrival))));
    assert!(poll!(&mut waiting).is_pending());
    let refused = store.accept(&arrivals[4097]).await.expect_err("no room");
    assert!(matches!(refused, StoreError::Busy) && refused.is_retryable(), "{refused}");
    gate.open();
    for accepted in waiting.await {
        assert_eq!(accepted.expect("those who waited are served"), Accepted::Recorded);
    }
    assert_eq!(store.accept(&arrivals[4097]).await.expect("there is room again"), Accepted::Recorded);
}

async fn a_writer_that_goes_away_leaves_the_others_to_the_next(f: Fixture) {
    let (store, gate) = Gate::on(&f).await;
    let arrivals = [text(&f, 0, "first"), text(&f, 0, "second"), text(&f, 0, "third")];
    let mut writer = Box::pin(store.accept(&arrivals[0]));
    assert!(poll!(&mut writer).is_pending());
    let mut next = Box::pin(store.accept(&arrivals[1]));
    assert!(poll!(&mut next).is_pending());
    let mut last = Box::pin(store.accept(&arrivals[2]));
    assert!(poll!(&mut last).is_pending());
    tokio::select! {
        biased;
        _ = &mut writer => panic!("nothing is let through"),
        () = gate.until(1) => {}
    }
    drop(writer);
    // The second writes now, for itself and the third; it goes away too.
    tokio::select! {
        biased;
        _ = &mut next => panic!("nothing is let through"),
        () = gate.until(2) => {}
    }
    drop(next);
    gate.open();
    let lane = conversation(&last.await);
    assert_eq!(seqs(&f, &lane).await, [(1, "acti_third".to_owned())], "what was given up was not stored");
    conversation(&f.store.accept(&arrivals[0]).await);
}

async fn whoever_goes_away_while_it_waits_is_left_out(f: Fixture) {
    let (store, gate) = Gate::on(&f).await;
    let arrivals: Vec<Arrival> = ["first", "second", "third"].map(|name| text(&f, 0, name)).into();
    let mut writer = Box::pin(store.accept(&arrivals[0]));
    assert!(poll!(&mut writer).is_pending());
    let mut gone = Box::pin(store.accept(&arrivals[1]));
    assert!(poll!(&mut gone).is_pending());
    let mut last = Box::pin(store.accept(&arrivals[2]));
    assert!(poll!(&mut last).is_pending());
    drop(gone);
    gate.open();
    let (writer, last) = tokio::join!(writer, last);
    assert_eq!(conversation(&writer), conversation(&last));
    let expected = [(1, "acti_first"), (2, "acti_third")].map(|(seq, id)| (seq, id.to_owned()));
    assert_eq!(seqs(&f, &conversation(&last)).await, expected);
}

async fn processes_that_store_the_same_events_at_once_store_each_once(f: Fixture) {
    let stores = [f.store.clone(), f.another_process().await];
    let mut tasks = tokio::task::JoinSet::new();
    for (turn, store) in stores.iter().cycle().take(6).enumerate() {
        let store = store.clone();
        let mut arrivals: Vec<Arrival> = (0..60).map(|n| text(&f, n % 7, &format!("{n:02}"))).collect();
        arrivals.rotate_left(turn * 11);
        if turn % 3 == 2 {
            // As the event log tells of the same texts.
            for arrival in &mut arrivals {
                arrival.event_id.insert_str(0, "log_");
            }
        }
        tasks.spawn(async move { join_all(arrivals.iter().map(|arrival| store.accept(arrival))).await });
    }
    let accepted = tasks.join_all().await.concat();
    let new = accepted.iter().filter(|accepted| matches!(accepted, Ok(Accepted::New { .. }))).count();
    assert_eq!((new, accepted.iter().filter(|accepted| accepted.is_err()).count()), (60, 0));
    for lease in f.store.claim(10, LEASE, "worker").await.expect("claimed") {
        let view = f.store.load(&lease).await.expect("loaded").expect("held");
        let places = view.inbox.iter().map(|event| event.seq).collect::<Vec<_>>();
        assert_eq!(places, (1..=view.seen_seq).collect::<Vec<_>>(), "no place is left empty");
    }
}
