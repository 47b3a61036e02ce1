//! One turn, for the tests of this room: a lead in Denver, two slots, a meeting.

use super::{Candidate, Standing, Verdict};
use crate::conversation::context::{Booking, Organisation, TurnContext};
use crate::conversation::intent::Intent;
use crate::conversation::lead::LeadFacts;
use crate::conversation::message::{Author, Message};
use crate::conversation::notices::Notices;
use crate::conversation::policy::{Mode, Policy};
use crate::conversation::proposal::Proposal;
use crate::conversation::slot::{Offer, Slot};

pub(crate) const BOOKING_LINK: &str = "https://cal.example.com/b/1";

pub(crate) fn message(author: Author, text: &str) -> Message {
    let at = "2026-11-24T17:59:00Z".parse().expect("a timestamp");
    Message { activity_id: "acti_1".to_owned(), author, text: text.to_owned(), at, attachments: 0 }
}

pub(crate) fn ctx() -> TurnContext {
    let slot = |start: &str, number: u32| Slot {
        start: start.parse().expect("a timestamp"),
        url: format!("https://cal.example.com/s/{number}"),
    };
    TurnContext {
        now: "2026-11-24T18:00:00Z".parse().expect("a timestamp"),
        organisation: Organisation { name: "Acme Solar".to_owned(), ..Organisation::default() },
        lead: LeadFacts {
            zones: vec!["America/Denver".to_owned()],
            email: Some("pat@example.com".to_owned()),
            ..LeadFacts::default()
        },
        history: vec![message(Author::Agent, "Hi Pat, this is Alex from Acme Solar. Would a quick call help?")],
        new_texts: vec![message(Author::Lead, "Sure, what do you have?")],
        summary: None,
        offer: Offer {
            slots: vec![slot("2026-12-01T17:00:00Z", 1), slot("2026-12-02T21:30:00Z", 2)],
            link_available: true,
            ..Offer::default()
        },
        bookings: vec![Booking {
            name: "Intro call".to_owned(),
            start: "2026-12-03T16:00:00Z".parse().expect("a timestamp"),
            reschedule_url: Some("https://cal.example.com/r".to_owned()),
            cancel_url: Some("https://cal.example.com/c".to_owned()),
        }],
        instruction: None,
        notices: Notices::default(),
    }
}

/// Everything a candidate borrows.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) ctx: TurnContext,
    pub(crate) proposal: Proposal,
    pub(crate) text: String,
    pub(crate) policy: Policy,
    pub(crate) standing: Standing,
}

impl Scene {
    /// A reply in automatic mode with nothing in its way.
    pub(crate) fn new(text: &str) -> Self {
        let ctx = ctx();
        let standing = Standing {
            known_text: vec![
                "Plans start at $1,200 and save 30%. Open weekdays, Monday to Friday, from 8am to 6pm. See https://acme.example/faq".into(),
            ],
            ..Standing::clear(ctx.now)
        };
        Self {
            ctx,
            proposal: Proposal::reply(text, Intent::Booking),
            text: text.to_owned(),
            policy: Policy { mode: Mode::Auto, ..Policy::default() },
            standing,
        }
    }

    pub(crate) fn heard(mut self, text: &str) -> Self {
        self.ctx.new_texts = vec![message(Author::Lead, text)];
        self
    }

    pub(crate) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            ctx: &self.ctx,
            proposal: &self.proposal,
            text: &self.text,
            policy: &self.policy,
            standing: &self.standing,
            booking_link: Some(BOOKING_LINK),
        }
    }
}

/// Stories of one firm: what is right passes, what is wrong goes back or to a person at least.
pub(crate) fn assert_told(verdict: impl Fn(&str) -> Verdict, right: &[&str], wrong: &[&str]) {
    for text in right {
        assert_eq!(verdict(text), Verdict::Pass, "never-invented stops only what is invented: {text}");
    }
    for text in wrong {
        assert!(verdict(text) >= Verdict::Regenerate, "never-invented: {text}");
    }
}
