//! What a mistake is told as.

use std::path::Path;

use insta::assert_snapshot;

use super::{load, mistakes};
use crate::config::Config;

#[test]
fn every_mistake_is_told_at_once_in_the_order_of_the_file() {
    let text = r#"
[engine]
wait = 8
max_wiat = "45s"
concurrency = 0

[organisation]
timezone = "Denver"

[policy]
mode = "automatic"
hold_first = "yes"

[policy.intents]
complaint = "auto"

[close]
numbers = ["555"]
webhook_key = "not hex"
base_url = "api.close.com"

[hours]
weekdays = "8-20"

[models.main]
temperature = 3
"#;
    let env = [("RAPPORT__ENGINE__LEASE", "soon"), ("RAPPORT__CLOSE__APIKEY", "x")];
    assert_snapshot!(mistakes(text, &env), @r#"
    configuration: 15 mistakes
      engine.wait (rapport.toml:3): "8" has no unit; write "8s" for seconds, or a whole number with a unit: ms, s, m, h or d, such as "8s"
      engine.max_wiat (rapport.toml:4): is not a key; did you mean engine.max_wait?
      engine.concurrency (rapport.toml:5): "0" is not a whole number from 1 to 10000
      organisation.timezone (rapport.toml:8): "Denver" is not an IANA zone; write one such as "America/Denver"
      policy.mode (rapport.toml:11): "automatic" is not a mode; write "off", "draft" or "auto"
      policy.hold_first (rapport.toml:12): "yes" is neither true nor false; write one of them without quotes
      policy.intents.complaint (rapport.toml:15): "auto" is not allowed here: such texts always go to a person; write "draft" or "off"
      close.numbers (rapport.toml:18): "555": this is not a phone number (3 digits); write it with its country code, such as +1 303 555 0142
      close.webhook_key (rapport.toml:19): is not hexadecimal: copy the signature_key that Close told when the subscription was made
      close.base_url (rapport.toml:20): "api.close.com" is not an address; write it with https://
      hours.weekdays (rapport.toml:23): "8-20" is not a span of hours; write "10:00-20:00", or "closed"
      models.main.model (rapport.toml:25): is missing: write the model's name as its server knows it
      models.main.temperature (rapport.toml:26): "3" is not a number from 0 to 2
      engine.lease (environment variable RAPPORT__ENGINE__LEASE): "soon" is not a duration; write a whole number with a unit: ms, s, m, h or d, such as "8s"
      close.apikey (environment variable RAPPORT__CLOSE__APIKEY): is not a key; did you mean RAPPORT__CLOSE__API_KEY?
    "#);
}

#[test]
fn what_is_no_section_or_stands_in_the_wrong_one_is_told() {
    let text =
        "close = 1\n[sever]\n[desk]\npolling = \"1s\"\n[models.backup]\nmodel = \"m\"\nkey = 1\n[[calendly]]\ndays = 1";
    assert_snapshot!(mistakes(text, &[]), @"
    configuration: 5 mistakes
      close (rapport.toml:1): is a section, not a value; write [close] and its keys below
      sever (rapport.toml:2): is not a section; did you mean [server]?
      desk.polling (rapport.toml:4): is not a key; did you mean engine.poll?
      models.backup (rapport.toml:5): is not a model Rapport asks: call it models.main, or models.fallback for the one that steps in
      calendly (rapport.toml:8): is a section, not a value; write [calendly] and its keys below
    ");
}

#[test]
fn a_model_without_a_name_a_price_without_its_other_half_and_a_fallback_alone_are_told() {
    let text = "[models.fallback]\nprovider = \"mistral\"\ncontext_tokens = 500\n[models.fallback.prices]\ninput = 1.0";
    assert_snapshot!(mistakes(text, &[]), @r#"
    configuration: 5 mistakes
      models.fallback.max_output_tokens (rapport.toml:1): 1000 of context_tokens = 500 leaves no room for a prompt
      models.fallback.model (rapport.toml:1): is missing: write the model's name as its server knows it
      models.main (rapport.toml:1): is missing: a fallback needs a model to step in for
      models.fallback.provider (rapport.toml:2): "mistral" is not a provider; write "openai" (also for compatible servers) or "anthropic"
      models.fallback.prices.output (rapport.toml:4): is missing: prices need both input and output, in dollars per million tokens
    "#);
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    assert_snapshot!(mistakes("[server]\nlisten = 127.0.0.1:8080\n", &[]), @"configuration: rapport.toml:2: is not valid TOML: invalid float, expected nothing; mind that texts are written in quotes");
}

#[test]
fn an_address_that_others_reach_needs_a_password() {
    for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80", "rapport.example:80"] {
        let text = format!("[server]\nlisten = \"{open}\"");
        assert!(mistakes(&text, &[]).contains("desk.password"), "{open}");
        assert!(load(&text, &[("RAPPORT__DESK__PASSWORD", "x")]).is_ok(), "{open}");
    }
    for own in ["127.0.0.1:0", ":0", "localhost:8080", "[::1]:8080", "127.1.2.3:80"] {
        assert!(load(&format!("[server]\nlisten = \"{own}\""), &[]).is_ok(), "{own}");
    }
    assert_snapshot!(mistakes("[server]\nlisten = \"0.0.0.0:80\"\n[desk]\npassword = \"\"", &[]), @"configuration: desk.password (rapport.toml:2): is not set, and server.listen is 0.0.0.0:80, which others can reach: set desk.password (or desk.password_file), or listen on 127.0.0.1");
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let named = Config::load(Some(Path::new("no/such/rapport.toml")), std::iter::empty());
    assert_snapshot!(named.expect_err("missing"), @"configuration: no/such/rapport.toml: the file cannot be read: No such file or directory (os error 2); check the path given with --config or RAPPORT_CONFIG, and that it may be read");
}

#[test]
fn serving_needs_a_key_and_a_model() {
    let bare = load("[calendly]\nevent_type = \"visit\"", &[]).expect("valid");
    assert_snapshot!(bare.require_serve().expect_err("incomplete"), @r#"
    configuration: 3 mistakes
      close.api_key (not set): set CLOSE_API_KEY, or close.api_key_file (Close: Settings → Developer → API Keys)
      models.main (not set): add a section [models.main] with `model = "…"`, and set OPENAI_API_KEY or ANTHROPIC_API_KEY
      calendly.token (not set): set CALENDLY_TOKEN, or calendly.token_file, or take calendly.event_type out
    "#);
    let env = [("CLOSE_API_KEY", "c"), ("OPENAI_API_KEY", "o"), ("RAPPORT__MODELS__MAIN__MODEL", "m")];
    assert!(load("", &env).expect("valid").require_serve().is_ok());
    let capped = load("[budget]\ndaily_usd = 5\n", &env).expect("valid").require_serve().expect_err("without prices");
    assert!(
        capped.to_string().contains("models.main.prices (not set): set input and output"),
        "never-over-budget: {capped}"
    );
    let priced = "[budget]\ndaily_usd = 5\n[models.main.prices]\ninput = 0\noutput = 0\n";
    assert!(load(priced, &env).expect("valid").require_serve().is_ok(), "a model of one's own costs nothing");
}

#[test]
fn a_providers_own_server_needs_a_key_and_another_may_not() {
    let env = [("CLOSE_API_KEY", "c"), ("OPENAI_API_KEY", "o")];
    let text = "[models.main]\nmodel = \"m\"\n[models.fallback]\nprovider = \"anthropic\"\nmodel = \"n\"";
    let without = load(text, &env).expect("valid").require_serve().expect_err("incomplete");
    assert_snapshot!(without, @"configuration: models.fallback.api_key (not set): set ANTHROPIC_API_KEY, or models.fallback.api_key_file; https://api.anthropic.com/v1 asks for it");
    let own = "[models.main]\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:8000/v1\"";
    assert!(load(own, &[("CLOSE_API_KEY", "c")]).expect("valid").require_serve().is_ok());
}

/// One mistake, without the word that leads every message.
fn told(text: &str, env: &[(&str, &str)]) -> String {
    mistakes(text, env).trim_start_matches("configuration: ").to_owned()
}

#[test]
fn a_misspelt_key_is_told_with_the_one_that_was_meant() {
    assert_eq!(
        told("[engine]\nwiat = \"8s\"", &[]),
        "engine.wiat (rapport.toml:2): is not a key; did you mean engine.wait?"
    );
    assert_eq!(
        told("engine.wiat = \"8s\"", &[]),
        "engine.wiat (rapport.toml:1): is not a key; did you mean engine.wait?"
    );
    assert_eq!(
        told("[organization]\nname = \"a\"", &[]),
        "organization.name (rapport.toml:2): is not a key; did you mean organisation.name?"
    );
    assert_eq!(
        told("", &[("RAPPORT__ENGINE__WIAT", "8s")]),
        "engine.wiat (environment variable RAPPORT__ENGINE__WIAT): is not a key; did you mean RAPPORT__ENGINE__WAIT?"
    );
    assert_eq!(told("listen = \":80\"", &[]), "listen (rapport.toml:1): is not a key; did you mean server.listen?");
    assert_eq!(
        told("[budget]\nzzz = 1", &[]),
        "budget.zzz (rapport.toml:2): is not a key; [budget] has conversation_usd, daily_usd, monthly_usd"
    );
}

#[test]
fn a_section_where_a_value_is_wanted_is_told_and_the_other_way_round() {
    for text in ["[close.api_key]", "[close.api_key]\nvalue = \"x\"", "close.api_key.value = 1"] {
        let words = "close.api_key (rapport.toml:1): is a key, not a section; write `api_key = …` below [close]";
        assert_eq!(told(text, &[]), words);
    }
    assert_eq!(
        told("engine = 3", &[]),
        "engine (rapport.toml:1): is a section, not a value; write [engine] and its keys below"
    );
    assert_eq!(
        told("", &[("RAPPORT__CLOSE__API_KEY__FILE", "x")]),
        "close.api_key.file (environment variable RAPPORT__CLOSE__API_KEY__FILE): is not a key; did you mean \
         RAPPORT__CLOSE__API_KEY_FILE?"
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_told_with_what_to_write() {
    for (line, words) in [
        (
            "wait = true",
            "\"true\" is not a duration; write a whole number with a unit: ms, s, m, h or d, such as \"8s\"",
        ),
        ("wait = [\"8s\"]", "is a list; one value is wanted"),
        ("wait = 10:00:00", "is a date; one value is wanted, in quotes if it is a text"),
        (
            "wait = \"8 parsecs\"",
            "\"8 parsecs\" has an unknown unit; write a whole number with a unit: ms, s, m, h or d, such as \"8s\"",
        ),
        ("wait = \"9000d\"", "\"9000d\" is longer than a year"),
    ] {
        assert_eq!(told(&format!("[engine]\n{line}"), &[]), format!("engine.wait (rapport.toml:2): {words}"));
    }
}

#[test]
fn a_value_out_of_range_is_told_with_the_range() {
    for (text, words) in [
        ("engine.poll = \"1ms\"", "engine.poll (rapport.toml:1): \"1ms\" is too short; write at least \"10ms\""),
        ("close.timeout = \"0s\"", "close.timeout (rapport.toml:1): \"0s\" is too short; write at least \"100ms\""),
        (
            "engine.concurrency = 50000",
            "engine.concurrency (rapport.toml:1): \"50000\" is not a whole number from 1 to 10000",
        ),
        ("policy.hourly_cap = -1", "policy.hourly_cap (rapport.toml:1): \"-1\" is not a whole number of at least 0"),
        (
            "engine.max_wait = \"5s\"",
            "engine.max_wait (rapport.toml:1): \"5s\" is shorter than engine.wait, which is \"8s\": write at least as much",
        ),
    ] {
        assert_eq!(told(text, &[]), words);
    }
}

#[test]
fn a_rule_of_a_state_that_cannot_be_read_is_told() {
    for (text, words) in [
        (
            "hours.states.tx.sunday = \"noon\"",
            "hours.states.tx.sunday (rapport.toml:1): \"noon\" is not a span of hours; write \"10:00-20:00\", or \"closed\"",
        ),
        (
            "hours.states.TX.per_day = 0",
            "hours.states.TX.per_day (rapport.toml:1): \"0\" is not a number of texts; write a whole number from 1 on, or \
             \"any\"",
        ),
        (
            "hours.states.la.holidays = \"federal, Mardi Gras\"",
            "hours.states.la.holidays (rapport.toml:1): \"federal, Mardi Gras\" has something that is not a holiday; write it \
             as \"08-30\", \"4th Monday 04\", \"last Monday 05\" or \"Easter-2\", \"federal\" or \"none\", separated by commas",
        ),
        (
            "policy.disclosure_in.ca = \"always\"",
            "policy.disclosure_in.ca (rapport.toml:1): \"always\" is not a disclosure; write \"none\", \"on_ask\" or \
             \"first_message\"",
        ),
        (
            "policy.opt_out_notice = \"monthly\"",
            "policy.opt_out_notice (rapport.toml:1): \"monthly\" is not a duration; write a whole number with a unit: ms, s, m, \
             h or d, such as \"8s\", or \"never\"",
        ),
        (
            "hours.states.tx.sundays = \"closed\"",
            "hours.states.tx.sundays (rapport.toml:1): is not a key; did you mean hours.states.tx.sunday?",
        ),
        (
            "hours.states.qq.weekdays = \"closed\"",
            "hours.states.qq (rapport.toml:1): is not a state; write the two letters of its postal code, such as \
             [hours.states.az]",
        ),
        (
            "models.main = { model = \"m\", encoding = \"foo\" }",
            "models.main.encoding (rapport.toml:1): \"foo\" is not a known encoding; write one of o200k_base, o200k_harmony, \
             cl100k_base, p50k_base, p50k_edit, r50k_base, or leave it out to count with a wider margin",
        ),
    ] {
        assert_eq!(told(text, &[]), words);
    }
}

#[test]
fn an_address_is_told_apart_from_what_looks_like_one() {
    assert_eq!(
        told("server.listen = \"http://127.0.0.1:8080\"", &[]),
        "server.listen (rapport.toml:1): \"http://127.0.0.1:8080\" is not host:port; write it without http://, such as \
         \"127.0.0.1:8080\""
    );
    assert_eq!(
        told("models.main = { model = \"m\", base_url = \"https://u:p@models.example\" }", &[]),
        "models.main.base_url (rapport.toml:1): \"…@models.example\" must not hold a user or password; take them out, \
         secrets have keys of their own"
    );
    assert_eq!(
        told("policy.link_hosts = [\"juniper.example\", \"https://www.juniper.example/faq\"]", &[]),
        "policy.link_hosts (rapport.toml:1): \"https://www.juniper.example/faq\" is not a host; write the name alone, such \
         as \"www.juniper.example\""
    );
}

#[test]
fn a_public_address_to_which_nothing_can_be_added_is_told_with_the_one_to_write() {
    let set = |address: &str| format!("server.public_url = \"{address}\"");
    for wrong in [
        "https://juniper.example/rapport/webhooks/close",
        "https://juniper.example/rapport/webhooks/calendly/",
        "https://juniper.example/rapport/?a=b",
        "https://juniper.example/rapport#desk",
    ] {
        let told = told(&set(wrong), &[]);
        assert!(told.ends_with("are added; write \"https://juniper.example/rapport\""), "{told}");
    }
    for right in ["https://juniper.example/", "https://juniper.example/rapport", "https://juniper.example/webhooks"] {
        let config = load(&set(right), &[]).expect("valid");
        assert_eq!(config.server.public_url.as_deref(), Some(right.trim_end_matches('/')));
    }
}

#[test]
fn a_model_of_another_name_is_told_the_two_that_are_asked() {
    let words = "is not a model Rapport asks: call it models.main, or models.fallback for the one that steps in";
    assert_eq!(told("[models.other]\nmodel = \"m\"", &[]), format!("models.other (rapport.toml:1): {words}"));
    let variable = "RAPPORT__MODELS__OTHER__MODEL";
    assert_eq!(told("", &[(variable, "m")]), format!("models.other (environment variable {variable}): {words}"));
}

#[test]
fn prices_without_one_half_or_with_a_wrong_one_are_told_once() {
    let prices = |line: &str| told(&format!("[models.main]\nmodel = \"m\"\n[models.main.prices]\n{line}"), &[]);
    let missing = "is missing: prices need both input and output, in dollars per million tokens";
    assert_eq!(prices("output = 1"), format!("models.main.prices.input (rapport.toml:3): {missing}"));
    assert_eq!(
        prices("input = \"cheap\"\noutput = 1"),
        "models.main.prices.input (rapport.toml:4): \"cheap\" is not a number of at least 0"
    );
    let both = prices("cached_input = 0.1");
    assert!(both.contains("prices.input") && both.contains("prices.output"), "{both}");
}
