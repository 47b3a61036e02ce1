//! Does every time in the reply come from the calendar, from a person, or from what the model was given?

use std::collections::BTreeSet;
use std::iter;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use regex::{Captures, Regex};

use super::figures::in_figures;
use super::known::{facts, given, said};
use super::language::language_of;
use super::pattern::{any_case, exact};
use super::statements::{Sentence, clauses, content, sentences, share_root, shared, stem};
use super::times_closing::unknown_closing;
use super::times_deadlines::is_reached;
use super::times_told::{Clock, Day, Pair, Said, When};
use super::{Candidate, Outcome};
use crate::conversation::context::TurnContext;
use crate::conversation::decision::Verdict::Regenerate;
use crate::sms::recent::Recent;
use crate::sms::zones::time_zone;

struct Patterns {
    /// What is said of opening hours: only there does a passage's hour or weekday stand for itself.
    hours: Regex,
    price: Regex,
    /// The firm's own hours.
    own_hours: Regex,
    /// What is done on a day of every week.
    habit: Regex,
    /// A time that the lead may take: opening hours are no offer.
    offer: Regex,
    /// A day on which nothing is: it is wished, or tells how fresh the news is.
    undue: Regex,
    /// What the lead does by the clock.
    of_lead: Regex,
    /// What a day is to the lead: "Sundays are your quiet day".
    yours: Regex,
    /// A deed for today.
    today: Regex,
    /// What the lead is asked to do.
    asked: Regex,
    /// What was said in an earlier text.
    written: Regex,
    /// A weekday that is told of a date: "That's a Saturday".
    of_date: Regex,
    /// A day without a date: "would a Saturday or a Sunday suit".
    indefinite: Regex,
    /// "Weekend support comes with Growth".
    weekend: Regex,
    /// "7 to 6 Central, so 6 to 5 for you".
    their_time: Regex,
    /// What goes on day and night.
    all_hours: Regex,
    /// How people are reached, or get in, at any hour.
    reached: Regex,
    /// What begins or ends at an hour.
    ends: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    hours: any_case(
        r"\b(?:open|opens|closed?|closes|closing|shuts?|hours|week ?(?:days?|nights?)|every day|any(?: other)? day|daily|from \d|until|till|office|abiert[oa]s?|abrimos|cerrad[oa]s?|cerramos|ouvert|abre[nm]?|cierran?|ouvre|ouvrons|ferme|fermons|fermée?s?|abert[oa]s?|fechad[oa]s?|fechamos|fecham?|atend(?:e|en|em|emos|imento)|atienden?|horarios?|horários?|horaires?|joignables?|accueil(?:le)?|bureau|magasin|oficina|escritório|rece[pç]ción|rece[pç]?ção|tienda|loja|descansa(?:mos)?|chômée?s?|(?:mon|tues|wednes|thurs|fri|satur|sun)days? (?:to|through|thru|and)|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\s?(?:-|–|to)\s?(?:mon|tue|wed|thu|fri|sat|sun)|support|answers?)\b|[ap]m\s?(?:-|–|to)\s?\d",
    ),
    offer: any_case(
        r"\b(?:how about|what about|let's|(?:tomorrow|this (?:mon|tues|wednes|thurs|fri|satur|sun)day) at|(?:could|can|would|will) (?:you|we)|shall we|see you|i've got|we could|(?:that|it|this|which|either|both|day|\d|am|pm|noon|morning|afternoon|evening|would|will|does|could|might|may) works?|works? (?:for|better|best)|suits?|(?:to|can|could|shall|let's|we'd|will) meet|meet (?:you|with|us|me|up|at)|squeeze|available|come (?:by|in|over)|stop by|(?:day|\d|am|pm|noon|th|slot|spot|morning|afternoon|evening) (?:is|are) (?:also |still |both |wide )?(?:open|free|ours|yours)|libre|disponible|le sirve|le parece|le queda)\b",
    ),
    price: exact(r"[$€£] ?(?P<signed>\d{1,3}(?:[,. ]\d{3})+|\d{2,})|\b(?P<bare>\d{1,3}(?:[,.]\d{3})+|\d{3,5})\b"),
    own_hours: any_case(
        r"\b(?:we|we're|office|yard|shop|store|gym|clinic|showroom|studio|they|they're|doors?)\b.*\b(?:open|opens|close|closes|closed|shuts?)\b|\b(?:abrimos|abre[nm]?|cierran?|cerramos|ouvre|ouvrons|ferme|fermons|fecham?|fechamos|(?:on est|nous sommes|estamos|ficamos) (?:là|ici|aquí|aqui|acá|ouverts?|abert[oa]s|abiert[oa]s|joignables?)|atend(?:emos|e|en|em))\b",
    ),
    habit: any_case(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days\b"),
    undue: any_case(
        r"\bno (?:rush|pressure|need|hurry)(?: to(?: [a-z']+){1,3})? (?:this|next) (?:week(?:end)?|month)\b|\bif (?:the )?(?:end of |rest of |start of )?(?:this|next) (?:week(?:end)?|month) (?:is|'s|looks|gets|feels|turns out) (?:just |too |a bit |really )*(?:packed|busy|full|crazy|hectic|tight|bad|rough|much)\b|\bwhen(?:ever)? (?:it |that |one |best )?suits(?: you)?(?: best)?\b|\bas (?:of|at) (?:today|tonight|this (?:morning|afternoon|evening))\b|\b(?:happy|great|good|nice|lovely|wonderful|rest of your|enjoy your|enjoy the) (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|week(?:end)?|day)\b|\b(?:once|twice|thrice|(?:\d+|two|three|four|five)(?: \p{L}+)?) in (?:an?|one|1|a few|the same) (?:days?|weeks?|months?|hours?|years?)\b|\b(?:an?|your|the usual|regular|typical) (?:9|nine)[ -](?:to[ -])?(?:5|five)(?: job| schedule)?\b",
    ),
    of_lead: any_case(
        r"\byour \d|\b(?:school|work|shift|class|practice|daycare)\b.{0,20}\b(?:at|till|until|by)\b|\b(?:finish(?:ing)?|get(?:ting)? off|let(?:s|ting)? out|gets? out)\b|\byou(?:'re| are|'ll| will)? (?:on|off|done|finish|work|get|free|busy|there|home|back|at)\b",
    ),
    yours: any_case(
        r"\byour (?:\p{L}+ ){0,2}(?:days?|nights?|mornings?|afternoons?|evenings?|shifts?|practice|training|off|break|meetings?)\b|\byou(?:'re| are|'ve| have)? (?:all )?(?:idle|closed|off|shut|quiet|busy|free|at work|working|work|bake|train|play|practi[cs]e|teach|meet)\b",
    ),
    today: any_case(
        r"\b(?:come|comes|coming|visit|call you|ring you|stop by|send|meet|install|deliver|available|free|open|openings?|room|book|slots?|spots?|ready|start|fit you in|see you|deadline|ends?|expires?|sale|deal|off|only)\b[^.!?,]{0,30}\b(?:today|tonight|this (?:morning|afternoon|evening))\b|\b(?:today|tonight) only\b|\b(?:today|tonight|this (?:morning|afternoon|evening))(?: (?:also|still))? (?:works?|is (?:fine|good|great|perfect|ok|okay|open|free|available))\b|\b(?:talk|speak|chat)(?: (?:to|with) \w+)?(?: (?:again|later|more|at \S+(?: [ap]m)?))? (?:today|tonight|this (?:morning|afternoon|evening))\b",
    ),
    asked: any_case(
        r"\b(?:could|can|would|will) you (?:please |maybe |also )?(?:send|text|e-?mail|share|upload|snap|pull|call them|ask|check|confirm)\b|^(?:please )?(?:send|text|e-?mail|share|upload|snap) ",
    ),
    written: any_case(
        r"\b(?:text(?:ed)?|texts|messaged?|message|wrote|e-?mailed|reached out|contacted|asked|mentioned|said|told|sent|escribi[óo]|mand[óo]|a écrit|a envoyé|escreveu|mandou)\b",
    ),
    indefinite: any_case(
        r"(?P<has>\b(?:have|has|got|is|there's|offer|see|find|hold)\s+)?\ban? (?P<day>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)(?:(?: or|,) (?:an? )?(?P<next>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?))?\b",
    ),
    weekend: any_case(
        r"(?:^|[^o] |[^n]o )weekend (?:emergency|support|visits?|lessons?|calls?|help|service|rates?|prices?|appointments?|deliver\w+)\b",
    ),
    their_time: any_case(r"\b(?:your time|for you|where you are|(?:on )?your end)\b"),
    all_hours: any_case(
        r"\b(?:24/7|a?round the clock|day (?:and|or) night|24 hours (?:a day|mon|every)|line,? 24 hours|(?:is|are) 24 hours)\b",
    ),
    reached: any_case(
        r"\b(?:call|ring|phone|line|answers?|picks? up|reach|dispatch|voicemail|desk|emergenc\w+|access|fobs?|(?:let|get)s? (?:you|yourself) in|to yourself)\b",
    ),
    ends: any_case(
        r"\b(?:open|opens|close[sd]?|until|till|up to|before|from|starts?|ends?|by|music)\b|\bto (?:midnight|\d)",
    ),
    of_date: any_case(
        r"\b(?:(?:that|it|which|this)(?:'s|\u{2019}s| is| was| falls on| will be| would be)|being) an? (?P<day>\w+day)\b",
    ),
});

