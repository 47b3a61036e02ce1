//! Whether a tax comes on top of a price, and how high it is.

use std::sync::LazyLock;

use regex::Regex;

use super::amounts::{Kind, Number, numbers};
use super::figures::in_figures;
use super::pattern::any_case;

struct Patterns {
    /// What is said of a tax.
    tax: Regex,
    /// How high one is.
    rate: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    tax: any_case(
        r"\b(?P<with>incl(?:uding|udes?|\.)?|inc\.?|inclusive of|with|no|without|before|plus|excluding|exclude|excl\.?|ex|con|sin|más|com|sem|mais|avec|hors|(?:no |não )?(?:incluyen?|incluem|inclui)|comprend|comprennent|(?:ne )?compr\p{L}+ pas) (?:el |la |o |a )?(?P<tax>gst|vat|iva|tva|sales tax)\b(?P<top> (?:on top|extra|to add|added|to be added)\b)?(?P<asks> or (?:with|not|before|plus|ex)\w*)?|\+ ?(?P<tax3>gst|vat|iva|tva|sales tax)\b|\b(?P<tax2>gst|vat|iva|tva|sales tax) (?:is |are |already |va |vai |está |est |es |é |ya |já |(?:at |of |à |de |del |al )?\d+(?:[.,]\d+)? ?% )*(?P<with2>incl(?:uded|usive|uses?|\.)?|inc\.?|free|extra|incluido|incluído|incluse?|comprises?|on top|excluded|not included|no (?:está )?incluido|non comprise|não (?:está )?incluído|aparte|à part|à parte|en sus|en plus)",
    ),
    rate: any_case(r"\b(?:iva|tva|gst|vat)\b[^.;]{0,8}\d ?%|\d ?% (?:de |d.)?(?:iva|tva|gst|vat)\b"),
});

/// What is said of a tax that comes on top.
const ON_TOP: &[&str] = &[
    "",
    "plus",
    "before",
    "extra",
    "on top",
    "más",
    "excluding",
    "exclude",
    "excl",
    "excl.",
    "ex",
    "excluded",
    "not included",
    "sin",
    "sem",
    "mais",
    "hors",
    "no incluye",
    "no incluyen",
    "não inclui",
    "não incluem",
    "ne comprend pas",
    "ne comprennent pas",
    "no incluido",
    "no está incluido",
    "non comprise",
    "não incluído",
    "não está incluído",
    "aparte",
    "à part",
    "à parte",
    "en sus",
    "en plus",
];

/// Whether a tax comes on top is told as it is known, or not at all.
pub(super) fn unknown_tax(text: &str, known: &[&str]) -> Option<String> {
    let claim = |text: &str| -> Vec<(String, bool, String)> {
        PATTERNS
            .tax
            .captures_iter(text)
            // "Was that with VAT or without?" tells neither, and "no VAT returns" of no price.
            .filter(|found| {
                let after = found.get(0).map_or("", |all| &text[all.end()..]);
                found.name("asks").is_none()
                    && ![" return", " regist", " filing", " number"].iter().any(|what| after.starts_with(what))
            })
            .map(|found| {
                let part =
                    |names: &[&str]| names.iter().find_map(|name| found.name(name)).map_or("", |part| part.as_str());
                let how = part(&["with", "with2"]).to_lowercase();
                let on_top = found.name("top").is_some() || ON_TOP.contains(&how.as_str());
                (part(&["tax", "tax2", "tax3"]).to_lowercase(), on_top, found[0].to_owned())
            })
            .collect()
    };
    let claims = claim(text);
    if claims.is_empty() {
        return None;
    }
    // "With VAT that's $1,160" of $1,000 and 16%: the price is looked for with the tax.
    let is_added = known.iter().any(|source| PATTERNS.rate.is_match(source)) && !has_known_price(text, known);
    let known: Vec<_> = known.iter().flat_map(|source| claim(source)).collect();
    let is_known = |(tax, on_top, _): &(String, bool, String)| {
        known.iter().any(|(known, top, _)| known == tax && (top == on_top || *top && is_added))
    };
    let (_, _, words) = claims.into_iter().find(|claimed| !is_known(claimed))?;
    Some(words)
}

/// True for a text with a price that is known as it stands, or with none.
fn has_known_price(text: &str, known: &[&str]) -> bool {
    let prices = |text: &str| -> Vec<u64> {
        let is_price = |number: &Number| matches!(number.kind, Kind::Money(_));
        numbers(&in_figures(text), false).into_iter().filter(is_price).map(|number| number.value).collect()
    };
    let told = prices(text);
    told.is_empty() || told.last().is_some_and(|last| known.iter().any(|source| prices(source).contains(last)))
}
