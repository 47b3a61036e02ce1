//! The scripted sales agent: what it answers to each intent.
//!
//! It states only what the prompt's knowledge says, names times and links only by placeholder, and never claims to be a
//! person: the same promises a good model keeps, so that a demo without a model shows honest work.

use serde_json::{Value, json};

use super::ask::Ask;
use super::intents::{best_passage, fit, has, intent_of, picked};
use super::scene::{Passage, Scene};
use super::wording::{self, fill, first_sentences};

/// What the agent decides before it is written as JSON.
#[derive(Debug, Default)]
struct Plan {
    text: String,
    intent: &'static str,
    facts: Vec<String>,
    wants_human: bool,
    opt_out: bool,
    confidence: f64,
    reason: &'static str,
}

/// The words of the answer: a JSON document where one is asked for, else plain words.
pub(super) fn answer(ask: &Ask) -> String {
    let scene = Scene::read(ask);
    if !ask.wants_json() {
        return summary(&scene);
    }
    let plan = plan(&scene);
    let text = polish(&scene, &plan);
    let answer = json!({
        "slots_named": slots_named(&text), "text": text, "intent": plan.intent, "facts_used": plan.facts,
        "wants_human": plan.wants_human, "opt_out": plan.opt_out, "confidence": plan.confidence,
        "reason": plan.reason, "summary": summary(&scene),
    });
    let answer = if ask.schema.is_some() { ask.conform(&answer) } else { without(answer, "summary") };
    answer.to_string()
}

fn without(mut answer: Value, key: &str) -> Value {
    if let Some(members) = answer.as_object_mut() {
        members.remove(key);
    }
    answer
}

fn plan(scene: &Scene) -> Plan {
    if scene.said.is_empty() {
        return follow_up(scene);
    }
    let intent = intent_of(scene);
    match intent {
        "opt_out" => {
            Plan { intent, opt_out: true, confidence: 0.98, reason: "Asks not to be texted.", ..Plan::default() }
        }
        "not_interested" => closing(scene, intent, &wording::DECLINED, "Declined; accepted without another question."),
        "wrong_number" => closing(scene, intent, &wording::WRONG_NUMBER, "Not the person we meant to reach."),
        "legal_threat" | "complaint" => {
            handed_over(scene, intent, &wording::COMPLAINT, "Upset: a person should answer.")
        }
        "wants_human" => handed_over(scene, intent, &wording::HUMAN, "Asked for a person."),
        "cancel_meeting" => handed_over(scene, intent, &wording::CANCEL, "Wants to call the meeting off."),
        "are_you_a_bot" => closing(scene, intent, &wording::BOT, "Asked whether a machine writes: told the truth."),
        "who" => closing(scene, "small_talk", &wording::WHO, "Asked who is writing."),
        "objection" => objection(scene),
        "price" => price(scene),
        "booking" => booking(scene),
        "reschedule" => reschedule(scene),
        "product_question" => product_question(scene),
        "small_talk" => small_talk(scene),
        _ => closing(scene, "other", &wording::UNCLEAR, "Not clear what they want; asked one question."),
    }
}

fn closing(scene: &Scene, intent: &'static str, options: &[&str], reason: &'static str) -> Plan {
    let confidence = if intent == "other" { 0.4 } else { 0.9 };
    Plan { text: wording::choose(scene, options), intent, reason, confidence, ..Plan::default() }
}

fn handed_over(scene: &Scene, intent: &'static str, options: &[&str], reason: &'static str) -> Plan {
    Plan { wants_human: true, ..closing(scene, intent, options, reason) }
}

fn follow_up(scene: &Scene) -> Plan {
    let text = format!("{} {}", wording::choose(scene, &wording::FOLLOW_UP), next_step(scene));
    Plan { text, intent: "other", confidence: 0.7, reason: "No answer yet: one easy next step.", ..Plan::default() }
}

fn small_talk(scene: &Scene) -> Plan {
    let thanks = ["thanks", "thank you", "thx", "appreciate"].iter().any(|sign| has(&scene.said, sign));
    let options: &[&str] = if thanks { &wording::THANKS } else { &wording::GREETING };
    closing(scene, "small_talk", options, if thanks { "Said thanks." } else { "Greeted us; asked what they need." })
}

fn product_question(scene: &Scene) -> Plan {
    let Some(passage) = best_passage(scene).map(|place| &scene.knowledge[place]) else {
        return unknown(scene, "product_question");
    };
    let text = format!("{} {}", first_sentences(&passage.text, 190), wording::choose(scene, &wording::MORE));
    grounded(text, "product_question", passage, "Answered from our knowledge.")
}

fn price(scene: &Scene) -> Plan {
    let about_money = |passage: &&Passage| passage.text.contains('$');
    let best = best_passage(scene).map(|place| &scene.knowledge[place]).filter(about_money);
    let Some(passage) = best.or_else(|| scene.knowledge.iter().find(about_money)) else {
        return unknown(scene, "price");
    };
    let text = format!("{} {}", first_sentences(&passage.text, 170), next_step(scene));
    grounded(text, "price", passage, "Gave the price we publish and offered a next step.")
}

