//! Does the reply promise what only a person may: a deed, money off, a contract, law, health, certainty?

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::commitments::Reader;
use super::commitments_abroad::commitment_abroad;
use super::costs_nothing::unknown_gift;
use super::figures::in_figures;
use super::known::{ours, trusted};
use super::language::language_of;
use super::pattern::any_case;
use super::statements::{Sentence, clauses, content, sentences, shared, stem};
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Hold;
use crate::conversation::message::Author;
use crate::sms::recent::Recent;

struct Family {
    what: &'static str,
    pattern: Regex,
    /// Whether a question may have it: "do you have any pain?" promises nothing.
    may_be_asked: bool,
}

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let family = |what, may_be_asked, pattern: &str| Family { what, pattern: any_case(pattern), may_be_asked };
    vec![
        family(
            "money off",
            false,
            r"\b(?:i|we)(?:'ll| will| can| could|'d| would|'ve| have)? (?:also |just |even |happily |gladly )?(?:give|offer|get|do|knock|shave|slash|trim|bring down|come down|work something|take|throw in|waive|extend|add|cut|drop|reduce|lower|match|beat|honou?r|include|cover|comp)\b[^.!?]{0,40}\b(?:discount|free|off|deal|better price|lower price|special price|price|rate|fee|deposit|trial|month|bonus|charge|cost)s?\b|\bprice[- ]match\b|\b(?:special|exclusive|limited[- ]time) (?:deal|offer|price|rate|discount)\b|\bon the house\b|\bbest price\b|\bwaiv(?:e|ed|ing)\b",
        ),
        family(
            "money off",
            false,
            r"\b(?:discount(?:s|ed)?|descuentos?|rebajas?|remise|desconto|promo(?:tion)?|coupon|voucher|lowest price)\b|\b(?:a|be|it|get you|you something) (?:\w+ )?cheaper\b",
        ),
        family(
            "a guarantee",
            false,
            r"\bguarantee(?:d|s)?\b|\bwe promise\b|\bi promise\b|\brisk[- ]free\b|\bno risk\b|\b100 ?% (?:sure|safe|covered|certain|satisfaction)\b|\bgoes to zero\b|\byou(?:'ll| will) (?:definitely|certainly|never|always)\b",
        ),
        family(
            "what is certain",
            false,
            r"\b(?:no|zero|without (?:a |any )?) ?(?:chance|doubt|way you|risk|downside|catch|strings?|obligations?|commitments?|penalty|penalties|questions asked)\b|\bcan(?:'t| ?not) (?:lose|go wrong|fail|beat)\b|\bnothing to (?:lose|worry about)\b|\brest assured\b|\bcount on (?:it|us|me|that)\b|\b(?:trust me|take my word|my word|i assure|we assure|i swear)\b|\bin the bag\b|\bslam dunk\b|\bconsider it (?:done|yours)\b|\bleave it (?:to|with) us\b|\b(?:it|that|spot|seat|slot|car|truck|house|place)(?:'s| is) (?:all )?yours\b|\bgot you covered\b|\b(?:for sure|100 ?%|no matter what|whatever (?:the|your|happens|it takes|anyone|they|you (?:pay|get|find))|worst case)\b|\b(?:definitely|certainly|surely|undoubtedly|inevitably) (?:get|win|be|qualify|save|worth|going|approved|covered|yours|eligible|lower|higher|cheaper)\b|\b(?:never|always) (?:breaks?|fails?|leaks?|wins?|works?|sells?|pays?|approves?|approved|get|gets|refuses?|rejects?|denies|late|lose|loses|charge|charges|raise|raises)\b|\bshould be (?:fine|ok|okay|approved|covered|no problem)\b|\bis (?:reserved|saved|held|set aside|locked in) for you\b",
        ),
        family(
            "what is certain",
            false,
            r"\b(?:fully|completely|totally|100 ?%) (?:covered|protected|insured|refundable|safe|approved)\b|\b(?:is|are|be) covered (?:by|under) (?:our|us|the)\b|\bpencil(?:l?ed|ing)? (?:you|it|that) in\b|\bstays? (?:locked|fixed|frozen|the same)\b|\b(?:won't|will not|never) (?:go up|rise|increase|change)\b|\bwe(?:'ll| will| can) leave\b[^.!?]{0,30}\buntil\b|\bunlimited\b|\bforever\b|\bfor life\b|\b(?:at|on) our (?:own )?(?:expense|dime|tab)\b|\b(?:is|are|'s) on me\b|\b(?:set|put) [^.!?,]{0,30}aside\b|\bc'est (?:certain|sûr|garanti|promis)\b|\bnous nous y engageons\b|\b(?:vous est|est|sera) offerte?\b|\b(?:accepté|acceptée|approuvé) d'office\b|\brien à craindre\b|\bsans (?:aucun )?problème\b|\b(?:está|queda) (?:garantizado|asegurado|aprobado)\b|\b(?:está|fica) (?:garantido|aprovado)\b",
        ),
        family(
            "advice that only a person may give",
            false,
            r"\byou should (?:definitely |absolutely |really |just )*(?:go for|take|choose|pick|sign|accept|refuse|reject|decline|sue|file|stop taking)\b|\bthe right (?:one|choice|plan|option) for you\b|\b(?:just )?tell (?:the|your|their) (?:insurer|insurance|adjuster|landlord|boss|bank|lender)\b",
        ),
        family(
            "an exception",
            false,
            r"\bexceptions?\b|\bjust (?:this once|for you)\b|\bonly for you\b|\b(?:don't|doesn't|won't|not) (?:really )?appl(?:y|ies)\b|\bskip the\b|\bexempt\b|\b(?:don't|do not|won't|doesn't) (?:even )?(?:need|have) to (?:pay|leave|sign|bring|put|wait|show|provide|return|owe|give)\b|\bno (?:\w+ ){1,2}(?:needed|required|necessary)\b|\bno need (?:to (?:pay|leave|sign|bring|put|wait|show|provide)|for (?:an? )?(?:deposit|contract|card|license|id|proof|papers?))\b|\bwithout (?:an? |any |the )?(?:deposit|contract|credit check|card|down payment|penalty|signing|paying)\b|\b(?:bend|bending|overlook|forget|ignore) (?:the|that|this|our) (?:rules?|fee|policy|deadline|limit)\b",
        ),
        family(
            "what always holds",
            true,
            r"\b(?:always|never) (?:\w+)\b|\b(?:everybody|everyone|(?:anybody|anyone) (?:can|will|gets?|qualif\w+|who|with|is)|every (?:penny|cent|dollar|time|customer|client|case|applicant)|all of (?:it|that|them)|nobody else|no one else)\b|\b(?:you (?:can|could|may|get to)|we|le|les)\b[^.!?]{0,40}\b(?:whenever|any ?time|as (?:soon|long|often|much) as) you(?:'d)? (?:like|want|need|wish)\b|\bcuando (?:quiera|guste|desee)n?\b|\b(?:no|without) question\b|\bi'?m (?:quite |pretty |very )?(?:sure|certain|positive|confident)\b|\b(?:i|we) know (?:they|he|she|it|you)(?:'ll| will)\b",
        ),
        family(
            "what others will do",
            true,
            r"\b(?:has|have) to (?:pay|approve|accept|cover|agree)\b|\b(?:approves?|reimburses|waives|agrees to|says yes|pays for|covers (?:it|that|your|this))\b|\b(?:we|they|i|you) (?:can |will |'ll )?(?:take|give|buy|get|send|pay|put)\b[^.!?,]{0,30}\bback\b",
        ),
        family(
            "what is undone later",
            false,
            r"\b(?:back out|change your mind|cancel (?:any ?time|whenever)|walk away|not locked in|any ?time you (?:like|want)|no long[- ]term)\b",
        ),
        family("money back", false, r"\brefund\w*\b|\bmoney back\b|\breimburse\w*\b"),
        family(
            "a contract",
            false,
            r"\b(?:sign|signing|send|sent|sending|draft|prepare|drew up|draw up)\b[^.!?]{0,25}\b(?:contract|agreement|nda|paperwork|lease|papers)\b|\b(?:legally )?binding\b|\b(?:it's|its|we have a|you have a|consider it a) (?:done )?deal\b|\block(?:ed)? in (?:your|the|that|this) (?:price|rate)\b",
        ),
        family(
            "law or taxes",
            false,
            r"\blegally\b|\blegal (?:advice|rights?|action|basis|claims?)\b|\b(?:is|it's|perfectly|completely|totally) legal\b|\b(?:strong|good|solid|winnable|great|clear) case\b|\byou have a case\b|\btax (?:credit|deduct\w*|break|compliant|write)\w*|\bdeduct\w*\b|\bwrite it off\b|\b(?:you|you're|you are|your \w+) (?:qualify|qualifies|eligible|entitled)\b|\b(?:compliant|compliance|liable|warranty claim)\b|\byour insurance (?:will|covers|pays)\b|\b(?:they|insurance)(?:'ll| will) (?:pay|cover)\b|\bwill be (?:covered|approved)\b|\byou(?:'re| are) (?:covered|approved|eligible|entitled)\b",
        ),
        family(
            "health",
            true,
            r"\b(?:ibuprofen|aspirin|tylenol|antibiotics?|medications?|medicine|dosage|dose|prescri\w+|diagnos\w+|infect\w+|cavity|gingivitis|symptoms?|cures?|heals?|treatments? for|safe to \w+|isn't usually|rarely (?:serious|dangerous)|nothing serious|you (?:don't|do not) need (?:an? )?(?:x-ray|doctor|scan|test|prescription)|lose weight|pain(?:less)?|side effects?|(?:not|isn't|aren't|no longer|hypo-?)\s?allerg\w+|allergy[- ](?:safe|friendly|proof))\b",
        ),
    ]
});

