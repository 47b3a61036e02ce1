//! What is said to one line.

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::line::Line;
use super::scene::Scene;
use crate::conversation::heard;
use crate::sms::hours::{LegalHours, next_allowed};
use crate::sms::{Phone, normalise, opt_out, segments, zones};

pub(super) fn opt_out(line: &Line) -> anyhow::Result<Value> {
    let read = opt_out::classify(line.text()?);
    Ok(json!({ "verdict": read.verdict, "rule": read.rule, "reason": read.reason }))
}

pub(super) fn segments(line: &Line, raw: bool) -> anyhow::Result<Value> {
    let text = line.text()?;
    let text = if raw { text.to_owned() } else { normalise(text) };
    let counted = segments::count(&text);
    Ok(json!({
        "encoding": counted.encoding, "segments": counted.segments, "units": counted.units, "text": text,
    }))
}

pub(super) fn intent(line: &Line) -> anyhow::Result<Value> {
    let heard = heard::heard(line.text()?);
    Ok(json!({ "intent": heard.intent, "rule": heard.rule, "reason": heard.reason }))
}

pub(super) fn hours(line: &Line, now: Timestamp) -> anyhow::Result<Value> {
    let written = match line {
        Line::Text(text) => Some(text.as_str()),
        Line::Object(_) => line.string(&["phone", "number", "text"])?,
    };
    let at = match line.string(&["at", "now"])? {
        Some(at) => at.parse().with_context(|| format!("\"at\": {at:?} is not a time such as 2026-12-01T17:00:00Z"))?,
        None => now,
    };
    let phone = Phone::parse(written.context("there is no \"phone\" in the object")?)?;
    let contact_zone = line.string(&["zone", "timezone"])?;
    let address_zones = line.strings(&["address_zones", "zones"])?;
    for zone in contact_zone.into_iter().chain(address_zones.iter().map(String::as_str)) {
        zones::time_zone(zone).with_context(|| format!("{zone:?} is not a time zone such as America/Denver"))?;
    }
    let found = zones::candidates(&phone, contact_zone, &address_zones);
    let next = next_allowed(at, &found.zones, &LegalHours::default());
    let reason = match next {
        Some(next) if next == at => "This is a legal hour in every zone the number may be in.".to_owned(),
        Some(next) => format!("Texts that answer no fresh one wait until {next}."),
        None => "No hour is legal in every zone the number may be in.".to_owned(),
    };
    Ok(json!({
        "allowed": next == Some(at), "at": at, "next": next, "zones": found.zones, "evidence": found.evidence,
        "reason": reason,
    }))
}

pub(super) fn check(line: &Line, now: Timestamp) -> anyhow::Result<Value> {
    let scene = match line {
        Line::Text(text) => Scene::of_text(text),
        Line::Object(object) => {
            line.text()?;
            Scene::of_object(object)?
        }
    };
    Ok(scene.judged(now, false).to_json())
}
