//! Which of the offered slots a reply tells, however it spells them.

use jiff::tz::TimeZone;

use super::figures::in_figures;
use super::times_told::{Clock, Said};
use crate::conversation::context::TurnContext;
use crate::conversation::placeholder;
use crate::sms::normalise;
use crate::sms::zones::time_zone;

/// The places of the slots whose time or page stands in the text, from 1, whatever the model says it named.
#[must_use]
pub fn slots_told(context: &TurnContext, text: &str) -> Vec<u32> {
    let zone = time_zone(context.zone()).unwrap_or(TimeZone::UTC);
    let told = Said::read(&in_figures(&normalise(text)), zone.to_datetime(context.now).date());
    let slots: Vec<Said> = context.offer.slots.iter().map(|slot| Said::of_instant(slot.start, &zone)).collect();
    let has_day = |clock: Clock| told.pairs.iter().any(|pair| pair.clock == clock);
    let in_words = |slot: &Said| {
        let with_day = told.pairs.iter().any(|pair| pair.days.iter().any(|day| slot.pairs(day, pair.clock)));
        // An hour alone tells the one slot that begins at it.
        let is_only = |clock: Clock| slot.tells(clock) && slots.iter().filter(|other| other.tells(clock)).count() == 1;
        with_day || told.clocks.iter().any(|(clock, _)| !has_day(*clock) && is_only(*clock))
    };
    let written = |start| normalise(&placeholder::told(start, context.zone()));
    let places = context.offer.slots.iter().zip(&slots).zip(1_u32..);
    places
        .filter(|((slot, said), _)| text.contains(&written(slot.start)) || text.contains(&slot.url) || in_words(said))
        .map(|(_, place)| place)
        .collect()
}
