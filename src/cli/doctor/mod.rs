//! `rapport doctor`: checks everything a service needs, and says what to do about what is wrong.

mod clock;
mod close;
mod prompts;

use std::process::ExitCode;

use jiff::civil::Date;

use super::assemble::{self, World};
use super::output::say;
use super::told;
use crate::config::{Config, ModelConfig};
use crate::engine::propose::reply_schema;
use crate::llm::{ModelAnswer, ModelRequest, Stop};
use crate::prompt::{ChatMessage, Role, read_proposal, zone_or};
use crate::sms::is_blank;
use crate::sms::state_rules::Law;
use crate::store::Store;

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// All is well; a few words.
    Good(String),
    /// It works, but somebody should know.
    Warning(String),
    /// It does not work: what is wrong and what to do.
    Bad(String),
    /// Not set up, and not needed.
    Absent(String),
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was looked at.
    pub what: &'static str,
    /// How it is.
    pub health: Health,
}

/// Checks everything, prints the report, and fails if anything is bad.
///
/// # Errors
/// Never: what is wrong is a line of the report.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let lines = examine(config).await;
    for line in &lines {
        let (mark, words) = match &line.health {
            Health::Good(words) => ("ok  ", words),
            Health::Warning(words) => ("warn", words),
            Health::Bad(words) => ("FAIL", words),
            Health::Absent(words) => ("--  ", words),
        };
        say!("{mark}  {:<10} {words}", line.what)?;
    }
    let bad = lines.iter().filter(|line| matches!(line.health, Health::Bad(_))).count();
    if bad == 0 {
        say!("\nReady: start with `rapport serve`.")?;
        return Ok(ExitCode::SUCCESS);
    }
    say!("\n{bad} of {} checks failed.", lines.len())?;
    Ok(ExitCode::FAILURE)
}

/// Checks everything.
pub async fn examine(config: &Config) -> Vec<Line> {
    let world = match World::real() {
        Ok(world) => world,
        Err(error) => return vec![Line { what: "http", health: Health::Bad(told(&error)) }],
    };
    let mut lines = Vec::new();
    let store = match database(config).await {
        Ok(store) => {
            let words = format!("{} at {} can be written and is up to date", store.engine_name(), store.address());
            lines.push(good("database", words));
            Some(store)
        }
        Err(error) => {
            lines.push(bad("database", &error));
            None
        }
    };
    lines.extend(clock::line(config, &world).await);
    lines.extend(close::lines(config, &world, store.as_ref()).await);
    lines.push(calendly(config, &world).await);
    lines.push(prompts::line(config, &world));
    lines.push(model(config, &world).await);
    lines.push(budget(config));
    lines.push(hours(&config.rulebook.law, today(config, &world)));
    lines.push(desk(config));
    lines.push(pause(store.as_ref()).await);
    if let Some(store) = &store {
        lines.extend(clock::records(config, store, world.clock.now()).await);
    }
    lines
}

/// The database, after something was written to it: a full disk answers every read.
async fn database(config: &Config) -> anyhow::Result<Store> {
    let store = assemble::open_store(config).await?;
    store.ping().await?;
    Ok(store)
}

fn good(what: &'static str, words: impl Into<String>) -> Line {
    Line { what, health: Health::Good(words.into()) }
}

fn bad(what: &'static str, error: &anyhow::Error) -> Line {
    Line { what, health: Health::Bad(told(error)) }
}

async fn calendly(config: &Config, world: &World) -> Line {
    const WHAT: &str = "calendly";
    if config.calendly.event_type.is_none() {
        let words = "not connected (calendly.event_type is not set): no times or links are offered";
        return Line { what: WHAT, health: Health::Absent(words.into()) };
    }
    match assemble::calendar(config, world) {
        Err(error) => bad(WHAT, &error),
        Ok(None) => Line { what: WHAT, health: Health::Absent("not connected".into()) },
        Ok(Some(calendar)) => match calendar.describe(world.clock.now()).await {
            Ok(words) => good(WHAT, words),
            Err(error) => bad(WHAT, &error.into()),
        },
    }
}

/// The date at the office.
fn today(config: &Config, world: &World) -> Date {
    world.clock.now().to_zoned_datetime(zone_or(&config.organisation.timezone, "UTC")).date()
}

async fn model(config: &Config, world: &World) -> Line {
    const WHAT: &str = "model";
    let model = match assemble::model_asked_once(config, world) {
        Ok(model) => model,
        Err(error) => return bad(WHAT, &error),
    };
    let max_output_tokens = match assemble::main_model(config) {
        Ok(main) => main.settings.max_output_tokens,
        Err(error) => return bad(WHAT, &error),
    };
    // As a reply is asked for: a server may refuse the schema, and a thinking model use up what it may say.
    let request = ModelRequest {
        messages: vec![ChatMessage { role: Role::User, text: "This is a test. Let the text be: ready".to_owned() }],
        schema: Some(reply_schema()),
        max_output_tokens,
        temperature: None,
        cache_key: None,
        safety_identifier: None,
    };
    match model.generate(&request).await {
        Ok(answer) => Line { what: WHAT, health: answered(&answer) },
        Err(error) => bad(WHAT, &error.into()),
    }
}

fn answered(answer: &ModelAnswer) -> Health {
    let model = &answer.model;
    match (&answer.stop, read_proposal(&answer.text)) {
        (Stop::Length, _) => Health::Bad(format!(
            "{model} was cut off before it had answered: raise models.main.max_output_tokens (a model's thinking counts)"
        )),
        (_, Ok(_)) => Health::Good(format!("{model} answered in {} ms", answer.latency_ms)),
        (_, Err(_)) if is_blank(&answer.text) => {
            Health::Bad(format!("{model} gave an empty answer: ask its server why, or take another model"))
        }
        (_, Err(error)) => {
            Health::Warning(format!("{model} answered, but {error}: such replies always wait for a person"))
        }
    }
}