fn objection(scene: &Scene) -> Plan {
    let said = |signs: &[&str]| signs.iter().any(|sign| has(&scene.said, sign));
    let (heard, word) = if said(&[
        "no time",
        "too busy",
        "swamped",
        "not now",
        "bad time",
        "not right now",
        "maybe later",
        "next year",
    ]) {
        let text = wording::choose(scene, &wording::NO_TIME);
        return Plan {
            text,
            intent: "objection",
            confidence: 0.85,
            reason: "No time now; left it to them.",
            ..Plan::default()
        };
    } else if said(&["already", "another company", "other company", "competitor", "another quote"]) {
        (wording::choose(scene, &wording::HAS_PROVIDER), "review")
    } else if said(&["we rent", "we lease", "i rent"]) {
        (wording::choose(scene, &wording::RENTS), "landlord")
    } else {
        (wording::choose(scene, &wording::EXPENSIVE), "month")
    };
    let fitting = scene.knowledge.iter().find(|passage| passage.text.contains(word));
    match fitting {
        Some(passage) => {
            let text =
                format!("{heard} {} {}", first_sentences(&passage.text, 150), wording::choose(scene, &wording::MORE));
            grounded(text, "objection", passage, "Heard the objection, gave one fact that answers it.")
        }
        None => Plan {
            text: format!("{heard} {}", wording::choose(scene, &wording::WHAT_MATTERS)),
            intent: "objection",
            confidence: 0.75,
            reason: "Heard the objection and asked what matters to them.",
            ..Plan::default()
        },
    }
}

fn booking(scene: &Scene) -> Plan {
    let plan = |text: String, reason: &'static str| Plan {
        text,
        intent: "booking",
        confidence: 0.9,
        reason,
        ..Plan::default()
    };
    if scene.has_booking && picked(scene).is_none() {
        return plan(wording::choose(scene, &wording::ALREADY_BOOKED), "A meeting stands already.");
    }
    if let Some(slot) = picked(scene) {
        let link = if scene.link { &wording::CONFIRM_LINK } else { &wording::CONFIRM_TEAM };
        return plan(fill(&wording::choose(scene, link), slot), "Accepted a time we offered.");
    }
    let opening = wording::choose(scene, &wording::GLAD);
    plan(format!("{opening} {}", next_step(scene)), "Wants to talk: offered times from the calendar.")
}

fn reschedule(scene: &Scene) -> Plan {
    let text = format!("{} {}", wording::choose(scene, &wording::MOVE), next_step(scene));
    Plan {
        text,
        intent: "reschedule",
        confidence: 0.85,
        reason: "Wants another time: offered some.",
        ..Plan::default()
    }
}

fn unknown(scene: &Scene, intent: &'static str) -> Plan {
    handed_over(scene, intent, &wording::UNKNOWN, "We were not given the answer: a person should check.")
}

fn grounded(text: String, intent: &'static str, passage: &Passage, reason: &'static str) -> Plan {
    Plan { text, intent, facts: vec![passage.id.clone()], confidence: 0.9, reason, ..Plan::default() }
}

/// Two times, or one, or the link, or a question, by what may be offered.
fn next_step(scene: &Scene) -> String {
    if scene.has_booking && scene.slots.is_empty() {
        return "Anything you want me to note for our call?".to_owned();
    }
    let mut slots = scene.slots.clone();
    // The times nearest to what was asked come first; otherwise the calendar's order stays.
    slots.sort_by_key(|(_, label)| std::cmp::Reverse(fit(&scene.said, label)));
    let best = slots.first().map_or(0, |(_, label)| fit(&scene.said, label));
    let mut chosen: Vec<u32> =
        slots.iter().filter(|(_, l)| fit(&scene.said, l) == best).take(2).map(|(n, _)| *n).collect();
    if chosen.len() < 2 {
        chosen = slots.iter().take(2).map(|(number, _)| *number).collect();
    }
    chosen.sort_unstable();
    match (chosen.as_slice(), scene.link) {
        ([one, two, ..], _) => format!("Does {{slot:{one}}} or {{slot:{two}}} work for a short call?"),
        ([one], _) => format!("Does {{slot:{one}}} work for a short call?"),
        ([], true) => "You can pick a time that suits you here: {booking_link}".to_owned(),
        ([], false) => "Which day suits you for a short call? The team will confirm a time.".to_owned(),
    }
}

/// What a rep asked for, and the introduction that a first message needs.
fn polish(scene: &Scene, plan: &Plan) -> String {
    if plan.text.is_empty() {
        return String::new();
    }
    let mut text = plan.text.replace("{company}", &scene.company);
    let wish = scene.instruction.as_deref().unwrap_or_default();
    if ["short", "brief", "concise"].iter().any(|word| wish.contains(word)) {
        text = first_sentences(&text, 110);
    }
    if let Some(name) =
        scene.first_name.as_ref().filter(|_| ["name", "personal", "friendl", "warm"].iter().any(|w| wish.contains(w)))
    {
        text = format!("{name}, {}", lower_first(&text));
    }
    let first = scene.must_introduce && scene.ours.is_empty() && !plan.text.contains("AI assistant");
    if !first {
        return text;
    }
    let hello = scene.first_name.as_ref().map_or_else(|| "Hi".to_owned(), |name| format!("Hi {name}"));
    let text = text.strip_prefix("Hi! ").unwrap_or(&text);
    format!("{hello}, this is the AI assistant at {}. {text}", scene.company)
}

/// `Happy to` becomes `happy to`; `I` and `I'm` stay.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => format!("{}{}", first.to_lowercase(), chars.as_str()),
        _ => text.to_owned(),
    }
}

fn slots_named(text: &str) -> Vec<u32> {
    let pieces = text.split("{slot:").skip(1);
    pieces.filter_map(|piece| piece.split('}').next()?.parse().ok()).collect()
}

fn summary(scene: &Scene) -> String {
    let who = scene.first_name.clone().unwrap_or_else(|| "The lead".to_owned());
    let last = scene.ours.last().map_or_else(String::new, |ours| format!(" We last wrote: \"{ours}\""));
    let said = if scene.said.is_empty() { String::new() } else { format!(" They last wrote: \"{}\".", scene.said) };
    format!("{who} is texting with {}.{said}{last}", scene.company)
}
