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
