//! What is read, and what wins.

mod documents;
mod intents;
mod mistakes;
mod secrets;

use std::path::Path;
use std::time::Duration;

use super::{Config, ConfigError};
use crate::conversation::{Intent, Mode, Policy};
use crate::sms::{Disclosure, Rulebook, State};

fn load(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(Some(text), Path::new("rapport.toml"), env)
}

fn mistakes(text: &str, env: &[(&str, &str)]) -> String {
    load(text, env).expect_err("mistakes").to_string()
}

#[test]
fn nothing_at_all_is_a_configuration_with_the_defaults() {
    let config = load("", &[]).expect("defaults");
    assert_eq!(config.server.listen, "127.0.0.1:8080");
    assert_eq!(config.database.url, "sqlite:rapport.db");
    assert_eq!(config.close.base_url, "https://api.close.com/api/v1");
    assert_eq!(config.engine.wait, Duration::from_secs(8));
    assert_eq!(config.engine.max_wait, Duration::from_secs(45));
    assert_eq!(config.policy, Policy::default());
    assert!(config.close.event_log && config.models.main.is_none());
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let text = "[engine]\nwait = \"3s\"\npoll = \"2s\"\n[models.main]\nmodel = \"a\"";
    let env = [
        ("RAPPORT__ENGINE__WAIT", "1500ms"),
        ("RAPPORT__MODELS__MAIN__BASE_URL", "http://127.0.0.1:9/v1"),
        ("RAPPORT__POLICY__MODE", "auto"),
        ("RAPPORT__POLICY__INTENTS__PRICE", "draft"),
        ("RAPPORT__POLICY__HOLD_FIRST", "false"),
        ("RAPPORT__POLICY__STATUSES_OFF", "Customer, Bad Fit"),
        ("RAPPORT__CLOSE__NUMBERS", "+13035550100, +13035550101"),
        ("RAPPORT__POLICY__LINK_HOSTS", "[\"a.example\", \"b.example\"]"),
    ];
    let config = load(text, &env).expect("valid");
    assert_eq!(config.engine.wait, Duration::from_millis(1_500));
    assert_eq!(config.engine.poll, Duration::from_secs(2));
    assert_eq!(config.models.main.expect("present").settings.base_url, "http://127.0.0.1:9/v1");
    assert_eq!(config.policy.mode, Mode::Auto);
    assert_eq!(config.policy.intents.get(&Intent::Price), Some(&Mode::Draft));
    assert!(!config.policy.hold_first);
    assert_eq!(config.policy.statuses.off, ["Customer", "Bad Fit"]);
    assert_eq!(config.policy.statuses.draft[0], "Do Not Contact", "the default stays");
    let none = load("[policy]\nstatuses_draft = []", &[]).expect("valid");
    assert_eq!(none.policy.statuses.draft, [""; 0]);
    assert_eq!(config.close.numbers, ["+13035550100", "+13035550101"]);
    assert_eq!(config.policy.link_hosts, ["a.example", "b.example"]);
}

#[test]
fn rules_of_states_are_changed_and_added_in_either_spelling() {
    let text = "[hours.states.TX]\nsunday = \"closed\"\nreview_by = \"2027-06-30\"\n[hours.states.co]\nweekdays = \"09:00-17:00\"\n\
                holidays = \"federal, 08-01\"\n[policy.disclosure_in]\nOH = \"first_message\"";
    let env = [("RAPPORT__HOURS__STATES__TX__SUNDAY", "13:00-18:00"), ("RAPPORT__HOURS__STATES__FL__PER_DAY", "any")];
    let config = load(text, &env).expect("valid");
    let rule = |code| {
        let rules = config.rulebook.law.states.get(&State::parse(code).expect("a state")).expect("rules");
        rules.hours.clone().expect("hours")
    };
    let days = |code| rule(code).hours.days.map(|day| day.map_or_else(|| "closed".to_owned(), |day| day.to_string()));
    assert_eq!((&days("TX")[0], &days("TX")[6]), (&"09:00-21:00".to_owned(), &"13:00-18:00".to_owned()));
    assert_eq!(rule("TX").also_in.as_deref(), Some("America/Chicago"), "what is not named stays");
    assert_eq!(rule("TX").provenance.source, "your configuration, hours.states.tx");
    assert_eq!((&days("CO")[0], &days("CO")[5]), (&"09:00-17:00".to_owned(), &"08:00-21:00".to_owned()));
    assert!(rule("CO").hours.skip_federal_holidays && rule("CO").hours.holidays.len() == 1);
    assert_eq!((rule("FL").per_day, rule("MD").per_day), (None, Some(3)));
    let colorado = config.rulebook.law.states.get(&State::parse("CO").expect("a state")).expect("rules");
    assert!(colorado.disclosure.is_some(), "a change of its hours leaves its disclosure");
    let ohio = State::parse("OH").expect("a state");
    assert_eq!(config.policy.disclosure_in.get(&ohio), Some(&Disclosure::FirstMessage));
    assert_eq!(load("", &[]).expect("defaults").rulebook, Rulebook::default());
}

#[test]
fn a_variable_set_to_nothing_sets_nothing() {
    let text = "[engine]\nwait = \"3s\"\n[desk]\npassword = \"x\"";
    let env = [
        ("RAPPORT__ENGINE__WAIT", ""),
        ("RAPPORT__DESK__PASSWORD", " "),
        ("RAPPORT__MODELS__FALLBACK__MODEL", ""),
        ("RAPPORT__NO__SUCH__KEY", ""),
        ("OPENAI_API_KEY", ""),
    ];
    let config = load(text, &env).expect("valid");
    assert_eq!(config.engine.wait, Duration::from_secs(3));
    assert!(config.desk.password.is_some() && config.models.fallback.is_none());
    assert!(Config::load(Some(Path::new("")), std::iter::empty()).is_ok(), "RAPPORT_CONFIG set to nothing");
}
