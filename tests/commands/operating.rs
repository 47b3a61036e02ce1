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
    assert!(first.out.contains("FAIL  database") && first.out.contains("rapport migrate"), "{}", first.out);
    assert!(first.out.contains("not known without the database"), "nor whether it is paused: {}", first.out);
    assert!(first.out.contains("ok    model"), "{}", first.out);

    assert_eq!(workshop.run(&["migrate"]).code, Some(0));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_finds_a_budget_under_which_nobody_is_answered() {
    let outside = Outside::new().await;
    let prices = "[models.main.prices]\ninput = 2\noutput = 8\n";
    let workshop =
        Workshop::new(&outside.toml("sqlite:rapport.db", &format!("{prices}[budget]\nconversation_usd = 0.002\n")));
    let seen = workshop.run(&["doctor"]);
    assert!(seen.out.contains("FAIL  budget") && seen.out.contains("budget.conversation_usd"), "{}", seen.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_waits_for_a_silent_model_once() {
    let outside = Outside::new().await;
    outside.sims.model.set_think_time(std::time::Duration::from_hours(1));
    let toml = outside.toml("sqlite:rapport.db", "").replace("[engine]", "timeout = \"300ms\"\n[engine]");
    let seen = Workshop::new(&toml).run(&["doctor"]);
    assert!(seen.out.contains("FAIL  model") && seen.out.contains("did not answer within 300 ms"), "{}", seen.out);
    assert_eq!(outside.sims.model.requests().len(), 1, "nobody waits three times as long");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_address_leaves_no_subscription_at_the_old_one() {
    let outside = Outside::new().await;
    let toml = outside.toml("sqlite:rapport.db", "");
    let workshop = Workshop::new(&toml);
    assert_eq!(workshop.run(&["migrate"]).code, Some(0));
    let urls = || -> Vec<String> {
        let subscriptions = outside.sims.close.subscriptions();
        subscriptions.iter().filter_map(|one| one["url"].as_str().map(str::to_owned)).collect()
    };
    for tunnel in ["one", "two", "three"] {
        let address = format!("https://{tunnel}.tunnel.example");
        let here = toml.lines().map(|line| {
            if line.starts_with("public_url") { format!("public_url = \"{address}\"\n") } else { format!("{line}\n") }
        });
        workshop.write("rapport.toml", &here.collect::<String>());
        let synced = workshop.run(&["webhooks", "sync"]);
        assert_eq!(synced.code, Some(0), "{}{}", synced.out, synced.err);
        assert_eq!(urls(), [format!("{address}/webhooks/close")], "whoever has the old address next gets no texts");
    }
}

#[test]
fn pausing_and_resuming_say_what_they_do() {
    let workshop = Workshop::new("");
    assert!(workshop.run(&["migrate"]).out.contains("up to date"));
    let said = |arguments: &[&str], words: &str| {
        let finished = workshop.run(arguments);
        assert!(finished.out.contains(words), "{words:?} is missing in: {}{}", finished.out, finished.err);
        // macOS shows a temporary folder by another name.
        let file = format!("{}/rapport.db", workshop.path("").file_name().expect("a name").to_string_lossy());
        assert!(finished.out.contains(&file), "which database: {}", finished.out);
    };
    said(&["resume"], "was not paused");
    said(&["pause", "wrong prices"], "Paused");
    said(&["resume"], "stays withdrawn");
    let silent = workshop.run(&["pause", " "]);
    assert!(silent.code == Some(1) && silent.err.contains("why Rapport is paused"), "{}{}", silent.out, silent.err);
    said(&["pause", "wrong \u{1b}[2Jprices"], "Paused");
    said(&["resume"], "Resumed (wrong \\u{1b}[2Jprices, by command line)");
}

#[test]
fn a_command_in_the_wrong_folder_makes_no_database() {
    let workshop = Workshop::new("[database]\nurl = \"sqlite:data/rapport.db\"\n");
    for arguments in
        [&["pause"][..], &["resume"], &["retry", "--all-parked"], &["costs"], &["prompt", "show", "conv_1"]]
    {
        let finished = workshop.run(arguments);
        assert_eq!(finished.code, Some(1), "{arguments:?}: {}", finished.out);
        for words in ["data/rapport.db", "there is no such file", "--config", "rapport migrate"] {
            assert!(finished.err.contains(words), "{words:?} is missing in: {}", finished.err);
        }
    }
    assert!(!workshop.path("data").exists(), "not even its folder");
    assert_eq!(workshop.run(&["migrate"]).code, Some(0));
    assert!(workshop.run(&["pause"]).out.contains("Paused"));
}

#[test]
fn a_stop_by_mistake_is_lifted_with_a_reason_and_never_without_one() {
    let workshop = Workshop::new("");
    workshop.run(&["migrate"]);
    let run = |arguments: &[&str]| workshop.run(arguments);
    assert!(run(&["suppression", "list"]).out.contains("No phone is stopped"));
    let lift = ["suppression", "lift", "+1 (520) 555-0142", "--reason", "She called: it was her son."];
    assert!(run(&lift).err.contains("+15205550142 is not stopped"));
    let added = run(&["suppression", "add", "+15205550142", "--reason", "Asked on the phone."]);
    assert_eq!(added.code, Some(0), "{}", added.err);
    let listed = run(&["suppression", "list"]).out;
    assert!(
        listed.starts_with("+15205550142") && listed.ends_with("admin  by command line: Asked on the phone.\n"),
        "{listed}"
    );
    for bad in
        [&["suppression", "lift", "+15205550142", "--reason", " "][..], &["suppression", "lift", "12", "--reason", "x"]]
    {
        assert_eq!(run(bad).code, Some(1), "{bad:?}");
    }
    assert!(run(&["suppression", "lift", "+15205550142"]).err.contains("--reason"));
    assert!(run(&lift).out.contains("may be texted again"));
    assert!(run(&["suppression", "list"]).out.contains("No phone is stopped"));
}

#[test]
fn a_stop_with_a_digit_missing_is_not_taken_for_done() {
    let workshop = Workshop::new("");
    workshop.run(&["migrate"]);
    let added = workshop.run(&["suppression", "add", "+1 520 555 014", "--reason", "Asked on the phone."]);
    assert!(added.code == Some(1) && added.err.contains("after +1 come ten digits"), "{}{}", added.out, added.err);
    assert!(workshop.run(&["suppression", "list"]).out.contains("No phone is stopped"));
}
