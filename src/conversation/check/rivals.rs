//! Whether a number that is known is told of another thing than the one it belongs to.

use super::amounts::{Kind, Number};
use super::statements::shared;

/// A number belongs to another thing when its clause has so many more words of that one's. One word alone is often a mere
/// turn of speech.
pub(super) const CLOSER_WORDS: usize = 2;

/// True when the clause of a number is more like the clause of another one than like its own: "X-rays are $129" where the
/// cleaning is $129 and X-rays are $65. The words right beside it must say so, and those of the whole clause.
pub(super) fn is_of_something_else(number: &Number, backing: &[&Number], taught: &[&Number]) -> bool {
    let cannot_be_compared = |known: &&Number| {
        known.by_a_person || number.language.zip(known.language).is_some_and(|(one, other)| one != other)
    };
    if number.is_year() || backing.iter().any(cannot_be_compared) {
        return false;
    }
    // "5 on the crown" of a warranty is held against other years, and "46 units" against other units.
    let is_exact = backing.iter().any(|own| own.kind == number.kind);
    let is_of_list = backing.iter().any(|own| own.likely() == number.likely());
    let span = span_of(backing);
    let is_rival = |known: &&Number| {
        let is_alike = match span {
            _ if is_exact => known.kind == number.kind,
            _ if is_of_list => known.likely() == number.likely(),
            Some(span) => known.kind == *span,
            None => number.kind.fits(&known.kind),
        };
        let per = number.per.is_none() || known.per.is_none() || known.per == number.per;
        // "7300 West 119th Street".
        let is_beside =
            backing.iter().any(|own| own.kind == Kind::Bare && own.near.contains(&(Kind::Bare, known.value)));
        is_alike && per && !is_beside && !backing.iter().any(|own| own.value == known.value)
    };
    let others = || taught.iter().copied().filter(is_rival);
    let is_all_told = |known: &Number| !known.clause.is_empty() && known.clause.is_subset(&number.clause);
    if backing.iter().any(|own| number.is_paired_as(own)) {
        return false;
    }
    if others().any(|other| differs_by_pair(number, other, backing)) {
        return true;
    }
    // "Room for 40 bikes" where there are 40 bike spaces.
    if backing.iter().any(|own| matches!(own.kind, Kind::Count(_)) && number.is_of_thing(own)) {
        return false;
    }
    // "A2 has 2 places" where A1 has 4 places and A2 has 2.
    if backing.iter().any(|own| number.is_one_more_of(own) && shared(&number.clause, &own.clause) > 0) {
        return false;
    }
    // "Bikini's $630 for 6" where underarms are $420 for 6 and the bikini line is $630.
    let words = |known: &Number| shared(&number.clause, &known.clause);
    let own_words = backing.iter().map(|own| words(own)).max().unwrap_or_default();
    if others().any(|other| number.is_paired_as(other) && words(other) > own_words) {
        return true;
    }
    if backing.iter().any(|own| is_all_told(own)) && !others().any(is_all_told) {
        return false;
    }
    let lead = |alike: &dyn Fn(&Number) -> usize| {
        let own = backing.iter().map(|known| alike(known)).max().unwrap_or_default();
        others().map(alike).max().unwrap_or_default().saturating_sub(own)
    };
    let in_clause =
        |known: &Number| shared(&number.clause, if known.clause.is_empty() { &known.sentence } else { &known.clause });
    // What no clause has, a sentence may: "from 7 years, group lessons of 60 minutes with at most 6 riders at €30".
    let in_sentence = |known: &Number| shared(&number.clause, &known.sentence);
    let between_sentences = |known: &Number| shared(&number.sentence, &known.sentence);
    // "Until it's dry, roughly 30 minutes": its own clause tells of nothing.
    if number.clause.is_empty() && span.is_some() {
        return lead(&between_sentences) >= CLOSER_WORDS;
    }
    let own_sentence = backing.iter().map(|own| in_sentence(own)).max().unwrap_or_default();
    if own_sentence > 0 && !others().any(|known| in_sentence(known) >= own_sentence) {
        return false;
    }
    // The last word that was missing, where its own clause has none.
    let has_none = backing.iter().all(|own| in_clause(own) == 0);
    let has_all =
        |known: &Number| (has_none || number.clause.len() >= CLOSER_WORDS) && in_clause(known) == number.clause.len();
    // "The £55 test fee is credited if you buy aids": its closest words are of its own clause.
    let closest = |known: &Number| shared(&number.close, &known.clause);
    let own = backing.iter().map(|own| closest(own)).max().unwrap_or_default();
    let is_close = own > 0 && !others().any(|known| closest(known) > own);
    !is_close
        && lead(&|known| shared(&number.beside, &known.clause)) > 0
        && (lead(&in_clause) >= CLOSER_WORDS || lead(&in_clause) > 0 && others().any(has_all))
}

/// "5,000 for £165" where 5,000 are £540 and 1,000 are £165.
fn differs_by_pair(number: &Number, known: &Number, backing: &[&Number]) -> bool {
    let is_alike = |own: &&Number| {
        !matches!(own.kind, Kind::Span(_)) && !own.near.is_empty() && own.clause.is_subset(&known.clause)
    };
    number.is_paired_as(known) && backing.iter().all(is_alike)
}

fn span_of<'a>(backing: &[&'a Number]) -> Option<&'a Kind> {
    backing.iter().map(|own| &own.kind).find(|kind| matches!(kind, Kind::Span(_)))
}
