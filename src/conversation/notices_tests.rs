//! What a first text looks like when it leaves.

use std::time::Duration;

use super::*;
use crate::conversation::check::fixture::{ctx, message};

const ALL: Notices =
    Notices { introduction: true, opt_out: true, ai: true, disclosure: Disclosure::FirstMessage, segments_max: 2 };

/// A turn with a lead to whom nothing was sent.
fn new_lead(heard: &str) -> TurnContext {
    TurnContext { history: Vec::new(), new_texts: vec![message(Author::Lead, heard)], ..ctx() }
}

fn due(history: &[(Author, &str, i64)]) -> Notices {
    let mut ctx = new_lead("hi");
    ctx.history = history
        .iter()
        .map(|(author, text, days_ago)| Message {
            at: ctx.now.checked_sub(SignedDuration::from_hours(24 * days_ago)).expect("in range"),
            ..message(*author, text)
        })
        .collect();
    Notices::due(&ctx, &Policy::default(), false, Disclosure::FirstMessage)
}

#[test]
fn the_first_text_of_rapport_introduces_discloses_and_tells_how_to_stop() {
    let first = due(&[(Author::Lead, "hello?", 1)]);
    assert_eq!(first, ALL);
    let text = first.complete("Happy to help!", &new_lead("can you look at my roof?"));
    assert_eq!(text, "Alex, AI assistant from Acme Solar: Happy to help!\nReply STOP to opt out.");
}

#[test]
fn what_was_said_is_not_due_again() {
    let hello = "Hi Pat, this is Alex, the AI assistant at Acme Solar. Reply STOP to opt out.";
    let after = |history: &[(Author, &str, i64)]| {
        let due = due(history);
        (due.introduction, due.opt_out, due.ai)
    };
    assert_eq!(after(&[(Author::Agent, hello, 2)]), (false, false, false));
    assert_eq!(after(&[(Author::Agent, hello, 29)]), (false, false, false));
    assert_eq!(after(&[(Author::Agent, hello, 30)]), (false, true, false), "how to stop is told again every month");
    assert_eq!(after(&[(Author::Workflow, hello, 1)]), (false, false, false), "whoever of us said it");
    assert_eq!(
        after(&[(Author::Rep, "Luis here from Acme Solar. Text STOP to end.", 1)]),
        (true, false, true),
        "another person"
    );
    assert_eq!(after(&[(Author::Lead, hello, 1)]), (true, true, true), "a lead who quotes it is not told");
    assert_eq!(after(&[(Author::Agent, "Sure, Tuesday works.", 1)]), (false, true, true), "a running conversation");
}

#[test]
fn the_configuration_may_want_none_of_it() {
    let ctx = new_lead("hi");
    let silent = Policy { introduce: false, opt_out_notice: None, ..Policy::default() };
    let due = Notices::due(&ctx, &silent, false, Disclosure::OnAsk);
    assert_eq!(due.complete("Happy to help!", &ctx), "Happy to help!");
    let weekly = Policy { opt_out_notice: Some(Duration::from_hours(7 * 24)), ..Policy::default() };
    let mut ctx = ctx;
    ctx.history = vec![Message {
        at: ctx.now.checked_sub(SignedDuration::from_hours(8 * 24)).expect("in range"),
        ..message(Author::Agent, "Reply STOP to opt out.")
    }];
    assert!(Notices::due(&ctx, &weekly, true, Disclosure::OnAsk).opt_out);
    assert!(!Notices::due(&ctx, &Policy::default(), true, Disclosure::OnAsk).opt_out);
}

#[test]
fn nothing_is_said_twice_in_a_text() {
    let ctx = new_lead("can you look at my roof?");
    for text in [
        "Hi, this is Alex, the AI assistant at Acme Solar. Happy to! Reply STOP to opt out.",
        "Alex (AI), Acme Solar. Happy to! Text \"STOP\" to unsubscribe",
        "Acme Solar's virtual assistant Alex here. To stop these texts, reply stop at any time.",
    ] {
        assert_eq!(ALL.complete(text, &ctx), text);
        assert_eq!(ALL.complete(&ALL.complete(text, &ctx), &ctx), text);
    }
    let once = ALL.complete("Happy to!", &ctx);
    assert_eq!(ALL.complete(&once, &ctx), once);
    assert_eq!(
        ALL.complete("Alex from Acme Solar here, happy to!", &ctx),
        "Alex, AI assistant: Alex from Acme Solar here, happy to!\nReply STOP to opt out."
    );
    assert_eq!(ALL.complete("  ", &ctx), "  ", "silence stays silent");
}

