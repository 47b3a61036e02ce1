//! Does the reply promise what only a person may: a deed, money off, a contract, law, health, certainty?

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::backing::{Fact, affirms, each, facts, is_akin, is_borne_out, is_known, is_spoken_of, is_told};
use super::commitments::Reader;
use super::commitments_abroad::{commitment_abroad, is_blunt};
use super::costs_nothing::{is_paid, subject_of, unknown_gift};
use super::denial::{is_denied, is_negated, refuses_all};
use super::known::{facts as lead_facts, given, ours, said, trusted};
use super::language::language_of;
use super::pattern::any_case;
use super::promise_words::{Backing, FAMILIES, HARMLESS, OF_OTHERS};
use super::statements::{Sentence, clauses, content, sentences};
use super::weighed::{is_harmless, is_promise};
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Hold;
use crate::conversation::message::Author;

struct Asked {
    english: Regex,
    /// What a lead has, asked for.
    of_lead: Regex,
}

static ASKED: LazyLock<Asked> = LazyLock::new(|| Asked {
    english: any_case(
        r"^(?:and |so |or )?(?:do|does|did|are|is|was|were|have|has|can|could|would|will|shall|should|may|what|which|when|where|who|how|why|want|mind|any|ready|est-ce|quel|quelle|quando|qual)\b|¿",
    ),
    of_lead: any_case(
        r"^(?:and |so )?(?:do|did|have|are|were) you (?:have|had|got|seen?|know|ever|still|currently|already)\b",
    ),
});

pub(super) fn promise(candidate: &Candidate<'_>) -> Outcome {
    let text = NEW_HOME.replace_all(candidate.text, "$1").replace('\u{2019}', "'");
    let text = NO_WORD_TAKEN.replace_all(&text, "$1").into_owned();
    let text = as_us(&text, &candidate.ctx.organisation.name).replace("higher or lower", "otherwise");
    let known: Vec<Arc<[Fact]>> = trusted(candidate).chain(reps(candidate)).chain(ours(candidate)).map(facts).collect();
    let around = surroundings(candidate);
    let subject = content(&text);
    let is_abroad = language_of(&text) != Some("English");
    let (what, words) = sentences(&text).into_iter().find_map(|sentence| {
        let by_rules = promised(sentence, &subject, is_abroad, &known);
        match by_rules {
            Some((what, words)) if is_mistaken(what, &words, sentence, &known) => None,
            None if !commits_to_nothing(sentence, &known) && is_promise(sentence, &around) => {
                Some(("what may not be known", sentence.text.to_owned()))
            }
            by_rules => by_rules,
        }
    })?;
    Some((Hold, format!("The reply promises {what} (\"{}\"): a person decides on that.", words.trim())))
}

/// What leads to a page, or tells what is known to be left out.
fn commits_to_nothing(sentence: Sentence<'_>, known: &[Arc<[Fact]>]) -> bool {
    let is_left_out = LEFT_OUT.is_match(sentence.text) || NOT_NEEDED.is_match(sentence.text);
    TO_A_PAGE.is_match(sentence.text)
        || is_left_out && is_spoken_of(sentence.text, known, |fact| !affirms(&fact.text))
        || is_theirs(sentence.text)
}

/// Everything that is known or was said: what a truthful reply may take up. A lead's own words are among it, so that it never
/// clears a sentence that rules hold.
pub(super) fn surroundings(candidate: &Candidate<'_>) -> Vec<Arc<[Fact]>> {
    let said = said(candidate).map(|message| message.text.as_str());
    given(candidate).chain(said).chain(ours(candidate)).chain(lead_facts(candidate)).map(facts).collect()
}

/// "The penalty is on Acme" is on us.
fn as_us(text: &str, firm: &str) -> String {
    let first = firm.split_whitespace().next().filter(|first| first.chars().count() > 2);
    let names = [firm].into_iter().chain(first).filter(|name| !name.is_empty());
    // A sentinel, so that the end of the text ends a name too.
    let names = names.flat_map(|name| [".", ",", "!", ";", "\n"].map(|end| (format!(" is on {name}{end}"), end)));
    let text = names.fold(format!("{text}\n"), |text, (said, end)| text.replace(&said, &format!(" is on us{end}")));
    text.trim_end().to_owned()
}

/// With fewer words that carry meaning a sentence is too short to be told by what it weighs alone: "It's nothing serious".
const FEW_WORDS: usize = 3;

/// Times that are known to be free in these words, or not at all.
const FREE_TIMES: &[&str] = &["free week", "free month", "free year"];