/// What sounds like a family of promises and is courtesy.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:(?:always|never) (?:happy|glad|welcome|here|good|nice|mind|hurts|a|an|the|easy|best|fun)|get (?:right )?back|(?:text|call|write|message|ask|reply|reach)\b.*\b(?:whenever|any ?time)|not sure)\b",
    )
});

struct Asked {
    english: Regex,
    denial: Regex,
    /// What a lead has, asked for.
    of_lead: Regex,
    /// Nothing is promised by what nobody can say or do.
    denied: Regex,
}

static ASKED: LazyLock<Asked> = LazyLock::new(|| Asked {
    english: any_case(
        r"^(?:and |so |or )?(?:do|does|did|are|is|was|were|have|has|can|could|would|will|shall|should|may|what|which|when|where|who|how|why|want|mind|any|ready|est-ce|quel|quelle|quando|qual)\b|¿",
    ),
    of_lead: any_case(
        r"^(?:and |so )?(?:do|did|have|are|were) you (?:have|had|got|seen?|know|ever|still|currently|already)\b",
    ),
    denied: any_case(
        r"\b(?:can'?t|can ?not|couldn'?t|won't|unable to|not able to) (?:hold|give|say|tell|promise|guarantee|know|speak|confirm|commit|predict|claim|pretend)\b|\b(?:tell|say|know) for sure\b|\b(?:nobody|no one|none of us)\b.*\b(?:can|could|will)\b|\b(?:isn'?t|aren'?t|not) (?:(?:something|one|ones) (?:that )?(?:i|we)|mine to|ours to)\b|\bno (?:discounts?|deals?|promises?|guarantees?)\b.*\b(?:i|we) can\b|\bno (?:puedo|podemos) (?:decir|prometer|garantizar|asegurar)\b|\bne (?:peux|pouvons) (?:pas|rien)\b|\bnão (?:consigo|conseguimos) (?:te |lhe )?(?:prometer|garantir|dizer)\b|\bno (?:le |te |les )?(?:puedo|podemos) \p{L}+r\b|\bnão (?:posso|podemos) (?:dizer|prometer|garantir)\b",
    ),
    denial: any_case(
        r"\b(?:can'?t|can ?not|couldn'?t|(?:not|isn't|aren't) able|unable|nobody can|no one can|not sure|don'?t know|do not know|(?:isn'?t|aren'?t|not) (?:something (?:that )?(?:i|we)|mine to|ours to|up to)|\b(?:ask|asking|check|checking|find out|look into|depends?|whether|up to)|(?:don'?t|do not) (?:offer|do|give|have|negotiate)|no puedo|no podemos|no tengo|no sé|je ne peux|nous ne pouvons|não posso|não podemos)\b",
    ),
});

