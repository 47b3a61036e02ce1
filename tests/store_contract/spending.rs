//! What models may cost, and what they did (`never-over-budget`).

use std::time::Duration;

use rapport::store::spend::{Cap, CapReached, Caps, Periods};
use rapport::store::{Applied, LaneChange};

use super::{Fixture, on_both_engines, turn};

on_both_engines!(
    a_day_a_month_and_a_conversation_have_caps_of_their_own,
    what_is_under_way_counts_until_it_is_settled,
    many_at_once_never_hold_more_than_the_cap,
    costs_are_told_by_turn_and_conversation,
);

const DAY: Caps = Caps { day_microusd: Some(1_000), month_microusd: None, conversation_microusd: None };

fn periods(f: &Fixture) -> Periods {
    Periods { day: f.now() - Duration::from_hours(15), month: f.now() - Duration::from_hours(24 * 3) }
}

/// A turn that cost 125 millionths of a dollar.
async fn turn_made(f: &Fixture, name: &str) -> String {
    f.lead_texts(name).await;
    let lease = f.claim_one().await;
    let change =
        LaneChange { turn: Some(turn(&format!("turn_{name}"), f.now())), ..f.everything_handled(&lease).await };
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
    lease.conversation_id
}

async fn a_day_a_month_and_a_conversation_have_caps_of_their_own(f: Fixture) {
    let id = turn_made(&f, "a").await;
    let ask =
        async |most, caps: &Caps| f.store.hold_money(&id, "reply", most, caps, &periods(&f)).await.expect("asked");
    let none = Caps { day_microusd: None, ..DAY };
    let caps = [
        (Cap::Day, DAY),
        (Cap::Month, Caps { month_microusd: Some(1_000), ..none }),
        (Cap::Conversation, Caps { conversation_microusd: Some(1_000), ..none }),
    ];
    for (cap, caps) in caps {
        let reached = CapReached { cap, limit_microusd: 1_000, spent_microusd: 125, may_pass: false };
        assert_eq!(ask(876, &caps).await, Err(reached), "one more than is left");
        let held = ask(875, &caps).await.expect("exactly what is left");
        f.store.settle_money(&held, None).await.expect("settled");
    }
    // The next day and the next month begin anew, a conversation does not.
    let tomorrow = Periods { day: f.after(1), month: f.after(1) };
    let all = Caps { month_microusd: Some(1_000), ..DAY };
    let held = f.store.hold_money(&id, "reply", 1_000, &all, &tomorrow).await.expect("asked").expect("a new day");
    f.store.settle_money(&held, None).await.expect("settled");
    let ever = Caps { conversation_microusd: Some(1_000), ..none };
    assert!(f.store.hold_money(&id, "reply", 1_000, &ever, &tomorrow).await.expect("asked").is_err());
    assert!(f.store.hold_money("another", "reply", 1_000, &ever, &tomorrow).await.expect("asked").is_ok());
}

async fn what_is_under_way_counts_until_it_is_settled(f: Fixture) {
    let other = f.another_process().await;
    let ask = async |most| other.hold_money("conv", "reply", most, &DAY, &periods(&f)).await.expect("asked");
    let held = f.store.hold_money("conv", "reply", 800, &DAY, &periods(&f)).await.expect("asked").expect("room");
    assert!(ask(300).await.is_err_and(|reached| reached.may_pass), "another process sees it, and may wait for it");
    assert!(ask(1_001).await.is_err_and(|reached| !reached.may_pass), "waiting makes no room for that");
    f.store.settle_money(&held, Some(100)).await.expect("settled");
    assert!(ask(901).await.is_err_and(|reached| !reached.may_pass), "what no turn tells of stays spent");
    assert!(ask(900).await.is_ok());
    assert_eq!(
        f.store.cap_in_the_way(1, &DAY, &periods(&f)).await.expect("asked").map(|reached| reached.cap),
        Some(Cap::Day)
    );
    assert_eq!(f.store.cap_in_the_way(0, &DAY, &periods(&f)).await.expect("asked"), None);
}

async fn many_at_once_never_hold_more_than_the_cap(f: Fixture) {
    let (one, other) = (f.store.clone(), f.another_process().await);
    let periods = periods(&f);
    let holds = (0..40).map(|n| {
        let store = if n % 2 == 0 { one.clone() } else { other.clone() };
        async move { store.hold_money("conv", "reply", 100, &DAY, &periods).await.expect("asked").is_ok() }
    });
    let held = futures_util::future::join_all(holds).await;
    assert_eq!(held.into_iter().filter(|held| *held).count(), 10);
}

async fn costs_are_told_by_turn_and_conversation(f: Fixture) {
    let id = turn_made(&f, "a").await;
    turn_made(&f, "b").await;
    let held = f.store.hold_money(&id, "reply", 500, &DAY, &periods(&f)).await.expect("asked").expect("room");
    let costs = f.store.costs_since(periods(&f).day).await.expect("read");
    assert_eq!((costs.turns, costs.conversations, costs.unpriced_turns), (2, 1, 0));
    assert_eq!((costs.input_tokens, costs.cached_tokens, costs.output_tokens), (1_800, 1_200, 80));
    assert_eq!((costs.microusd, costs.held_microusd, costs.booked), (250, 500, 0));
    assert_eq!(f.store.cost_of(&id).await.expect("read"), 750);
    f.store.settle_money(&held, Some(40)).await.expect("settled");
    let costs = f.store.costs_since(periods(&f).day).await.expect("read");
    assert_eq!((costs.microusd, costs.held_microusd), (290, 0));
    assert_eq!(f.store.costs_since(f.after(1)).await.expect("read").turns, 0);
}