#[test]
fn it_is_said_in_the_language_of_the_text_and_stays_in_the_cheap_alphabet() {
    for (heard, text, label, notice) in [
        (
            "¿Cuánto cuesta para mi casa?",
            "Con gusto, ¿cuánto paga usted de luz por mes?",
            "Alex, asistente de IA de Acme Solar: ",
            "\nResponda STOP para no recibir mensajes.",
        ),
        (
            "Bonjour, combien pour une maison?",
            "Avec plaisir, vous êtes dans quelle ville?",
            "Alex, assistant IA de Acme Solar: ",
            "\nRépondez STOP pour vous désinscrire.",
        ),
        (
            "Oi, quanto custa para minha casa?",
            "Oi, voce pode me dizer o tamanho?",
            "Alex, assistente de IA da Acme Solar: ",
            "\nResponda STOP para sair da lista.",
        ),
        (
            "Hola, quiero un precio para mi casa",
            "Ok!",
            "Alex, asistente de IA de Acme Solar: ",
            "\nResponda STOP para no recibir mensajes.",
        ),
        ("ok", "Ok!", "Alex, AI assistant from Acme Solar: ", "\nReply STOP to opt out."),
    ] {
        let completed = ALL.complete(text, &new_lead(heard));
        assert_eq!(completed, format!("{label}{text}{notice}"), "{heard}");
        assert!(format!("{label}{notice}").chars().all(segments::is_gsm), "{label}{notice}");
        assert!(says_opt_out(notice) && says_ai(label), "{label}{notice}");
    }
    let mut ctx = new_lead("ok");
    ctx.organisation.language = "pt-BR".to_owned();
    assert!(ALL.complete("Ok!", &ctx).contains("sair da lista"), "the organisation's own, where nothing tells");
}

#[test]
fn ways_to_stop_are_told_from_everyday_words() {
    for text in [
        "Reply STOP to opt out",
        "text stop to unsubscribe",
        "Txt STOP to end",
        "To opt out, reply STOP.",
        "Reply \"STOP\" at any time",
        "reply with the word STOP",
        "Envía BAJA para salir",
        "Répondez STOP",
    ] {
        assert!(says_opt_out(text), "{text}");
    }
    for text in [
        "We can stop by on Tuesday",
        "Text us when you stop by",
        "Reply to this text and we stop by",
        "Send stop signs",
        "Opt out of your old contract!",
        "The bus stop to the left",
    ] {
        assert!(!says_opt_out(text), "{text}");
    }
}

#[test]
fn an_ai_is_told_from_words_that_look_like_one() {
    for text in ["I'm an AI assistant", "our virtual assistant", "A.I. here", "Soy un asistente virtual", "une IA"] {
        assert!(says_ai(text), "{text}");
    }
    for text in ["J'ai bien reçu", "my assistant Kim will call", "We said so", "Said the rep", "Iain here"] {
        assert!(!says_ai(text), "{text}");
    }
}

#[test]
fn a_model_that_keeps_to_the_room_it_is_told_stays_within_its_segments() {
    let mut ctx = new_lead("hi");
    for (segments_max, name) in [(1, "Acme Solar"), (2, "Acme Solar"), (3, "Acme Solar and Heating of Greater Tucson")]
    {
        ctx.organisation.name = name.to_owned();
        ctx.notices = Notices { segments_max, ..ALL };
        let told = ctx.notices.instructions(&ctx).pop().expect("the room");
        let room: usize = told.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number");
        let text = ctx.notices.complete(&"a".repeat(room - 1), &ctx);
        let counted = segments::count(&text);
        assert_eq!(counted.segments, segments_max, "{told}");
    }
    assert!(Notices::default().instructions(&ctx).is_empty());
}
