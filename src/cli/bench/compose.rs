//! `rapport bench compose`: how long it takes to write a prompt, and what its token counts cost.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use jiff::SignedDuration;

use super::report::{Report, Target};
use super::{Common, percentile};
use crate::cli::bench::machine::Machine;
use crate::conversation::{Author, Booking, LeadFacts, Message, Notices, Offer, Slot, TurnContext};
use crate::prompt::{Budget, Hints, Library, Memo, Tiktoken, TokenCounter, TurnPrompt, compose_turn};
use crate::runtime::Clock;
use crate::runtime::clock::until;

/// Messages of a conversation that just fits.
const ORDINARY: usize = 250;

/// Measure composing.
#[derive(Debug, Args)]
pub struct Compose {
    #[command(flatten)]
    common: Common,
    /// Prompts written for each figure.
    #[arg(long, default_value_t = 200, value_name = "N")]
    rounds: usize,
    /// Tokens a prompt may have. With 8,000 the conversation measured fits whole, in about 6,000.
    #[arg(long, default_value_t = 8_000, value_name = "N")]
    tokens: usize,
    /// Messages of the long conversation.
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    history: usize,
}

impl Compose {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let clock = Clock::system();
        let place = self.common.place()?;
        let bench = Bench { clock, library: library()?, tokens: self.tokens, rounds: self.rounds.max(1) };
        let ordinary = context(ORDINARY, &bench.clock);
        let long = context(self.history, &bench.clock);
        let remembering: Arc<dyn TokenCounter> = Arc::new(Memo::new(Tiktoken::for_encoding("o200k_base")?));
        let size = bench.compose(&ordinary, remembering.as_ref())?.prompt_tokens;
        bench.compose(&long, remembering.as_ref())?;
        let cached = bench.times_ms(&ordinary, || Ok(remembering.clone()))?;
        let counted = bench.times_ms(&ordinary, || Ok(Arc::new(Memo::new(Tiktoken::for_encoding("o200k_base")?))))?;
        let grown = bench.growing_ms(long, remembering.as_ref())?;
        let mut report = Report::new("compose", "no database", Machine::probe(place.folder(), &bench.clock)?);
        report.figure("tokens of the prompt", usize_as_f64(size), "");
        report.figure("counts known, p99", percentile(&cached, 0.99), "ms");
        report.figure("counts not known, p99", percentile(&counted, 0.99), "ms");
        report.ratio("counts known, p50 in ms", percentile(&cached, 0.5), Target::AtMost(0.3));
        report.ratio("counts not known, p50 in ms", percentile(&counted, 0.5), Target::AtMost(5.0));
        let name = format!("a new text after {} messages, p50 in ms", self.history);
        report.ratio(name, percentile(&grown, 0.5), Target::AtMost(20.0));
        self.common.finish(&report)
    }
}

struct Bench {
    clock: Clock,
    library: Library,
    tokens: usize,
    rounds: usize,
}

impl Bench {
    fn compose(&self, context: &TurnContext, counter: &dyn TokenCounter) -> anyhow::Result<TurnPrompt> {
        let budget = Budget::for_model(128_000, 1_000, 300, self.tokens, counter);
        compose_turn(context, &self.library, &budget, counter, Hints::default()).context("the benchmark's own prompt")
    }

    /// The same turn again and again, each with the counter that `counter` gives.
    fn times_ms(
        &self,
        context: &TurnContext,
        counter: impl Fn() -> anyhow::Result<Arc<dyn TokenCounter>>,
    ) -> anyhow::Result<Vec<f64>> {
        (0..self.rounds)
            .map(|_| {
                let counter = counter()?;
                let begun = self.clock.now();
                self.compose(context, counter.as_ref())?;
                Ok(until(begun, self.clock.now()).as_secs_f64() * 1e3)
            })
            .collect()
    }

    /// A conversation in which a text follows a text.
    fn growing_ms(&self, mut context: TurnContext, counter: &dyn TokenCounter) -> anyhow::Result<Vec<f64>> {
        let texts = (0..self.rounds).map(|n| message(context.history.len() + n, &self.clock)).collect::<Vec<_>>();
        texts
            .into_iter()
            .map(|text| {
                context.history.append(&mut context.new_texts);
                context.new_texts.push(text);
                let begun = self.clock.now();
                self.compose(&context, counter)?;
                Ok(until(begun, self.clock.now()).as_secs_f64() * 1e3)
            })
            .collect()
    }
}

/// The shipped prompts with forty passages of knowledge, and sections large enough to fill the prompt.
fn library() -> anyhow::Result<Library> {
    let mut files = Library::embedded_files();
    for (path, text) in &mut files {
        if path == "reply.md" {
            *text = text.replace("history: {ceiling: 1500}", "history: {ceiling: 7000}");
        }
    }
    let passage = |n: usize| {
        let words = "We come out, measure every window, and write an offer that holds for thirty days. ".repeat(4);
        format!("# Price of measure number {n}\nThe price of a visit in area {n} is {} dollars. {words}\n", 40 + n)
    };
    files.push(("knowledge/prices.md".to_owned(), (0..40).map(passage).collect()));
    Ok(Library::from_files(files)?)
}

fn message(n: usize, clock: &Clock) -> Message {
    const SAID: [&str; 4] = [
        "Could you tell me what a visit costs, and whether the price changes if we do all nine windows at once?",
        "Sure! The visit is free. For nine windows we would measure first, which takes about an hour.",
        "ok. my husband is home on tuesdays and fridays, otherwise after five",
        "Got it. Does Tuesday work, or would you rather have somebody call you before?",
    ];
    let minutes = i64::try_from(n).unwrap_or_default() - 1_000_000;
    Message {
        activity_id: format!("acti_{n}"),
        author: if n.is_multiple_of(2) { Author::Lead } else { Author::Agent },
        text: format!("{} ({n})", SAID[n % SAID.len()]),
        at: clock.now().checked_add(SignedDuration::from_mins(minutes)).unwrap_or_default(),
        attachments: 0,
    }
}

fn context(messages: usize, clock: &Clock) -> TurnContext {
    let now = clock.now();
    TurnContext {
        now,
        organisation: crate::conversation::Organisation::default(),
        lead: LeadFacts {
            contact_name: Some("Maria Lopez".to_owned()),
            lead_name: Some("Saguaro Bakery".to_owned()),
            zones: vec!["America/Denver".to_owned()],
            notes: vec!["Saw hail damage on the north side. Wants it fixed before winter.".to_owned(); 3],
            custom: (0..10)
                .map(|n| (format!("Field {n}"), "A value of some length, as people write".to_owned()))
                .collect(),
            ..LeadFacts::default()
        },
        history: (0..messages).map(|n| message(n, clock)).collect(),
        new_texts: vec![message(messages, clock)],
        summary: Some("Maria asked about nine windows and prefers Tuesdays. ".repeat(6)),
        offer: Offer {
            slots: vec![Slot { start: now, url: "https://calendly.example/x".to_owned() }; 6],
            meeting: Some("Measuring visit".to_owned()),
            duration_minutes: Some(45),
            link_available: true,
            unavailable: None,
        },
        bookings: vec![Booking { name: "Intro".to_owned(), start: now, reschedule_url: None, cancel_url: None }],
        instruction: None,
        notices: Notices::default(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn usize_as_f64(count: usize) -> f64 {
    count as f64
}
