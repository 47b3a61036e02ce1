//! What a lead's text plainly wants, told by its words alone.
//!
//! A model names the intent of a turn; these rules hear what must not depend on a model: whoever asks for a person,
//! threatens with law, complains or asks whether a machine is writing goes to a person whatever the model says
//! (`a-person-decides`). They prefer silence to a guess: most texts are [`Intent::Other`].

use std::sync::LazyLock;

use regex::Regex;

use super::intent::Intent;
use crate::sms::fold::{Cut, fold};
use crate::sms::opt_out::{self, OptOutVerdict};
use crate::sms::recent::Recent;

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What the text wants.
    pub intent: Intent,
    /// The rule that heard it; `none` when no rule did.
    pub rule: &'static str,
    /// The words it heard, in a sentence; empty when no rule heard anything.
    pub reason: String,
}

/// Rules by intent, the gravest first. Texts are folded: lower case, no accents, no apostrophes.
const RULES: &[(Intent, &str, &str)] = &[
    (
        Intent::LegalThreat,
        "legal_words",
        r"\bdemand letter\b|\b(?:retain(?:ed|ing)?|hir(?:ed|ing)) (?:\w+ )?(?:counsel|lawyers?|attorneys?)\b|\b(?:my|our|an?|the|call|calling|contact\w*|hear from|talk to|get) (?:\w+ )?(?:lawyers?|attorneys?|legal team|solicitor)\b.*\b(?:you|sue|contact\w*|hear|court|letter|touch)\b|\b(?:ill|i will|will|im going to|going to|gonna|could|can|should|we) (?:be )?(?:sue|suing|press charges|take (?:you|this) to court|file (?:a )?(?:complaint|suit|lawsuit|claim))\b|\b(?:sue|suing) (?:you|your|u)\b|\blawsuit\b|\bsmall claims\b|\btcpa\b|\bfcc\b|\bftc\b|\battorney general\b|\bbetter business bureau\b|\bbbb\b|\b(?:this|that|it) is illegal\b|\bthats illegal\b|\bsee you in court\b|\blegal action\b|\b(?:demandar|demanda legal|mi abogado|tribunales)\b|\b(?:mon avocat|poursuivre en justice|porter plainte|tribunal)\b|\b(?:meu advogado|processar voces|procon|justica)\b",
    ),
    (
        Intent::AreYouABot,
        "asks_for_a_machine",
        r"\b(?:are|r) (?:you|u) (?:\w+ ){0,4}?(?:bots?|robots?|ai|a\.i|machine|computer|automated|human|chatgpt|chatbot|real|a person|a human|an? actual person)\b|\b(?:is|am|was) (?:this|i|it|that) (?:\w+ ){0,5}?(?:bots?|robots?|ai|automated|machine|computer|chatgpt|chatbot|real person|human|auto(?:mated)? (?:text|message|reply))\b|\byou(?:re| are) (?:\w+ ){0,2}?(?:bot|robot|ai|chatgpt|chatbot|automated)\b|\byou (?:an? |some |just |really )*(?:bot|robot|ai|chatgpt|chatbot|automated)\b|\b(?:bot|robot|human) or (?:a )?(?:human|bot|robot|real|person|machine)\b|\b(?:sound|seem|feel|look|text|type|write)s? like (?:an? )?(?:bot|robot|ai|chatgpt|machine|computer|automated)\b|\b(?:talking|speaking|texting|chatting) (?:to|with) (?:an? )?(?:\w+ )?(?:bot|robot|ai|machine|computer|human|person)\b|\b(?:eres|es|usted es|hablo con) (?:\w+ ){0,3}?(?:bot|robot|maquina|humano|humana|persona real|ia)\b|\b(?:etes vous|es tu|cest|c est|je parle a) (?:\w+ ){0,3}?(?:bot|robot|ia|machine|humain|humaine|vraie personne)\b|\b(?:voce e|e|falo com|vc e) (?:\w+ ){0,3}?(?:bot|robo|ia|maquina|humano|humana|pessoa de verdade|pessoa real)\b|\b(?:are|r) (?:you|u) (?:an? )?(?:actual|real|live|living) \w+|\bis (?:there|this|that|it) (?:an? |some )?(?:actual |real |live )?(?:human|person|people|someone real|somebody real)(?: (?:there|here|on the other|reading|behind|typing|texting|replying)\b|$)|\b(?:is|are) (?:someone|somebody|anyone|anybody|a person|a human|people) (?:actually |really )?(?:reading|typing|writing|texting|answering|behind) \w+|\b(?:eres|es usted|usted es|sos) (?:\w+ ){0,2}?(?:persona|automatic[oa])\b|\b(?:hablando|hablo|platicando|chateando|escribiendo) con (?:\w+ ){0,2}?(?:bot|robot|maquina|human[oa]|ia|persona|alguien real|contestador\w*)\b|\b(?:mensajes?|respuestas?|textos?) (?:es |son )?(?:\w+ )?automatic[oa]s?\b|\besto (?:es |esta )(?:\w+ )?automatic[oa]\b|\bes esto (?:\w+ ){0,2}automatic[oa]\b|^es automatic[oa]\b|\bhay (?:alguien|una persona|un human[oa]) (?:real|de verdad|ahi|aqui|del otro|al otro|leyendo|escribiendo)\b|\b(?:vous etes|etes vous|tu es|t es|es tu) (?:\w+ )?(?:une (?:vraie )?personne|automatique|quelqu un de reel)\b|\b(?:messages?|reponses?|sms|c est|est ce) (?:\w+ ){0,2}?automatiques?\b|\bje parle (?:a|avec) (?:\w+ ){0,2}?(?:bot|robot|ia|machine|humaine?|personne|quelqu un de reel)\b|\b(?:voce|vc) e (?:\w+ ){0,2}?(?:pessoa|gente|automatic[oa]|de verdade|real)\b|\b(?:mensage\w+|respostas?) (?:e |sao )?(?:\w+ )?automatic[oa]s?\b|\bis[st]o e (?:\w+ )?automatic[oa]\b|\b(?:falando|conversando) com (?:\w+ ){0,2}?(?:bot|robo|ia|maquina|human[oa]|pessoa|alguem (?:real|de verdade))\b|\btem (?:alguem|uma pessoa) (?:real|de verdade|ai|do outro|lendo)\b|^(?:bot|robot|ai|human)$",
    ),
    (
        Intent::WantsHuman,
        "asks_for_a_person",
        r"\b(?:put|get) (?:your|ur|the) (?:boss|manager|supervisor|owner) on\b|\b(?:your|ur) (?:boss|manager|supervisor)s? (?:name|number|email)\b|\b(?:talk|speak|text|chat|connect|connected|transfer\w*|put me|get me|reach|have|pass me|give me|want|need|prefer|rather) (?:\w+ ){0,4}?(?:a |an |the |your |some )?(?:real |actual |live |human )?(?:human|real person|person|manager|supervisor|representative|agent|someone real|live agent|salesperson|somebody real|owner|actual person|human being)\b|\b(?:can|could|please|have|want|need) (?:\w+ ){0,3}?(?:someone|somebody|a person|a human|a rep|him|her|a manager) (?:please )?(?:to )?(?:call|phone|ring|contact|reach out|get back)\b|\b(?:call me|give me a call|phone me|ring me)\b|\b(?:can|could) i (?:talk|speak) (?:to|with)\b|\b(?:hablar|comunicarme) con (?:una?|alguna?|el|su) (?:persona|humano|gerente|supervisor|asesor|agente|encargado|duen[oa])\b|\b(?:parler|discuter) (?:a|avec) (?:une?|votre|quelqu un|le)(?: \w+)? ?(?:personne|humain|conseiller|responsable|gerant)?\b|\bfalar com (?:uma?|algum|alguem|o|seu)(?: \w+)? ?(?:pessoa|humano|gerente|atendente|responsavel)?\b|\bllameme|\bllamame\b|\bme llam\w+\b|\bappelez moi\b|\bme liga\b|\bme ligue\b|^(?:agent|operator|representative|human|real person|live person|agente|operador)(?: please| por favor)?$|\bput me through\b|\b(?:somebody|someone|anybody|anyone) (?:\w+ ){0,5}?(?:i|we) (?:can|could) (?:talk|speak)\b|\b(?:asesor|persona|agente|humano) (?:de verdad|real)\b",
    ),
    (
        Intent::Complaint,
        "complains",
        r"\b(?:terrible|horrible|awful|worst|unacceptable|disgusting|pathetic|ridiculous|appalling|disgraceful) (?:\w+ )?(?:service|company|experience|support|job|work|people|business|install\w*|customer)\b|\b(?:this|that|it) is (?:unacceptable|ridiculous|outrageous|a joke|bullshit|terrible|horrible|appalling)\b|\bunacceptable\b|\b(?:file|make|submit|lodge) a complaint\b|\bcomplain(?:t|ing)?\b|\b(?:very|so|extremely|really|beyond) (?:disappointed|unhappy|frustrated|upset|dissatisfied|angry|pissed)\b|\bwant (?:my|a|our) (?:money|refund|deposit)(?: back)?\b|\b(?:want|need|demand|expect|request|requesting|asking for|ask for|give (?:me|us)|get|issue|process|owe|owes|owed|waiting (?:on|for)|wheres|where is) (?:\w+ ){0,4}?refund\b|\b(?:my|our) (?:full )?refund\b|\brefund (?:me|us|my|our)\b|^refund\b|\bscam(?:med|mers?)?\b|\bripped (?:me |us )?off\b|\blied to (?:me|us)\b|\b(?:nobody|no one) (?:showed|came|called|answers|ever)\b|\bstill (?:broken|not working|waiting|leaking)\b|\b(?:rep|tech|technician|crew|guys?|driver|installers?|team|they|he|she|you) (?:never|didnt|did not) (?:even )?(?:show(?:ed)?|turn(?:ed)?) up\b|\bcharged (?:me|us|my card) (?:twice|double)\b|\bovercharged\b|\b(?:you|your \w+|they) left (?:\w+ ){0,2}(?:mess|mud|trash|debris)\b|\b(?:nobody|no one) (?:has |have )?(?:apologi[sz]ed|bothered)\b|\bmal servicio\b|\b(?:me|nos) cobraron (?:de mas|dos veces|doble)\b|\b(?:damaged|broke|ruined) (?:my|our|the)\b|\b(?:pesimo|pesima|estafa|queja|inaceptable)\b|\b(?:quiero|queremos|necesito|exijo|pido|solicito|reclamo|espero) (?:\w+ ){0,3}?reembolso\b|\bmi reembolso\b|\b(?:inadmissible|arnaque|plainte|inacceptable|remboursez)\b|\b(?:veux|voulons|voudrais|demande|exige|attends|obtenir) (?:\w+ ){0,3}?remboursement\b|\bmon remboursement\b|\b(?:pessimo|pessima|golpe|reclamacao|inaceitavel)\b|\b(?:quero|queremos|preciso|exijo|peco|solicito) (?:\w+ ){0,3}?reembolso\b|\bmeu reembolso\b",
    ),
    (
        Intent::Reschedule,
        "moves_a_meeting",
        r"\breschedul\w*\b|\b(?:cant|cannot|wont|couldnt) (?:\w+ )?make (?:\d+(?::\d+)? ?(?:am|pm)?|that time|then)\b|\b(?:move|push|change|shift|switch|bump|postpone) (?:\w+ ){0,3}?(?:appointment|meeting|call|time|visit|demo|it (?:to|back|out))\b|\b(?:different|another|new|better|later|earlier) (?:time|day|date|slot)\b|\bcant make (?:it|the|our|that|tuesday|wednesday|thursday|friday|monday|tomorrow|today)\b|\brain check\b|\bpush (?:it|us|back)\b|\b(?:reprogramar|cambiar (?:la|mi) cita|reagendar|remarcar|reporter le|deplacer le|adiar)\b",
    ),
    (
        Intent::CancelMeeting,
        "calls_a_meeting_off",
        r"\bcancel(?:ar|l?ing|l?ed)?\b.*\b(?:appointment|appt|meeting|call|visit|demo|booking|consultation|cita|reunion|visita|today|tomorrow|monday|tuesday|wednesday|thursday|friday)\b|\b(?:call|calling) (?:it|the meeting|the call) off\b|\bannul\w+\b.*\b(?:rdv|rendez vous|visite|appel)\b",
    ),
    (
        Intent::Price,
        "asks_the_price",
        r"\bhow much\b|\bwhat (?:does|do|would|will|is|are|s) (?:\w+ ){0,5}?(?:cost|price|prices|pricing|fees?|rates?|charge|run me)\b|\bwhats (?:the |your |it |a )*(?:price|cost|pricing|rate|damage|fee)\b|\bpric(?:e|es|ing)\b|\bcosts?\b|\bquote\b|\bdiscounts?\b|\bcuanto (?:cuesta|vale|sale|es)\b|\bprecios?\b|\bcombien\b|\bprix\b|\bquanto (?:custa|e|fica|sai)\b|\bprecos?\b|\borcamento\b",
    ),
    (
        Intent::Booking,
        "wants_to_meet",
        r"\b(?:book|schedule|set up|arrange|grab|get on) (?:\w+ ){0,3}?(?:appointment|meeting|call|time|visit|demo|consultation|slot|calendar|chat)\b|\bwhat times?\b|\bwhen (?:are you|can (?:we|you|i)|is (?:good|a good)|could)\b|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|mon|tues?|wed|thurs?|fri|the \d+(?:st|nd|rd|th)|next week)\b(?: \w+){0,4} (?:works?|good|fine|ok|is good|perfect|free|available|better)\b|\b(?:works|good) for me\b|\b(?:im|i am|we are) (?:free|available)\b|\b\d{1,2}(?: \d\d)? ?(?:am|pm)\b|\blets (?:meet|talk|chat|do)\b|\b(?:agendar|cita para|rendez vous|rdv|marcar)\b",
    ),
    (
        Intent::NotInterested,
        "declines",
        r"\bnot (?:really |at all |currently )?interested\b|\bno longer interested\b|\bno(?:pe| thanks| thank you|t for (?:me|us)|t right now|t at this time)$|^(?:no|nah|nope|no thanks|no thank you|im good|were good|all set|ill pass|pass)$|\bwe(?:re| are) (?:all set|good)\b|\bno me interesa\b|\bno gracias\b|\bpas interesse\w*\b|\bnon merci\b|\bnao (?:tenho|me) interess\w*\b|\bnao obrigad[oa]\b",
    ),
    (
        Intent::SmallTalk,
        "greets_or_thanks",
        r"^(?:hi|hey|hello|good (?:morning|afternoon|evening)|thanks|thank you|thx|ty|ok|okay|cool|great|sounds good|perfect|awesome|hola|gracias|bonjour|merci|oi|bom dia|obrigad[oa]|lol|haha|you too|happy \w+|have a (?:good|great|nice) \w+)(?: (?:so much|a lot|there|again|robin|alex|beaucoup|mucho))?$",
    ),
];

