//! What stands behind a promise: the known statement that says the same.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::denial::refuses_all;
use super::figures::in_figures;
use super::pattern::any_case;
use super::statements::{Sentence, clauses, content, sentences, shared, stem};
use crate::sms::recent::Recent;

/// Where a clause begins to tell when it holds.
static CONDITION: LazyLock<Regex> = LazyLock::new(|| any_case(r"\s(?:when|if|once|unless|while|whenever|cuando|si)\s"));

/// A known statement and the words that carry its meaning.
pub(super) struct Fact {
    pub(super) text: String,
    words: BTreeSet<String>,
    /// The words that it tells of, without those it only denies: "the last month is not prorated" has no "prorate" here.
    affirmed: BTreeSet<String>,
}

impl Fact {
    /// The words that can stand behind a clause that affirms or denies.
    pub(super) fn behind(&self, affirms: bool) -> &BTreeSet<String> {
        if affirms { &self.affirmed } else { &self.words }
    }
}

/// What denies a clause.
static DENIES: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:not|no|non|never|nor|neither|nothing|none|nobody|hardly|cannot|without|ni|nunca|tampoco|sin|ne|pas|jamais|sans|não|nem|sem)\b|n't\b",
    )
});

/// True for what says that something is so, not that it is not.
pub(super) fn affirms(clause: &str) -> bool {
    !DENIES.is_match(clause)
}

/// What need not be paid or done, in Spanish and Portuguese: what is known must say that it need not.
static DENIED_ITSELF: LazyLock<Regex> = LazyLock::new(|| {
    any_case(r"^(?:tampoco|não|nem|no (?:pag|cobr|necesit|tienen? que|hace falta|(?:l[aeo]s?|te|os|se) ))")
});

/// What costs nothing.
static FREE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(r"\b(?:gratis|gratuit\p{L}*|grátis|incluid\p{L}*|incluíd\p{L}*|incluye|inclui|exent\p{L}*)\b")
});

/// "Stop whenever you like" says that one may stop at any time.
static AT_WILL: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:whenever|any ?time|as (?:soon|long) as)(?: that)? (?:you(?:'d)?|they|he|she) (?:like|want|need|wish|please|choose|fancy)s?(?: to)?\b",
    )
});

/// Verbs whose participle has another stem: "you can leave it going" where it "may be left going".
const IRREGULAR: &str = "leave left keep kept hold held send sent pay paid sell sold bring brought buy bought build built take taken \
    give given choose chosen write written drive driven";

static PARTICIPLES: LazyLock<Vec<[String; 2]>> = LazyLock::new(|| {
    let stems: Vec<String> = IRREGULAR.split_whitespace().map(stem).collect();
    stems.chunks_exact(2).map(|pair| [pair[0].clone(), pair[1].clone()]).collect()
});

fn participles_of(verb: &str) -> impl Iterator<Item = &'static str> {
    PARTICIPLES.iter().filter(move |[known, _]| known == verb).map(|[_, participle]| participle.as_str())
}

/// Verbs that say little: what is known must have the rest of the clause instead.
const WEAK: &str = "be have get do make give put see come go take find receive keep";

static WEAK_STEMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| WEAK.split_whitespace().map(stem).collect());

/// Whoever "holds a licence" has it, and keeps nothing for anybody.
static HAS: LazyLock<Regex> = LazyLock::new(|| any_case(r"\bholds? an?\b"));

/// All of a thing.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:all|whole|entire|entirely|full|fully|100 ?%|every (?:cent|penny|dollar)|inteir[oa]s?|enter[oa]s?|íntegr[oa]s?|complet[oa]s?|tod[oa]s?|totalité|intégral\p{L}*|entièrement)\b",
    )
});