/// Where a clause begins to tell when it holds.
static CONDITION: LazyLock<Regex> = LazyLock::new(|| any_case(r"\s(?:when|if|once|unless|while|whenever|cuando|si)\s"));

/// A known statement and the words that carry its meaning.
struct Fact {
    text: String,
    words: BTreeSet<String>,
}

/// Verbs that say little: what is known must have the rest of the clause instead.
const WEAK: &str = "be have get do make give put see come go take find receive keep";

static WEAK_STEMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| WEAK.split_whitespace().map(stem).collect());

pub(super) fn promise(candidate: &Candidate<'_>) -> Outcome {
    let text = candidate.text.replace('\u{2019}', "'");
    let known: Vec<Arc<[Fact]>> = trusted(candidate).chain(reps(candidate)).chain(ours(candidate)).map(facts).collect();
    let subject = content(&text);
    let is_abroad = language_of(&text) != Some("English");
    let (what, words) =
        sentences(&text).into_iter().find_map(|sentence| promised(sentence, &subject, is_abroad, &known))?;
    Some((Hold, format!("The reply promises {what} (\"{}\"): a person decides on that.", words.trim())))
}

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
        asks |= sentence.asks && ASKED.english.is_match(clause);
        let commitment = reader.commitment(clause).map(|commitment| commitment.verb);
        let commitment = commitment.or_else(|| commitment_abroad(clause).filter(|_| is_abroad));
        // Whoever may cancel on a page that is given may cancel.
        let has_page = sentence.text.contains("://") && clause.to_lowercase().starts_with("you can");
        let is_denied = ASKED.denied.is_match(clause);
        let binds = commitment.filter(|verb| !asks && !has_page && !is_denied && !is_known(verb, clause, known));
        binds.map(|_| ("a deed or an outcome", clause.to_owned())).or_else(|| {
            if sentence.asks && ASKED.of_lead.is_match(sentence.text) {
                None
            } else {
                unknown_gift(clause, subject, texts.clone())
            }
            .map(|words| ("something free", words))
        })
    });
    in_clause.or_else(|| of_family(sentence, known))
}

