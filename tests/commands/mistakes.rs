//! Every mistake gives one clear line and a code that is not zero; never a panic.

use crate::support::outside::Outside;
use crate::support::program::Workshop;

fn refused(toml: &str, arguments: &[&str], wanted: &[&str]) {
    let finished = Workshop::new(toml).run(arguments);
    assert_eq!(finished.code, Some(1), "{}{}", finished.out, finished.err);
    for words in wanted {
        assert!(finished.err.contains(words), "{words:?} is missing in: {}", finished.err);
    }
    assert!(!finished.err.contains("panicked"), "{}", finished.err);
}

#[test]
fn a_misspelt_key_is_named_with_its_place_and_the_right_one() {
    refused("[engine]\nwiat = \"8s\"\n", &["serve"], &["engine.wiat", "rapport.toml:2", "engine.wait"]);
}

#[test]
fn a_duration_without_a_unit_is_refused() {
    refused("[engine]\nwait = 8\n", &["serve"], &["engine.wait", "\"8s\""]);
}

#[test]
fn a_missing_key_says_where_it_comes_from() {
    refused("", &["serve"], &["close.api_key", "CLOSE_API_KEY", "models.main"]);
}

#[test]
fn what_is_wrong_and_what_is_missing_is_told_at_once() {
    let wanted = ["3 mistakes", "server.listen (rapport.toml:1)", "close.api_key", "models.main"];
    refused("server.listen = 5\n", &["serve"], &wanted);
    // What is wrong already is not missing as well.
    let finished = Workshop::new("close.api_key_file = \"nowhere\"\n").run(&["serve"]);
    assert!(finished.err.contains("2 mistakes"), "{}", finished.err);
}

#[test]
fn a_variable_set_to_nothing_names_no_file() {
    let workshop = Workshop::new("[engine]\nwait = 8\n");
    let output = workshop.command(&["serve"]).env("RAPPORT_CONFIG", "").output().expect("it starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("rapport.toml:2"), "the usual file is read: {told}");
    let output = workshop.command(&["serve"]).env("RAPPORT_CONFIG", "other.toml").output().expect("it starts");
    assert!(String::from_utf8_lossy(&output.stderr).contains("other.toml"), "{output:?}");
}

#[test]
fn a_command_that_reads_no_configuration_is_given_none() {
    for arguments in [
        &["demo", "-c", "rapport.toml"][..],
        &["try", "intent", "-c", "rapport.toml"],
        &["check", "Hi", "-c", "nowhere"],
    ] {
        refused("", arguments, &["reads no configuration", "--config"]);
    }
}

#[test]
fn a_model_of_the_demo_needs_a_server_and_a_name() {
    refused("", &["demo", "--port", "0", "--model", "gemma3"], &["--model-url", "OPENAI_API_KEY"]);
    refused("", &["demo", "--port", "0", "--model-url", "http://127.0.0.1:11434/v1"], &["--model ", "name"]);
}

#[test]
fn the_desk_is_not_shown_to_the_world_without_a_password() {
    refused("[server]\nlisten = \"0.0.0.0:0\"\n", &["serve"], &["desk.password", "0.0.0.0:0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_database_is_named_without_its_password() {
    let outside = Outside::new().await;
    let toml = outside.toml("postgres://rapport:hush@127.0.0.1:1/rapport", "");
    refused(&toml, &["serve"], &["127.0.0.1"]);
    let said = Workshop::new(&toml).run(&["serve"]).err;
    assert!(!said.contains("hush"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_is_named() {
    let outside = Outside::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let toml = outside.toml("sqlite:rapport.db", "").replace("127.0.0.1:0", &address);
    refused(&toml, &["serve"], &[&address, "server.listen"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let finished = Workshop::new("").run(&["--config", "nowhere.toml", "migrate"]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.err.contains("nowhere.toml"), "{}", finished.err);
}

#[test]
fn a_log_level_that_is_none_is_told_and_silences_nothing() {
    let workshop = Workshop::new("");
    workshop.run(&["migrate"]);
    let told = |level: &str| {
        let done = workshop.command(&["suppression", "list"]).env("RUST_LOG", level).output().expect("it starts");
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    assert!(told("loud").contains("RUST_LOG is not understood"), "{}", told("loud"));
    assert_eq!((told(""), told("error")), (String::new(), String::new()));
}
