//! What a reply says costs nothing must cost nothing by what is known.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::amounts::{Kind, Number, numbers};
use super::figures::in_figures;
use super::pattern::any_case;
use super::statements::{content, shared, stem};

struct Patterns {
    nothing: Regex,
    idle: Regex,
    available: Regex,
    known: Regex,
    condition: Regex,
    /// A condition, and what depends on it.
    main: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    nothing: any_case(
        r"\b(?:at )?(?:free of charge|(?:no|without) (?:extra |additional |added |separate |other |further |hidden )?(?:charge|cost|bill|invoice)s?)\b|\bfree\b|\bcomplimentary\b|\bgratis\b|\bgratuit\p{L}*|\bgrátis\b|\bon us\b|\bon the house\b|\b(?:no|zero|without (?:an?y? )?) ?(?P<what>(?:\p{L}+ ){0,2})(?:fees?|deposit|commission|surcharge|down payment)\b|\bsin (?:ningún )?(?:costo|coste|cargo)\b|\bsans frais\b|\bsem custo\b|\bno (?:cuestan?|tienen? costo|se paga)\b|\bnothing (?:extra|to pay|upfront|up front|more to pay)\b|\b(?:don't|won't|not|never) (?:\w+ )?(?:cost|charge|pay|owe)\b|\bdoesn't (?:\w+ )?(?:cost|charge)\b|\bfor nothing\b|\b(?:pays?|owes?) (?:us )?nothing\b|\bcosts? (?:you |us |them )?nothing\b|\bpor (?:nossa|nuestra) (?:conta|cuenta)\b|\bpor conta da casa\b|\b(?:invita la casa|la casa invita|c'est pour nous|c'est offert|à nos frais)\b|\bde (?:regalo|brinde|graça|cortesía|cortesia)\b|\bpor cuenta de (?:la (?:casa|clínica|empresa|academia|agencia|escuela|oficina|tienda|firma)|nosotros)\b|\b(?:sin|sem) (?:te |lhe )?cobrar(?:te|le|les|os)?(?: nada| extra)?\b|\bsans (?:rien )?(?:vous )?(?:facturer|compter)\b|\bofferte?s?\b",
    ),
    idle: any_case(
        r"\bfree (?:times|slots|openings|spots)\b|\b(?:usually|normally) free\b|\bfree (?:after|before|during) (?:school|work|class|lunch|dinner|practice|hours)\b|\bcosts? (?:you )?nothing to (?:ask|find out|look|know|talk|chat)\b|\b(?:they|insurers?|insurance|your plan|the bank|medicare) (?:don't|doesn't|won't) (?:\w+ )?pay\b|\bfeel free\b|\bfree as things stand\b|^free for an? (?:\w+ )?(?:call|chat|visit|meeting|talk|coffee|word|tour|look|look around|video call|phone call)\b|\bfree to (?:ask|text|call|reply|write|message|reach|share|send|say|tell|talk|chat|meet)\b|\b(?:offer|bid|accepted|keys?|mortgage|loan|deposit|viewing|work) on the house\b|\b(?:chain|hands|gluten|sugar|smoke|dairy|toll|duty|hassle|stress)[- ]free\b",
    ),
    available: any_case(
        r"\b(?:when|you|are you|you're|you are|if you|i'm|i am|we're|we are|calendar|slot|spot|morning|afternoon|evening|\p{L}+day|today|tomorrow|\d{1,2}(?::\d\d)?\s?(?:[ap]\.?m\.?)?|\d(?:st|nd|rd|th)|(?:past|half|quarter to|at) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)|noon) (?:is |are |be |also |still |both |have )*free\b|\bfree (?:on|at|this|next|that|then|tomorrow|today|around|after|before|in|when|mon|tue|wed|thu|fri|sat|sun|\p{L}+days?)\b",
    ),
    condition: any_case(r"^(?:if|when|unless|whether|once)\b"),
    main: any_case(
        r"^\S+(?: \S+){3,}? (?P<main>(?:you|your|we|we'll|it's|it|i'll|that|the|you'll) .*)|^\S+(?: \S+){2}? (?P<said>(?:the|your|that|you) (?:.* )?(?:is|are|pay|owe) .*)",
    ),
    known: any_case(
        r"\b(?:free|gratis|gratuit\p{L}*|complimentary|grátis|included|includes?|incluye|0 ?€|no interest|interest[- ]free|sin (?:coste|costo|cargo)|sem custo|sans frais|on us|nothing (?:extra|to pay|upfront|up front|more to pay)|no (?:\p{L}+ )*(?:fees?|charge|cost|deposit)|(?:owes?|pays?|costs?) (?:\p{L}+ )*(?:no|nothing)|without (?:an? )?(?:\p{L}+ )?(?:charge|cost|fee|payment|deposit)|(?:not|isn't|aren't|never) charged|no money down|offerte?s?|pas de (?:frais|supplément)|aucuns? (?:frais|supplément)|(?:sin|sem) (?:te |lhe )?cobrar\p{L}*|no (?:se |le |les )?cobr(?:a|an|amos)|não (?:se )?cobr(?:a|am|amos)|(?:at|for) (?:the|your) same (?:price|rate|cost|fee))\b|[$€£]0(?:[.,]0+)?(?:[^\d.,]|[.,](?:\D|$)|$)",
    ),
});