pub(super) fn invented_time(candidate: &Candidate<'_>) -> Outcome {
    let zone = time_zone(candidate.ctx.zone()).unwrap_or(TimeZone::UTC);
    let date = |at: Timestamp| zone.to_datetime(at).date();
    let ctx = candidate.ctx;
    let today = date(ctx.now);
    let text = PATTERNS.undue.replace_all(candidate.text, " ").into_owned();
    let text = in_figures(&text);
    let sources = Sources {
        candidate,
        calendar: calendar(candidate, &zone),
        people: said(candidate).map(|m| Said::of_person(&in_figures(&m.text), date(m.at))).collect(),
        of_lead: facts(candidate).map(|fact| Said::read(&in_figures(fact), today)).collect(),
        texted: ctx.history.iter().map(|message| When::Date(date(message.at))).collect(),
        told: Said::read(&text, today),
        passages: given(candidate).map(|text| passages(text, today)).collect(),
    };
    let sentences = sentences(&text);
    let asked = iter::once(None).chain(sentences.iter().map(|sentence| sentence.asks.then_some(sentence.text)));
    let words = sentences.iter().zip(asked).find_map(|(sentence, asked)| sources.unknown(*sentence, asked, today))?;
    let sentence = format!("The reply has a time that no calendar holds: \"{words}\". Name a time as {{slot:N}} only.");
    Some((Regenerate, sentence))
}

