//! The lead's coming meetings.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::conversation::Booking;
use crate::store::lane::EventKind;

/// What Calendly lists under the lead's e-mail address, and what it told of this conversation's own links: whoever books gives
/// another address, or Close knows none. Earliest first.
pub(super) fn coming(listed: Vec<Booking>, told: &[(EventKind, Value)], now: Timestamp) -> Vec<Booking> {
    let called_off: HashSet<&Value> = told
        .iter()
        .filter(|(kind, _)| *kind == EventKind::Cancellation)
        .map(|(_, body)| &body["invitee_uri"])
        .collect();
    let mut bookings = listed;
    for (kind, body) in told {
        if *kind != EventKind::Booking || called_off.contains(&body["invitee_uri"]) {
            continue;
        }
        let Some(booking) = read(body).filter(|booking| booking.start > now) else { continue };
        if bookings.iter().all(|known| known.start != booking.start) {
            bookings.push(booking);
        }
    }
    bookings.sort_by_key(|booking| booking.start);
    bookings
}

fn read(body: &Value) -> Option<Booking> {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    Some(Booking {
        name: text("name").unwrap_or_else(|| "Meeting".to_owned()),
        start: body["start"].as_str()?.parse().ok()?,
        reschedule_url: text("reschedule_url"),
        cancel_url: text("cancel_url"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn told(kind: EventKind, invitee: &str, start: &str) -> (EventKind, Value) {
        (
            kind,
            json!({ "invitee_uri": invitee, "name": "Site visit", "start": start, "cancel_url": "https://c.example/x" }),
        )
    }

    #[test]
    fn a_meeting_booked_by_our_link_is_known_until_it_is_called_off_or_over() {
        let now = at("2026-12-01T12:00:00Z");
        let coming_of = |told: &[(EventKind, Value)]| -> Vec<Timestamp> {
            coming(Vec::new(), told, now).iter().map(|booking| booking.start).collect()
        };
        let first = told(EventKind::Booking, "inv/1", "2026-12-03T17:15:00Z");
        let moved = told(EventKind::Booking, "inv/2", "2026-12-02T17:15:00Z");
        let off = told(EventKind::Cancellation, "inv/1", "2026-12-03T17:15:00Z");
        let over = told(EventKind::Booking, "inv/0", "2026-11-30T17:15:00Z");
        assert_eq!(coming_of(&[over, first.clone()]), [at("2026-12-03T17:15:00Z")]);
        assert_eq!(coming_of(&[off.clone(), first.clone()]), [], "in whatever order they came");
        assert_eq!(coming_of(&[first, off, moved]), [at("2026-12-02T17:15:00Z")]);
    }

    #[test]
    fn what_calendly_lists_as_well_is_told_once() {
        let now = at("2026-12-01T12:00:00Z");
        let start = at("2026-12-03T17:15:00Z");
        let listed = Booking { name: "Visit".to_owned(), start, reschedule_url: None, cancel_url: None };
        let both = coming(vec![listed.clone()], &[told(EventKind::Booking, "inv/1", "2026-12-03T17:15:00Z")], now);
        assert_eq!(both, [listed]);
    }
}
