//! A reply and what is known, as somebody writes it down to have it checked.

use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::check::{self, Candidate, Standing};
use super::{
    Author, Booking, Finding, Intent, LeadFacts, Message, Notices, Offer, Organisation, Policy, Proposal, Slot,
    TurnContext, Verdict, placeholder,
};
use crate::sms::normalise;
use crate::sms::zones::time_zone;

/// How old a message without a time is taken to be, in hours.
const UNDATED: i64 = 48;

/// A reply and what is known. Everything but the text may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Scene {
    /// The reply, with or without placeholders.
    text: String,
    /// The instant at which it would go; the machine's time when left out.
    now: Option<Timestamp>,
    /// The lead's IANA zone; the office's when left out.
    #[serde(alias = "timezone")]
    zone: Option<String>,
    /// The lead's texts that it answers.
    #[serde(alias = "lead_text", alias = "new_texts", alias = "inbound")]
    texts: OneOrMany,
    /// What was said before, oldest first.
    history: Vec<Said>,
    /// What Close knows of the lead.
    lead: LeadFacts,
    /// Who texts.
    organisation: Option<Organisation>,
    /// The times on offer: an instant, or `{"start":…,"url":…}`.
    slots: Vec<Offered>,
    /// The lead's meetings.
    bookings: Vec<Booking>,
    /// The link that `{booking_link}` stands for.
    booking_link: Option<String>,
    /// What the model was given as knowledge.
    #[serde(alias = "known_text", alias = "facts")]
    knowledge: OneOrMany,
    /// What the model named as the lead's wish.
    intent: Option<Intent>,
    /// What the reply must say beside its answer.
    notices: Notices,
    /// Segments allowed.
    segments_max: Option<u32>,
    /// Hosts a reply may link to.
    link_hosts: Vec<String>,
    /// Why the phone may not be texted.
    suppressed: Option<String>,
    /// The kill switch is on.
    paused: bool,
    /// A rep has the conversation.
    takeover: bool,
}

/// Why what somebody wrote down is no scene.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// A key has a value of another kind.
    #[error("\"{key}\" cannot be read: {reason}")]
    Unreadable {
        /// The key.
        key: String,
        /// What is wrong with its value.
        reason: String,
    },
    /// A zone that nobody knows.
    #[error("\"{key}\": {zone:?} is not a time zone such as America/Denver")]
    Zone {
        /// The key.
        key: &'static str,
        /// Its value.
        zone: String,
    },
    /// A booking link that is none.
    #[error("\"booking_link\": {0:?} is not a web address such as https://calendly.com/acme/visit")]
    Link(String),
}

/// One text, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "one text, or a list of texts")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Said {
    author: Author,
    text: String,
    #[serde(default)]
    at: Option<Timestamp>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "a slot is an instant with its zone (\"2026-12-01T17:00:00Z\"), or an object with such a \"start\" and its \"url\""
)]
enum Offered {
    At(Timestamp),
    Slot(Slot),
}

/// What the checks say.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// The gravest verdict.
    pub verdict: Verdict,
    /// The reply as the lead would read it.
    pub text: String,
    /// What each check found; the passes only where they were asked for.
    pub findings: Vec<Finding>,
}

impl Judged {
    /// The same as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Which of several keys cannot be read: the first that cannot be read alone.
fn unreadable(object: &Map<String, Value>, error: &serde_json::Error) -> SceneError {
    let alone = |(key, value): (&String, &Value)| {
        let only = Map::from_iter([(key.clone(), value.clone())]);
        let error = serde_json::from_value::<Scene>(Value::Object(only)).err()?;
        Some(SceneError::Unreadable { key: key.clone(), reason: error.to_string() })
    };
    object
        .iter()
        .find_map(alone)
        .unwrap_or_else(|| SceneError::Unreadable { key: "text".to_owned(), reason: error.to_string() })
}

fn is_web_address(link: &str) -> bool {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://")).unwrap_or(link);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    !link.contains(char::is_whitespace) && (name.contains('.') || name == "localhost") && !host.contains('(')
}

impl Scene {
    /// A reply of which nothing more is known.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// A reply with what is known.
    ///
    /// # Errors
    /// [`SceneError`] with the key that cannot be read.
    pub fn of_object(object: &Map<String, Value>) -> Result<Self, SceneError> {
        // Null is absence.
        let given: Map<String, Value> = object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let scene: Self =
            serde_json::from_value(Value::Object(given.clone())).map_err(|error| unreadable(&given, &error))?;
        let organisation =
            scene.organisation.as_ref().map(|organisation| ("organisation.timezone", &organisation.timezone));
        let own = scene.zone.iter().map(|zone| ("zone", zone)).chain(organisation);
        let mut zones = own.chain(scene.lead.zones.iter().map(|zone| ("lead.zones", zone)));
        if let Some((key, zone)) = zones.find(|(_, zone)| !zone.is_empty() && time_zone(zone).is_none()) {
            return Err(SceneError::Zone { key, zone: zone.clone() });
        }
        match &scene.booking_link {
            Some(link) if !link.trim().is_empty() && !is_web_address(link) => Err(SceneError::Link(link.clone())),
            _ => Ok(scene),
        }
    }