fn budget(config: &Config) -> Line {
    const WHAT: &str = "budget";
    let priced = |model: &Option<ModelConfig>| model.as_ref().is_none_or(|model| model.settings.prices.is_some());
    let all_priced = priced(&config.models.main) && priced(&config.models.fallback);
    let health = match (config.budget.any(), all_priced) {
        (true, true) => match tightest(config) {
            Some(words) => Health::Bad(words),
            None => Health::Good("spending is capped".into()),
        },
        (true, false) => Health::Bad("a cap cannot be kept without prices: set models.<name>.prices".into()),
        (false, true) => Health::Absent("spending is not capped ([budget] is empty)".into()),
        (false, false) => Health::Absent("no prices and no caps: tokens are counted, their cost is not known".into()),
    };
    Line { what: WHAT, health }
}

/// A cap that lets no reply through.
fn tightest(config: &Config) -> Option<String> {
    let (budget, _) = assemble::budget(config).ok()?;
    let (name, limit, most) = assemble::spending(config, &budget).cap_below_a_reply()?;
    Some(format!(
        "{name} is {limit}, and one reply may cost {most}: nobody would be answered. Raise it, or lower \
         models.main.prompt_tokens_cap or max_output_tokens"
    ))
}

/// Rules that nobody has looked at for long may no longer be the law.
fn hours(law: &Law, today: Date) -> Line {
    let health = match law.overdue(today).as_slice() {
        [] => Health::Good(format!("{} rules of states on hours and disclosure, none past its review_by", law.count())),
        overdue => Health::Warning(format!(
            "rules past their review_by: {}. Have them read again, and put what has changed into [hours.states.<state>] or \
             [policy.disclosure_in], with a new review_by",
            overdue.join(", ")
        )),
    };
    Line { what: "hours", health }
}

fn desk(config: &Config) -> Line {
    let health = match &config.server.public_url {
        _ if config.desk.password.is_some() => Health::Good("protected by a password".into()),
        Some(public_url) if !is_this_machine(public_url) => Health::Warning(format!(
            "has no password, so it refuses whoever comes through {public_url}: set desk.password, or open it on this machine \
             at {}",
            config.server.listen
        )),
        _ => Health::Good(format!("without a password, on {} only", config.server.listen)),
    };
    Line { what: "desk", health }
}

/// True if an address leads to the machine that opens it.
fn is_this_machine(address: &str) -> bool {
    let Ok(url) = url::Url::parse(address) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

async fn pause(store: Option<&Store>) -> Line {
    let paused = match store {
        Some(store) => store.paused().await.ok(),
        None => None,
    };
    let health = match paused {
        Some(Some(pause)) => {
            Health::Warning(format!("Rapport is paused ({}); nothing is sent until `rapport resume`", pause.why))
        }
        Some(None) => Health::Good("not paused".into()),
        None => Health::Absent("not known without the database".into()),
    };
    Line { what: "pause", health }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_desk_that_no_proxy_reaches_is_told() {
        let desk_of = |toml: &str| {
            let config = Config::parse(Some(toml), std::path::Path::new("rapport.toml"), std::iter::empty());
            desk(&config.expect("a configuration")).health
        };
        let public = "[server]\npublic_url = \"https://rapport.example\"\n";
        let Health::Warning(words) = desk_of(public) else { panic!("it is refused there") };
        assert!(words.contains("https://rapport.example") && words.contains("desk.password"), "{words}");
        let protected = format!("{public}[desk]\npassword = \"correct horse battery\"\n");
        assert!(matches!(desk_of(&protected), Health::Good(_)));
        for here in
            ["", "[server]\npublic_url = \"http://127.0.0.1:8080\"\n", "[server]\npublic_url = \"http://[::1]:80\"\n"]
        {
            assert!(matches!(desk_of(here), Health::Good(_)), "{here}");
        }
    }

    #[test]
    fn a_model_that_answers_nothing_is_not_ready() {
        let health = |text: &str, stop| {
            answered(&ModelAnswer {
                text: text.to_owned(),
                model: "m".to_owned(),
                usage: crate::llm::Usage::default(),
                cost_microusd: 0,
                stop,
                request_id: None,
                latency_ms: 7,
                attempts: 1,
            })
        };
        assert!(matches!(health(r#"{"text":"ready","intent":"other"}"#, Stop::End), Health::Good(_)));
        assert!(matches!(health("ready", Stop::End), Health::Warning(_)));
        assert!(matches!(health("", Stop::End), Health::Bad(_)));
        let Health::Bad(words) = health("", Stop::Length) else { panic!("it thought until the end") };
        assert!(words.contains("max_output_tokens"), "{words}");
    }

    #[test]
    fn rules_that_nobody_has_looked_at_for_long_are_named() {
        let fresh = hours(Law::shipped(), date(2026, 11, 30));
        assert!(matches!(fresh.health, Health::Good(ref words) if words.starts_with("26 rules")), "{fresh:?}");
        let Health::Warning(words) = hours(Law::shipped(), date(2027, 7, 2)).health else { panic!("all are overdue") };
        assert!(words.contains("Florida: hours") && words.contains("Utah: disclosure"), "{words}");
        assert!(words.contains("[hours.states.<state>]"), "and what to do: {words}");
    }
}
