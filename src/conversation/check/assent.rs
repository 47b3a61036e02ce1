//! Does the reply say yes to something that it does not say itself?
//!
//! "Yes", "that works" and "see you then" commit the firm to what the lead has put: "can you do 20% off?" would otherwise get the
//! yes it asks for. So what the lead asks or proposes is judged as if the reply had said it, by the rules for replies and with what the
//! firm knows alone.

use std::sync::LazyLock;

use regex::Regex;

use super::figures::in_figures;
use super::known::trusted;
use super::pattern::any_case;
use super::statements::{Sentence, clauses, sentences};
use super::{Candidate, Check, Outcome, Standing, numbers, promises, times};
use crate::conversation::context::TurnContext;
use crate::conversation::decision::Verdict::Hold;
use crate::conversation::message::Author;

struct Patterns {
    /// A clause that says yes.
    yes: Regex,
    /// What says yes where nothing else is said.
    bare: Regex,
    greeting: Regex,
    /// What leaves the answer open, or to somebody else.
    open: Regex,
    /// A question for another time.
    which_time: Regex,
    /// What stands before a question.
    opening: Regex,
    /// A clause that can be answered with yes.
    asks: Regex,
    /// One that asks by its question mark alone.
    asks_in_order: Regex,
    /// A clause that asks for more than yes or no.
    asks_what: Regex,
    /// What a lead settles without asking.
    proposes: Regex,
    /// "can you" and "is it" at the head of a question.
    inverted: Regex,
    /// Who is who.
    person: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    yes: any_case(
        r"^(?:oh|well|why|and|so|then|hi|hey)?\s*(?:(?:yes|yep|yeah|yup|yea|absolutely|definitely|certainly|correct|exactly|deal|agreed|confirmed|indeed|gladly|done|for sure|you bet|you got it|will do|can do|sounds (?:good|great|perfect|like a plan)|consider it done|count on (?:it|us)|all set|still on|see you|talk (?:then|soon|to you)|that(?:'s| is) (?:about |exactly |all )?(?:right|correct|it|true|fine|perfect|possible|our price|the price|the plan))\b|(?:(?:that|this)(?: \w+)?|it|which|the \w+|\w+day)(?:'ll| will)? works?\b|works (?:for|with) (?:us|me)\b|(?:that|it|this) can be (?:done|arranged)\b|we(?:'d| would) be (?:happy|glad) to\b|(?:it|that|this|they|he|she|we|you|i|there|someone|somebody|the \w+)(?: sure)? (?:is|are|does|do|can|will|am|would)(?: (?:do (?:that|it|this|so)|make it|be there|indeed))?$|you(?:'re| are) (?:all set|set|good to go|on|in|booked|booked in|approved|confirmed|covered|right|correct)$|it(?:'s| is) a (?:deal|date|plan)\b|(?:right|true)$|(?:sí|si|claro|por supuesto|de acuerdo|perfecto|así es|correcto|vale|trato hecho|cómo no|con gusto|seguro|nos vemos|eso es|exacto|oui|bien sûr|d'accord|tout à fait|c'est (?:ça|exact|juste|bon)|exact|exactement|parfait|entendu|ça marche|avec plaisir|sim|com certeza|combinado|isso|perfeito|pode ser|fechado|certo|até lá|pode deixar)(?:[\s,.!]|$))",
    ),
    bare: any_case(
        r"^\W*(?:great|perfect|ok|okay|cool|awesome|excellent|wonderful|good|k|sure(?: thing)?|of course|no (?:problem|worries)|not a problem|my pleasure|(?:happy|glad) to|any ?time|bueno|bien|ótimo|beleza)\W*$",
    ),
    greeting: any_case(r"^(?:hi|hey|hello|thanks|thank you|hola|gracias|bonjour|merci|oi|olá|obrigad[oa])\b"),
    open: any_case(
        r"\b(?:check(?:ing)?|confirm with|double[- ]check|ask(?:ing)?|find out|look into|get back|let you know|follow up|depends?|not sure|can(?:'t|not| not)|won't|don't|doesn't|isn't|aren't|unfortunately|afraid|instead|however|unless|colleague|the team (?:will|can|would)|pass (?:this|that|it|you)|passing|in person|person (?:who|will)|someone (?:will|can) (?:call|reach|get|be in|text)|before (?:i|we) (?:can )?(?:say|promise|confirm)|have to|need to|would need|quote|estimate|no puedo|no podemos|consult\p{L}+|pregunt\p{L}+|verific\p{L}+|confirm\p{L}+|vérifi\p{L}+|demand\p{L}+|collègue|equipo|équipe|equipe|colega|pergunt\p{L}+|não (?:posso|podemos|temos)|je ne|nous ne|depende|dépend)\b",
    ),
    which_time: any_case(
        r"\b(?:what|which|when|how about|any|prefer|would|does|do|could|is|morning|afternoon|qué|cuándo|cuál|a qué|quand|quel(?:le)?|qual|quando|que)\b",
    ),
    opening: any_case(
        r"^(?:(?:hi|hey|hello|hola|bonjour|oi|olá|ok|okay|so|and|also|but|great|thanks?|thank you|thx|cool|wait|sorry|please|pls|just|quick question|question|one more thing|y|e|et|alors|então|entonces|oye)\b[\s,!:.-]*)+",
    ),
    asks: any_case(
        r"^(?:can|could|would|will|do|does|did|is|are|am|may|should|shall|(?:have|has) (?:you|your|my|the|it|they)|any chance|how about|what about|okay if|ok if|mind if)\b",
    ),
    asks_in_order: any_case(
        r"^(?:so|if|you(?:'re| are|'ll| will|'d)?|u|i'?m|im|i get|i can|we can|puedes?|pueden|podr\p{L}+|me pued\p{L}+|es|está|son|tienen|hay|pouvez|peut|peux|est-ce|c'est|vous|avez|pode|podem|vocês?|tem|é|dá)\b",
    ),
    asks_what: any_case(
        r"^(?:how(?: much| many| long| far| soon| do| does| can| is| are)?|what|when|where|why|which|who|whose|cuánt\p{L}+|qué|cuándo|dónde|cómo|cuál|quién|combien|quand|où|comment|quel(?:le)?s?|qui|pourquoi|quanto|quando|onde|como|qual|quem|quais)\b",
    ),
    proposes: any_case(
        r"\b(?:i'?ll|i will|we'?ll|ill) (?:be|come|call|see|stop|drop|meet|take|expect|pay)\b|\bsee (?:you|u|ya)\b|\blet'?s (?:do|say|go|meet|talk|make)\b|\b(?:how|what) about\b|\bbooked\b|\bwe (?:said|agreed)\b|\bworks for me\b|\bput me (?:down|in)\b|\b(?:right|correct|ok|okay|deal|still on|yes|yeah|no|verdad|cierto|no es así|c'est ça|né|certo)$",
    ),
    inverted: any_case(
        r"^(?P<verb>can|could|would|will|do|does|did|is|are|am|may|should|shall|have|has) (?P<who>you guys|y'all|you|u|ya|i|we|it|this|that|there|they|he|she)\b",
    ),
    person: any_case(r"\b(?:you're|you are|your|ur|yours|you|u|i'm|im|i am|i'll|ill|i've|i|my|mine|me)\b"),
});

