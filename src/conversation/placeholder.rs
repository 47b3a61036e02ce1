//! Writes out what a proposal only names: times in the lead's zone and links (`never-invented`).

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::{Captures, Regex};

use super::context::{Booking, TurnContext};
use super::intent::plain_name;
use super::slot::Slot;
use crate::sms::zones::time_zone;

/// Braces around anything, and our own names in other brackets or none, as smaller models write them.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\{+([^{}]*)\}+|[\[(<‹⟨]\s*(slot(?:[ _]link)?\s?:\s?\d{1,2}|(?:booking|reschedule|cancel)[ _]link)\s*[\])>›⟩]|\b(slot(?:_link)?:\d{1,2}|(?:booking|reschedule|cancel)_link)\b",
    )
    .expect("constant pattern")
});

/// A reply with its placeholders written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// The text a lead would read.
    pub text: String,
    /// Places in the offer of the slots it tells or links to, from 1, in order of appearance.
    pub slots: Vec<u32>,
    /// True when the booking link stands in it.
    pub used_link: bool,
}

/// A placeholder that no data stands behind. The sentence is written for the model and the rep alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// The name is none of ours.
    #[error(
        "{{{0}}} is not a known placeholder; known are {{slot:N}}, {{slot_link:N}}, {{booking_link}}, {{reschedule_link}} \
         and {{cancel_link}}"
    )]
    Unknown(String),
    /// The offer has no such slot.
    #[error("{{{name}}} names a time that is not offered; {offered} are offered")]
    NoSuchSlot {
        /// The placeholder as written.
        name: String,
        /// How many times are offered.
        offered: usize,
    },
    /// There is no link to write.
    #[error("{{{0}}} names a link, but there is none to give")]
    NoLink(String),
}

enum Placeholder {
    Slot(usize),
    SlotLink(usize),
    BookingLink,
    RescheduleLink,
    CancelLink,
}

impl Placeholder {
    /// Case, spaces and the separator before a number do not matter: `{Slot 2}` is `{slot:2}`.
    fn parse(inside: &str) -> Option<Self> {
        let plain = plain_name(inside);
        let name = plain.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = plain[name.len()..].parse().ok();
        match (name, number) {
            ("slot", Some(number)) => Some(Self::Slot(number)),
            ("slotlink", Some(number)) => Some(Self::SlotLink(number)),
            ("bookinglink", None) => Some(Self::BookingLink),
            ("reschedulelink", None) => Some(Self::RescheduleLink),
            ("cancellink", None) => Some(Self::CancelLink),
            _ => None,
        }
    }
}

/// Writes out the placeholders of a reply: times in the lead's zone, links from the offer and the lead's bookings.
/// Braces may be doubled, or other brackets; spaces and case inside them do not matter.
///
/// # Errors
/// [`PlaceholderError`], which names the first placeholder that is unknown or has no data behind it.
pub fn expand(text: &str, ctx: &TurnContext, booking_link: Option<&str>) -> Result<Expanded, PlaceholderError> {
    let mut expanded = Expanded { text: String::with_capacity(text.len()), slots: Vec::new(), used_link: false };
    let mut rest = 0;
    for found in PLACEHOLDER.captures_iter(text) {
        let (whole, inside) = parts(&found);
        expanded.text.push_str(&text[rest..whole.start]);
        rest = whole.end;
        let placeholder = Placeholder::parse(inside).ok_or_else(|| PlaceholderError::Unknown(inside.to_owned()))?;
        let written = written(&placeholder, inside, ctx, booking_link)?;
        expanded.text.push_str(&written);
        match placeholder {
            Placeholder::Slot(number) | Placeholder::SlotLink(number) => {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                if !expanded.slots.contains(&number) {
                    expanded.slots.push(number);
                }
            }
            Placeholder::BookingLink => expanded.used_link = true,
            Placeholder::RescheduleLink | Placeholder::CancelLink => {}
        }
    }
    expanded.text.push_str(&text[rest..]);
    Ok(expanded)
}