/// Where times may come from.
pub(super) struct Sources<'a> {
    pub(super) candidate: &'a Candidate<'a>,
    pub(super) calendar: Vec<Said>,
    pub(super) people: Vec<Said>,
    /// What Close knows of the lead.
    of_lead: Vec<Said>,
    /// The days of the texts so far.
    texted: Vec<When>,
    /// The times of the whole reply.
    pub(super) told: Said,
    /// Of each text that the model was given.
    passages: Vec<Arc<[Passage]>>,
}

/// A sentence of what the model was given.
struct Passage {
    said: Said,
    content: BTreeSet<String>,
    /// "Saturdays are $9,800": what is paid tells of what, too.
    prices: BTreeSet<String>,
    of_hours: bool,
    /// Where it can be told: words of two languages cannot be compared.
    language: Option<&'static str>,
}

/// Bytes of texts whose passages are remembered: every reply is held against the same knowledge.
const REMEMBERED_BYTES: usize = 256 * 1024;

static PASSAGES: LazyLock<Recent<Arc<[Passage]>>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// What a text that was given tells of times, read on the day `today`.
fn passages(text: &str, today: Date) -> Arc<[Passage]> {
    let read = |sentence: Sentence<'_>| {
        let mut said = Said::read(sentence.text, today);
        if PATTERNS.weekend.is_match(sentence.text) {
            said.whens.extend(["sat", "sun"].iter().filter_map(|day| When::read(day, today)));
        }
        let of_hours = is_of_hours(sentence.text, &said);
        let prices = prices(sentence.text);
        Passage { said, content: undated(sentence.text), prices, of_hours, language: language_of(text) }
    };
    PASSAGES.recall(&format!("{today} {text}"), |_| sentences(&in_figures(text)).into_iter().map(read).collect())
}

/// Opening hours, or what goes from one hour to another on some day.
fn is_of_hours(sentence: &str, said: &Said) -> bool {
    PATTERNS.hours.is_match(sentence) || !said.ranges.is_empty() && !said.whens.is_empty()
}

