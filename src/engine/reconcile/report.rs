//! What a comparison with Close found.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// Findings that are listed one by one; beyond them they are only counted.
const LISTED_MAX: usize = 500;

/// What is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The lead may have got a text of ours twice. It cannot be undone.
    SentTwice,
    /// A lead's text that no conversation knows of.
    MissingText,
    /// A rep's recent text that Rapport did not know of.
    MissingRep,
    /// Close and Rapport disagree on how a text of ours ended.
    Disagreement,
    /// A text of ours whose end is not known, though Close was asked again and again.
    Unsettled,
    /// A draft of ours in Close that is not wanted any more.
    OrphanDraft,
    /// A conversation in which something waits and no alarm is set.
    Asleep,
    /// Conversations whose alarm rang long ago.
    Overdue,
    /// The webhook subscription does not work.
    Subscription,
}

impl Kind {
    /// Every kind, the gravest first.
    pub const ALL: &[Self] = &[
        Self::SentTwice,
        Self::MissingText,
        Self::MissingRep,
        Self::Disagreement,
        Self::Unsettled,
        Self::OrphanDraft,
        Self::Asleep,
        Self::Overdue,
        Self::Subscription,
    ];

    /// The name in the metrics and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SentTwice => "sent_twice",
            Self::MissingText => "missing_text",
            Self::MissingRep => "missing_rep",
            Self::Disagreement => "disagreement",
            Self::Unsettled => "unsettled",
            Self::OrphanDraft => "orphan_draft",
            Self::Asleep => "asleep",
            Self::Overdue => "overdue",
            Self::Subscription => "subscription",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// What was found, in a sentence without the words of the text.
    pub what: String,
    /// When the text it is about was made, sent or received.
    pub at: Option<Timestamp>,
    /// Our conversation, if there is one.
    pub conversation_id: Option<String>,
    /// Close's lead, if it is known.
    pub lead_id: Option<String>,
    /// Close's activity.
    pub activity_id: Option<String>,
    /// What was done about it; none while it is open.
    pub mended: Option<String>,
}

impl Finding {
    /// An open finding about nothing in particular.
    pub(super) fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            at: None,
            conversation_id: None,
            lead_id: None,
            activity_id: None,
            mended: None,
        }
    }
}

/// How many of a kind there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// All of them.
    pub found: usize,
    /// Those that were mended.
    pub mended: usize,
}

/// A comparison of what Close holds with what Rapport holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// From when on texts were compared.
    pub since: Timestamp,
    /// Up to when.
    pub until: Timestamp,
    /// Texts compared.
    pub texts: usize,
    /// Those of them that Rapport sent.
    pub ours: usize,
    /// How many there are of each kind.
    pub counts: BTreeMap<Kind, Count>,
    /// What was found; at most [`LISTED_MAX`] are listed.
    pub findings: Vec<Finding>,
    /// How the subscription is, in a sentence; none if nobody asked.
    pub subscription: Option<String>,
}

impl Report {
    pub(super) fn new(since: Timestamp, until: Timestamp) -> Self {
        Self { since, until, texts: 0, ours: 0, counts: BTreeMap::new(), findings: Vec::new(), subscription: None }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.kind).or_default();
        count.found += 1;
        count.mended += usize::from(finding.mended.is_some());
        if self.findings.len() < LISTED_MAX {
            self.findings.push(finding);
        }
    }

    /// How many there are of a kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> Count {
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    /// What is wrong and was not mended.
    #[must_use]
    pub fn open(&self) -> usize {
        self.counts.values().map(|count| count.found - count.mended).sum()
    }
}
