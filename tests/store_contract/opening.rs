//! Opening, and starting several times.

use rapport::runtime::{Clock, Random};
use rapport::store::{Store, StoreError};
use sqlx::{Connection, Executor, PgConnection};

use super::{Fixture, on_both_engines};

on_both_engines!(
    several_processes_may_start_at_once,
    organisations_share_a_database_and_see_nothing_of_each_other,
    a_fresh_store_answers_and_has_nothing_to_do,
);

async fn a_fresh_store_answers_and_has_nothing_to_do(f: Fixture) {
    f.store.ping().await.expect("it answers");
    assert_eq!(f.store.next_wake().await.expect("asked"), None);
    assert_eq!(f.store.desk_items(10).await.expect("listed"), vec![]);
    assert_eq!(f.store.counts().await.expect("counted"), rapport::store::Counts::default());
    f.store.close().await;
    assert!(f.store.ping().await.is_err(), "a closed store does not answer");
}

async fn several_processes_may_start_at_once(f: Fixture) {
    let (one, two, three) = tokio::join!(f.another_process(), f.another_process(), f.another_process());
    let (a, b, c) = tokio::join!(one.migrate(), two.migrate(), three.migrate());
    a.and(b).and(c).expect("each finds the tables up to date or makes them so");
    f.lead_texts("a").await;
    assert_eq!(two.conversations(10).await.expect("listed").len(), 1);
}

async fn organisations_share_a_database_and_see_nothing_of_each_other(f: Fixture) {
    let id = f.lead_texts("a").await;
    let other = Store::open(&f.url, "other", f.clock.clone(), Random::system()).await.expect("opens");
    assert_eq!(other.conversation(&id).await.expect("asked"), None);
    assert_eq!(other.claim(10, super::LEASE, "worker").await.expect("claimed"), vec![]);
    let accepted = other.accept(&f.arrival(rapport::store::EventKind::LeadText, "ev_a", Some("acti_a"))).await;
    assert!(matches!(accepted, Ok(rapport::store::Accepted::New { .. })), "the same ids are new to it: {accepted:?}");
}

#[tokio::test]
async fn a_store_in_memory_works_for_as_long_as_it_is_open() {
    let store = Store::open("sqlite::memory:", "default", Clock::system(), Random::system()).await.expect("opens");
    store.migrate().await.expect("the tables are made");
    store.set_setting("colour", "blue").await.expect("set");
    assert_eq!(store.setting("colour").await.expect("read").as_deref(), Some("blue"));
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("a-file");
    std::fs::write(&file, "not a folder").expect("written");
    let refused = "postgres://rapport:s3cret@127.0.0.1:1/rapport".to_owned();
    let nowhere = format!("postgres://rapport:s3cret@localhost/rapport?host={}", folder.path().display());
    for url in [format!("sqlite:{}/rapport.db", file.display()), nowhere, refused] {
        let error = Store::open(&url, "default", Clock::system(), Random::system()).await.expect_err("not reachable");
        assert!(matches!(error, StoreError::Connect { .. }), "{error:?}");
        let words = error.to_string();
        assert!(!words.contains("pool"), "the reason is told, not that a pool waited: {words}");
        assert!(words.contains("database.url") && !words.contains("s3cret"), "{words}");
    }
}

#[tokio::test]
async fn a_database_that_has_not_every_letter_is_refused_with_what_to_do() {
    let utf8 = crate::support::postgres::new_database().await;
    let mut connection = PgConnection::connect(&utf8).await.expect("the test server answers");
    let sql = "create database latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0";
    connection.execute(sql).await.expect("a new database");
    let (server, folder) = utf8.split_once("/test_").expect("a test's database");
    let options = folder.split_once('?').map_or("", |(_, options)| options);
    let latin = format!("{server}/latin?{options}");
    let opened = Store::open(&latin, "default", Clock::system(), Random::system()).await;
    let words = opened.expect_err("not UTF-8").to_string();
    assert!(words.contains("LATIN1") && words.contains("--encoding=UTF8"), "{words}");
}