    /// The same reply in answer to a text.
    #[must_use]
    pub fn in_answer_to(mut self, texts: Vec<String>) -> Self {
        if !texts.is_empty() {
            self.texts = OneOrMany::Many(texts);
        }
        self
    }

    /// The same reply of a house with these rules, whose prompts know this.
    #[must_use]
    pub fn of_house(mut self, organisation: &Organisation, policy: &Policy, knowledge: Vec<String>) -> Self {
        self.organisation = Some(organisation.clone());
        self.segments_max = Some(policy.segments_max);
        self.link_hosts.clone_from(&policy.link_hosts);
        self.knowledge = OneOrMany::Many(knowledge);
        self
    }

    /// Runs the checks.
    #[must_use]
    pub fn judged(&self, now: Timestamp, with_passes: bool) -> Judged {
        let (mut findings, text, unfilled) = self.looked_at(now, check::run);
        if let Some(sentence) = unfilled {
            findings.retain(|finding| finding.check != "placeholder");
            findings.push(Finding { check: "placeholder".to_owned(), verdict: Verdict::Regenerate, sentence });
        }
        let verdict = check::gravest(&findings);
        findings.retain(|finding| with_passes || finding.tells());
        Judged { verdict, text, findings }
    }

    /// What is seen in the reply as it would leave, the reply itself, and what a placeholder cannot be filled with.
    pub(super) fn looked_at<T>(
        &self,
        now: Timestamp,
        look: impl FnOnce(&Candidate<'_>) -> T,
    ) -> (T, String, Option<String>) {
        let ctx = self.context(self.now.unwrap_or(now));
        let expanded = placeholder::expand(&self.text, &ctx, self.booking_link.as_deref());
        let (text, unfilled) = match expanded {
            Ok(expanded) => (normalise(expanded.text.trim()), None),
            Err(error) => (normalise(self.text.trim()), Some(error.to_string())),
        };
        let text = ctx.notices.complete(&text, &ctx);
        let proposal = self.proposal();
        let (policy, standing) = (self.policy(), self.standing(&ctx));
        let seen = look(&Candidate {
            ctx: &ctx,
            proposal: &proposal,
            text: &text,
            policy: &policy,
            standing: &standing,
            booking_link: self.booking_link.as_deref(),
        });
        (seen, text, unfilled)
    }

    fn context(&self, now: Timestamp) -> TurnContext {
        let message = |author, text: &str, at| Message {
            activity_id: String::new(),
            author,
            text: text.to_owned(),
            at,
            attachments: 0,
        };
        // A rep's word of which nobody says when it was said stands in nobody's way.
        let long_ago = now.checked_sub(UNDATED.hours()).unwrap_or(now);
        let mut lead = self.lead.clone();
        if let Some(zone) = &self.zone {
            lead.zones.insert(0, zone.clone());
        }
        let is_over = |slot: &Slot| self.now.is_some_and(|now| slot.start <= now);
        let slot = |offered: &Offered| match offered {
            Offered::At(start) => Slot { start: *start, url: String::new() },
            Offered::Slot(slot) => slot.clone(),
        };
        TurnContext {
            now,
            organisation: self.organisation.clone().unwrap_or_default(),
            lead,
            history: self
                .history
                .iter()
                .map(|said| message(said.author, &said.text, said.at.unwrap_or(long_ago)))
                .collect(),
            new_texts: self.texts.all().iter().map(|text| message(Author::Lead, text, now)).collect(),
            summary: None,
            offer: Offer {
                // Nobody offers what is over.
                slots: self.slots.iter().map(slot).filter(|slot| !is_over(slot)).collect(),
                link_available: self.booking_link.as_ref().is_some_and(|link| !link.trim().is_empty()),
                ..Offer::default()
            },
            bookings: self.bookings.clone(),
            instruction: None,
            notices: self.notices.clone(),
        }
    }

    fn proposal(&self) -> Proposal {
        Proposal::reply(self.text.clone(), self.intent.unwrap_or(Intent::Other))
    }

    fn policy(&self) -> Policy {
        let default = Policy::default();
        Policy {
            segments_max: self.segments_max.unwrap_or(default.segments_max),
            link_hosts: self.link_hosts.clone(),
            ..default
        }
    }

    fn standing(&self, ctx: &TurnContext) -> Standing {
        Standing {
            suppressed: self.suppressed.clone(),
            paused: self.paused,
            takeover: self.takeover,
            known_text: self.knowledge.all().to_vec(),
            ..Standing::clear(ctx.now)
        }
    }
}