/// True when a proposal asks for the booking link, so that one must be made before it is expanded.
#[must_use]
pub fn mentions_booking_link(text: &str) -> bool {
    PLACEHOLDER
        .captures_iter(text)
        .any(|found| matches!(Placeholder::parse(parts(&found).1), Some(Placeholder::BookingLink)))
}

/// The first placeholder, or braces around a word, that a text still has in it.
#[must_use]
pub fn left_in(text: &str) -> Option<&str> {
    PLACEHOLDER.find_iter(text).map(|found| found.as_str()).find(|found| found.contains(char::is_alphanumeric))
}

/// The times of the offer that a text tells, as the lead reads them, or links to.
#[must_use]
pub fn offered_in<'c>(text: &str, ctx: &'c TurnContext) -> Vec<&'c Slot> {
    let names = |slot: &&Slot| {
        text.contains(&told(slot.start, ctx.zone())) || !slot.url.is_empty() && text.contains(slot.url.as_str())
    };
    ctx.offer.slots.iter().filter(names).collect()
}

/// An instant as leads read it, such as `Tue, Dec 1 at 10:00 AM MST`. An unknown zone tells UTC.
#[must_use]
pub fn told(at: Timestamp, zone: &str) -> String {
    let local = at.to_zoned_datetime(time_zone(zone).unwrap_or(TimeZone::UTC));
    let abbreviation = local.strftime("%Z").to_string();
    // Zones without letters of their own are abbreviated as an offset, such as -03.
    let prefix = if abbreviation.starts_with(['+', '-']) { "UTC" } else { "" };
    format!("{} {prefix}{abbreviation}", local.strftime("%a, %b %-d at %-I:%M %p"))
}

fn parts<'t>(found: &Captures<'t>) -> (std::ops::Range<usize>, &'t str) {
    let whole = found.get(0).map_or(0..0, |whole| whole.range());
    (whole, found.iter().skip(1).flatten().next().map_or("", |inside| inside.as_str().trim()))
}

fn written(
    placeholder: &Placeholder,
    name: &str,
    ctx: &TurnContext,
    booking_link: Option<&str>,
) -> Result<String, PlaceholderError> {
    let slot = |number: usize| -> Result<&Slot, PlaceholderError> {
        number
            .checked_sub(1)
            .and_then(|at| ctx.offer.slots.get(at))
            .ok_or_else(|| PlaceholderError::NoSuchSlot { name: name.to_owned(), offered: ctx.offer.slots.len() })
    };
    let link = |link: Option<&str>| {
        link.filter(|link| !link.trim().is_empty())
            .map(str::to_owned)
            .ok_or_else(|| PlaceholderError::NoLink(name.to_owned()))
    };
    match placeholder {
        Placeholder::Slot(number) => Ok(told(slot(*number)?.start, ctx.zone())),
        Placeholder::SlotLink(number) => link(Some(&slot(*number)?.url)),
        Placeholder::BookingLink => link(booking_link),
        Placeholder::RescheduleLink => link(booking_page(ctx, |booking| booking.reschedule_url.as_deref())),
        Placeholder::CancelLink => link(booking_page(ctx, |booking| booking.cancel_url.as_deref())),
    }
}

