use proptest::prelude::*;

use super::*;
use crate::conversation::Intent;
use crate::conversation::check::fixture::Scene;
use crate::conversation::check::run;
use crate::sms::{Clues, Phone};

fn decided(scene: &Scene) -> Decision {
    decide(&scene.candidate(), &run(&scene.candidate()))
}

fn changed(change: impl FnOnce(&mut Scene)) -> Decision {
    let mut scene = Scene::new("Happy to help!");
    change(&mut scene);
    decided(&scene)
}

#[test]
fn a_clean_reply_in_automatic_mode_goes_out() {
    assert_eq!(changed(|_| {}), Decision::Send { text: "Happy to help!".to_owned(), not_before: None });
}

#[test]
fn a_reply_outside_legal_hours_waits_for_them() {
    let later: Timestamp = "2026-11-25T17:00:00Z".parse().expect("a timestamp");
    let decision = changed(|scene| scene.standing.send_allowed_at = Some(later));
    assert_eq!(decision, Decision::Send { text: "Happy to help!".to_owned(), not_before: Some(later) });
}

#[test]
fn a_reply_that_no_common_hour_allows_waits_for_a_person() {
    let decision = changed(|scene| scene.standing.send_allowed_at = None);
    assert!(matches!(decision, Decision::Draft { reason, .. } if reason.contains("zone")));
}

fn hours_later(at: Timestamp, hours: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(hours)).expect("in range")
}

#[test]
fn each_situation_has_its_decision() {
    type Change = fn(&mut Scene);
    let table: &[(&str, Change, &str, &str)] = &[
        ("opt-out flag", |s| s.proposal.opt_out = true, "opt_out", "not to be texted"),
        ("opt-out intent", |s| s.proposal.intent = Intent::OptOut, "opt_out", "not to be texted"),
        ("suppressed", |s| s.standing.suppressed = Some("wrote STOP".into()), "silence", "wrote STOP"),
        ("paused", |s| s.standing.paused = true, "hand_off", "paused"),
        ("takeover", |s| s.standing.takeover = true, "silence", "taken over"),
        ("policy off", |s| s.policy.mode = Mode::Off, "silence", "off"),
        ("conversation off", |s| s.standing.conversation_mode = Some(Mode::Off), "silence", "off"),
        ("draft mode", |s| s.policy.mode = Mode::Draft, "draft", "Draft mode"),
        ("conversation draft", |s| s.standing.conversation_mode = Some(Mode::Draft), "draft", "Draft mode"),
        (
            "do not contact",
            |s| s.ctx.lead.status = Some("Do Not Contact".into()),
            "draft",
            "the status \"Do Not Contact\"",
        ),
        (
            "a status that is off",
            |s| {
                s.policy.statuses.off = vec!["customer".into()];
                s.ctx.lead.status = Some("Customer".into());
                s.standing.conversation_mode = Some(Mode::Auto);
            },
            "silence",
            "the status \"Customer\"",
        ),
        ("complaint", |s| s.proposal.intent = Intent::Complaint, "draft", "a complaint"),
        ("legal threat", |s| s.proposal.intent = Intent::LegalThreat, "draft", "a legal threat"),
        ("wants a person", |s| s.proposal.wants_human = true, "draft", "asks for a person"),
        ("first contact", |s| s.standing.first_contact = true, "draft", "first answer"),
        ("cap", |s| s.standing.sent_1h = 200, "draft", "cap of 200"),
        ("an old text", |s| s.ctx.now = hours_later(s.ctx.now, 26), "draft", "26 hours ago"),
        ("unstructured", |s| s.proposal.structured = false, "draft", "format"),
        ("invented time", |s| s.text = "At 4:15 pm?".into(), "draft", "4:15 pm"),
        ("no text", |s| s.text = " ".into(), "hand_off", "no reply"),
        (
            "no text, wants a person",
            |s| {
                s.text.clear();
                s.proposal.wants_human = true;
            },
            "hand_off",
            "asks for a person",
        ),
        (
            "opt-out while paused",
            |s| {
                s.standing.paused = true;
                s.proposal.opt_out = true;
            },
            "opt_out",
            "not to be texted",
        ),
    ];
    for (name, change, decision, reason) in table {
        let found = changed(change);
        assert_eq!(found.as_str(), *decision, "{name}: {found:?}");
        assert!(found.reason().contains(reason), "{name}: {found:?}");
    }
}

