//! `doctor`, `migrate`, `pause`, `resume`, `webhooks sync`.

use crate::support::outside::Outside;
use crate::support::program::Workshop;
use rapport::sim::close::API_KEY;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_what_to_do_until_all_is_well() {
    let outside = Outside::new().await;
    let workshop = Workshop::new(&outside.toml("sqlite:rapport.db", ""));
    let first = workshop.run(&["doctor"]);
    assert_eq!(first.code, Some(1), "{}", first.out);
    assert!(first.out.contains("FAIL  webhook") && first.out.contains("rapport webhooks sync"), "{}", first.out);
    assert!(first.out.contains("ok    model"), "{}", first.out);

    let synced = workshop.run(&["webhooks", "sync"]);
    assert!(synced.out.contains("Subscribed"), "{}{}", synced.out, synced.err);
    let again = workshop.run(&["webhooks", "sync"]);
    assert!(again.out.contains("nothing to do"), "{}{}", again.out, again.err);
    let second = workshop.run(&["doctor"]);
    assert_eq!(second.code, Some(0), "{}", second.out);

    outside.sims.close.revoke_api_key(API_KEY);
    let third = workshop.run(&["doctor"]);
    assert_eq!(third.code, Some(1));
    assert!(third.out.contains("CLOSE_API_KEY"), "a refused key says where it comes from: {}", third.out);
}

#[test]
fn pausing_and_resuming_say_what_they_do() {
    let workshop = Workshop::new("");
    assert!(workshop.run(&["migrate"]).out.contains("up to date"));
    assert!(workshop.run(&["resume"]).out.contains("was not paused"));
    assert!(workshop.run(&["pause", "wrong prices"]).out.contains("Paused"));
    assert!(workshop.run(&["resume"]).out.contains("stays withdrawn"));
}
