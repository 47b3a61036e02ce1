use proptest::prelude::*;

use super::OptOutVerdict::{Hold, Keep, Stop};
use super::*;

fn assert_all(verdict: OptOutVerdict, texts: &[&str]) {
    let wrong: Vec<_> =
        texts.iter().map(|text| (text, classify(text))).filter(|(_, found)| found.verdict != verdict).collect();
    assert!(wrong.is_empty(), "expected {verdict:?}: {wrong:#?}");
}

#[test]
fn every_word_that_the_law_and_the_carriers_name_is_an_opt_out() {
    assert_all(
        Stop,
        &[
            "stop",
            "quit",
            "end",
            "revoke",
            "STOP2END",
            "stopit",
            "opt out",
            "cancel",
            "unsubscribe",
            "STOPALL",
            "Stop All",
            "OPTOUT",
            "opt-out",
            "ARRET",
            "Arrêt",
            "TD",
            "remove",
            "unsub",
            "alto",
            "No Mas",
            "no más",
            "baja",
            "STOP.",
            " Stop! ",
            "*STOP*",
            "“Stop”",
            "STOP 🛑",
            "s.t.o.p",
            "Stop\n",
            "sToP",
            "ＳＴＯＰ",
            "stooooop",
            "stop stop",
            "Cancel",
            "STOP\nSent from my iPhone",
        ],
    );
}

#[test]
fn plain_english_counts() {
    assert_all(
        Stop,
        &[
            "take me off your list",
            "Take me off this list please",
            "Please stop texting me, we can meet Friday at 3pm for $99",
            "Please take us off your mailing list.",
            "stop texting me",
            "Stop texting me!!",
            "please stop messaging us",
            "STOP CONTACTING ME",
            "don't text me again",
            "dont text me anymore",
            "Do not contact me",
            "do not text this number",
            "leave me alone",
            "Leave me the hell alone",
            "remove my number",
            "Please remove my number from your system",
            "lose my number",
            "no more messages",
            "no more texts please",
            "please stop",
            "Please stop texting",
            "can you stop texting me",
            "I want you to stop texting me",
            "I asked you to stop texting me",
            "I said stop",
            "stop sending me these",
            "stop sending texts",
            "stop these messages",
            "how do I stop these texts?",
            "Stop with the texts",
            "remove me",
            "remove me from your list",
            "I don't want any more texts",
            "I do not want to receive messages",
            "I don’t want to be contacted",
            "I no longer wish to receive texts",
            "unsubscribe me",
            "I want to unsubscribe",
            "how do I opt out",
            "opt me out",
            "I'm opting out of this",
            "I revoke my consent",
            "put me on your do not call list",
            "Not interested. Stop.",
            "Not interested, please stop",
            "no thanks stop",
            "Hi John\nSTOP",
            "fuck off",
            "go away",
            "never text me again",
            "please delete my number",
            "quit texting me",
            "wrong number, stop texting me",
            "please stop\ntexting me",
            "stpo",
            "unsubcribe",
            "Stop. Who is this?",
            "I never signed up for this, stop",
            "remove from list",
            "Pls stop msging",
            "Please do not contact me any more.",
            "STOP, I am not interested in whatever you are selling there",
            "stop man",
            "No I can't, stop texting me",
        ],
    );
}

#[test]
fn plain_spanish_french_and_portuguese_count() {
    assert_all(
        Stop,
        &[
            "déjame en paz",
            "dejame en paz",
            "deja de escribirme",
            "dejen de mandarme mensajes",
            "no me escribas más",
            "No me envíen más mensajes",
            "no quiero recibir mensajes",
            "no más mensajes",
            "quítame de tu lista",
            "borra mi número",
            "denme de baja",
            "ya no me molesten",
            "arrêtez",
            "Arrêtez de m'écrire",
            "arrête de m'envoyer des messages",
            "laissez-moi tranquille",
            "ne m'écrivez plus",
            "ne me contactez plus",
            "plus de messages svp",
            "supprimez mon numéro",
            "désabonnez-moi",
            "stop svp",
            "pare de me mandar mensagem",
            "Pare de me mandar mensagens",
            "para de me mandar mensagem",
            "me deixa em paz",
            "me deixe em paz",
            "não me mande mais mensagens",
            "não quero mais receber mensagens",
            "remova meu número",
            "me tira dessa lista",
        ],
    );
}

#[test]
fn near_misses_are_kept() {
    assert_all(
        Keep,
        &[
            "can't stop thinking about it",
            "I can’t stop laughing",
            "stop by tomorrow",
            "I could stop by around 3",
            "can you stop by?",
            "I have to stop, battery dying",
            "How do I stop the trial?",
            "Want me to stop in on Friday?",
            "I'd like to cancel my appointment",
            "Can we cancel our meeting?",
            "need to cancel the demo tomorrow",
            "the end of the month",
            "by the end of the week works",
            "End of day is fine",
            "does it support end-to-end encryption?",
            "I quit my job last week",
            "one stop shop?",
            "it runs non-stop",
            "Don't stop now, I'm listening",
            "What's the bus stop near you?",
            "Tuesday works",
            "yes",
            "no",
            "No thanks",
            "Not interested",
            "who is this?",
            "Is this a bot?",
            "How much is it?",
            "We had to stop using our old provider last year",
            "don't call me, text me instead",
            "Text me, don't call me",
            "why don't you text me tomorrow",
            "if you don't text me by 5 I'll assume it's off",
            "Liked “Reply STOP to unsubscribe”",
            "Disliked \"Tuesday at 10?\"",
            "👍",
            "😂😂",
            "",
            "   ",
            "What does the back end run on?",
            "para el martes está bien",
            "el fin de mes",
            "la fin du mois me convient",
            "no final do mês",
            "I am out of the office",
            "Can you remove the second seat from the quote?",
            "when does it start?",
            "help",
            "Does your product let customers unsubscribe by themselves when they want?",
        ],
    );
}