#[test]
fn a_mended_text_still_goes_out() {
    assert_eq!(changed(|scene| scene.text = "Sí, claro".to_owned()).as_str(), "send");
}

#[test]
fn only_the_leads_fresh_text_is_answered_at_any_hour() {
    let mut scene = Scene::new("");
    let (rules, phone) = (Rulebook::default(), Phone::parse("+13035550142").expect("a number"));
    let night: Timestamp = "2026-12-01T08:00:00Z".parse().expect("a timestamp");
    let opens: Timestamp = "2026-12-01T17:00:00Z".parse().expect("a timestamp");
    for (age_s, fresh) in [(0, true), (600, true), (601, false)] {
        scene.ctx.now = night;
        scene.ctx.new_texts[0].at = night.checked_sub(SignedDuration::from_secs(age_s)).expect("in range");
        let answers = scene.ctx.newest_text_at();
        assert_eq!(is_fresh(scene.ctx.now, answers, &scene.policy), fresh, "{age_s} s");
        let expected = if fresh { night } else { opens };
        let clues = Clues { phone: Some(&phone), zones: &scene.ctx.lead.zones, addresses: &[] };
        let allowed = send_allowed_at(scene.ctx.now, answers, &scene.policy, &Places::of(clues), &rules);
        assert_eq!(allowed, Some(expected));
    }
    scene.ctx.new_texts.clear();
    assert!(!is_fresh(scene.ctx.now, scene.ctx.newest_text_at(), &scene.policy));
}

fn mode() -> impl Strategy<Value = Mode> {
    proptest::sample::select(vec![Mode::Off, Mode::Draft, Mode::Auto])
}

prop_compose! {
    fn scene()(
        text in prop_oneof![Just(String::new()), Just("Happy to help!".to_owned()), "\\PC{0,60}"],
        intent in proptest::sample::select(Intent::ALL),
        (wants_human, opt_out, structured) in any::<(bool, bool, bool)>(),
        (suppressed, paused, takeover, first_contact) in any::<(bool, bool, bool, bool)>(),
        conversation_mode in proptest::option::of(mode()),
        (default_mode, intent_mode) in (mode(), mode()),
        sent in 0_u32..30,
    ) -> Scene {
        let mut scene = Scene::new(&text);
        scene.proposal.intent = intent;
        scene.proposal.wants_human = wants_human;
        scene.proposal.opt_out = opt_out;
        scene.proposal.structured = structured;
        scene.standing.suppressed = suppressed.then(|| "opted out".to_owned());
        scene.standing.paused = paused;
        scene.standing.takeover = takeover;
        scene.standing.first_contact = first_contact;
        scene.standing.conversation_mode = conversation_mode;
        scene.standing.sent_to_lead_24h = sent;
        scene.policy.mode = default_mode;
        scene.policy.intents.insert(intent, intent_mode);
        scene
    }
}

proptest! {
    #[test]
    fn never_after_stop_never_over_a_human_never_while_paused(scene in scene(), findings in any::<bool>()) {
        let all = run(&scene.candidate());
        let decision = decide(&scene.candidate(), if findings { &all } else { &[] });
        let standing = &scene.standing;
        if standing.suppressed.is_some() || standing.paused || standing.takeover {
            prop_assert_eq!(decision.text(), None);
        }
    }

    #[test]
    fn a_person_decides_on_what_is_never_automatic(scene in scene(), findings in any::<bool>()) {
        let all = run(&scene.candidate());
        let decision = decide(&scene.candidate(), if findings { &all } else { &[] });
        let proposal = &scene.proposal;
        if proposal.intent.is_never_auto() || proposal.wants_human || proposal.opt_out || !proposal.structured {
            prop_assert_ne!(decision.as_str(), "send");
        }
    }

    #[test]
    fn nothing_goes_out_over_a_finding_or_without_automatic_mode_and_every_silence_has_a_reason(scene in scene()) {
        let findings = run(&scene.candidate());
        let decision = decide(&scene.candidate(), &findings);
        if let Decision::Send { text, .. } = &decision {
            prop_assert!(findings.iter().all(|finding| finding.verdict < Verdict::Regenerate));
            let mode = scene.policy.mode_for(scene.standing.conversation_mode, scene.proposal.intent);
            prop_assert_eq!(mode, Mode::Auto);
            prop_assert!(!text.is_empty());
        } else {
            prop_assert!(!decision.reason().is_empty());
        }
    }
}
