//! Marks, chores and troubles: what the service keeps for itself.

use std::time::Duration;

use super::{Fixture, on_both_engines};

on_both_engines!(
    a_mark_is_begun_once_and_moves_only_from_where_it_is,
    a_mark_can_be_lowered_and_raised_but_not_the_other_way_round,
    a_chore_is_one_process_s_until_it_is_due_again,
    troubles_are_told_until_they_are_over,
);

async fn a_mark_is_begun_once_and_moves_only_from_where_it_is(f: Fixture) {
    let other = f.another_process().await;
    let (first, second, third) = (f.now(), f.after(60), f.after(120));
    assert_eq!(f.store.mark("log").await.expect("read"), None);
    assert_eq!(f.store.begin_mark("log", first).await.expect("set"), first);
    assert_eq!(other.begin_mark("log", third).await.expect("set"), first, "it was there");
    assert!(other.advance_mark("log", first, second).await.expect("moved"));
    assert!(!f.store.advance_mark("log", first, third).await.expect("asked"), "another reader has moved it");
    assert_eq!(f.store.mark("log").await.expect("read"), Some(second));
    assert!(!f.store.advance_mark("nothing", first, third).await.expect("asked"));
}

async fn a_mark_can_be_lowered_and_raised_but_not_the_other_way_round(f: Fixture) {
    let (early, now, late) = (f.now() - Duration::from_hours(900_000), f.now(), f.after(60));
    for mark in ["lowered", "raised"] {
        f.store.begin_mark(mark, now).await.expect("set");
    }
    f.store.lower_mark("lowered", late).await.expect("asked");
    f.store.raise_mark("raised", early).await.expect("asked");
    for mark in ["lowered", "raised"] {
        assert_eq!(f.store.mark(mark).await.expect("read"), Some(now));
    }
    f.store.lower_mark("lowered", early).await.expect("moved");
    f.store.raise_mark("raised", late).await.expect("moved");
    assert_eq!(f.store.mark("lowered").await.expect("read"), Some(early), "compared as instants, not as text");
    assert_eq!(f.store.mark("raised").await.expect("read"), Some(late));
    f.store.lower_mark("new", early).await.expect("set");
    assert_eq!(f.store.mark("new").await.expect("read"), Some(early));
}

async fn a_chore_is_one_process_s_until_it_is_due_again(f: Fixture) {
    let other = f.another_process().await;
    let hold = Duration::from_mins(1);
    assert!(f.store.claim_chore("sweep", hold).await.expect("asked"));
    assert!(!other.claim_chore("sweep", hold).await.expect("asked"), "it is taken");
    assert!(other.claim_chore("dust", hold).await.expect("asked"), "another chore");
    f.time.advance(hold);
    assert!(other.claim_chore("sweep", hold).await.expect("asked"), "whoever had it has died");
    other.finish_chore("sweep", f.after(3_600)).await.expect("finished");
    f.time.advance(Duration::from_secs(3_599));
    assert!(!f.store.claim_chore("sweep", hold).await.expect("asked"));
    f.time.advance(Duration::from_secs(1));
    assert!(f.store.claim_chore("sweep", hold).await.expect("asked"));
}

async fn troubles_are_told_until_they_are_over(f: Fixture) {
    assert!(f.store.troubles().await.expect("read").is_empty());
    f.store.set_trouble("b", Some("The second.")).await.expect("said");
    f.store.set_trouble("a", Some("The first.")).await.expect("said");
    assert_eq!(f.store.troubles().await.expect("read"), ["The first.", "The second."]);
    let before = f.store.revision().await.expect("read");
    f.store.set_trouble("a", Some("The first.")).await.expect("said");
    assert_eq!(f.store.revision().await.expect("read"), before, "said already: no page is drawn again");
    f.store.set_trouble("a", None).await.expect("over");
    assert_eq!(f.store.troubles().await.expect("read"), ["The second."]);
    f.store.set_trouble("never", None).await.expect("nothing to say");
}
