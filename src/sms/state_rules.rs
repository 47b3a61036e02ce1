//! What states ask of texts, as data: `state_rules.toml`, each rule with its source and the day of its next review.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::holidays::Holiday;
use super::hours::{LegalHours, Window};
use super::states::State;

const SHIPPED: &str = include_str!("state_rules.toml");

/// The key of the rule that holds in every state.
const FEDERAL: &str = "US";

/// The word for all federal holidays in a list of days without texts.
const FEDERAL_HOLIDAYS: &str = "federal";

/// When texts say that an AI writes, the mildest first. Whatever it is, none denies it, and who asks is told the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// Rapport never brings it up, and a person answers whoever asks.
    None,
    /// Whoever asks is told.
    #[default]
    OnAsk,
    /// The first text to a lead says so.
    FirstMessage,
}

impl Disclosure {
    /// The name used in configuration, prompts and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OnAsk => "on_ask",
            Self::FirstMessage => "first_message",
        }
    }

    /// Reads [`Disclosure::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::OnAsk, Self::FirstMessage].into_iter().find(|setting| setting.as_str() == name)
    }
}

/// Where a rule comes from, and how long it may be trusted unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The law, or who says so.
    pub source: String,
    /// When somebody last read the source; none for a rule of the configuration without a date.
    #[serde(default)]
    pub reviewed: Option<Date>,
    /// The last day before it must be read again.
    #[serde(default)]
    pub review_by: Option<Date>,
}

/// Hours and days on which a text may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourRule {
    /// The hours of a week, and the days without texts.
    pub hours: LegalHours,
    /// Texts to one lead in 24 hours, at most.
    pub per_day: Option<u32>,
    /// A zone in which the hours must hold too, wherever the lead may be.
    pub also_in: Option<String>,
    /// Whether a text sent at once in answer to the lead's own is bound as well.
    pub binds_fresh_replies: bool,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// Whether texts must say that an AI writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DisclosureRule {
    /// The least that is asked of texts which no person approves.
    pub setting: Disclosure,
    /// Where it comes from.
    #[serde(flatten)]
    pub provenance: Provenance,
}

/// The rules of one state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateRules {
    /// On hours; none where only the federal rule holds.
    pub hours: Option<HourRule>,
    /// On disclosure.
    pub disclosure: Option<DisclosureRule>,
}

/// The federal rule and those of the states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Law {
    /// Holds in every state.
    pub federal: HourRule,
    /// Hold in one.
    pub states: BTreeMap<State, StateRules>,
}

impl Law {
    /// The rules in the program.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a file of the program, read by the tests")]
    pub fn shipped() -> &'static Self {
        static LAW: LazyLock<Law> = LazyLock::new(|| read(SHIPPED).expect("state_rules.toml"));
        &LAW
    }

    /// The rules whose day of review has passed, such as `Florida: hours`.
    #[must_use]
    pub fn overdue(&self, today: Date) -> Vec<String> {
        let federal = ("the US".to_owned(), "hours", &self.federal.provenance);
        let states = self.states.iter().flat_map(|(state, rules)| {
            let hours = rules.hours.as_ref().map(|rule| (state.name().to_owned(), "hours", &rule.provenance));
            let disclosure = rules.disclosure.as_ref();
            hours.into_iter().chain(disclosure.map(|rule| (state.name().to_owned(), "disclosure", &rule.provenance)))
        });
        let all = std::iter::once(federal).chain(states);
        all.filter(|(.., provenance)| provenance.review_by.is_some_and(|day| day < today))
            .map(|(whose, what, _)| format!("{whose}: {what}"))
            .collect()
    }

    /// How many rules there are.
    #[must_use]
    pub fn count(&self) -> usize {
        let of_state =
            |rules: &StateRules| usize::from(rules.hours.is_some()) + usize::from(rules.disclosure.is_some());
        1 + self.states.values().map(of_state).sum::<usize>()
    }
}

impl Default for Law {
    fn default() -> Self {
        Self::shipped().clone()
    }
}

/// A file of rules that cannot be used.
#[derive(Debug, thiserror::Error)]
enum RuleError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("{0} is not a state")]
    NoState(String),
    #[error("{0}: {1}")]
    Days(String, super::holidays::HolidayError),
    #[error("the federal rule is missing")]
    NoFederalRule,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    hours: Option<WrittenHours>,
    disclosure: Option<DisclosureRule>,
}

#[derive(Debug, Deserialize)]
struct WrittenHours {
    weekdays: Day,
    saturday: Day,
    sunday: Day,
    #[serde(default)]
    holidays: Vec<String>,
    per_day: Option<u32>,
    also_in: Option<String>,
    fresh_replies: FreshReplies,
    #[serde(flatten)]
    provenance: Provenance,
}

