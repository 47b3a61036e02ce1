//! Every state, every area code that straddles zones, and every clock change to 2028, against a table written by hand: it
//! shares neither the file of rules nor the zone database with the code.

use jiff::civil::{Date, Weekday, date};
use jiff::{SignedDuration, ToSpan};

use super::*;
use crate::sms::holidays::is_federal_holiday;
use crate::sms::hours::Window;
use crate::sms::phone::Phone;
use crate::sms::places::{Clues, PostalPlace, StateCandidate, StateEvidence};
use crate::sms::zones::ZoneEvidence;

/// First hour and the hour after the last; none for a day without texts.
type Hours = Option<(i64, i64)>;

/// Weekdays, Saturday, Sunday, whether federal holidays are without texts, whether Central time counts too.
type Row = (&'static str, Hours, Hours, Hours, bool, bool);

const fn daily(state: &'static str, from: i64, to: i64) -> Row {
    (state, Some((from, to)), Some((from, to)), Some((from, to)), false, false)
}

const TABLE: &[Row] = &[
    ("AL", Some((8, 20)), Some((8, 20)), None, true, false),
    ("LA", Some((8, 20)), Some((8, 20)), None, true, false),
    daily("CT", 9, 20),
    daily("FL", 8, 20),
    daily("KY", 10, 21),
    daily("MD", 8, 20),
    daily("MA", 8, 20),
    daily("NJ", 8, 20),
    daily("MI", 9, 21),
    daily("MN", 9, 21),
    daily("NM", 9, 21),
    ("MS", Some((8, 20)), Some((8, 20)), None, false, true),
    daily("NV", 9, 20),
    daily("OK", 8, 20),
    ("PA", Some((8, 21)), Some((8, 21)), None, true, false),
    ("RI", Some((9, 18)), Some((10, 17)), Some((10, 17)), false, false),
    ("TX", Some((9, 21)), Some((9, 21)), Some((12, 21)), false, true),
    ("UT", Some((8, 21)), Some((8, 21)), None, true, false),
    daily("WA", 8, 20),
    daily("VA", 8, 21),
];

/// Summer times of the US and Canada (15 U.S.C. 260a: second Sunday of March to first Sunday of November).
const SUMMERS: [(Date, Date); 3] = [
    (date(2026, 3, 8), date(2026, 11, 1)),
    (date(2027, 3, 14), date(2027, 11, 7)),
    (date(2028, 3, 12), date(2028, 11, 5)),
];

/// Hours from UTC at noon of a day.
fn offset(zone: &str, day: Date) -> i64 {
    let is_summer = SUMMERS.iter().any(|(first, end)| *first <= day && day < *end);
    let (winter, summer) = match zone {
        "America/New_York" => (-5, -4),
        "America/Chicago" => (-6, -5),
        "America/Denver" | "America/Boise" => (-7, -6),
        "America/Los_Angeles" => (-8, -7),
        "America/Anchorage" => (-9, -8),
        "America/Adak" => (-10, -9),
        "Pacific/Honolulu" => (-10, -10),
        // No clock changes. In British Columbia and Alberta none since the summer of 2026, whose time they keep.
        "America/Phoenix" | "America/Vancouver" => (-7, -7),
        "America/Edmonton" => (-6, -6),
        other => panic!("{other} is not in the table"),
    };
    if is_summer { summer } else { winter }
}

/// The instant of a whole or half hour of a local day.
fn instant(zone: &str, day: Date, half_hours: i64) -> Timestamp {
    let midnight: Timestamp = format!("{day}T00:00:00Z").parse().expect("an instant");
    midnight + SignedDuration::from_mins(half_hours * 30) - SignedDuration::from_hours(offset(zone, day))
}

/// Local day and half hours since its midnight.
fn local(zone: &str, at: Timestamp) -> (Date, i64) {
    let near = at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    [near.yesterday().expect("a day"), near, near.tomorrow().expect("a day")]
        .into_iter()
        .map(|day| (day, at.duration_since(instant(zone, day, 0)).as_mins().div_euclid(30)))
        .find(|(_, half_hours)| (0..48).contains(half_hours))
        .expect("every instant lies in a day")
}

/// Holidays that a state keeps beside the federal ones, on the days of these tests: All Saints' Day of 2026 is a Sunday.
const STATE_HOLIDAYS: &[(&str, Date)] = &[("LA", date(2026, 11, 2))];

fn row(state: &str) -> Row {
    TABLE.iter().find(|row| row.0 == state).copied().unwrap_or(daily("US", 8, 21))
}

fn expected(state: &str, zone: &str, at: Timestamp) -> bool {
    let (_, weekdays, saturday, sunday, skips_holidays, central) = row(state);
    let zones = [Some(zone), central.then_some("America/Chicago")];
    zones.into_iter().flatten().all(|zone| {
        let (day, half_hours) = local(zone, at);
        let hours = match day.weekday() {
            Weekday::Saturday => saturday,
            Weekday::Sunday => sunday,
            _ => weekdays,
        };
        let in_window = hours.is_some_and(|(from, to)| (2 * from..2 * to).contains(&half_hours));
        let is_holiday = is_federal_holiday(day) || STATE_HOLIDAYS.contains(&(state, day));
        in_window && !(skips_holidays && is_holiday)
    })
}

fn law_alone() -> Rulebook {
    Rulebook::default().of_law_alone()
}

fn in_state(state: State, zones: &[&str]) -> Places {
    Places {
        zones: zones.iter().map(|zone| (*zone).to_owned()).collect(),
        evidence: ZoneEvidence::Address,
        states: vec![StateCandidate { state, evidence: StateEvidence::Address }],
        doubt: None,
    }
}

fn of_number(number: &str) -> Places {
    let phone = Phone::parse(number).expect("a number");
    Places::of(Clues { phone: Some(&phone), zones: &[], addresses: &[] })
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[test]
fn every_half_hour_of_a_week_and_of_a_holiday_in_every_state() {
    let law = law_alone();
    // Monday to Sunday; Christmas Day of 2026 is a Friday.
    let week = date(2026, 12, 7).series(1.day()).take(7);
    let days: Vec<Date> = week.chain([date(2026, 12, 25)]).collect();
    let mut tried = 0;
    for state in State::all() {
        for zone in state.zones() {
            for (day, half_hour) in days.iter().flat_map(|day| (0..48).map(move |half_hour| (*day, half_hour))) {
                let at = instant(zone, day, half_hour);
                let allowed = law.next_allowed(at, &in_state(state, &[zone])) == Some(at);
                assert_eq!(
                    allowed,
                    expected(state.code(), zone, at),
                    "{state} in {zone}, {day}, half hour {half_hour}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 51 * 8 * 48, "{tried}");
    assert!(TABLE.iter().all(|row| State::parse(row.0).is_some_and(|state| law.law.states.contains_key(&state))));
}

#[test]
fn every_clock_change_to_2028_in_every_state_and_zone() {
    let law = law_alone();
    for change in SUMMERS.iter().flat_map(|(first, end)| [*first, *end]).filter(|day| *day >= date(2026, 11, 1)) {
        for state in State::all() {
            for zone in state.zones() {
                for day in [change.yesterday().expect("a day"), change, change.tomorrow().expect("a day")] {
                    // From eight in the morning on: no clock changes then.
                    for half_hour in 14..48 {
                        let at = instant(zone, day, half_hour);
                        let allowed = law.next_allowed(at, &in_state(state, &[zone])) == Some(at);
                        assert_eq!(allowed, expected(state.code(), zone, at), "{state} in {zone}, {day}, {half_hour}");
                    }
                }
            }
        }
    }
}

/// Area codes that lie in two zones, overlays too.
const SPLIT: &[(&[u16], &str, &[&str])] = &[
    (&[208, 986], "ID", &["America/Boise", "America/Los_Angeles"]),
    (&[219, 574, 812, 930], "IN", &["America/New_York", "America/Chicago"]),
    (&[270, 364, 606], "KY", &["America/New_York", "America/Chicago"]),
    // Possibly split; taken as split.
    (&[502, 859], "KY", &["America/New_York", "America/Chicago"]),
    (&[931], "TN", &["America/New_York", "America/Chicago"]),
    (&[432, 915], "TX", &["America/Chicago", "America/Denver"]),
    (&[402, 531], "NE", &["America/Chicago", "America/Denver"]),
    (&[308], "NE", &["America/Chicago", "America/Denver"]),
    (&[423], "TN", &["America/New_York", "America/Chicago"]),
    (&[541, 458], "OR", &["America/Los_Angeles", "America/Boise"]),
    (&[906], "MI", &["America/New_York", "America/Chicago"]),
    (&[928], "AZ", &["America/Phoenix", "America/Denver"]),
    (&[605], "SD", &["America/Chicago", "America/Denver"]),
    (&[620, 785], "KS", &["America/Chicago", "America/Denver"]),
    (&[701], "ND", &["America/Chicago", "America/Denver"]),
    (&[775], "NV", &["America/Los_Angeles", "America/Boise"]),
    (&[850, 448], "FL", &["America/New_York", "America/Chicago"]),
    (&[907], "AK", &["America/Anchorage", "America/Adak"]),
];

#[test]
fn every_split_area_code_is_legal_on_both_sides_around_every_clock_change() {
    let law = law_alone();
    let days = SUMMERS.iter().flat_map(|(first, end)| [*first, *end]).filter(|day| *day >= date(2026, 11, 1));
    let days: Vec<Date> =
        days.flat_map(|day| [day.yesterday().expect("a day"), day.tomorrow().expect("a day")]).collect();
    for (codes, state, zones) in SPLIT {
        for code in *codes {
            let places = of_number(&format!("+1{code}5550142"));
            assert_eq!(places.states.iter().map(|found| found.state.code()).collect::<Vec<_>>(), [*state], "{code}");
            for (day, half_hour) in days.iter().flat_map(|day| (14..48).map(move |half_hour| (*day, half_hour))) {
                let at = instant(zones[0], day, half_hour);
                let allowed = law.next_allowed(at, &places) == Some(at);
                let wanted = zones.iter().all(|zone| expected(state, zone, at));
                assert_eq!(allowed, wanted, "{code}, {day}, half hour {half_hour}");
            }
        }
    }
}

#[test]
fn british_columbia_and_alberta_change_their_clocks_no_more() {
    let own = LegalHours { days: [Window::new(600, 1200); 7], skip_federal_holidays: false, holidays: Vec::new() };
    let book = Rulebook { own, ..law_alone() };
    for (codes, zones) in [
        (&[604][..], &["America/Vancouver"][..]),
        // Eastern British Columbia goes with Alberta.
        (&[236, 250, 672, 778], &["America/Vancouver", "America/Edmonton"]),
        (&[403, 587, 780, 825, 368], &["America/Edmonton"]),
    ] {
        for code in codes {
            let places = of_number(&format!("+1{code}5550142"));
            assert!(places.states.is_empty(), "{code} is in no state, and no rule of the US binds it");
            for day in date(2026, 11, 2).series(1.day()).take(730) {
                let opens = zones.iter().map(|zone| instant(zone, day, 20)).max().expect("a zone");
                let closes = zones.iter().map(|zone| instant(zone, day, 40)).min().expect("a zone");
                let before = opens - SignedDuration::from_secs(1);
                assert_eq!(book.next_allowed(before, &places), Some(opens), "{code} {day}");
                let last = closes - SignedDuration::from_secs(1);
                assert_eq!(book.next_allowed(last, &places), Some(last), "{code} {day}");
                assert_ne!(book.next_allowed(closes, &places), Some(closes), "{code} {day}");
            }
        }
    }
}

#[test]
fn states_keep_holidays_of_their_own() {
    let law = law_alone();
    for (state, day) in [
        ("AL", date(2027, 4, 26)),
        ("LA", date(2027, 2, 9)),
        ("LA", date(2027, 8, 30)),
        ("PA", date(2027, 3, 26)),
        // The 24th is a Saturday.
        ("UT", date(2027, 7, 23)),
        ("UT", date(2027, 7, 24)),
    ] {
        let state = State::parse(state).expect("a state");
        let zone = state.zones()[0];
        let noon = instant(zone, day, 24);
        assert_ne!(law.next_allowed(noon, &in_state(state, &[zone])), Some(noon), "{state} {day}");
        let elsewhere = State::parse("GA").expect("a state");
        assert_eq!(law.next_allowed(noon, &in_state(elsewhere, &[zone])), Some(noon), "only there");
    }
}

#[test]
fn all_states_a_lead_may_be_in_bind_at_once() {
    let book = Rulebook::default();
    // A number of Colorado, an address in Rhode Island: from 10:00 in Denver until 18:00 in Providence.
    let phone = Phone::parse("+13035550142").expect("a number");
    let address = PostalPlace { state: "Rhode Island".to_owned(), ..PostalPlace::default() };
    let places = Places::of(Clues { phone: Some(&phone), zones: &[], addresses: &[address] });
    for (now, next) in [
        ("2026-12-01T16:30:00Z", "2026-12-01T17:00:00Z"),
        ("2026-12-01T22:59:59Z", "2026-12-01T22:59:59Z"),
        ("2026-12-01T23:00:00Z", "2026-12-02T17:00:00Z"),
        // Saturday until 17:00 in Providence; Sunday is the organisation's own rest.
        ("2026-12-05T21:59:00Z", "2026-12-05T21:59:00Z"),
        ("2026-12-05T22:00:00Z", "2026-12-07T17:00:00Z"),
    ] {
        assert_eq!(book.next_allowed(at(now), &places), Some(at(next)), "{now}");
    }
}

#[test]
fn a_lead_who_may_be_anywhere_is_texted_when_every_state_allows_it() {
    let (book, places) = (Rulebook::default(), of_number("+18005550142"));
    for (now, next) in [
        // 10:00 in Los Angeles, 13:00 in New York.
        ("2026-12-01T17:59:00Z", "2026-12-01T18:00:00Z"),
        ("2026-12-01T22:59:00Z", "2026-12-01T22:59:00Z"),
        // Rhode Island closes at 18:00.
        ("2026-12-01T23:00:00Z", "2026-12-02T18:00:00Z"),
        // Mardi Gras in Alabama and Louisiana.
        ("2027-02-09T19:00:00Z", "2027-02-10T18:00:00Z"),
    ] {
        assert_eq!(book.next_allowed(at(now), &places), Some(at(next)), "{now}");
    }
}

#[test]
fn the_rule_that_decides_is_named_with_its_source() {
    let book = Rulebook::default();
    let rhode_island = in_state(State::parse("RI").expect("a state"), &["America/New_York"]);
    let evening = book.ruling(at("2026-12-01T23:30:00Z"), &rhode_island);
    assert_eq!(evening.next, Some(at("2026-12-02T15:00:00Z")));
    let decider = evening.decided_by.expect("a rule");
    assert_eq!((decider.rule.as_str(), decider.zone.as_str()), ("RI", "America/New_York"));
    assert_eq!(decider.says, "Rhode Island: 09:00-18:00 on Tue, Dec 1");
    assert!(decider.source.contains("dropcowboy") && decider.reviewed == Some(date(2026, 11, 23)), "{decider:?}");

    let noon = book.ruling(at("2026-12-01T17:00:00Z"), &rhode_island);
    assert_eq!((noon.next, noon.until), (Some(at("2026-12-01T17:00:00Z")), Some(at("2026-12-01T23:00:00Z"))));
    assert_eq!(noon.decided_by.expect("the first to close").rule, "RI");

    let sunday = book.ruling(at("2026-12-06T17:00:00Z"), &rhode_island).decided_by.expect("a rule");
    assert_eq!(sunday.says, "Your own hours: no texts on Sun, Dec 6, 10:00-20:00 on Mon, Dec 7");

    let nowhere = Places { zones: vec!["America/New_York".to_owned(), "Asia/Tokyo".to_owned()], ..rhode_island };
    assert_eq!(book.ruling(at("2026-12-01T17:00:00Z"), &nowhere).next, None);
}

#[test]
fn a_fresh_reply_waits_only_for_rules_that_bind_it() {
    let night = at("2026-12-02T05:00:00Z");
    let florida = State::parse("FL").expect("a state");
    let places = in_state(florida, &["America/New_York"]);
    let mut book = Rulebook::default();
    assert_eq!(book.next_for_fresh_reply(night, &places), Some(night));
    let rule = book.law.states.get_mut(&florida).and_then(|rules| rules.hours.as_mut()).expect("a rule");
    rule.binds_fresh_replies = true;
    assert_eq!(book.next_for_fresh_reply(night, &places), Some(at("2026-12-02T13:00:00Z")), "Florida opens at 8:00");
    assert_eq!(book.next_allowed(night, &places), Some(at("2026-12-02T15:00:00Z")), "and other texts wait for 10:00");
}

#[test]
fn the_least_that_a_state_allows_in_a_day_counts() {
    let book = Rulebook::default();
    for (number, texts) in
        [("+13055550142", Some(3)), ("+14055550142", Some(3)), ("+13015550142", Some(3)), ("+13035550142", None)]
    {
        assert_eq!(book.daily_limit(&of_number(number)).map(|limit| limit.texts), texts, "{number}");
    }
    let limit = book.daily_limit(&of_number("+13055550142")).expect("Florida's");
    assert!(limit.state.name() == "Florida" && limit.source.contains("501.616"));
    assert_eq!(book.daily_limit(&of_number("+18005550142")).expect("anywhere").texts, 3);
    let florida = of_number("+13055550142");
    assert_eq!(book.over_limit(&florida, 2, false), None);
    let told = book.over_limit(&florida, 3, false).expect("the fourth");
    assert!(told.starts_with("Florida allows 3 texts to one lead in 24 hours, and 3 were sent (Fla. Stat."), "{told}");
    assert_eq!(book.over_limit(&florida, 3, true), None, "an answer to the lead's own fresh text is no solicitation");
    assert_eq!(book.over_limit(&of_number("+13035550142"), 30, false), None);
}