/// The prices of a sentence, in digits.
fn prices(sentence: &str) -> BTreeSet<String> {
    let digits = |found: Captures<'_>| {
        found.name("signed").or_else(|| found.name("bare")).map(|digits| digits.as_str().to_owned())
    };
    PATTERNS
        .price
        .captures_iter(sentence)
        .filter_map(digits)
        .map(|digits| digits.replace([',', '.', ' '], ""))
        .collect()
}

const DAYS: &str = "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday morning afternoon \
    evening today tomorrow week time noon";

static DAY_STEMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| DAYS.split_whitespace().map(stem).collect());

/// The words that carry meaning beside days and hours.
fn undated(sentence: &str) -> BTreeSet<String> {
    let is_day = |word: &String| word.starts_with(|c: char| c.is_ascii_digit()) || DAY_STEMS.contains(word);
    content(sentence).into_iter().filter(|word| !is_day(word)).collect()
}

impl Sources<'_> {
    fn passages(&self) -> impl Iterator<Item = &Passage> + Clone {
        self.passages.iter().flat_map(|of_text| of_text.iter())
    }

    /// The first time of a sentence that no source holds. It may answer what was asked just before: "Dogs? Yes, on Fridays".
    fn unknown(&self, sentence: Sentence<'_>, asked: Option<&str>, today: Date) -> Option<String> {
        let mut reply = Said::read(sentence.text, today);
        let offers = is_offer(&reply, sentence.text);
        if !offers && self.is_for_all_hours(sentence.text) {
            reply.forget_nights();
        }
        let mut words = undated(sentence.text);
        words.extend(asked.into_iter().flat_map(undated));
        let mut quoted = self.quoted(&reply, sentence.text, &words, offers);
        let ahead = if PATTERNS.their_time.is_match(sentence.text) { minutes_ahead(self.candidate.ctx) } else { 0 };
        let of_their_zone: Vec<Said> = quoted.iter().filter(|_| ahead != 0).map(|said| said.shifted(ahead)).collect();
        quoted.extend(&of_their_zone);
        // When the firm opens and closes stands in no calendar.
        let is_own = |words: &str| {
            let clause =
                clauses(sentence.text).into_iter().find(|clause| clause.contains(words)).unwrap_or(sentence.text);
            PATTERNS.own_hours.is_match(clause) && !offers
        };
        let known = |words: &str| {
            let of_calendar = if is_own(words) { &[] } else { self.calendar.as_slice() };
            let of_opening = self.passages().filter(|passage| passage.of_hours).map(|passage| &passage.said);
            let counts = offers && is_of_opening(sentence.text, words);
            let of_opening = of_opening.filter(move |_| counts);
            of_calendar.iter().chain(&self.people).chain(quoted.iter().copied()).chain(of_opening)
        };
        let told = || self.calendar.iter().chain(&self.people).chain(self.passages().map(|passage| &passage.said));
        let dated = || told().chain(&self.of_lead);
        let amounts = || self.people.iter().flat_map(|source| &source.amounts);
        let clock = reply.clocks.iter().find(|(clock, words)| {
            let is_amount = clock.pm.is_none() && amounts().any(|amount| clock.agrees(*amount));
            !is_amount && !known(words).flat_map(|source| &source.clocks).any(|(known, _)| clock.agrees(*known))
        });
        let is_known = |day: Day| {
            dated().flat_map(|source| &source.days).any(|(known, _)| day.agrees(*known))
                || self.is_deadline(day, sentence.text, today)
                || self.is_day_after(day, sentence.text, today)
        };
        let day = reply.days.iter().find(|(day, _)| !is_known(*day));
        clock
            .map(|(_, words)| words.clone())
            .or_else(|| day.map(|(_, words)| words.clone()))
            .or_else(|| unknown_range(&reply, known))
            .or_else(|| unknown_closing(sentence.text, &known(sentence.text)))
            .or_else(|| self.unknown_pair(&reply, sentence.text, today, &quoted))
            .or_else(|| self.unknown_day(&reply, sentence.text, today, &quoted))
            .or_else(|| self.unknown_habit(&reply, sentence.text, &quoted, today))
            .or_else(|| self.unknown_turn(sentence.text))
            .or_else(|| self.unknown_span(sentence, &reply, today))
    }

    /// What of the passages a sentence may repeat: what they tell of the same thing, and opening hours where it tells of
    /// those. An opening hour is no offer.
    fn quoted(&self, reply: &Said, sentence: &str, words: &BTreeSet<String>, offers: bool) -> Vec<&Said> {
        // Hours that a passage lists, told without a day or of every day, are no offer.
        let lists = |said: &&Said| {
            reply.clocks.iter().all(|(clock, _)| said.clocks.iter().any(|(known, _)| clock.agrees(*known)))
        };
        let of_any_day = reply.whens.is_empty() || reply.whens.len() >= 7;
        let listed = self.passages().map(|passage| &passage.said).filter(lists);
        let mut quoted: Vec<&Said> = if of_any_day && reply.clocks.len() > 1 { listed.collect() } else { Vec::new() };
        if offers {
            return quoted;
        }
        let of_hours = is_of_hours(sentence, reply);
        let language = language_of(self.candidate.text);
        let is_translated = |passage: &&Passage| {
            language.zip(passage.language).is_some_and(|(one, other)| one != other)
                && (reply.clocks.is_empty() || lists(&&passage.said))
        };
        let prices = prices(sentence);
        let is_abroad = language != Some("English");
        let tells = |passage: &&Passage| {
            of_hours && passage.of_hours
                || shared(words, &passage.content) > 0
                || is_abroad && share_root(words, &passage.content)
                || !prices.is_disjoint(&passage.prices)
                || is_translated(passage)
        };
        quoted.extend(self.passages().filter(tells).map(|passage| &passage.said));
        quoted
    }

    /// A day and an hour that stand together, each known and not of one another.
    fn unknown_pair(&self, reply: &Said, sentence: &str, today: Date, quoted: &[&Said]) -> Option<String> {
        let clause_of = |pair: &Pair| {
            let mut clauses = clauses(sentence).into_iter();
            clauses.rfind(|clause| pair.words.ends_with(clause) || clause.contains(&pair.words)).unwrap_or_default()
        };
        // "Since you're on till 4": their hour, not ours.
        let is_of_lead = |pair: &Pair| {
            let clause = clause_of(pair);
            PATTERNS.of_lead.is_match(clause) && !PATTERNS.hours.is_match(clause)
        };
        // "Wednesday at 6 works, as we're open until 8": the offer is not of the hour that closes the day.
        let closes = |day: &[When], pair: &Pair| {
            let mut of_hours = self.passages().filter(|passage| passage.of_hours);
            is_of_opening(clause_of(pair), "") && of_hours.any(|passage| passage.said.pairs(day, pair.clock))
        };
        let dated = || self.passages().map(|passage| &passage.said).filter(|said| !said.days.is_empty());
        // "Friday, April 30" where a person said "April 30".
        let is_said_of = |day: &[When], said: When| {
            day.iter().any(|when| when.agrees(said))
                && day.iter().all(|when| when.agrees(said) || said.falls_on(*when, today))
        };
        let known = |day: &[When], pair: &Pair| {
            let sources = self.calendar.iter().chain(&self.people).chain(quoted.iter().copied()).chain(dated());
            // A person may tell the day in one text and the hour in another; hours told without a day are of every day.
            let day_said = self.people.iter().flat_map(|source| &source.whens).any(|said| is_said_of(day, *said));
            let hour_said =
                self.people.iter().flat_map(|source| &source.clocks).any(|(said, _)| pair.clock.agrees(*said));
            let of_every_day = quoted.iter().any(|source| {
                source.whens.is_empty() && source.clocks.iter().any(|(known, _)| pair.clock.agrees(*known))
            });
            // "The 12th, half nine to one" of a Saturday.
            let dated: Vec<When> = day.iter().map(|when| when.soonest(today)).collect();
            let (mut sources, mut of_passages) = (sources, quoted.iter());
            sources.any(|source| source.pairs(day, pair.clock))
                || of_passages.any(|source| source.pairs(&dated, pair.clock))
                || closes(day, pair)
                || hour_said && (day_said || !pair.beside && is_of_lead(pair))
                || of_every_day
        };
        let is_known = |pair: &&Pair| {
            let of_clock = pair.days.iter().any(|day| known(day, pair));
            // Of "Tuesday or Wednesday at 10 or 2" each day needs one of the hours.
            let of_days = pair
                .days
                .iter()
                .all(|day| reply.pairs.iter().filter(|other| other.days == pair.days).any(|other| known(day, other)));
            of_clock && of_days
        };
        reply.pairs.iter().find(|pair| !is_known(pair)).map(|pair| pair.words.clone())
    }

    /// A weekday, or tomorrow, that neither the calendar nor a person named; a passage's counts where it is quoted.
    fn unknown_day(&self, reply: &Said, sentence: &str, today: Date, quoted: &[&Said]) -> Option<String> {
        let of_lead = self.of_lead.iter().filter(|_| PATTERNS.yours.is_match(sentence));
        let sources = || self.calendar.iter().chain(&self.people).chain(quoted.iter().copied()).chain(of_lead.clone());
        let indefinite = self.indefinite(sentence, today);
        let is_unknown = reply.whens.iter().any(|when| {
            let is_today = matches!(when, When::Date(date) if *date == today);
            // A date has been looked for already.
            // "May 15 is a Saturday" is so, or not.
            let of_date = matches!(when, When::Weekday(weekday) if self.is_of_date(*weekday, reply, sentence, today));
            let of_text = PATTERNS.written.is_match(sentence) && self.texted.iter().any(|day| day.agrees(*when));
            let counts = !matches!(when, When::Day(_))
                && !of_date
                && !reply.excepted.contains(when)
                && !indefinite.contains(when)
                && !is_reached(*when, reply, sentence, today)
                && !of_text
                && (!is_today || PATTERNS.today.is_match(sentence) && !PATTERNS.asked.is_match(sentence));
            counts && !sources().flat_map(|source| &source.whens).any(|known| when.agrees(*known))
        });
        // Closed on a day that no opening hours name is no more than those hours say.
        let hours = || self.passages().filter(|passage| passage.of_hours).flat_map(|passage| &passage.said.whens);
        // A day that is known to be closed may have hours of another thing.
        let closed = || self.passages().flat_map(|passage| &passage.said.excepted);
        let is_closed = |day: &When| closed().any(|known| day.agrees(*known));
        // The Thursday of "closed on Thursday, November 11" is that date.
        let dates = || reply.excepted.iter().filter(|day| matches!(day, When::Day(_)));
        let is_of_date =
            |day: &When| closed().any(|known| known.falls_on(*day, today) && dates().any(|date| date.agrees(*known)));
        let is_open = reply
            .excepted
            .iter()
            .any(|day| !is_closed(day) && !is_of_date(day) && hours().any(|known| day.agrees(*known)));
        let is_mentioned =
            |day: &When| self.passages().any(|passage| passage.said.whens.iter().any(|known| day.agrees(*known)));
        let is_untold =
            hours().next().is_none() && reply.excepted.iter().any(|day| !is_closed(day) && !is_mentioned(day));
        (is_unknown || is_open || is_untold).then(|| sentence.trim().to_owned())
    }

    /// The days that a sentence names without a date, as in "would a Saturday suit you", and that the knowledge has.
    fn indefinite(&self, sentence: &str, today: Date) -> Vec<When> {
        // "I have a Saturday" offers one.
        let of_any = PATTERNS.indefinite.captures_iter(sentence).filter(|found| found.name("has").is_none());
        let read = |found: Captures<'_>| {
            ["day", "next"].map(|name| found.name(name).and_then(|day| When::read(day.as_str(), today)))
        };
        let is_known = |day: &When| {
            self.passages().any(|passage| passage.said.whens.iter().any(|known| known.weekday() == day.weekday()))
        };
        of_any.flat_map(read).flatten().filter(is_known).collect()
    }

    /// True where a sentence tells of what goes on day and night.
    fn is_for_all_hours(&self, sentence: &str) -> bool {
        PATTERNS.reached.is_match(sentence)
            && !PATTERNS.ends.is_match(sentence)
            && self.texts().any(|text| PATTERNS.all_hours.is_match(&in_figures(text)))
    }

    /// True where a sentence tells no more than the weekday of a date: one of its own, or "that's a Saturday" of one that was
    /// told before. "The 6th" may be that of a month which is known.
    fn is_of_date(&self, weekday: Weekday, reply: &Said, sentence: &str, today: Date) -> bool {
        let is_of_it = |found: Captures<'_>| When::read(&found["day"], today) == Some(When::Weekday(weekday));
        let known = || self.named_days();
        let falls = |day: Day| {
            day.falls_on(weekday, today)
                || day.month.is_none() && known().any(|known| day.agrees(known) && known.falls_on(weekday, today))
        };
        let of_what_was_told = PATTERNS.of_date.captures_iter(sentence).any(is_of_it);
        let people = self.people.iter().flat_map(|source| &source.days).map(|(day, _)| *day);
        reply.days.iter().any(|(day, _)| falls(*day))
            || of_what_was_told && self.told.days.iter().map(|(day, _)| *day).chain(people).any(falls)
    }

    /// The days that the calendar, people and passages name.
    pub(super) fn named_days(&self) -> impl Iterator<Item = Day> {
        let sources = self.calendar.iter().chain(&self.people).chain(self.passages().map(|passage| &passage.said));
        sources.flat_map(|source| &source.days).map(|(day, _)| *day)
    }

    /// "On Fridays" is no date of the calendar: the knowledge has it, or nobody does.
    fn unknown_habit(&self, reply: &Said, sentence: &str, quoted: &[&Said], today: Date) -> Option<String> {
        let known = || {
            self.people
                .iter()
                .chain(quoted.iter().copied())
                .chain(self.of_lead.iter().filter(|_| PATTERNS.yours.is_match(sentence)))
                .flat_map(|source| source.whens.iter().chain(&source.excepted))
        };
        let is_known = |day: &str| {
            When::read(day, today)
                .is_some_and(|day| known().any(|known| day.agrees(*known)) || reply.excepted.contains(&day))
        };
        PATTERNS.habit.find_iter(sentence).map(|day| day.as_str()).find(|day| !is_known(day)).map(str::to_owned)
    }

    /// What people said and what the model was given.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        said(self.candidate).map(|message| message.text.as_str()).chain(given(self.candidate))
    }
}