/// Words by which something is given, those of one meaning together: a price that is known is not known to be waived.
static GRANTS: LazyLock<Vec<BTreeSet<String>>> = LazyLock::new(|| {
    const GRANTS: &[&str] = &[
        "waive waives waiving forgive free house complimentary included include includes credited perdono perdonamos gratis offert \
         offerte regalo regalamos conta cuenta comp disappear vanish throw absorb swallow eat quito quitamos",
        "refund refunds refunded refundable back return returned regreso regresamos regresan regresa reimburse credited devolvemos devuelvo devuelven devolver \
         reembolsamos remboursons abonamos reembolsable devuelto devuelta devolvido devolvida reembolsado remboursable rembourse",
        "hold holds holding held keep save reserve reserved reserving aparto apartamos reservo reservamos guardo guardamos \
         seguro gardons",
        "discount discounts discounted cheaper reduce lower drop knock shave slash rebajo rebajamos descuento descontamos",
        "match beat undercut igualo igualamos",
        "laisse laissons dejo dejamos deixo deixamos",
    ];
    GRANTS.iter().map(|words| words.split_whitespace().map(stem).collect()).collect()
});

/// True when one known statement has these words, or is about no less than half of what else the clause says.
pub(super) fn is_known(words: &str, clause: &str, known: &[Arc<[Fact]>]) -> bool {
    let words = &*AT_WILL.replace_all(words, "any time");
    let keys: BTreeSet<String> = if words.contains(' ') { content(words) } else { BTreeSet::from([stem(words)]) };
    // "We'd take a 40% deposit" says no more than "a 40% deposit".
    let has_figure = keys.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let keys: BTreeSet<String> = if has_figure { &keys - &*WEAK_STEMS } else { keys };
    let is_weak = keys.is_subset(&WEAK_STEMS);
    let told = CONDITION.split(clause).next().unwrap_or(clause).to_lowercase();
    let told =
        in_figures(&told).replace("free of charge", "free").replace("no charge", "free").replace("at no cost", "free");
    let told = HAS.replace_all(&told, "has");
    let told = AT_WILL.replace_all(&told, "any time").replace("whenever", "any time");
    let rest: BTreeSet<String> = content(&told).difference(&keys).cloned().collect();
    let of_lead = ["you're ", "you are ", "your "].iter().any(|start| words.to_lowercase().starts_with(start));
    if of_lead && rest.is_empty() {
        return false;
    }
    let affirms = affirms(clause);
    let is_denial = DENIED_ITSELF.is_match(words);
    let granted: Vec<&BTreeSet<String>> =
        GRANTS.iter().filter(|grants| shared(grants, &keys) + shared(grants, &rest) > 0).collect();
    each(known).any(|fact| {
        if is_denial && self::affirms(&fact.text) && !FREE.is_match(&fact.text) {
            return false;
        }
        let (fact, text) = (fact.behind(affirms), &fact.text);
        let hits = shared(&rest, fact);
        if is_weak {
            return hits > 1 && hits * 4 >= rest.len() * 3 && granted.iter().all(|grants| shared(grants, fact) > 0);
        }
        let has = |key: &String| {
            fact.contains(key)
                || !rest.is_empty() && participles_of(key).any(|participle| fact.contains(participle))
                || granted.iter().any(|grants| grants.contains(key) && shared(grants, fact) > 0)
        };
        let same = keys.iter().all(has) && hits * 2 >= rest.len();
        let has_number = || rest.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let all = hits == rest.len() && (hits > 1 || hits > 0 && has_number());
        // A deposit that is returned is not known to be returned whole.
        let is_whole = granted.is_empty() || !WHOLE.is_match(clause) || WHOLE.is_match(text);
        if !is_whole {
            return false;
        }
        let much = all || hits > 2 && hits * 4 >= rest.len() * 3;
        same || much && granted.iter().all(|grants| shared(grants, fact) > 0)
    })
}

/// True when one known statement shares two of the words, or no less than half of them.
pub(super) fn is_akin(clause: &str, known: &[Arc<[Fact]>]) -> bool {
    let words: BTreeSet<String> = content(&in_figures(clause)).difference(&WEAK_STEMS).cloned().collect();
    each(known).any(|fact| {
        let hits = shared(&words, &fact.affirmed);
        hits > 1 || hits * 2 >= words.len()
    })
}

