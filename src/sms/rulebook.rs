//! When a text may go to a lead, by every rule that may bind it (`never-out-of-hours`): the organisation's own hours, the
//! federal rule, and those of each state the lead may be in, each in every zone the lead may be in.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::hours::{Clause, LegalHours, Window, next_common, resolve};
use super::places::Places;
use super::state_rules::{Disclosure, HourRule, Law};
use super::states::State;
use super::zones::time_zone;

/// Everything that says when texts may go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// The organisation's own hours; nothing goes outside them.
    pub own: LegalHours,
    /// The law's.
    pub law: Law,
}

/// Whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Federal,
    State(State),
}

/// A rule as it binds one lead in one zone.
struct Binding<'a> {
    whose: Whose,
    rule: Option<&'a HourRule>,
    zone: String,
    clause: Clause<'a>,
}

/// The rule that decides, in words and with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decider {
    /// Whose it is: a state's postal code, `US` for the federal rule, `hours` for the organisation's own.
    pub rule: String,
    /// What it says for the day in question, such as `Florida: 08:00-20:00`.
    pub says: String,
    /// The zone in which it decides.
    pub zone: String,
    /// The law, or who says so.
    pub source: String,
    /// When somebody last read the source.
    pub reviewed: Option<Date>,
}

/// What the rules say about an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// The instant, when it is allowed; or else the next that is. None when there is none within 30 days.
    pub next: Option<Timestamp>,
    /// When that window closes.
    pub until: Option<Timestamp>,
    /// The rule that opens last, when the instant is not allowed; the one that closes first, when it is.
    pub decided_by: Option<Decider>,
}

/// How many texts a state allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyLimit {
    /// Texts to one lead in 24 hours, at most.
    pub texts: u32,
    /// The state.
    pub state: State,
    /// Whether a text sent at once in answer to the lead's own counts as well.
    pub binds_fresh_replies: bool,
    /// The law.
    pub source: String,
}

impl Rulebook {
    /// `now` when every rule allows a text, or else the next instant that all do; none when there is none within 30 days.
    #[must_use]
    pub fn next_allowed(&self, now: Timestamp, places: &Places) -> Option<Timestamp> {
        next_common(now, &clauses(self.bindings(places)))
    }

    /// The same for a text sent at once in answer to the lead's own: only what binds such a text too can move it.
    #[must_use]
    pub fn next_for_fresh_reply(&self, now: Timestamp, places: &Places) -> Option<Timestamp> {
        let binding = self.bindings(places).into_iter();
        next_common(
            now,
            &clauses(binding.filter(|one| one.rule.is_some_and(|rule| rule.binds_fresh_replies)).collect()),
        )
    }

    /// [`Rulebook::next_allowed`] with the rule that decides.
    #[must_use]
    pub fn ruling(&self, now: Timestamp, places: &Places) -> Ruling {
        let bindings = self.bindings(places);
        let next_of: Vec<Option<Timestamp>> = bindings.iter().map(|one| one.clause.next(now)).collect();
        let blocking = bindings.iter().zip(&next_of).filter(|(_, next)| **next != Some(now));
        // The last to open decides; one that never does above all. Of two alike, here and below, the narrower one is told.
        let last = blocking.max_by_key(|(_, next)| next.unwrap_or(Timestamp::MAX));
        let closes = |at: Timestamp| {
            bindings.iter().rev().filter_map(|one| Some((one.clause.closes(at)?, one))).min_by_key(|(at, _)| *at)
        };
        let next = next_common(now, &bindings.iter().map(|one| one.clause.clone()).collect::<Vec<_>>());
        let until = next.and_then(closes);
        let decider = match last {
            Some((binding, next)) => Some(binding.decider(now, *next)),
            None => until.as_ref().map(|(_, binding)| binding.decider(now, Some(now))),
        };
        Ruling { next, until: until.map(|(at, _)| at), decided_by: decider }
    }

    /// The law without the organisation's own hours.
    #[must_use]
    pub fn of_law_alone(&self) -> Self {
        let own = LegalHours { days: [Window::new(0, 1440); 7], skip_federal_holidays: false, holidays: Vec::new() };
        Self { own, law: self.law.clone() }
    }

    /// The least number of texts in 24 hours that a state allows which the lead may be in.
    #[must_use]
    pub fn daily_limit(&self, places: &Places) -> Option<DailyLimit> {
        self.daily_limits(places).min_by_key(|limit| limit.texts)
    }