/// A day's window, or `closed`.
#[derive(Debug, Clone, Copy)]
struct Day(Option<Window>);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "closed" {
            return Ok(Self(None));
        }
        text.parse().map(|window| Self(Some(window))).map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FreshReplies {
    Exempt,
    Bound,
}

fn read(text: &str) -> Result<Law, RuleError> {
    let mut federal = None;
    let mut states = BTreeMap::new();
    for (code, written) in toml::from_str::<BTreeMap<String, Written>>(text)? {
        let hours = written.hours.map(|hours| hours.rule(&code)).transpose()?;
        if code == FEDERAL {
            federal = hours;
            continue;
        }
        let state = State::parse(&code).ok_or(RuleError::NoState(code))?;
        states.insert(state, StateRules { hours, disclosure: written.disclosure });
    }
    Ok(Law { federal: federal.ok_or(RuleError::NoFederalRule)?, states })
}

impl WrittenHours {
    fn rule(self, code: &str) -> Result<HourRule, RuleError> {
        let (skip_federal_holidays, holidays) =
            days_without_texts(&self.holidays).map_err(|error| RuleError::Days(code.to_owned(), error))?;
        let (weekdays, saturday, sunday) = (self.weekdays.0, self.saturday.0, self.sunday.0);
        Ok(HourRule {
            hours: LegalHours {
                days: [weekdays, weekdays, weekdays, weekdays, weekdays, saturday, sunday],
                skip_federal_holidays,
                holidays,
            },
            per_day: self.per_day,
            also_in: self.also_in,
            binds_fresh_replies: self.fresh_replies == FreshReplies::Bound,
            provenance: self.provenance,
        })
    }
}

/// Reads a list of days without texts: whether the federal holidays are among them, and the others.
///
/// # Errors
/// [`super::holidays::HolidayError`] names the first that is no holiday.
pub fn days_without_texts(written: &[String]) -> Result<(bool, Vec<Holiday>), super::holidays::HolidayError> {
    let (federal, others): (Vec<_>, Vec<_>) = written.iter().partition(|day| *day == FEDERAL_HOLIDAYS);
    let others = others.into_iter().map(|day| day.parse()).collect::<Result<_, _>>()?;
    Ok((!federal.is_empty(), others))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::sms::zones::time_zone;

    #[test]
    fn every_shipped_rule_can_be_read_and_has_a_source_and_a_date() {
        let law = read(SHIPPED).expect("readable");
        let hours = law.states.values().filter_map(|rules| rules.hours.as_ref()).chain([&law.federal]);
        for rule in hours {
            let Provenance { source, reviewed, review_by } = &rule.provenance;
            assert!(source.len() > 10 && reviewed.is_some() && review_by > reviewed, "{rule:?}");
            assert!(rule.hours.days.iter().any(Option::is_some), "{rule:?}");
            assert!(rule.also_in.as_deref().is_none_or(|zone| time_zone(zone).is_some()), "{rule:?}");
        }
        assert_eq!(law.count(), 1 + 20 + 5);
    }

    #[test]
    fn a_rule_is_overdue_from_the_day_after_its_review() {
        let law = Law::shipped();
        assert_eq!(law.overdue(date(2027, 1, 31)), Vec::<String>::new());
        assert_eq!(law.overdue(date(2027, 2, 1)), ["the US: hours"]);
        let in_march = law.overdue(date(2027, 3, 1));
        assert!(in_march.contains(&"Pennsylvania: hours".to_owned()), "{in_march:?}");
        assert!(in_march.contains(&"Colorado: disclosure".to_owned()), "{in_march:?}");
        assert_eq!(law.overdue(date(2028, 1, 1)).len(), law.count());
    }

    #[test]
    fn a_file_with_a_mistake_is_told() {
        let rule = "weekdays = \"08:00-20:00\"\nsaturday = \"closed\"\nsunday = \"closed\"\nfresh_replies = \"exempt\"\n\
                    source = \"a law\"\n";
        let us = format!("[US.hours]\n{rule}");
        assert!(read(&us).is_ok());
        for (text, words) in [
            (format!("{us}[XX.hours]\n{rule}"), "XX is not a state"),
            (format!("[FL.hours]\n{rule}"), "the federal rule is missing"),
            (format!("{us}[AL.hours]\n{rule}holidays = [\"Mardi Gras\"]"), "AL: \"Mardi Gras\" is not a holiday"),
            (us.replace("08:00-20:00", "8-20"), "\"8-20\" is not a span of hours"),
            (us.replace("exempt", "perhaps"), "perhaps"),
        ] {
            let told = read(&text).expect_err("a mistake").to_string();
            assert!(told.contains(words), "{told}");
        }
    }
}
