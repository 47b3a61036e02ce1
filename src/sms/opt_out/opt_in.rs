//! Does a text take an opt-out back?
//!
//! Carriers know a few words (START, YES and UNSTOP at most of them) and go on blocking after any others, if it was they who
//! took the stop. A stop in a lead's own words is known to us alone, and the lead's own words take it back; but only where the
//! whole text says that and nothing else: a wrong reading would text somebody after a stop.

use std::sync::LazyLock;

use regex::Regex;

use super::grammar::compiled;
use crate::sms::fold::{Cut, fold};

/// Rules of stops that the carrier took as well, or took alone: nothing is delivered until it hears one of its own words.
const TAKEN_BY_CARRIERS: &[&str] = &["keyword", "carrier"];

/// Courtesies around it, in folded words.
const BEFORE: &str = r"(?:hey|hi|hello|ok|okay|yes|yeah|yep|actually|sorry|please|pls|thanks|so|on second thought|i changed my mind|changed my mind|my mistake|that was a mistake|nevermind|never mind|wait|hola|si|perdon|disculpa|disculpe|oye|por favor|cambie de opinion|bonjour|allo|oui|desole|desolee|pardon|svp|finalement|jai change davis|j ai change d avis|oi|ola|sim|desculpa|desculpe|mudei de ideia|na verdade)";
const AFTER: &str = r"(?:please|pls|thanks|thank you|now|again|anytime|any time|if you want|if you like|ok|sorry|por favor|gracias|ya|cuando quieras|svp|sil vous plait|s il vous plait|merci|maintenant|obrigado|obrigada|agora)";

/// The wish itself, in English, Spanish, French and Portuguese: an invitation that says "again" or "back", or a subscription.
const WISHES: &[&str] = &[
    r"(?:you (?:can|may)|youre (?:welcome|free) to|you are (?:welcome|free) to|feel free to|its (?:ok|okay|fine) to|id like you to|i want you to|i would like you to) (?:start )?(?:text|texting|message|messaging|contact|contacting) me again",
    r"(?:start|resume|restart) (?:texting|messaging|contacting|sending) me(?: (?:texts|messages))?(?: again)?",
    r"(?:text|message) me again",
    r"(?:(?:i )?(?:want|wish|would like|id like) to )?(?:re ?subscribe|opt (?:me )?(?:back )?in|sign (?:me )?(?:back )?up)(?: me)?(?: (?:for|to) (?:your |the |these )?(?:texts|text messages|messages|list|texts again))?(?: again)?",
    r"(?:put|add) me back on (?:the|your) (?:list|text list|texts)",
    r"(?:un ?block|unstop|un ?mute) (?:me|my number)",
    r"i (?:want|would like|do want) to (?:get|receive|hear) (?:your |the )?(?:texts|messages|from you)(?: again| back)",
    r"(?:me )?(?:puedes|pueden|puede) (?:volver a (?:escribirme|mandarme mensajes|contactarme|textearme)|escribirme (?:otra vez|de nuevo)|mandarme mensajes (?:otra vez|de nuevo))",
    r"(?:quiero|quisiera) (?:volver a recibir (?:sus |tus |los )?mensajes|recibir (?:sus |tus |los )?mensajes (?:otra vez|de nuevo))",
    r"(?:escribeme|escribame|escribanme|mandame mensajes|mandenme mensajes) (?:otra vez|de nuevo)",
    r"(?:vous pouvez|tu peux) (?:recommencer a m ?(?:ecrire|envoyer des (?:textos|messages|sms))|m ?ecrire (?:a nouveau|de nouveau|encore)|me (?:recontacter|texter (?:a nouveau|de nouveau)))",
    r"(?:re)?inscri(?:vez|s) moi(?: a nouveau| de nouveau| a la liste)?|(?:reabonnez|reabonne) moi",
    r"je (?:veux|voudrais|souhaite) (?:recevoir|ravoir) (?:vos |tes |les )?(?:textos|messages|sms) (?:a nouveau|de nouveau)",
    r"(?:voce |voces )?(?:pode|podem|podes) (?:voltar a (?:me )?(?:escrever|mandar mensagens?|contactar|enviar mensagens?)(?: me)?|me (?:escrever|mandar mensagens?|chamar) (?:de novo|novamente|outra vez))",
    r"(?:quero|queria|gostaria de) (?:voltar a receber|receber) (?:as |suas |vossas )*mensagens(?: (?:de novo|novamente|outra vez))?",
];