/// The rules by which what is agreed to is judged.
const JUDGES: &[Check] = &[numbers::invented_number, promises::promise];

pub(super) fn assented(candidate: &Candidate<'_>) -> Outcome {
    let reply = Reply::read(candidate)?;
    let firm = Firm::of(candidate);
    let lead = candidate.ctx.new_texts.iter().filter(|message| message.author == Author::Lead);
    let put: Vec<String> = lead.flat_map(|message| put_to_us(&in_figures(&message.text))).collect();
    let words = put.iter().find(|words| {
        let said = Candidate { ctx: &firm.ctx, standing: &firm.standing, text: words, ..*candidate };
        let of_time = || reply.is_of_times && times::invented_time(&said).is_some();
        JUDGES.iter().any(|judge| judge(&said).is_some()) || of_time()
    })?;
    Some((Hold, format!("The reply says yes to \"{words}\", which nothing known bears out: a person decides on that.")))
}

/// A reply that says yes.
struct Reply {
    /// It offers and asks for no other time.
    is_of_times: bool,
}

impl Reply {
    /// None for a reply that does not say yes, leaves it open, or tells figures of its own: those are judged for themselves.
    fn read(candidate: &Candidate<'_>) -> Option<Self> {
        let text = candidate.text.replace('\u{2019}', "'");
        let links: Vec<&str> = text.split_whitespace().filter(|word| word.contains("://")).collect();
        let plain = links.iter().fold(text.clone(), |text, link| text.replace(link, " "));
        if PATTERNS.open.is_match(&plain) || plain.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let spoken = plain.replace(NODS, " ");
        let sentences = sentences(&spoken);
        let (agrees, others): (Vec<_>, Vec<_>) = sentences.iter().partition(|sentence| agrees(sentence));
        let is_all = others.iter().all(|sentence: &&Sentence<'_>| PATTERNS.bare.is_match(sentence.text));
        let nods = is_all && (plain.contains(NODS) || !others.is_empty());
        let asks_for_time = sentences.iter().any(|s| s.asks && PATTERNS.which_time.is_match(s.text));
        (nods || !agrees.is_empty()).then_some(Self { is_of_times: links.is_empty() && !asks_for_time })
    }
}

/// Pictures that say yes: thumbs up, all right, a tick, a handshake.
const NODS: [char; 4] = ['\u{1f44d}', '\u{1f44c}', '\u{2705}', '\u{1f91d}'];
/// Words of a name, of "Maya, AI assistant" the longest.
const NAME_WORDS: usize = 3;
/// Words of a clause that says no more than yes.
const YES_WORDS: usize = 6;

/// True for a sentence that says yes and no more: "yes, we fit those" says itself what it agrees to.
fn agrees(sentence: &Sentence<'_>) -> bool {
    let is_yes = |clause: &&str| PATTERNS.yes.is_match(clause) && clause.split_whitespace().count() <= YES_WORDS;
    let is_name =
        |clause: &str| clause.starts_with(char::is_uppercase) && clause.split_whitespace().count() <= NAME_WORDS;
    let (yes, others): (Vec<_>, Vec<_>) = clauses(sentence.text).into_iter().partition(is_yes);
    let adds_nothing =
        |clause: &&str| PATTERNS.bare.is_match(clause) || PATTERNS.greeting.is_match(clause) || is_name(clause);
    !sentence.asks && !yes.is_empty() && others.iter().all(adds_nothing)
}

/// What is known without the lead.
struct Firm {
    ctx: TurnContext,
    standing: Standing,
}

impl Firm {
    fn of(candidate: &Candidate<'_>) -> Self {
        let mut ctx = candidate.ctx.clone();
        ctx.new_texts.clear();
        ctx.history.retain(|message| message.author != Author::Lead);
        let known_text = trusted(candidate).map(str::to_owned).collect();
        Self { ctx, standing: Standing { known_text, ..candidate.standing.clone() } }
    }
}

/// What a lead's text asks or settles that can be answered with yes, as the firm would say it.
fn put_to_us(text: &str) -> Vec<String> {
    let text = text.replace(['\u{2019}', '\u{2018}'], "'").replace(['¿', '¡'], "");
    sentences(&text).into_iter().filter_map(question).map(|asked| as_ours(&asked)).collect()
}

/// The part of a sentence that asks.
fn question(sentence: Sentence<'_>) -> Option<String> {
    let opened = PATTERNS.opening.replace(sentence.text, "").into_owned();
    let parts = clauses(&opened);
    let asks_what = |clause: &&&str| PATTERNS.asks_what.is_match(clause);
    let asks = |clause: &&str| {
        let begins = PATTERNS.asks.is_match(clause) || sentence.asks && PATTERNS.asks_in_order.is_match(clause);
        begins && !asks_what(&clause)
    };
    if let Some(from) = parts.iter().rposition(asks) {
        let asked: Vec<&str> = parts[from..].iter().take_while(|clause| !asks_what(clause)).copied().collect();
        return Some(asked.join(", "));
    }
    let is_asked = sentence.asks && !parts.iter().any(|clause| asks_what(&clause));
    (is_asked || PATTERNS.proposes.is_match(&opened)).then_some(opened)
}

/// A question as a statement, with "you" and "I" as the one who answers says them.
fn as_ours(question: &str) -> String {
    let straight = PATTERNS.inverted.replace(question, |found: &regex::Captures<'_>| {
        let (verb, who) = (found["verb"].to_lowercase(), found["who"].to_lowercase());
        match verb.as_str() {
            "do" | "does" | "did" => who,
            _ => format!("{who} {verb}"),
        }
    });
    let turned = PATTERNS.person.replace_all(&straight, |found: &regex::Captures<'_>| {
        match found[0].to_lowercase().as_str() {
            "you're" | "you are" => "we are",
            "your" | "ur" => "our",
            "yours" => "ours",
            "i'm" | "im" | "i am" => "you are",
            "i'll" | "ill" => "you will",
            "i've" => "you have",
            "i" | "me" => "you",
            "my" => "your",
            "mine" => "yours",
            _ => "we",
        }
        .to_owned()
    });
    let turned = turned.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '%');
    ["right", "correct", "ok", "okay", "yes", "no"]
        .iter()
        .fold(turned, |text, tag| text.strip_suffix(&format!(", {tag}")).unwrap_or(text))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::check::fixture::Scene;

    fn is_held(heard: &str, reply: &str) -> bool {
        assented(&Scene::new(reply).heard(heard).candidate()).is_some()
    }

    #[test]
    fn a_yes_is_a_promise_of_what_it_answers() {
        let put = [
            ("can you do 20% off?", "Sure, we can do that."),
            ("can you do 20% off?", "Deal."),
            ("can you do 20% off?", "You bet."),
            ("can you do 20% off?", "That can be arranged."),
            ("can you do 20% off?", "\u{1f44d}"),
            ("can you do 20% off?", "Maya, AI assistant: Sure, we can do that."),
            ("can you do 20% off?", "Sure thing!"),
            ("can you do 20% off?", "Yes! How many windows?"),
            ("can you do $400 a window", "That price works for us."),
            ("so windows are $400 each right?", "Yes, that's right."),
            ("so windows are $400 each right?", "Correct!"),
            ("will you match the other quote?", "Absolutely."),
            ("can you hold that price till june", "Yes, no problem."),
            ("\u{bf}me pueden dar 20% de descuento?", "Sí, claro."),
            ("\u{bf}el precio es $400?", "Sí, así es."),
            ("is 3pm tomorrow ok", "Perfect, see you then."),
            ("is 3pm tomorrow ok", "That works, talk then."),
            ("can we meet at 3 on friday", "Yes!"),
            ("ill be there at 9 sat", "Great, see you then!"),
            ("so im booked for friday at 3?", "You're all set."),
            ("so im booked for friday at 3?", "Yes, you are."),
            ("\u{bf}pueden venir el viernes a las 3?", "Sí, perfecto."),
            ("you guarantee it for life right?", "Yes."),
            ("is the warranty 30 years", "Yep."),
            ("do i get my money back if i dont like it", "Yes, you do."),
            ("can i get out of the contract after a month", "Yes, anytime."),
            ("am i approved for the loan", "You are!"),
        ];
        let passed: Vec<_> = put.into_iter().filter(|(heard, reply)| !is_held(heard, reply)).collect();
        assert!(passed.is_empty(), "never-invented: {passed:#?}");
    }

    #[test]
    fn a_yes_to_what_is_known_or_to_nothing_in_particular_passes() {
        let put = [
            ("do plans start at 1200?", "Yes, that's right."),
            ("do plans start at $1,200?", "Yes, they do."),
            ("so it saves 30%?", "That's right!"),
            ("are you open weekdays?", "Yes, we are."),
            ("tuesday at 10 still good?", "Yes, see you then!"),
            ("so my call is thursday at 9?", "Yes, that's right."),
            ("can we meet friday at 3?", "Sure! Pick any time here: https://cal.example.com/b/1"),
            ("can we meet friday at 3?", "Sure, which days suit you?"),
            ("can you do 20% off?", "Sure, let me ask the team about that."),
            ("can you do 20% off?", "We can't, I'm afraid."),
            ("do you do solar for homes?", "Yes, we do."),
            ("can you help me?", "Of course!"),
            ("we pay $640 a month now. do you work in Boulder?", "Yes, we do!"),
            ("How much is it for 20 windows?", "Sure, happy to help with that."),
            ("is it for homes too?", "Yes, it is."),
            ("Thanks!", "Sure, any time."),
            ("could someone come this week?", "Totally fair to think it over. Which part worries you?"),
            ("do you have anything for 2 kids, 9 and 13?", "Happy to help. How old are they?"),
            ("can you do 20% off?", "Hi Pat! Thanks for asking. \u{1f44d} Are you the owner?"),
        ];
        let held: Vec<_> = put.into_iter().filter(|(heard, reply)| is_held(heard, reply)).collect();
        assert!(held.is_empty(), "{held:#?}");
    }
}