/// True where a rule takes a sentence for a promise that is none. What is given away, and what is said in few words, must be
/// known by two words together.
fn is_mistaken(what: &str, words: &str, sentence: Sentence<'_>, known: &[Arc<[Fact]>]) -> bool {
    let is_free_time = what == GIFT && FREE_TIMES.contains(&words);
    if is_free_time || is_blunt(words) || !is_harmless(sentence, known, what == DEED) {
        return false;
    }
    if what == GIFT {
        let has_price = |words: &str| each(known).any(|fact| is_paid(words, &fact.text));
        // That something else is free tells nothing of what has a price.
        let text = sentence.text;
        let thing = if has_price(text) { text.replacen("free", "", 1) } else { text.to_owned() };
        return !has_price(words) && is_spoken_of(&thing, known, |fact| !is_paid(text, &fact.text));
    }
    content(sentence.text).len() >= FEW_WORDS || is_spoken_of(sentence.text, known, |_| true)
}

/// What is promised when somebody is committed.
const DEED: &str = "a deed or an outcome";

/// A clause that tells under which condition another holds.
static CONDITION: LazyLock<Regex> =
    LazyLock::new(|| any_case(r"^(?:and |but |so |only )?(?:if|unless|once|whether|provided|assuming)\b"));

/// Whoever would rather think about it may: that gives nothing away.
static COURTESY: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"^(?:and |but )?if you(?:'d| would)? (?:rather|prefer to|want to|like to|need to) (?:first )?(?:show|talk|think|wait|ask|check|look|read|discuss|take|keep looking|compare|sleep)\b[^.!?]*, that(?:'s| is) \p{L}+ fine$",
    )
});

/// What comforts, or goes on as it was, and commits nobody.
static IN_COMPANY: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\byou(?:'re| are|'ll be| will be|'d be| won't be| wouldn't be| aren't) (?:not )?(?:the only one|alone in|in good company)\b|\bwe can (?:also |just |always )?(?:keep|stick|stay) (?:on |with |to |it to )*text(?:ing|s)?\b",
    )
});

/// "Congrats on the house!"
static NEW_HOME: LazyLock<Regex> = LazyLock::new(|| any_case(r"\b(congrat\w*|well done) on the (?:new )?house\b"));

/// "Before you take my word for it, here is a sample": nobody is to take it.
static NO_WORD_TAKEN: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(before you|don't(?: just| have to| need to)?|do not(?: just| have to| need to)?|needn't|shouldn't|rather than|instead of|without having to|no need to) (?:take|taking|trust) (?:my|our|anyone's|a salesman's|me|us)(?: word)?(?: for (?:it|this|that))?\b",
    )
});

/// "Grab a slot here: https://…": the page decides on what can be had there.
static TO_A_PAGE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"^(?:\p{L}+, )?(?:please )?(?:you can )?(?:also )?(?:book|schedule|pick|choose|grab|find|get|reserve|select)(?: (?:it|one|a|an|any|your|the|time|slot|spot|call|visit|demo|meeting|appointment|that|suits|works|for|you|best|online|right))* (?:here|at|below|under): ?https?://\S+$",
    )
});

/// "Tyres and glass are outside that".
static LEFT_OUT: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:is|are|falls?|stays?) (?:outside|not (?:part of|in|under|covered|included)|excluded|left out|on top)\b|\b(?:isn't|aren't|doesn't|don't) (?:part of|covered|included|cover|include)\b",
    )
});

/// "No hace falta que esté en casa", of whoever is known not to have to be.
static NOT_NEEDED: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"^(?:\p{L}+,? ){0,2}?(?:no (?:hace falta|es necesario|necesita|necesitas|tienes? que|hay que)|pas besoin|pas nécessaire|n'avez pas à|não (?:precisa|é preciso|é necessário|tem que))\b",
    )
});

/// "Le montant reste de son ressort": what somebody else decides.
static OF_THEIRS: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:(?:est|sont|reste|restent) (?:\p{L}+ )?de (?:son|leur|sa|votre) ressort|relèvent? (?:de|du|d')|dépend(?:ent)? (?:de|du|d')|dependen? de|(?:lo|la|los|las) decide|quem decide (?:é|são)|la decisión es de|a decisão é d[eoa])",
    )
});

/// True for a sentence that leaves what it speaks of to somebody else, and says no more.
fn is_theirs(sentence: &str) -> bool {
    let mut clauses = clauses(sentence);
    let last = clauses.pop().is_some_and(|last| OF_THEIRS.is_match(last));
    last && clauses.into_iter().all(|clause| content(clause).len() < FEW_WORDS)
}