static WISH: LazyLock<Regex> = LazyLock::new(|| {
    let wishes = WISHES.join("|");
    compiled(&format!("^(?:{BEFORE} )*(?:{wishes})(?: {AFTER})*$"))
});

/// True for the words by which carriers take an opt-out back: START, YES and UNSTOP.
///
/// YES is also plain English: it only means this when it comes from a person who has opted out.
#[must_use]
pub fn is_opt_in(text: &str) -> bool {
    matches!(whole(text).as_str(), "start" | "yes" | "unstop")
}

/// True for a text that takes back a stop which was read by `rule`: a carrier's word, or any plain words if no carrier holds the
/// stop.
#[must_use]
pub fn takes_back(text: &str, rule: &str) -> bool {
    is_opt_in(text) || (asks_again(text) && !is_held_by_carrier(rule))
}

/// True for a stop that carriers take and people also write of a meeting: CANCEL, and nothing else.
#[must_use]
pub fn may_mean_a_meeting(text: &str) -> bool {
    matches!(whole(text).as_str(), "cancel" | "cancelar" | "cancela" | "annuler")
}

/// True for plain words that ask for texts again and say nothing else.
#[must_use]
pub fn asks_again(text: &str) -> bool {
    is_wish(&whole(text))
}

/// [`asks_again`] of a text that is folded.
pub(super) fn is_wish(whole: &str) -> bool {
    WISH.is_match(whole)
}

/// True for a stop, read by `rule`, that the carrier took as well, or took alone.
#[must_use]
pub fn is_held_by_carrier(rule: &str) -> bool {
    let name = rule.split(':').next().unwrap_or_default();
    TAKEN_BY_CARRIERS.contains(&name)
}

fn whole(text: &str) -> String {
    fold(text, Cut::Lines).join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::{OptOutVerdict, classify};
    use super::*;

    #[test]
    fn plain_words_take_back_a_stop_in_plain_words_and_none_that_the_carrier_holds() {
        for text in [
            "You can text me again",
            "Hey, sorry, changed my mind. You can start texting me again please!",
            "ok text me again",
            "Please opt me back in",
            "resubscribe",
            "Put me back on your list, thanks",
            "Unblock my number please",
            "Puedes volver a escribirme",
            "Vous pouvez m'écrire à nouveau svp",
            "Pode voltar a me mandar mensagens",
        ] {
            assert_eq!(classify(text).verdict, OptOutVerdict::Keep, "{text}");
            assert!(takes_back(text, "stop_texting"), "{text}");
            assert!(!takes_back(text, "keyword") && !takes_back(text, "carrier:21610"), "{text}");
        }
        for text in ["START", "Yes.", "unstop"] {
            assert!(takes_back(text, "keyword") && takes_back(text, "stop_texting"), "{text}");
        }
    }

    #[test]
    fn whatever_says_more_takes_nothing_back() {
        for text in [
            "I never said you can text me again",
            "Who told you you can text me again?",
            "if you text me again I'll call a lawyer",
            "Text me again and I report you",
            "don't text me again",
            "You can text me again when pigs fly",
            "you can text my wife",
            "no puedes volver a escribirme",
            "ne m'écrivez pas à nouveau",
            "não quero receber mensagens de novo",
            "how do I opt back in?",
            "did you start texting me again",
            "opt in?? no way",
        ] {
            assert!(!takes_back(text, "stop_texting"), "{text}");
        }
    }
}
