//! Does every person and company in the reply come from data?

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::known::{facts, given};
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;

/// Capitalised words that are nobody's name.
const PLAIN: &[&str] = &[
    "i",
    "ok",
    "okay",
    "ai",
    "am",
    "pm",
    "est",
    "edt",
    "cst",
    "cdt",
    "mst",
    "mdt",
    "pst",
    "pdt",
    "utc",
    "gmt",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "english",
    "spanish",
    "french",
    "portuguese",
    "internet",
    "sms",
    "ps",
    "fyi",
    "asap",
    "faq",
    "dr",
    "mr",
    "mrs",
    "ms",
    "christmas",
    "thanksgiving",
    "easter",
    "american",
    "us",
    "usa",
    "uk",
    "zoom",
    "pdf",
    "id",
    "tv",
    "x",
    "a",
    "b",
    "c",
];

/// Titles that a name follows.
const TITLES: &[&str] = &["dr", "mr", "mrs", "ms", "prof", "nurse", "coach"];

/// First names that begin a sentence like any other word. The usual ones of the last decades in the US.
const FIRST_NAMES: &str = "aaron adam adrian alan albert alex alexander alexis alice alicia allison alyssa amanda amber amy ana andrea andrew angel angela ann anna anne anthony antonio april ashley austin barbara ben benjamin beth betty beverly bill billy bob bobby brad bradley brandon brenda brett brian brittany bruce bryan caleb cameron carl carla carlos carol caroline carolyn catherine chad charles charlotte chelsea cheryl chris christian christina christine christopher cindy claire claudia cody connor corey craig crystal cynthia daniel danielle dave david dawn dean debbie deborah debra denise dennis derek diana diane diego donald donna doris dorothy doug douglas dylan earl eddie edgar edward eduardo elena elizabeth ella ellen emily emma eric erica erik erin ethan eugene evan evelyn fernando frances francisco frank fred gabriel gary george gerald gina gloria greg gregory hannah harold harry heather heidi helen henry holly howard ian isaac isabella jack jackie jackson jacob jacqueline jaime jake james jamie jan jane janet janice jared jasmine jason javier jay jean jeff jeffrey jenna jennifer jenny jeremy jerry jesse jessica jesus jill jim jimmy joan joanna joe joel john johnny jon jonathan jordan jorge jose joseph josh joshua joyce juan juanita judith judy julia julian julie justin kaitlyn karen karl katherine kathleen kathryn kathy katie kayla keith kelly kelsey ken kenneth kevin kim kimberly kristen kristin kristina kyle larry laura lauren lawrence leah lee lena leo leslie liam linda lindsay lisa logan lori louis lucas lucy luis luke lynn madison manuel marc marcus margaret maria marie marilyn mario marissa mark marta martha martin marvin mary mason matt matthew megan melanie melinda melissa mia michael michele michelle miguel mike mitchell molly monica nancy natalie nathan nicholas nick nicole nina noah nora oliver olivia omar oscar pablo pam pamela pat patricia patrick paul paula pedro peggy peter phil philip phillip phyllis priya rachel ralph ramon randy ray raymond rebecca regina renee ricardo richard rick ricky rita rob robert roberto robin rodney roger ron ronald rosa rose roy russell ruth ryan sabrina sally sam samantha samuel sandra sara sarah scott sean sergio seth shane shannon sharon shawn sheila shelby sherry shirley sophia sophie spencer stacy stan stanley stephanie stephen steve steven stuart sue susan sydney sylvia tammy tanya tara taylor ted teresa terry theresa thomas tiffany tim timothy tina todd tom tony tracy travis trevor tyler valerie vanessa veronica vicki victor victoria vincent virginia walter wanda wayne wendy wesley william yolanda zach zachary zoe";

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\S+@\S+|\S+://\S+|\S+\.[a-z]{2,}/\S*|[\p{L}][\p{L}'\u{2019}]*|[.!?:\n\u{2022}]")
        .expect("constant pattern")
});

/// Somebody who does what customers do, at the start of a sentence.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static CUSTOMER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[.!?]\s+)(?P<name>\p{Lu}[\p{L}'&-]+)(?: \p{Lu}[\p{L}'&-]+){0,2} (?:uses?|used|loves?|loved|recommends?|recommended|switched|chose|trusts?|installed|signed|says?|said|told)\b")
        .expect("constant pattern")
});

/// Who may do so without being named.
const NOBODY: &[&str] = &[
    "he",
    "she",
    "it",
    "they",
    "we",
    "i",
    "you",
    "everyone",
    "everybody",
    "nobody",
    "who",
    "that",
    "this",
    "many",
    "most",
    "people",
    "customers",
    "clients",
    "some",
    "someone",
    "somebody",
    "contractors",
    "members",
    "patients",
    "others",
    "neighbors",
];

static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| FIRST_NAMES.split(' ').collect());

pub(super) fn invented_name(candidate: &Candidate<'_>) -> Outcome {
    let known = known_words(candidate);
    let (mut at_start, mut after_title) = (true, false);
    for word in WORD.find_iter(candidate.text).map(|found| found.as_str()) {
        if word.contains(['@', '/', '.', '!', '?', ':', '\n', '\u{2022}']) {
            // What follows a link or the end of a sentence begins one; what follows "Dr." does not.
            at_start = !(word == "." && after_title);
            continue;
        }
        let plain = plain(word);
        after_title = TITLES.contains(&plain.as_str());
        let capitalised = word.chars().next().is_some_and(char::is_uppercase);
        // A word all in capitals is loud or an abbreviation, and "I'll" begins with a capital always.
        let is_shout = word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        let looks_like_name = capitalised && !is_shout && (!at_start || NAMES.contains(plain.as_str()));
        at_start = false;
        if looks_like_name && !PLAIN.contains(&plain.as_str()) && !known.contains(&plain) && !is_contraction_of_i(word)
        {
            let sentence = format!("The reply has a name that no data holds: \"{word}\". Leave it out.");
            return Some((Regenerate, sentence));
        }
    }
    let customers = CUSTOMER.captures_iter(candidate.text).map(|found| found["name"].to_owned());
    let made_up = customers.into_iter().find(|name| {
        let name = plain(name);
        !known.contains(&name) && !NOBODY.contains(&name.as_str())
    })?;
    Some((Regenerate, format!("The reply has a name that no data holds: \"{made_up}\". Leave it out.")))
}

fn is_contraction_of_i(word: &str) -> bool {
    word.starts_with("I'") || word.starts_with("I\u{2019}")
}

/// Lower case, without a possessive.
fn plain(word: &str) -> String {
    let word = word.to_lowercase().replace('\u{2019}', "'");
    word.strip_suffix("'s").unwrap_or(&word).trim_matches('\'').replace('\'', "")
}

fn known_words(candidate: &Candidate<'_>) -> BTreeSet<String> {
    let ctx = candidate.ctx;
    let names = [ctx.organisation.agent_name.as_str()];
    let meetings = ctx.bookings.iter().map(|booking| booking.name.as_str()).chain(ctx.offer.meeting.as_deref());
    // Also what we said before: a name is no promise that can lapse.
    let said = ctx.history.iter().chain(&ctx.new_texts).map(|message| message.text.as_str());
    let sources = given(candidate).chain(facts(candidate)).chain(names).chain(meetings).chain(said);
    let labels = ctx.lead.custom.iter().map(|(label, _)| label.as_str());
    sources.chain(labels).flat_map(|text| WORD.find_iter(text)).map(|found| plain(found.as_str())).collect()
}