#[test]
fn the_uncertain_waits_for_a_person() {
    assert_all(
        Hold,
        &[
            "wrong number",
            "You have the wrong person",
            "numero equivocado",
            "número errado",
            "mauvais numéro",
            "👎",
            "🖕",
            "please cancel",
            "don't text me before noon",
            "don't text me while I'm at work",
            "stop texting me so late",
            "I'm reporting you",
            "ok stop lol",
            "I will block you",
            "this is harassment",
            "enough!",
            "i dont want this",
            "Don't text, just call me",
            "Mike doesn't have this number anymore",
            "cancel it",
        ],
    );
    assert_eq!(classify("wrong number").rule, "wrong_number");
}

#[test]
fn a_word_that_is_only_mentioned_is_no_request() {
    assert_all(
        Keep,
        &[
            "If I opt out of the trial do I pay?",
            "how do our customers opt out when we send campaigns through your tool? legal is asking",
        ],
    );
}

#[test]
fn a_wish_with_a_deadline_is_one_and_hours_to_keep_to_are_none() {
    let at_once = ["I want these texts to end today", "take me off this list before I call a lawyer"];
    assert_all(Stop, &at_once);
    assert_all(Hold, &["don't text me before noon"]);
}

#[test]
fn a_stop_sign_alone_is_an_opt_out() {
    assert_all(Stop, &["🛑", "🛑🛑", " 🛑 ", "⛔️", "🚫"]);
    assert_eq!(classify("🛑").rule, "stop_emoji");
    assert_all(Hold, &["nope 🛑"]);
}

#[test]
fn reasons_quote_the_words_and_name_the_rule() {
    let found = classify("Hey. Please take me off your list, thanks");
    assert_eq!(found.rule, "off_the_list");
    assert_eq!(found.reason, "The lead asked not to be texted (\"take me off your list\").");
}

#[test]
fn a_wish_that_no_rule_knows_is_heard_and_its_sentence_quoted() {
    let text =
        "Thanks for the quote on the fence. Kindly see to it that I get none of these from now on. Happy holidays!";
    assert_eq!(Read::of(text).by_rules().verdict, Keep);
    let found = classify(text);
    assert_ne!(found.verdict, Keep, "never-after-stop");
    assert_eq!(found.rule, "learned");
    assert!(found.reason.contains("(\"Kindly see to it that I get none of these from now on.\")"), "{}", found.reason);
}

#[test]
fn a_text_of_unknown_words_asks_for_nothing() {
    assert_all(Keep, &["zwxq", "Qwyjibo Plugh", "7", "hm", "Abcdef ghijkl mnopqr stuvwx?"]);
}

#[test]
fn opt_in_is_a_whole_message() {
    assert!(is_opt_in("Start") && is_opt_in("UNSTOP!") && is_opt_in("yes"));
    assert!(!is_opt_in("yes, Tuesday works") && !is_opt_in("when do we start"));
}

proptest! {
    #[test]
    fn case_spaces_punctuation_and_emoji_never_hide_a_keyword(
        word in proptest::sample::select(STOP_WORDS),
        before in "[ .!*\"🙏]{0,3}",
        after in "[ .!?*\"🛑👍🏽]{0,4}",
        shout in any::<bool>(),
    ) {
        let word = if shout { word.to_uppercase() } else { word.to_owned() };
        prop_assert_eq!(classify(&format!("{before}{word}{after}")).verdict, Stop);
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
        let _ = classify(&text);
    }
}

#[test]
fn a_stop_written_with_letters_that_only_look_latin_is_a_stop() {
    for text in ["\u{455}top", "STO\u{420}", "\u{405}T\u{41e}\u{420}", "unsu\u{62}scrib\u{435}"] {
        assert_eq!(classify(text).verdict, OptOutVerdict::Stop, "{text}");
    }
    assert_eq!(classify("\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}").verdict, OptOutVerdict::Keep, "a greeting");
}

#[test]
fn of_a_monstrous_text_the_beginning_is_read_and_a_person_looks_at_the_rest() {
    let long = |start: &str| format!("{start} {}", "é,".repeat(100_000));
    assert_eq!(classify(&long("ok")).verdict, OptOutVerdict::Hold);
    assert_eq!(classify(&long("ok")).rule, "too_long");
    assert_eq!(classify(&long("please stop texting me.")).verdict, OptOutVerdict::Stop);
}