static COMPILED: LazyLock<Vec<(Intent, &str, Regex)>> = LazyLock::new(|| {
    RULES.iter().filter_map(|(intent, rule, pattern)| Some((*intent, *rule, Regex::new(pattern).ok()?))).collect()
});

/// Bytes of lately heard texts that are remembered: a turn asks several times.
const REMEMBERED_BYTES: usize = 256 * 1024;

static HEARD: LazyLock<Recent<Heard>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// Hears a text: an opt-out or a wrong number first, then the rules in order.
#[must_use]
pub fn heard(text: &str) -> Heard {
    HEARD.recall(opt_out::readable(text), listen)
}

/// True for a text that threatens with law, whatever else it says.
#[must_use]
pub fn threatens_law(text: &str) -> bool {
    let mut threats = COMPILED.iter().filter(|(intent, ..)| *intent == Intent::LegalThreat);
    let sentences = fold(opt_out::readable(text), Cut::Lines);
    threats.any(|(.., pattern)| sentences.iter().any(|sentence| pattern.is_match(sentence)))
}

fn listen(text: &str) -> Heard {
    let stop = opt_out::classify(text);
    if stop.verdict == OptOutVerdict::Stop {
        return Heard { intent: Intent::OptOut, rule: stop.rule, reason: stop.reason };
    }
    if stop.rule == "wrong_number" {
        return Heard { intent: Intent::WrongNumber, rule: stop.rule, reason: stop.reason };
    }
    let sentences = fold(text, Cut::Lines);
    let found = COMPILED.iter().find_map(|(intent, rule, pattern)| {
        let words = sentences.iter().find_map(|sentence| pattern.find(sentence))?.as_str();
        Some(Heard { intent: *intent, rule, reason: format!("The text says \"{words}\".") })
    });
    found.unwrap_or(Heard { intent: Intent::Other, rule: "none", reason: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(COMPILED.len(), RULES.len());
    }

    #[test]
    fn what_goes_to_a_person_is_heard_in_plain_words() {
        for (text, intent) in [
            ("My lawyer will be in touch with you", Intent::LegalThreat),
            ("I'm going to file a complaint with the attorney general", Intent::LegalThreat),
            ("are you a bot?", Intent::AreYouABot),
            ("Is this an automated message", Intent::AreYouABot),
            ("Expect a demand letter", Intent::LegalThreat),
            ("we have retained counsel", Intent::LegalThreat),
            ("put your boss on", Intent::WantsHuman),
            ("am I talking to a real person", Intent::AreYouABot),
            ("r u real", Intent::AreYouABot),
            ("¿Eres un robot?", Intent::AreYouABot),
            ("vous êtes un robot? c'est une IA?", Intent::AreYouABot),
            ("você é um robô?", Intent::AreYouABot),
            ("\u{bf}eres una persona?", Intent::AreYouABot),
            ("\u{bf}estoy hablando con un robot?", Intent::AreYouABot),
            ("es esto un mensaje automático?", Intent::AreYouABot),
            ("\u{bf}esto es automático?", Intent::AreYouABot),
            ("hablo con alguien real?", Intent::AreYouABot),
            ("vous êtes une vraie personne ?", Intent::AreYouABot),
            ("c'est une réponse automatique ?", Intent::AreYouABot),
            ("você é uma pessoa?", Intent::AreYouABot),
            ("is there a human there", Intent::AreYouABot),
            ("are you an actual guy", Intent::AreYouABot),
            ("is someone actually reading this", Intent::AreYouABot),
            ("you sound like a computer", Intent::AreYouABot),
            ("Can I talk to a manager", Intent::WantsHuman),
            ("please have someone call me", Intent::WantsHuman),
            ("quiero hablar con una persona", Intent::WantsHuman),
            ("This is unacceptable, I want my deposit back", Intent::Complaint),
            ("I want a refund", Intent::Complaint),
            ("where's my refund??", Intent::Complaint),
            ("please refund me", Intent::Complaint),
            ("exijo el reembolso", Intent::Complaint),
            ("je demande un remboursement", Intent::Complaint),
            ("quero meu reembolso", Intent::Complaint),
            ("take me off your list", Intent::OptOut),
            ("wrong number", Intent::WrongNumber),
            ("There's nobody called Pat on this phone", Intent::WrongNumber),
            ("the crew left a mess and nobody called me back", Intent::Complaint),
            ("operator", Intent::WantsHuman),
            ("agent please", Intent::WantsHuman),
            ("could you put me through to sales", Intent::WantsHuman),
            ("is there someone in the shop I can speak with", Intent::WantsHuman),
            ("quiero un asesor de verdad", Intent::WantsHuman),
            ("the technician never showed up today", Intent::Complaint),
            ("you charged my card twice", Intent::Complaint),
            ("they left such a mess in the yard", Intent::Complaint),
            ("the last cleaners left a right mess", Intent::Other),
            ("nos cobraron de más", Intent::Complaint),
            ("sorry I never showed up", Intent::Other),
            ("are you charged per hour or twice a month", Intent::Other),
        ] {
            assert_eq!(heard(text).intent, intent, "{text}: {:?}", heard(text));
        }
    }

    #[test]
    fn everyday_texts_are_heard_as_what_they_are() {
        for (text, intent) in [
            ("How much is it?", Intent::Price),
            ("¿Cuánto cuesta?", Intent::Price),
            ("Tuesday works for me", Intent::Booking),
            ("what times do you have", Intent::Booking),
            ("can we reschedule", Intent::Reschedule),
            ("can't make 3pm, can we do 5 instead?", Intent::Reschedule),
            ("do you use AI in your product?", Intent::Other),
            ("I need to cancel my appointment", Intent::CancelMeeting),
            ("whats your refund policy", Intent::Other),
            ("is the deposit refundable", Intent::Other),
            ("¿me tardan mucho con el reembolso de los taxes?", Intent::Other),
            ("not interested", Intent::NotInterested),
            ("thanks!", Intent::SmallTalk),
            ("we have a flat roof", Intent::Other),
            ("it is really hot here", Intent::Other),
            ("is there a person I should ask for at the desk", Intent::Other),
            ("la puerta es automática", Intent::Other),
            ("is there someone at the shop today", Intent::Other),
            ("my attorney is my cousin lol", Intent::Other),
        ] {
            assert_eq!(heard(text).intent, intent, "{text}: {:?}", heard(text));
        }
    }
}