/// What is promised when something is given away.
const GIFT: &str = "something free";

/// What of a sentence is promised, and in which words.
fn promised(
    sentence: Sentence<'_>,
    subject: &BTreeSet<String>,
    is_abroad: bool,
    known: &[Arc<[Fact]>],
) -> Option<(&'static str, String)> {
    let texts = each(known).map(|fact| fact.text.as_str());
    let mut reader = Reader::default();
    let mut asks = false;
    let in_clause = clauses(sentence.text).into_iter().find_map(|clause| {
        // Where no word order tells, the end of a sentence is what it asks.
        let is_last = || sentence.text.ends_with(clause);
        asks |= sentence.asks && (ASKED.english.is_match(clause) || is_abroad && is_last());
        let commitment = reader.commitment(clause).filter(|said| !(said.is_leave && is_akin(clause, known)));
        let commitment = commitment.map(|said| said.verb).or_else(|| commitment_abroad(clause).filter(|_| is_abroad));
        // Whoever may cancel on a page that is given may cancel.
        let has_page = sentence.text.contains("://") && clause.to_lowercase().contains("you can");
        let binds = commitment.filter(|verb| {
            !asks && !has_page && !refuses_all(clause) && !IN_COMPANY.is_match(clause) && !is_known(verb, clause, known)
        });
        binds.map(|_| (DEED, clause.to_owned())).or_else(|| {
            if sentence.asks && ASKED.of_lead.is_match(sentence.text) {
                None
            } else {
                unknown_gift(clause, || subject_of(sentence.text, subject), texts.clone())
                    .filter(|words| !is_denied(clause, clause.find(words.as_str()).unwrap_or_default()))
            }
            .map(|words| (GIFT, words))
        })
    });
    in_clause.or_else(|| of_family(sentence, known))
}

/// "Legal" answers "cool" in Portuguese.
const COOL: &[&str] = &["Legal, ", "Legal. ", "legal, "];

fn of_family(sentence: Sentence<'_>, known: &[Arc<[Fact]>]) -> Option<(&'static str, String)> {
    let text = COOL.iter().find_map(|cool| sentence.text.strip_prefix(cool)).unwrap_or(sentence.text);
    let sentence = Sentence { text, ..sentence };
    let of_lead = sentence.asks && ASKED.of_lead.is_match(sentence.text);
    let asked = sentence.asks && clauses(sentence.text).into_iter().any(|clause| ASKED.english.is_match(clause));
    FAMILIES.iter().find_map(|family| {
        let exempt = of_lead || family.may_be_asked && asked;
        let found = family.pattern.find_iter(sentence.text).filter(|_| !exempt).find(|found| {
            let clause = clause_of(sentence.text, found.start());
            let start = start_of(clause, sentence.text);
            let at = found.start().saturating_sub(start);
            // "Handing out medication, no."
            let is_answered =
                clauses(&sentence.text[found.end()..]).into_iter().any(|after| after.eq_ignore_ascii_case("no"));
            let denied = is_answered || is_denied(clause, at) || family.of_gifts && is_negated(clause, at);
            let is_known = match family.backing {
                Backing::Words => is_told(found.as_str(), known),
                Backing::Elsewhere => {
                    clauses(sentence.text).into_iter().any(|other| other != clause && is_borne_out(other, known))
                }
                Backing::Gist => is_known(found.as_str(), clause, known),
            };
            // "5% off if they approve it" leaves it to them.
            let is_left_open = family.what == OF_OTHERS && CONDITION.is_match(clause);
            let is_courtesy = found.as_str().ends_with("fine") && COURTESY.is_match(sentence.text);
            let of_question = sentence.asks && found.as_str().eq_ignore_ascii_case("just for you");
            !denied && !is_left_open && !is_courtesy && !of_question && !HARMLESS.is_match(found.as_str()) && !is_known
        })?;
        Some((family.what, found.as_str().to_owned()))
    })
}

/// The clause that holds the byte at `at`.
fn clause_of(sentence: &str, at: usize) -> &str {
    clauses(sentence).into_iter().rfind(|clause| start_of(clause, sentence) <= at).unwrap_or(sentence)
}

fn start_of(clause: &str, sentence: &str) -> usize {
    clause.as_ptr() as usize - sentence.as_ptr() as usize
}

fn reps<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    candidate.ctx.history.iter().filter(|message| message.author == Author::Rep).map(|message| message.text.as_str())
}