/// The page of the next meeting that has one.
fn booking_page<'a>(ctx: &'a TurnContext, page: impl Fn(&'a Booking) -> Option<&'a str>) -> Option<&'a str> {
    let upcoming = ctx.bookings.iter().filter(|booking| booking.start >= ctx.now && page(booking).is_some());
    upcoming.min_by_key(|booking| booking.start).and_then(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::check::fixture;

    fn expanded(text: &str) -> Expanded {
        expand(text, &fixture::ctx(), Some("https://cal.example.com/b/1")).expect(text)
    }

    #[test]
    fn slots_are_told_in_the_leads_zone() {
        let found = expanded("How about {slot:1} or { SLOT : 2 }?");
        assert_eq!(found.text, "How about Tue, Dec 1 at 10:00 AM MST or Wed, Dec 2 at 2:30 PM MST?");
        assert_eq!((found.slots, found.used_link), (vec![1, 2], false));
    }

    #[test]
    fn our_names_are_read_in_any_brackets() {
        let found = expanded("[slot:1], <slot: 2>, (SLOT:1) or slot:2? ‹booking_link› [Cancel Link]");
        assert_eq!(found.slots, [1, 2]);
        assert!(found.used_link && !found.text.contains("slot") && !found.text.contains("ink]"), "{}", found.text);
        assert!(mentions_booking_link("Pick a time: [booking_link]") && mentions_booking_link("Here: booking_link"));
        let words = "The time slot: 2 pm. A (booking link) of your own, [sic], cancel the link <3";
        assert_eq!(
            expanded("The time slot: 2 pm. [sic] cancel the link <3").text,
            "The time slot: 2 pm. [sic] cancel the link <3"
        );
        assert!(mentions_booking_link(words), "in brackets it is ours");
    }

    #[test]
    fn what_is_left_to_write_out_is_found() {
        assert_eq!(left_in("Sure! {slot:1} works."), Some("{slot:1}"));
        assert_eq!(left_in("Book {{ booking_link }}"), Some("{{ booking_link }}"));
        assert_eq!(left_in("Book: [booking_link]"), Some("[booking_link]"));
        assert_eq!(left_in("{ or {nombre}"), Some("{nombre}"));
        for fine in ["Sure :-} and {", "{} {!}", "} a {", "", "Any slot: 2 or 3 pm", "a (link) for booking"] {
            assert_eq!(left_in(fine), None, "{fine}");
        }
    }

    #[test]
    fn what_a_text_offers_is_found_by_its_words_or_its_link() {
        let ctx = fixture::ctx();
        let offered = |text: &str| offered_in(text, &ctx).iter().map(|slot| slot.start.to_string()).collect::<Vec<_>>();
        assert_eq!(offered("How about Tue, Dec 1 at 10:00 AM MST?"), ["2026-12-01T17:00:00Z"]);
        assert_eq!(offered("Book it: https://cal.example.com/s/1"), ["2026-12-01T17:00:00Z"]);
        assert!(offered("Does a call help?").is_empty());
    }

    #[test]
    fn links_are_written_out() {
        let found = expanded("{{booking_link}} {slot_link:2} {Reschedule Link} {cancel_link}");
        assert_eq!(
            found.text,
            "https://cal.example.com/b/1 https://cal.example.com/s/2 https://cal.example.com/r https://cal.example.com/c"
        );
        assert_eq!((found.slots, found.used_link), (vec![2], true));
    }

    #[test]
    fn placeholders_without_data_are_named() {
        let mut ctx = fixture::ctx();
        ctx.bookings.clear();
        for (text, named) in [
            ("at {slot:3}", "{slot:3}"),
            ("at {slot:0}", "{slot:0}"),
            ("at {slot:99999999999999999999999}", "{slot:99999999999999999999999}"),
            ("{slot}", "{slot}"),
            ("hi {first_name}", "{first_name}"),
            ("{booking_link}", "{booking_link}"),
            ("{cancel_link}", "{cancel_link}"),
            ("{}", "{}"),
        ] {
            let error = expand(text, &ctx, None).expect_err(text).to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_text_without_placeholders_stays_as_it_is() {
        assert_eq!(expanded("Sure, 100% :-} ok {").text, "Sure, 100% :-} ok {");
    }

    #[test]
    fn only_the_booking_link_asks_for_one() {
        assert!(mentions_booking_link("see { Booking-Link }"));
        assert!(!mentions_booking_link("see {slot_link:1}, our booking page"));
    }

    #[test]
    fn zones_without_letters_are_told_by_their_offset() {
        let at = "2026-12-01T17:00:00Z".parse().expect("a timestamp");
        assert_eq!(told(at, "America/Sao_Paulo"), "Tue, Dec 1 at 2:00 PM UTC-03");
        assert_eq!(told(at, "nowhere"), "Tue, Dec 1 at 5:00 PM UTC");
    }
}