/// True when one known statement that counts shares two of the sentence's words.
pub(super) fn is_spoken_of(sentence: &str, known: &[Arc<[Fact]>], counts: impl Fn(&Fact) -> bool) -> bool {
    let (words, affirms) = (content(&in_figures(sentence)), affirms(sentence));
    each(known).filter(|fact| counts(fact)).any(|fact| shared(&words, fact.behind(affirms)) > 1)
}

/// True when one known statement has three quarters of what the clause says.
pub(super) fn is_borne_out(clause: &str, known: &[Arc<[Fact]>]) -> bool {
    let words = content(&in_figures(clause));
    each(known).any(|fact| {
        let hits = shared(&words, &fact.affirmed);
        hits > 1 && hits * 4 >= words.len() * 3
    })
}

/// Bytes of texts whose facts are remembered: every reply is held against the same knowledge.
const REMEMBERED_BYTES: usize = 256 * 1024;

static FACTS: LazyLock<Recent<Arc<[Fact]>>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// True when one known statement has all of these words.
pub(super) fn is_told(words: &str, known: &[Arc<[Fact]>]) -> bool {
    let (keys, said) = (content(words), words.to_lowercase());
    // One word alone is to be known in its form: a lock makes no price "locked in".
    let form = said.split(|c: char| !c.is_alphanumeric()).find(|word| keys.len() == 1 && keys.contains(&stem(word)));
    each(known).any(|fact| {
        let text = fact.text.to_lowercase();
        let has_form = || form.is_none_or(|form| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == form));
        text.contains(&said) || !keys.is_empty() && keys.is_subset(&fact.words) && has_form()
    })
}

/// The facts of all texts.
pub(super) fn each(known: &[Arc<[Fact]>]) -> impl Iterator<Item = &Fact> + Clone {
    known.iter().flat_map(|of_text| of_text.iter())
}

pub(super) fn facts(text: &str) -> Arc<[Fact]> {
    let read = |sentence: Sentence<'_>| {
        let mut words = content(sentence.text);
        // "20% off" is a discount, and "34 pounds off" too.
        if sentence.text.contains(" off") {
            words.insert(stem("discount"));
        }
        let denies = |clause: &&str| DENIES.is_match(clause) || refuses_all(clause);
        let (refusing, telling): (Vec<&str>, Vec<&str>) = clauses(sentence.text).into_iter().partition(denies);
        let refused: BTreeSet<String> = refusing.into_iter().flat_map(content).collect();
        let told: BTreeSet<String> = telling.into_iter().flat_map(content).collect();
        let only_denied = |word: &String| refused.contains(word) && !told.contains(word);
        let affirmed = words.iter().filter(|word| !only_denied(word)).cloned().collect();
        Fact { text: sentence.text.to_owned(), words, affirmed }
    };
    FACTS.recall(text, |text| {
        let sentences = sentences(text);
        let before =
            std::iter::once(None).chain(sentences.iter().map(|sentence| is_heading(*sentence).then_some(*sentence)));
        let headed = |(sentence, before): (&Sentence<'_>, Option<Sentence<'_>>)| match before {
            Some(heading) => {
                let text = format!("{}: {}", heading.text, sentence.text);
                read(Sentence { text: &text, ..*sentence })
            }
            None => read(*sentence),
        };
        sentences.iter().zip(before).map(headed).collect()
    })
}

/// Words of a heading, at most.
const HEADING_WORDS: usize = 3;

/// "LASIK consultation. Free of charge, about two hours." What is said next is said of it.
fn is_heading(sentence: Sentence<'_>) -> bool {
    let words = sentence.text.split_whitespace().count();
    words <= HEADING_WORDS && !sentence.asks && !sentence.text.contains(|c: char| c.is_ascii_digit())
}