/// A day on which nobody else has come yet is no gift: "June 19 is still free".
static UNTAKEN: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:still|yet) free\b|\b(?:days?|dates?|times|slots?|\p{L}+days|\d(?:st|nd|rd|th)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day) (?:is |are )(?:also |both )?free\b",
    )
});

/// A price that something else comes with, or that is not always paid.
static SETTLED: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:including|covers?|covered|comes? with|(?:payable|paid|charged|due) only|only (?:if|when|after)|pays the|taken off|credited|waived)\b",
    )
});

/// So many words name a thing.
const NAMING: usize = 2;

/// Words after "free" that are no thing.
const NO_THING: &[&str] = &[
    "of", "to", "for", "and", "with", "within", "behind", "but", "or", "if", "as", "so", "too", "then", "is", "by",
    "all", "from", "until", "during",
];

/// What is asked of everyone or of nobody.
const DUES: &[&str] = &["deposit", "down payment"];

const ORDINALS: &[&str] = &["first", "second", "third", "new", "next", "last", "extra", "two", "three"];

const UNITS: &[&str] = &["hour", "day", "week", "month", "year", "hours", "days", "weeks", "months", "years"];

/// Words that say how little is paid, and not for what.
const NOTHING: &str = "anything thing penny cent dime pay cost charge";

static NOTHING_STEMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| NOTHING.split_whitespace().map(stem).collect());

/// "We give those at no charge" tells what is given elsewhere.
static GIVING_STEMS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| "give offer provide have".split_whitespace().map(stem).collect());

/// How a sentence begins that speaks of what was said before it.
const BACK: &[&str] = &[
    "it ",
    "it's ",
    "that ",
    "that's ",
    "this ",
    "they ",
    "they're ",
    "and it",
    "and that",
    "no charge for it",
    "no charge,",
];

/// "You don't pay for that one".
static OF_THAT: LazyLock<Regex> =
    LazyLock::new(|| any_case(r"\b(?:pay|charged?|cost|free|billed) for (?:that|this|it|those)\b"));

/// What of a sentence may be free: without it, whatever the whole reply speaks of.
pub(super) fn subject_of(sentence: &str, text: &BTreeSet<String>) -> BTreeSet<String> {
    let own: BTreeSet<String> = content(sentence).difference(&NOTHING_STEMS).cloned().collect();
    let points_back = BACK.iter().any(|start| sentence.to_lowercase().starts_with(start)) || OF_THAT.is_match(sentence);
    if own.is_empty() || points_back { text.clone() } else { own }
}