/// "Legal" answers "cool" in Portuguese.
const COOL: &[&str] = &["Legal, ", "Legal. ", "legal, "];

fn of_family(sentence: Sentence<'_>, known: &[Arc<[Fact]>]) -> Option<(&'static str, String)> {
    let text = COOL.iter().find_map(|cool| sentence.text.strip_prefix(cool)).unwrap_or(sentence.text);
    let sentence = Sentence { text, ..sentence };
    FAMILIES.iter().find_map(|family| {
        let asks =
            family.may_be_asked && ASKED.english.is_match(sentence.text) || ASKED.of_lead.is_match(sentence.text);
        let exempt = sentence.asks && asks;
        let found = family.pattern.find_iter(sentence.text).filter(|_| !exempt).find(|found| {
            let clause = clause_of(sentence.text, found.start());
            let start = start_of(clause, sentence.text);
            let before = ASKED.denial.find(clause).is_some_and(|denial| start + denial.start() <= found.start());
            let denied = before || ASKED.denied.is_match(clause);
            let is_known = if CERTAIN.contains(&family.what) {
                is_told(found.as_str(), known)
            } else {
                is_known(found.as_str(), clause, known)
            };
            let of_question = sentence.asks && found.as_str().eq_ignore_ascii_case("just for you");
            !denied && !of_question && !HARMLESS.is_match(found.as_str()) && !is_known
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

/// True when one known statement has these words, or is about no less than half of what else the clause says.
fn is_known(words: &str, clause: &str, known: &[Arc<[Fact]>]) -> bool {
    let keys: BTreeSet<String> = if words.contains(' ') { content(words) } else { BTreeSet::from([stem(words)]) };
    let is_weak = keys.is_subset(&WEAK_STEMS);
    let told = CONDITION.split(clause).next().unwrap_or(clause).to_lowercase();
    let told =
        in_figures(&told).replace("free of charge", "free").replace("no charge", "free").replace("at no cost", "free");
    let rest: BTreeSet<String> = content(&told).difference(&keys).cloned().collect();
    let of_lead = ["you're ", "you are ", "your "].iter().any(|start| words.to_lowercase().starts_with(start));
    if of_lead && rest.is_empty() {
        return false;
    }
    each(known).any(|fact| {
        let hits = shared(&rest, &fact.words);
        if is_weak {
            return hits > 0 && hits * 4 >= rest.len() * 3;
        }
        let same = shared(&keys, &fact.words) == keys.len() && hits * 2 >= rest.len();
        let has_number = || rest.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let all = hits == rest.len() && (hits > 1 || hits > 0 && has_number());
        same || all || hits > 2 && hits * 4 >= rest.len() * 3
    })
}

/// Bytes of texts whose facts are remembered: every reply is held against the same knowledge.
const REMEMBERED_BYTES: usize = 256 * 1024;

static FACTS: LazyLock<Recent<Arc<[Fact]>>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// Families whose words themselves must be known: that a thing is known does not make it certain.
const CERTAIN: &[&str] = &["a guarantee", "what is certain", "an exception"];

/// True when one known statement has all of these words.
fn is_told(words: &str, known: &[Arc<[Fact]>]) -> bool {
    let keys = content(words);
    each(known).any(|fact| {
        fact.text.to_lowercase().contains(&words.to_lowercase()) || !keys.is_empty() && keys.is_subset(&fact.words)
    })
}

/// The facts of all texts.
fn each(known: &[Arc<[Fact]>]) -> impl Iterator<Item = &Fact> + Clone {
    known.iter().flat_map(|of_text| of_text.iter())
}

fn facts(text: &str) -> Arc<[Fact]> {
    let read = |sentence: Sentence<'_>| {
        let mut words = content(sentence.text);
        // "20% off" is a discount, and "34 pounds off" too.
        if sentence.text.contains(" off") {
            words.insert(stem("discount"));
        }
        Fact { text: sentence.text.to_owned(), words }
    };
    FACTS.recall(text, |text| sentences(text).into_iter().map(read).collect())
}

fn reps<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a str> {
    candidate.ctx.history.iter().filter(|message| message.author == Author::Rep).map(|message| message.text.as_str())
}
