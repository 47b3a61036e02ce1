//! `[hours]`: the organisation's own hours, and changes to the rules of states.

use jiff::civil::Date;

use super::reader::Reader;
use crate::sms::hours::{LegalHours, Window};
use crate::sms::state_rules::{HourRule, Law, Provenance, StateRules, days_without_texts};
use crate::sms::zones::time_zone;
use crate::sms::{Rulebook, State};

/// The section of the states' rules, and the name of the one that holds in all of them.
const STATES: &str = "hours.states";
const FEDERAL: &str = "US";

pub(super) fn rulebook(reader: &mut Reader) -> Rulebook {
    let default = LegalHours::default();
    let mut day = |key: &str, fallback| reader.parsed(key, window).unwrap_or(fallback);
    let weekdays = day("hours.weekdays", default.days[0]);
    let saturday = day("hours.saturday", default.days[5]);
    let sunday = day("hours.sunday", default.days[6]);
    let own = LegalHours {
        days: [weekdays, weekdays, weekdays, weekdays, weekdays, saturday, sunday],
        skip_federal_holidays: reader.flag_or("hours.holidays", default.skip_federal_holidays),
        holidays: Vec::new(),
    };
    Rulebook { own, law: law(reader) }
}

fn window(text: &str) -> Result<Option<Window>, String> {
    match text {
        "closed" => Ok(None),
        other => other
            .parse::<Window>()
            .map(Some)
            .map_err(|_| "is not a span of hours; write \"10:00-20:00\", or \"closed\"".to_owned()),
    }
}

/// The rules in the program, with what the configuration says of single states.
fn law(reader: &mut Reader) -> Law {
    only_states(reader);
    let mut law = Law::shipped().clone();
    if let Some(changed) = changed(reader, FEDERAL, &law.federal) {
        law.federal = changed;
    }
    for state in State::with_territories() {
        let known = law.states.get(&state).and_then(|rules| rules.hours.as_ref());
        // A state without a rule of its own has the federal hours to begin with.
        let changed = changed(reader, state.code(), known.unwrap_or(&law.federal));
        if changed.is_some() {
            let disclosure = law.states.remove(&state).and_then(|rules| rules.disclosure);
            law.states.insert(state, StateRules { hours: changed, disclosure });
        }
    }
    law
}

/// Complains about sections of states that there are not.
fn only_states(reader: &mut Reader) {
    let codes = State::with_territories().map(State::code).chain([FEDERAL]);
    let known: Vec<String> = codes.flat_map(|code| [code.to_owned(), code.to_lowercase()]).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    reader.only_sections(
        STATES,
        &known,
        "is not a state; write the two letters of its postal code, such as [hours.states.az]",
    );
}

/// A rule with the keys that are set for its state; none when none is.
fn changed(reader: &mut Reader, code: &str, known: &HourRule) -> Option<HourRule> {
    let weekdays = reader.parsed_in(STATES, code, Some("weekdays"), window);
    let saturday = reader.parsed_in(STATES, code, Some("saturday"), window);
    let sunday = reader.parsed_in(STATES, code, Some("sunday"), window);
    let holidays = reader.parsed_in(STATES, code, Some("holidays"), holidays);
    let per_day = reader.parsed_in(STATES, code, Some("per_day"), per_day);
    let also_in = reader.parsed_in(STATES, code, Some("also_in"), zone);
    let fresh_replies = reader.parsed_in(STATES, code, Some("fresh_replies"), fresh_replies);
    let source = reader.parsed_in(STATES, code, Some("source"), |text| Ok(text.to_owned()));
    let reviewed = reader.parsed_in(STATES, code, Some("reviewed"), date);
    let review_by = reader.parsed_in(STATES, code, Some("review_by"), date);
    let is_set = [weekdays.is_some(), saturday.is_some(), sunday.is_some(), holidays.is_some(), per_day.is_some()];
    let is_set_too =
        [also_in.is_some(), fresh_replies.is_some(), source.is_some(), reviewed.is_some(), review_by.is_some()];
    if ![is_set, is_set_too].concat().contains(&true) {
        return None;
    }
    let mut rule = known.clone();
    if let Some(weekdays) = weekdays {
        rule.hours.days[..5].fill(weekdays);
    }
    rule.hours.days[5] = saturday.unwrap_or(rule.hours.days[5]);
    rule.hours.days[6] = sunday.unwrap_or(rule.hours.days[6]);
    if let Some((federal, others)) = holidays {
        rule.hours.skip_federal_holidays = federal;
        rule.hours.holidays = others;
    }
    rule.per_day = per_day.unwrap_or(rule.per_day);
    rule.also_in = also_in.unwrap_or(rule.also_in);
    rule.binds_fresh_replies = fresh_replies.unwrap_or(rule.binds_fresh_replies);
    rule.provenance = Provenance {
        source: source.unwrap_or_else(|| format!("your configuration, {STATES}.{}", code.to_lowercase())),
        reviewed,
        review_by,
    };
    Some(rule)
}

/// Days without texts, separated by commas, or `none`.
fn holidays(text: &str) -> Result<(bool, Vec<crate::sms::holidays::Holiday>), String> {
    let days: Vec<String> = text.split(',').map(|day| day.trim().to_owned()).filter(|day| day != "none").collect();
    days_without_texts(&days).map_err(|error| {
        let told = error.to_string();
        let what = told.split_once(" is not ").map_or(told.as_str(), |(_, what)| what);
        format!("has something that is not {what}, \"federal\" or \"none\", separated by commas")
    })
}

fn per_day(text: &str) -> Result<Option<u32>, String> {
    match text {
        "any" => Ok(None),
        number => match number.parse::<u32>() {
            Ok(texts) if texts > 0 => Ok(Some(texts)),
            _ => Err("is not a number of texts; write a whole number from 1 on, or \"any\"".to_owned()),
        },
    }
}

fn zone(text: &str) -> Result<Option<String>, String> {
    match text {
        "none" => Ok(None),
        zone if time_zone(zone).is_some() => Ok(Some(zone.to_owned())),
        _ => Err("is not an IANA zone; write one such as \"America/Chicago\", or \"none\"".to_owned()),
    }
}

fn fresh_replies(text: &str) -> Result<bool, String> {
    match text {
        "exempt" => Ok(false),
        "bound" => Ok(true),
        _ => Err("says nothing about fresh replies; write \"exempt\" or \"bound\"".to_owned()),
    }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "is not a date; write it in quotes as \"2026-11-30\"".to_owned())
}
