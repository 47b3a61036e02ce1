//! What is said to one line.

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::line::Line;
use crate::conversation::{Scene, heard};
use crate::sms::rulebook::Ruling;
use crate::sms::zones::canonical;
use crate::sms::{Clues, Phone, Places, PostalPlace, Rulebook, normalise, opt_out, segments};

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
    let (zones, addresses) = (zones(line, &["zone", "timezone"])?, addresses(line)?);
    let phone = written.map(Phone::parse).transpose()?;
    if phone.is_none() && zones.is_empty() && addresses.is_empty() {
        bail!("there is no \"phone\" in the object, and no \"state\", \"zip\", \"country\" or \"zone\" either");
    }
    let places = Places::of(Clues { phone: phone.as_ref(), zones: &zones, addresses: &addresses });
    let rules = Rulebook::default();
    let ruling = rules.ruling(at, &places);
    let law = rules.of_law_alone().ruling(at, &places);
    let allowed = ruling.next == Some(at);
    let limit = rules.daily_limit(&places);
    Ok(json!({
        "allowed": allowed, "at": at, "next": ruling.next, "until": ruling.until, "zones": places.zones,
        "evidence": places.evidence, "states": places.states, "decided_by": ruling.decided_by,
        "by_law": { "allowed": law.next == Some(at), "next": law.next, "decided_by": law.decided_by },
        "per_day": limit.map(|limit| json!({ "texts": limit.texts, "rule": limit.state, "source": limit.source })),
        "reason": reason(&ruling, allowed, places.doubt.as_deref()),
    }))
}

fn reason(ruling: &Ruling, allowed: bool, doubt: Option<&str>) -> String {
    let rule = ruling.decided_by.as_ref().map(|rule| format!(" {} ({}).", rule.says, rule.zone)).unwrap_or_default();
    let doubt = doubt.map(|doubt| format!(" {doubt}")).unwrap_or_default();
    match (ruling.next, ruling.until) {
        (Some(_), Some(until)) if allowed => {
            format!("This is a legal hour wherever the lead may be, until {until}.{rule}{doubt}")
        }
        (Some(next), _) => format!("Texts that answer no fresh one wait until {next}.{rule}{doubt}"),
        (None, _) => format!("No hour is legal in every place the lead may be in.{doubt}"),
    }
}

/// Zones under any of these names, as the zone database writes them.
fn zones(line: &Line, names: &[&str]) -> anyhow::Result<Vec<String>> {
    let known = |zone: String| {
        canonical(&zone)
            .with_context(|| format!("\"{}\": {zone:?} is not a time zone such as America/Denver", names[0]))
    };
    line.strings(names)?.into_iter().filter(|zone| !zone.trim().is_empty()).map(known).collect()
}

/// The address's zones, and the address as far as it is told, once for each of its states.
fn addresses(line: &Line) -> anyhow::Result<Vec<PostalPlace>> {
    let part = |name| Ok::<_, anyhow::Error>(line.string(&[name])?.unwrap_or_default().trim().to_owned());
    let (states, zip, country) = (line.strings(&["state", "states"])?, part("zip")?, part("country")?);
    let place = |state: String| PostalPlace { state, zip: zip.clone(), country: country.clone(), zones: Vec::new() };
    let states = if states.is_empty() { vec![String::new()] } else { states };
    let of_zones = PostalPlace { zones: zones(line, &["address_zones", "zones"])?, ..PostalPlace::default() };
    let places = [of_zones].into_iter().chain(states.into_iter().map(place));
    Ok(places.filter(|place| *place != PostalPlace::default()).collect())
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