    /// Why no further text may go after `sent` of ours in 24 hours; none while one may, and for one that goes `at_once` in
    /// answer to the lead's own where the rule does not bind that.
    #[must_use]
    pub fn over_limit(&self, places: &Places, sent: u32, at_once: bool) -> Option<String> {
        let is_reached = |limit: &DailyLimit| sent >= limit.texts && (limit.binds_fresh_replies || !at_once);
        let DailyLimit { texts, state, source, .. } = self.daily_limits(places).find(is_reached)?;
        Some(format!("{} allows {texts} texts to one lead in 24 hours, and {sent} were sent ({source}).", state.name()))
    }

    fn daily_limits(&self, places: &Places) -> impl Iterator<Item = DailyLimit> {
        places.states.iter().filter_map(|found| {
            let rule = self.law.states.get(&found.state)?.hours.as_ref()?;
            Some(DailyLimit {
                texts: rule.per_day?,
                state: found.state,
                binds_fresh_replies: rule.binds_fresh_replies,
                source: rule.provenance.source.clone(),
            })
        })
    }

    /// The disclosure that the law of a state asks for; none where it asks for none.
    #[must_use]
    pub fn disclosure(&self, state: State) -> Option<Disclosure> {
        Some(self.law.states.get(&state)?.disclosure.as_ref()?.setting)
    }

    fn bindings<'a>(&'a self, places: &Places) -> Vec<Binding<'a>> {
        let zones = resolve(&places.zones);
        let own = zones.iter().map(|(name, zone)| Binding {
            whose: Whose::Own,
            rule: None,
            zone: name.clone(),
            clause: Clause { hours: &self.own, zone: zone.clone() },
        });
        let federal = (!places.states.is_empty()).then_some((Whose::Federal, &self.law.federal));
        let of_state = |state| Some((Whose::State(state), self.law.states.get(&state)?.hours.as_ref()?));
        let states = places.states.iter().filter_map(|found| of_state(found.state));
        let law = federal.into_iter().chain(states).flat_map(|(whose, rule)| {
            let also = rule.also_in.as_deref().and_then(|name| Some((name.to_owned(), time_zone(name)?)));
            let everywhere = zones.iter().cloned().chain(also);
            everywhere
                .map(move |(zone, at)| Binding {
                    whose,
                    rule: Some(rule),
                    zone,
                    clause: Clause { hours: &rule.hours, zone: at },
                })
                .collect::<Vec<_>>()
        });
        own.chain(law).collect()
    }
}

fn clauses(bindings: Vec<Binding<'_>>) -> Vec<Clause<'_>> {
    bindings.into_iter().map(|one| one.clause).collect()
}

impl Whose {
    fn key(self) -> &'static str {
        match self {
            Self::Own => "hours",
            Self::Federal => "US",
            Self::State(state) => state.code(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Own => "Your own hours",
            Self::Federal => "Federal law",
            Self::State(state) => state.name(),
        }
    }
}

impl Binding<'_> {
    /// What this rule says for the local day of `now`, or of the next one on which it allows anything.
    fn decider(&self, now: Timestamp, next: Option<Timestamp>) -> Decider {
        let day = |at: Timestamp| self.clause.zone.to_datetime(at).date();
        let hours = |day: Date| match self.clause.hours.window(day) {
            Some(window) => window.to_string(),
            None => "no texts".to_owned(),
        };
        let today = day(now);
        let says = match next.map(day).filter(|next| *next != today) {
            Some(next) if self.clause.hours.window(today).is_none() => {
                format!("no texts on {}, {} on {}", told(today), hours(next), told(next))
            }
            _ => format!("{} on {}", hours(today), told(today)),
        };
        let source = self.rule.map_or("[hours] in the configuration, or its defaults", |rule| &rule.provenance.source);
        Decider {
            rule: self.whose.key().to_owned(),
            says: format!("{}: {says}", self.whose.name()),
            zone: self.zone.clone(),
            source: source.to_owned(),
            reviewed: self.rule.and_then(|rule| rule.provenance.reviewed),
        }
    }
}

fn told(day: Date) -> String {
    day.strftime("%a, %b %-d").to_string()
}

#[cfg(test)]
#[path = "rulebook_tests.rs"]
mod tests;