/// True where a sentence may offer its times to the lead. "Stop by on a Saturday, 10 to 2" tells opening hours, and so does "we
/// shut at noon, so come in the morning".
fn is_offer(reply: &Said, sentence: &str) -> bool {
    let is_range = |clock: Clock| reply.ranges.iter().any(|(first, last, _)| *first == clock || *last == clock);
    let is_of_hours = |(clock, words): &(Clock, String)| is_range(*clock) || is_of_opening(sentence, words);
    PATTERNS.offer.is_match(sentence) && (reply.clocks.is_empty() || !reply.clocks.iter().all(is_of_hours))
}

/// True for an hour of "as we're open until 8", which offers nothing.
fn is_of_opening(sentence: &str, words: &str) -> bool {
    let mut told = clauses(sentence).into_iter().filter(|clause| clause.contains(words)).peekable();
    told.peek().is_some() && told.all(|clause| PATTERNS.own_hours.is_match(clause) && !PATTERNS.offer.is_match(clause))
}

/// Hours that go from one to another as no source tells both: "9am to 9pm" where one thing is from 9am and another to 9pm.
fn unknown_range<'a, S: Iterator<Item = &'a Said>>(reply: &Said, known: impl Fn(&str) -> S) -> Option<String> {
    let is_known =
        |first: Clock, last: Clock, words: &str| known(words).any(|said| said.tells(first) && said.tells(last));
    reply.ranges.iter().find(|(first, last, words)| !is_known(*first, *last, words)).map(|(_, _, words)| words.clone())
}

/// How far the lead's clock is ahead of the organisation's.
fn minutes_ahead(ctx: &TurnContext) -> i32 {
    let offset = |zone: &str| time_zone(zone).map(|zone| zone.to_offset(ctx.now).seconds() / 60);
    let (lead, own) = (offset(ctx.zone()), offset(&ctx.organisation.timezone));
    lead.zip(own).map_or(0, |(lead, own)| lead - own)
}

/// The times on offer and those of the lead's meetings.
pub(super) fn calendar(candidate: &Candidate<'_>, zone: &TimeZone) -> Vec<Said> {
    let ctx = candidate.ctx;
    let slots = ctx.offer.slots.iter().map(|slot| slot.start);
    slots.chain(ctx.bookings.iter().map(|booking| booking.start)).map(|at| Said::of_instant(at, zone)).collect()
}
