//! What is read, what wins, and what a mistake is told as.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use insta::assert_snapshot;
use secrecy::ExposeSecret;

use super::reader::Reader;
use super::{Config, ConfigError};
use crate::conversation::{Intent, Mode, Policy};

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
        ("RAPPORT__CLOSE__NUMBERS", "+13035550100, +13035550101"),
        ("RAPPORT__POLICY__LINK_HOSTS", "[\"a.example\", \"b.example\"]"),
    ];
    let config = load(text, &env).expect("valid");
    assert_eq!(config.engine.wait, Duration::from_millis(1_500));
    assert_eq!(config.engine.poll, Duration::from_secs(2));
    assert_eq!(config.models.main.expect("present").base_url, "http://127.0.0.1:9/v1");
    assert_eq!(config.policy.mode, Mode::Auto);
    assert_eq!(config.policy.intents.get(&Intent::Price), Some(&Mode::Draft));
    assert!(!config.policy.hold_first);
    assert_eq!(config.close.numbers, ["+13035550100", "+13035550101"]);
    assert_eq!(config.policy.link_hosts, ["a.example", "b.example"]);
}

#[test]
fn well_known_names_fill_the_secrets_that_nothing_nearer_sets() {
    let text =
        "[models.main]\nprovider = \"anthropic\"\nmodel = \"a\"\n[models.fallback]\nmodel = \"b\"\napi_key = \"own\"";
    let env = [("CLOSE_API_KEY", "c\n"), ("CALENDLY_TOKEN", "t"), ("OPENAI_API_KEY", "o"), ("ANTHROPIC_API_KEY", "an")];
    let config = load(text, &env).expect("valid");
    let shown = |secret: Option<secrecy::SecretString>| secret.expect("set").expose_secret().to_owned();
    assert_eq!(shown(config.close.api_key), "c");
    assert_eq!(shown(config.calendly.token), "t");
    assert_eq!(shown(config.models.main.expect("present").api_key), "an");
    assert_eq!(shown(config.models.fallback.expect("present").api_key), "own");
}

#[test]
fn a_secret_is_taken_whole_from_its_key_or_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    fs::write(&path, "  aa, bb \n").expect("written");
    let from_file = format!("[desk]\npassword_file = {path:?}");
    let from_key = "[desk]\npassword = \"aa, bb\"";
    for text in [from_file.as_str(), from_key] {
        let password = load(text, &[]).expect("valid").desk.password.expect("set");
        assert_eq!(password.expose_secret(), "aa, bb");
    }
    let named = path.display().to_string();
    let nearer = load("[desk]\npassword = \"x\"", &[("RAPPORT__DESK__PASSWORD_FILE", &named)]).expect("valid");
    assert_eq!(nearer.desk.password.expect("set").expose_secret(), "aa, bb");
}

#[test]
fn several_webhook_keys_are_read_from_a_list_or_a_file_and_an_empty_one_is_no_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    fs::write(&path, "0a1b\n2c3d\n").expect("written");
    let from_file = format!("[close]\nwebhook_key_file = {path:?}");
    for text in [from_file.as_str(), "[close]\nwebhook_key = [\"0a1b\", \"2c3d\", \"\"]"] {
        let keys = load(text, &[]).expect("valid").close.webhook_key;
        let keys: Vec<&str> = keys.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(keys, ["0a1b", "2c3d"]);
    }
    assert!(load("[close]\nwebhook_key = \"\"", &[]).expect("valid").close.webhook_key.is_empty());
}

#[test]
fn secrets_are_never_printed() {
    let env = [("CLOSE_API_KEY", "hush-1"), ("RAPPORT__DESK__PASSWORD", "hush-2")];
    let config = load("[close]\nwebhook_key = \"abcdef\"\n[models.main]\nmodel = \"m\"\napi_key = \"hush-3\"", &env);
    let printed = format!("{:?}", config.expect("valid"));
    assert!(!printed.contains("hush") && !printed.contains("abcdef"), "{printed}");
    let wrong = mistakes("[close]\nwebhook_key = \"hush\"\napi_key = [\"hush\"]\napikey = \"hush\"", &[]);
    assert!(!wrong.contains("hush"), "{wrong}");
}

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
      engine.concurrency (rapport.toml:5): "0" is not a whole number of at least 1
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
    let env = [("CLOSE_API_KEY", "c"), ("RAPPORT__MODELS__MAIN__MODEL", "m")];
    assert!(load("", &env).expect("valid").require_serve().is_ok());
}

fn root(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).expect("a file of the project")
}

/// Every known key, with the intents and the models written once.
fn known_keys() -> BTreeSet<String> {
    let mut reader = Reader::new("", Path::new("rapport.toml"), std::iter::empty()).expect("empty");
    Config::read(&mut reader);
    let general = |key: &String| {
        if key.starts_with("policy.intents.") {
            return "policy.intents.<intent>".to_owned();
        }
        key.replace("models.fallback.", "models.main.")
    };
    reader.known_keys().iter().map(general).collect()
}

#[test]
fn the_documentation_lists_every_key_and_no_other() {
    let mut section = "";
    let mut documented = BTreeSet::new();
    let page = root("docs/configuration.md");
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## `[") {
            section = heading.split(']').next().expect("closed");
        } else if let Some(row) = line.strip_prefix("| `") {
            documented.insert(format!("{section}.{}", row.split('`').next().expect("closed")));
        }
    }
    assert_eq!(documented, known_keys());
    for intent in Intent::ALL {
        assert!(page.contains(&format!("`{intent}`")), "{intent}");
    }
}

#[test]
fn the_documentation_quotes_mistakes_as_they_are_told() {
    let text = format!("{}[engine]\nwait = 8\n", "\n".repeat(10));
    let told = mistakes(&text, &[("RAPPORT__POLCY__MODE", "auto")]);
    assert!(root("docs/configuration.md").contains(&told), "{told}");
}

/// The example with the lines that `uncomment` gives back in their place.
fn example(uncomment: impl Fn(&str) -> Option<&str>) -> String {
    let lines = root("rapport.example.toml");
    lines.lines().map(|line| uncomment(line).unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_valid_and_states_the_true_defaults() {
    let as_it_is = load(&example(|_| None), &[]).expect("valid");
    let defaults = example(|line| line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_alphabetic())));
    let written_out = load(&defaults, &[]).expect("valid");
    assert_eq!(format!("{as_it_is:?}"), format!("{written_out:?}"));
    let env = [("CLOSE_API_KEY", "c"), ("OPENAI_API_KEY", "o")];
    assert!(load(&example(|_| None), &env).expect("valid").require_serve().is_ok());
}

#[test]
fn the_example_shows_every_key_and_its_examples_can_be_used() {
    let is_setting =
        |rest: &&str| rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
    let everything = example(|line| {
        let rest = line.trim_start_matches(['#', ' ']);
        (line.starts_with('#') && is_setting(&rest)).then_some(rest)
    });
    let without_files: Vec<&str> = everything.lines().filter(|line| !line.contains("_file = ")).collect();
    load(&without_files.join("\n"), &[]).expect("every example is valid");
    let shown = Reader::new(&everything, Path::new("rapport.toml"), std::iter::empty()).expect("valid");
    let missing: Vec<String> = known_keys()
        .into_iter()
        .filter(|key| !shown.is_set(key) && !shown.has_section(key.trim_end_matches(".<intent>")))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}
