//! The scripted agent's sentences. Each has a second wording, so that it does not repeat itself.

use super::scene::Scene;

pub(super) const GREETING: [&str; 2] = [
    "Hi! Thanks for getting back to us. Are you looking at solar for your own building?",
    "Hello again! What would you like to know?",
];
pub(super) const THANKS: [&str; 2] =
    ["You're welcome! Text me here if anything else comes up.", "Any time. Have a good one!"];
pub(super) const DECLINED: [&str; 2] = [
    "Understood, thanks for letting us know. All the best with the business!",
    "No problem at all. Thanks for telling us.",
];
pub(super) const WRONG_NUMBER: [&str; 2] = [
    "Sorry about that, I must have the wrong number. I'll have it corrected on our side.",
    "My apologies for the mix-up. We'll fix our records.",
];
pub(super) const COMPLAINT: [&str; 2] = [
    "I'm sorry about this. I'm passing it to someone on our team right now, and they will get back to you personally.",
    "I hear you, and I'm sorry. A colleague will take this over and get in touch with you.",
];
pub(super) const HUMAN: [&str; 2] = [
    "Of course. I'm handing this to someone on our team, and they'll text you here.",
    "Sure thing. A colleague will take over this conversation.",
];
pub(super) const CANCEL: [&str; 2] = [
    "No problem. I'm letting the team know so they can take the meeting off the calendar.",
    "Understood. The team will see to it and confirm here.",
];
pub(super) const BOT: [&str; 2] = [
    "Yes, I'm the AI assistant at {company}. Our team reads along. Want someone from the team to text you?",
    "I'm an AI assistant, working with the team at {company}. Shall I get a colleague for you?",
];
pub(super) const WHO: [&str; 2] = [
    "I'm the AI assistant at {company}, and our team reads along. What can I help you with?",
    "{company}'s AI assistant here. Want someone from the team to text you instead?",
];
pub(super) const UNCLEAR: [&str; 2] = [
    "Thanks for the text. To point you the right way: is it about the cost, how it works, or finding a time to talk?",
    "Got it. What would help you most right now?",
];
pub(super) const UNKNOWN: [&str; 2] = [
    "Good question, and I don't want to guess. Let me check with the team and get back to you.",
    "I'd rather have a colleague answer that one properly. They'll text you here.",
];
pub(super) const FOLLOW_UP: [&str; 2] = [
    "Still happy to answer any question about solar for your building.",
    "In case it got buried: our advisor can look at your roof and your power bill with you.",
];
pub(super) const MORE: [&str; 2] =
    ["What would you like to know next?", "Does that answer it, or should we go through it on a short call?"];
pub(super) const NO_TIME: [&str; 2] = [
    "Totally understand, you have a business to run. When would be a better time to check back?",
    "No rush at all. Text me here whenever it suits you.",
];
pub(super) const HAS_PROVIDER: [&str; 2] =
    ["Good to hear you're already on it.", "Makes sense to stay with someone you know."];
pub(super) const RENTS: [&str; 2] =
    ["That comes up a lot with rented buildings.", "Renting doesn't have to be the end of it."];
pub(super) const EXPENSIVE: [&str; 2] =
    ["I hear you, it's a real decision.", "Fair point, the numbers have to work for you."];
pub(super) const WHAT_MATTERS: [&str; 2] =
    ["What would it have to look like to make sense for you?", "What is the main thing holding you back?"];
pub(super) const GLAD: [&str; 2] = ["Happy to set that up.", "Sounds good, let's find a time."];
pub(super) const MOVE: [&str; 2] = ["No problem, we can move it.", "Sure, let's find another time."];
pub(super) const ALREADY_BOOKED: [&str; 2] = [
    "You're on the calendar with us already. Want me to note anything for the call?",
    "Your call with us stands. Is there something you'd like us to prepare?",
];
pub(super) const CONFIRM_LINK: [&str; 2] = [
    "Great, {slot} it is. Please lock it in here: {booking_link}",
    "Perfect, {slot} works on our side. You can confirm it here: {booking_link}",
];
pub(super) const CONFIRM_TEAM: [&str; 2] = [
    "Great, {slot} works on our side. The team will send you the confirmation.",
    "Perfect, I'm noting {slot}. The team will confirm it shortly.",
];

/// The first of `options` that was neither sent nor refused before; the last one when all were.
pub(super) fn choose(scene: &Scene, options: &[&str]) -> String {
    let opening = |option: &str| option.chars().take(18).collect::<String>();
    let used = |option: &&&str| {
        let opening = opening(option);
        // A placeholder was written out since, so only what stands before it can be found again.
        let opening = opening.split('{').next().unwrap_or_default();
        scene.refused.contains(opening) || scene.ours.iter().any(|ours| ours.contains(opening))
    };
    let fresh = options.iter().find(|option| !used(option));
    (*fresh.or(options.last()).unwrap_or(&"")).to_owned()
}

/// `{slot}` becomes the placeholder of this slot.
pub(super) fn fill(text: &str, slot: u32) -> String {
    text.replace("{slot}", &format!("{{slot:{slot}}}"))
}

/// As many whole sentences from the start as fit into `limit` characters; at least one.
pub(super) fn first_sentences(text: &str, limit: usize) -> String {
    let mut kept = String::new();
    for sentence in text.split_inclusive(['.', '?', '!']) {
        // A dot between digits, as in `$2.40`, ends no sentence.
        let ended = kept.is_empty() || sentence.starts_with(char::is_whitespace);
        if ended && !kept.is_empty() && kept.len() + sentence.len() > limit {
            break;
        }
        kept.push_str(sentence);
    }
    kept.trim().to_owned()
}