/// The words of a clause that call something free which no known statement does.
pub(super) fn unknown_gift<'a>(
    clause: &str,
    subject: impl FnOnce() -> BTreeSet<String>,
    mut known: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let clause = after_condition(clause);
    let found = PATTERNS.nothing.captures(clause)?;
    let all = found.get(0)?;
    if PATTERNS.condition.is_match(clause) {
        return None;
    }
    let is_free = all.as_str().eq_ignore_ascii_case("free");
    let gives_nothing =
        PATTERNS.idle.find(clause).is_some_and(|idle| idle.start() <= all.start() && all.end() <= idle.end());
    if gives_nothing || is_free && (PATTERNS.idle.is_match(clause) || is_available(clause)) {
        return None;
    }
    let after: Vec<&str> = clause[all.end()..].split_whitespace().take(2).collect();
    let has_thing = is_free && after.first().is_some_and(|first| !NO_THING.contains(&first.to_lowercase().as_str()));
    if found.name("what").is_some_and(|what| what.as_str().eq_ignore_ascii_case("direct ")) {
        return None;
    }
    // "No deposit needed" needs no other words where there is none.
    if let Some(due) = DUES.iter().find(|due| all.as_str().to_lowercase().ends_with(*due)) {
        let forms = [format!("no {due}"), format!("without a {due}"), format!("without {due}")];
        let is_known = known.any(|source| forms.iter().any(|form| source.to_lowercase().contains(form)));
        return (!is_known).then(|| all.as_str().to_owned());
    }
    let named = found.name("what").map(|what| content(what.as_str())).filter(|what| !what.is_empty());
    let thing = match named {
        Some(what) => what,
        None if has_thing => content(&after.join(" ")),
        None => content(clause).into_iter().filter(|word| !content(all.as_str()).contains(word)).collect(),
    };
    // "The first month" is known by neither of its words.
    let counted = |word: &&String| !ORDINALS.contains(&word.as_str());
    let is_time = !thing.is_empty() && thing.iter().filter(counted).all(|word| UNITS.contains(&word.as_str()));
    let tells = |word: &str| !UNITS.contains(&word) && !NOTHING_STEMS.contains(word);
    let is_thing = |word: &&String| counted(word) && (is_time || tells(word)) && !GIVING_STEMS.contains(*word);
    let thing: BTreeSet<String> = thing.iter().filter(is_thing).cloned().collect();
    let sentence = subject();
    let thing = if thing.is_empty() { sentence.clone() } else { thing };
    // "A free month" is known as such, or not at all.
    if let Some(unit) =
        after.first().map(|unit| unit.to_lowercase()).filter(|unit| is_free && UNITS.contains(&unit.as_str()))
    {
        let forms = [format!("free {unit}"), format!("{unit} free")];
        let is_known = known.any(|source| forms.iter().any(|form| source.to_lowercase().contains(form)));
        return (!is_known).then(|| format!("free {unit}"));
    }
    let is_known = thing.is_empty() && known.any(costs_nothing) || Thing::new(thing, sentence).is_known(is_time, known);
    (!is_known).then(|| clause[all.start()..].split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}

/// What is called free.
struct Thing {
    names: BTreeSet<String>,
    /// What its sentence says besides.
    all: BTreeSet<String>,
}

impl Thing {
    fn new(names: BTreeSet<String>, sentence: BTreeSet<String>) -> Self {
        let names = under_one_name(names);
        let all = under_one_name(sentence).union(&names).cloned().collect();
        Self { names, all }
    }

    /// True where what is known calls it free: in no fewer words than tell its price.
    fn is_known<'a>(&self, is_time: bool, known: impl Iterator<Item = &'a str>) -> bool {
        let (free, rest): (Vec<&str>, Vec<&str>) = known
            .partition(|source| if is_time { source.to_lowercase().contains("free") } else { costs_nothing(source) });
        let price = rest.into_iter().map(|source| priced(&self.names, source)).max().unwrap_or_default();
        free.into_iter()
            .map(|source| under_one_name(content(source)))
            .any(|source| shared(&self.names, &source) > 0 && (price < NAMING || shared(&self.all, &source) >= price))
    }
}

/// True for what tells of something that costs nothing.
fn costs_nothing(source: &str) -> bool {
    PATTERNS.known.is_match(&UNTAKEN.replace_all(source, ""))
}

