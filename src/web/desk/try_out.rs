//! One text, judged as `rapport try` judges a list of them. Nothing is stored, sent or asked of a model.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::super::error::Failure;
use super::super::{Shared, Site};
use super::forms::tidy;
use super::record::FindingLine;
use super::segments::Cost;
use super::shell::Shell;
use super::words::{moment, plain};
use crate::conversation::{Scene, Verdict, heard};
use crate::sms::opt_out::{self, OptOutVerdict};
use crate::sms::zones::time_zone;
use crate::sms::{Clues, Phone, Places, normalise};

/// A longer text is no text message, and would take long to judge.
const CHARS_MAX: usize = 10_000;

/// What somebody wants judged.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    text: String,
    /// The lead's text that it would answer.
    heard: String,
    phone: String,
    zone: String,
}

/// One verdict in words.
struct Line {
    label: String,
    tone: &'static str,
    sentence: String,
}

/// Everything that is said to a text.
struct Judged {
    opt_out: Line,
    intent: Line,
    cost: Cost,
    tokens: String,
    /// The text as it would be sent, where that is another.
    sent_as: Option<String>,
    verdict: Line,
    findings: Vec<FindingLine>,
    hours: Option<Line>,
    /// When a text may go, and that in words.
    next: Option<(Timestamp, String)>,
}

#[derive(Template)]
#[template(path = "desk/try.html")]
struct TryPage {
    shell: Shell,
    asked: Asked,
    judged: Option<Judged>,
    refused: String,
}

/// `GET /try`
pub(super) async fn form(State(site): Shared) -> Result<Response, Failure> {
    show(&site, StatusCode::OK, Asked::default(), Ok(None)).await
}

/// `POST /try`: the form, and what is said to its text. A form, so that no text stands in an address or a log.
pub(super) async fn judge(State(site): Shared, Form(asked): Form<Asked>) -> Result<Response, Failure> {
    let asked = Asked { text: tidy(&asked.text), heard: tidy(&asked.heard), ..asked };
    let (judging, text) = (site.clone(), asked.clone());
    // It reckons for up to a second, and whoever waits for something else must not wait for that.
    let judged = site.app.tasks.spawn_blocking(move || judged(&judging, &text).map(Some)).await;
    let judged = judged.unwrap_or_else(|_| Err("This text could not be judged. The log says why.".to_owned()));
    let status = if judged.is_ok() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show(&site, status, asked, judged).await
}

async fn show(
    site: &Arc<Site>,
    status: StatusCode,
    asked: Asked,
    judged: Result<Option<Judged>, String>,
) -> Result<Response, Failure> {
    let (judged, refused) = match judged {
        Ok(judged) => (judged, String::new()),
        Err(refused) => (None, refused),
    };
    let page = TryPage { shell: Shell::new(site, "Try a text", "/try").await?, asked, judged, refused };
    Ok((status, Html(page.render()?)).into_response())
}

fn judged(site: &Site, asked: &Asked) -> Result<Judged, String> {
    if asked.text.is_empty() {
        return Err("There is no text to try. Write one.".to_owned());
    }
    if asked.text.chars().count().max(asked.heard.chars().count()) > CHARS_MAX {
        return Err(format!("A text here has at most {CHARS_MAX} characters. Shorten it."));
    }
    let now = site.app.clock.now();
    let (hours, next) = hours(site, asked, now)?.unzip();
    let proposer = &site.app.engine.proposer;
    let zone = site.app.engine.settings.organisation.timezone.as_str();
    let library = proposer.prompts.current();
    let knowledge = library.passages().iter().map(|passage| format!("{}\n{}", passage.title, passage.text)).collect();
    let answers = Some(asked.heard.clone()).filter(|heard| !heard.is_empty());
    let reply = Scene::of_text(&asked.text)
        .of_house(&site.app.engine.settings.organisation, &proposer.policy, knowledge)
        .in_answer_to(answers.into_iter().collect())
        .judged(now, false);
    let sent = normalise(&asked.text);
    let intent = heard::heard(&asked.text);
    Ok(Judged {
        opt_out: opt_out_line(&asked.text),
        intent: Line { label: plain(intent.intent.as_str()), tone: "calm", sentence: intent.reason },
        cost: Cost::of(&sent),
        tokens: format!("{} tokens ({})", proposer.counter.count(&asked.text), proposer.counter.name()),
        sent_as: Some(sent).filter(|sent| *sent != asked.text),
        verdict: verdict_line(reply.verdict),
        findings: reply.findings.iter().map(|finding| FindingLine::new(finding, zone)).collect(),
        hours,
        next: next.flatten(),
    })
}

fn opt_out_line(text: &str) -> Line {
    let heard = opt_out::classify(text);
    let (label, tone) = match heard.verdict {
        OptOutVerdict::Stop => ("Stop", "stop"),
        OptOutVerdict::Hold => ("Perhaps a stop: held for you", "act"),
        OptOutVerdict::Keep => ("No stop", "calm"),
    };
    Line { label: label.to_owned(), tone, sentence: heard.reason }
}

fn verdict_line(verdict: Verdict) -> Line {
    let (label, tone, sentence) = match verdict {
        Verdict::Pass => ("Passes", "calm", "No check has anything against it."),
        Verdict::Mended => ("Passes", "calm", "It was put right where that was needed."),
        Verdict::Regenerate => ("Sent back", "act", "The model would write it once more, then it goes to a rep."),
        Verdict::Hold => ("Held for a rep", "act", "It would not go by itself."),
        Verdict::Block => ("Blocked", "stop", "It would be sent by nobody."),
    };
    Line { label: label.to_owned(), tone, sentence: sentence.to_owned() }
}

type Hours = (Line, Option<(Timestamp, String)>);

/// May a text that answers no fresh one go to this number now? None where no number was given.
fn hours(site: &Site, asked: &Asked, now: Timestamp) -> Result<Option<Hours>, String> {
    if asked.phone.trim().is_empty() {
        return Ok(None);
    }
    let phone = Phone::parse(&asked.phone).map_err(|error| format!("The phone number: {error}."))?;
    let zone = Some(asked.zone.trim().to_owned()).filter(|zone| !zone.is_empty());
    if let Some(zone) = zone.as_ref().filter(|zone| time_zone(zone).is_none()) {
        return Err(format!("{zone:?} is not a time zone such as America/Denver."));
    }
    let zones: Vec<String> = zone.into_iter().collect();
    let places = Places::of(Clues { phone: Some(&phone), zones: &zones, addresses: &[] });
    let ruling = site.app.engine.settings.rulebook.ruling(now, &places);
    let rule = ruling.decided_by.map(|rule| format!(" {} ({}).", rule.says, rule.zone)).unwrap_or_default();
    let line = |label: &str, tone, words: &str| Line {
        label: label.to_owned(),
        tone,
        sentence: format!("{words}{rule} It may be in {}.", places.zones.join(", ")),
    };
    Ok(Some(match ruling.next {
        Some(next) if next == now => {
            (line("May go now", "calm", "This is a legal hour wherever the number may be."), None)
        }
        Some(next) => (line("Waits", "act", "A text that answers no fresh one waits."), Some((next, moment(next)))),
        None => (line("A person decides", "act", "No hour is legal wherever the number may be."), None),
    }))
}