/// How many of the words stand beside a price in what is known, where nothing is told to be free.
fn priced(words: &BTreeSet<String>, source: &str) -> usize {
    if costs_nothing(source) || SETTLED.is_match(source) {
        return 0;
    }
    let is_price = |number: &Number| matches!(number.kind, Kind::Money(_)) && number.value > 0;
    let of_price = |number: Number| shared(words, &under_one_name(number.clause));
    numbers(&in_figures(source), false).into_iter().filter(is_price).map(of_price).max().unwrap_or_default()
}

/// True where what is known tells the price of what is named here by two words.
pub(super) fn is_paid(words: &str, source: &str) -> bool {
    priced(&under_one_name(content(words)), source) >= NAMING
}

/// Ways to talk, which are free or not whatever they are called.
static CALLS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| "chat conversation talk phone consult consultation".split_whitespace().map(stem).collect());

/// Who inspects has a look.
static LOOKS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| "inspection survey assessment".split_whitespace().map(stem).collect());

fn under_one_name(words: BTreeSet<String>) -> BTreeSet<String> {
    let called = |word: String| match word {
        word if CALLS.contains(&word) => stem("call"),
        word if LOOKS.contains(&word) => stem("look"),
        word => word,
    };
    words.into_iter().map(called).collect()
}

/// "If you'd like a free call" gives nothing, and "if you sign by June your first month is free" gives a month.
fn after_condition(clause: &str) -> &str {
    let main = PATTERNS.condition.is_match(clause).then(|| PATTERNS.main.captures(clause)).flatten();
    main.and_then(|main| main.name("main").or(main.name("said"))).map_or(clause, |main| main.as_str())
}

/// "Friday is free" and "are you free" tell of time.
fn is_available(clause: &str) -> bool {
    PATTERNS.available.is_match(clause) && {
        let before = clause.to_lowercase();
        let about_time = [
            "day",
            "you",
            "i'm",
            "we're",
            "slot",
            "spot",
            "morning",
            "afternoon",
            "evening",
            "am",
            "pm",
            "th",
            "calendar",
            "tomorrow",
        ];
        about_time.iter().any(|word| before.contains(word)) || before.contains(|c: char| c.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gift(clause: &str) -> Option<String> {
        let known = ["The first class is free", "Membership is $59 with no joining fee", "Parking is free"];
        unknown_gift(clause, BTreeSet::new, known.into_iter())
    }

    #[test]
    fn only_what_is_known_to_be_free_is_called_free() {
        for clause in ["your first class is on us", "no joining fee at all", "parking's free", "there's a free class"] {
            assert_eq!(gift(clause), None, "{clause}");
        }
        for clause in ["a free session with a trainer", "no cancellation fee", "towels are on the house"] {
            assert!(gift(clause).is_some(), "{clause}");
        }
    }

    #[test]
    fn what_costs_nothing_is_told_in_its_own_sentence_or_in_the_one_before() {
        let text = content("The first class lasts an hour. It doesn't cost anything");
        let known = || ["The first class is free", "Parking is free for a month"].into_iter();
        let told = |sentence: &str| unknown_gift(sentence, || subject_of(sentence, &text), known());
        assert_eq!(told("It doesn't cost anything"), None);
        assert!(told("your first month of coaching is on us").is_some());
        assert!(
            unknown_gift(
                "you don't pay us",
                || subject_of("If your refund isn't bigger, you don't pay us", &text),
                known()
            )
            .is_some()
        );
    }

    #[test]
    fn a_price_below_one_is_a_price() {
        let known =
            || ["Rug cleaning $0.32 per square foot", "Missed spots are cleaned again at no charge"].into_iter();
        assert!(unknown_gift("rug cleaning is free", BTreeSet::new, known()).is_some());
        assert_eq!(unknown_gift("missed spots are cleaned without charge", BTreeSet::new, known()), None);
    }

    #[test]
    fn a_time_that_is_free_is_no_gift() {
        for clause in ["Friday at 8:15 is free", "when are you free", "feel free to ask", "are you free on Monday"] {
            assert_eq!(gift(clause), None, "{clause}");
        }
    }
}
