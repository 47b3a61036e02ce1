//! SMS activities: what was texted, and the two steps of sending.
//!
//! Close's SMS statuses, and which change is allowed, stand in its API documentation under "Activities: SMS".

use std::collections::HashSet;

use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client::{Call, CloseClient, path_id, query_time};
use super::error::CloseError;
use super::json::Fields;
use super::span::{InSpan, Span};
use crate::runtime::upstream::CallKind;

/// Close's default and, on most resources, largest page.
const PAGE_SIZE: usize = 100;
/// How much of a page is asked for again with the next one: what is deleted meanwhile moves the rest forward.
const PAGE_OVERLAP: usize = 5;
const LIST: &str = "list the texts at Close";

/// Which way a text went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the lead.
    Inbound,
    /// To the lead.
    Outbound,
    /// Close did not say, or said something new.
    Other,
}

/// How far a text is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsStatus {
    /// Received.
    Inbox,
    /// Being written; the only status in which it may be changed or sent.
    Draft,
    /// To be sent later.
    Scheduled,
    /// Being sent.
    Outbox,
    /// Sent. Close knows no "delivered".
    Sent,
    /// Not sent; `error_message` may say why.
    Error,
    /// A status this program does not know; empty if there was none.
    Other(String),
}

impl SmsStatus {
    fn parse(status: &str) -> Self {
        match status.to_ascii_lowercase().as_str() {
            "inbox" => Self::Inbox,
            "draft" => Self::Draft,
            "scheduled" => Self::Scheduled,
            "outbox" => Self::Outbox,
            "sent" => Self::Sent,
            "error" => Self::Error,
            _ => Self::Other(status.to_owned()),
        }
    }
}

/// A text message as Close holds it. Whatever Close left out or filled with something else is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsActivity {
    /// `acti_…`.
    pub id: String,
    /// `lead_…`; none while Close has not matched the number.
    pub lead_id: Option<String>,
    /// `cont_…`.
    pub contact_id: Option<String>,
    /// The Close user it belongs to; for an inbound text, whose number it came to.
    pub user_id: Option<String>,
    /// Which way it went; derived from the status when Close does not say.
    pub direction: Direction,
    /// How far it is.
    pub status: SmsStatus,
    /// What it says; none for a picture without words.
    pub text: Option<String>,
    /// Our number, E.164.
    pub local_phone: Option<String>,
    /// The lead's number, E.164.
    pub remote_phone: Option<String>,
    /// When the activity was made.
    pub date_created: Option<Timestamp>,
    /// When it left.
    pub date_sent: Option<Timestamp>,
    /// Its place in Close's timeline.
    pub activity_at: Option<Timestamp>,
    /// Why it was not sent, in Close's or the carrier's words.
    pub error_message: Option<String>,
    /// The workflow that sent it.
    pub sequence_id: Option<String>,
    /// The Close user who made it; none for an inbound text.
    pub created_by: Option<String>,
    /// How many pictures or files came with it.
    pub attachments: u32,
}

impl SmsActivity {
    /// Reads an SMS activity, leniently; none when it is not an object with an id.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        let fields = Fields::of(value);
        let status = SmsStatus::parse(&fields.text("status").unwrap_or_default());
        Some(Self {
            id: fields.text("id")?,
            lead_id: fields.text("lead_id"),
            contact_id: fields.text("contact_id"),
            user_id: fields.text("user_id"),
            direction: direction(fields.text("direction").as_deref(), &status),
            status,
            text: fields.raw_text("text"),
            local_phone: fields.text("local_phone"),
            remote_phone: fields.text("remote_phone"),
            date_created: fields.time("date_created"),
            date_sent: fields.time("date_sent"),
            activity_at: fields.time("activity_at"),
            error_message: fields.text("error_message"),
            sequence_id: fields.text("sequence_id").or_else(|| fields.text("sequence_subscription_id")),
            created_by: fields.text("created_by"),
            attachments: u32::try_from(fields.list("attachments").len()).unwrap_or(u32::MAX),
        })
    }

    /// When it was sent or received: its place in the timeline or, for a text that was written before it left, when it
    /// left; or else when it was made.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.activity_at.max(self.date_sent).or(self.date_created)
    }
}

fn direction(named: Option<&str>, status: &SmsStatus) -> Direction {
    match (named, status) {
        (Some("inbound" | "incoming"), _) | (None, SmsStatus::Inbox) => Direction::Inbound,
        (Some("outbound" | "outgoing"), _) => Direction::Outbound,
        (None, SmsStatus::Other(_)) | (Some(_), _) => Direction::Other,
        (None, _) => Direction::Outbound,
    }
}

/// Which texts are listed.
struct Listing<'a> {
    lead_id: Option<&'a str>,
    /// Made at or after this.
    from: Option<Timestamp>,
    /// Made before this.
    to: Option<Timestamp>,
    pages_max: usize,
}

impl Listing<'_> {
    const ALL: Self = Self { lead_id: None, from: None, to: None, pages_max: usize::MAX };

    fn call(&self, skip: usize) -> Call {
        let dates = [("date_created__gte", self.from), ("date_created__lt", self.to)];
        let mut call =
            Call::get("activity/sms", LIST).with("_limit", PAGE_SIZE.to_string()).with("_skip", skip.to_string());
        if let Some(lead_id) = self.lead_id {
            call = call.with("lead_id", lead_id);
        }
        for (name, at) in dates {
            call = at.into_iter().fold(call, |call, at| call.with(name, query_time(at)));
        }
        call
    }

    /// A server may ignore a filter.
    fn wants(&self, sms: &SmsActivity) -> bool {
        let made = |fits: &dyn Fn(Timestamp) -> bool| sms.date_created.is_none_or(fits);
        self.from.is_none_or(|from| made(&|at| at >= from))
            && self.to.is_none_or(|to| made(&|at| at < to))
            && self.lead_id.is_none_or(|id| sms.lead_id.as_deref().is_none_or(|of| of == id))
    }
}

/// A text to put into Close as a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDraft {
    /// The lead, if Close knows one for the number.
    pub lead_id: Option<String>,
    /// The contact, if Close knows one for the number.
    pub contact_id: Option<String>,
    /// Our number, E.164; it must be one of Close's own ("internal") numbers.
    pub local_phone: String,
    /// The lead's number, E.164.
    pub remote_phone: String,
    /// The exact text.
    pub text: String,
    /// The rep it is attributed to; without one, the key's owner.
    pub user_id: Option<String>,
}

impl CloseClient {
    /// Every text of a lead, oldest first, made since `since` if given.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn list_sms(&self, lead_id: &str, since: Option<Timestamp>) -> Result<Vec<SmsActivity>, CloseError> {
        self.whole(Listing { lead_id: Some(lead_id), from: since, ..Listing::ALL }).await
    }

    /// Every text of the organisation made since `since`, oldest first: how a draft without a lead is found again.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn list_all_sms(&self, since: Timestamp) -> Result<Vec<SmsActivity>, CloseError> {
        self.whole(Listing { from: Some(since), ..Listing::ALL }).await
    }

    /// Every text of the organisation made in `span`, oldest first: what is read when the event log does not reach back
    /// far enough, and to compare what Close holds with what we hold. Close limits how far a list can be paged
    /// ("`_skip`"), so keep spans short.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn sms_in(&self, span: Span) -> Result<InSpan<SmsActivity>, CloseError> {
        self.pages(Listing { lead_id: None, from: Some(span.from), to: span.to, pages_max: span.pages_max }).await
    }

    async fn whole(&self, listing: Listing<'_>) -> Result<Vec<SmsActivity>, CloseError> {
        match self.pages(listing).await? {
            InSpan::All(found) => Ok(found),
            InSpan::TooMuch => unreachable!("a listing without a limit of pages is read to its end"),
        }
    }

    async fn pages(&self, listing: Listing<'_>) -> Result<InSpan<SmsActivity>, CloseError> {
        let (mut seen, mut found, mut skip) = (HashSet::new(), Vec::new(), 0);
        let mut is_whole = false;
        for _ in 0..listing.pages_max {
            let page = match self.read(listing.call(skip)).await {
                // How far a list may be paged is not published, and differs.
                Err(CloseError::Refused { .. }) if skip > 0 && listing.pages_max < usize::MAX => {
                    return Ok(InSpan::TooMuch);
                }
                page => page?,
            };
            let fields = Fields::of(&page);
            let data = listed(fields, LIST)?;
            let before = seen.len();
            for sms in data.iter().filter_map(SmsActivity::from_json) {
                // A text that came while we turn the page shifts the rest.
                if seen.insert(sms.id.clone()) && listing.wants(&sms) {
                    found.push(sms);
                }
            }
            skip += data.len().saturating_sub(PAGE_OVERLAP).max(1);
            is_whole = !fields.flag("has_more").unwrap_or(data.len() >= PAGE_SIZE) || seen.len() == before;
            if is_whole {
                break;
            }
        }
        if !is_whole {
            return Ok(InSpan::TooMuch);
        }
        // Close does not document the order of this list.
        found.sort_by(|a, b| (a.at(), a.date_created, &a.id).cmp(&(b.at(), b.date_created, &b.id)));
        Ok(InSpan::All(found))
    }

    /// One text; none when Close does not have it.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn get_sms(&self, id: &str) -> Result<Option<SmsActivity>, CloseError> {
        const DURING: &str = "read a text from Close";
        let found = self.find(Call::get(format!("activity/sms/{}", path_id(id, DURING)?), DURING)).await?;
        found.map(|value| read_sms(&value, DURING, CallKind::Read)).transpose()
    }

    /// Puts a text into Close as a draft: the first step of sending. Nothing reaches the lead.
    ///
    /// # Errors
    /// [`CloseError`]. Its outcome `Unknown` means that the draft may exist: find it with [`CloseClient::list_sms`].
    pub async fn create_draft(&self, draft: NewDraft) -> Result<SmsActivity, CloseError> {
        const DURING: &str = "put the draft into Close";
        let mut body = json!({
            "status": "draft",
            "local_phone": draft.local_phone,
            "remote_phone": draft.remote_phone,
            "text": draft.text,
        });
        // Close's schema allows no other fields; one that is unknown stays out rather than null.
        for (name, value) in [("lead_id", draft.lead_id), ("contact_id", draft.contact_id), ("user_id", draft.user_id)]
        {
            if let Some(value) = value {
                body[name] = Value::String(value);
            }
        }
        let call = Call::write(Method::POST, "activity/sms", Some(body), DURING);
        let answer = self.write(call).await.map_err(|error| error.without(&draft.text))?;
        read_sms(&answer, DURING, CallKind::Write)
    }

    /// Sends a draft: the second step. Only a draft can be sent, so repeating it cannot send twice.
    ///
    /// # Errors
    /// [`CloseError`]. Its outcome `Unknown` means that it may have been sent: read its status with
    /// [`CloseClient::get_sms`].
    pub async fn send_draft(&self, id: &str) -> Result<SmsActivity, CloseError> {
        const DURING: &str = "send the draft through Close";
        let path = format!("activity/sms/{}", path_id(id, DURING)?);
        let call = Call::write(Method::PUT, path, Some(json!({"status": "outbox"})), DURING);
        read_sms(&self.write(call).await?, DURING, CallKind::Write)
    }

    /// Deletes a text; one that is not there (any more) counts as deleted.
    ///
    /// # Errors
    /// [`CloseError`]. Deleting again is always safe.
    pub async fn delete_sms(&self, id: &str) -> Result<(), CloseError> {
        const DURING: &str = "delete the draft at Close";
        let path = format!("activity/sms/{}", path_id(id, DURING)?);
        match self.write_unread(Call::write(Method::DELETE, path, None, DURING)).await {
            Err(CloseError::Missing { .. }) => Ok(()),
            ended => ended,
        }
    }
}

fn read_sms(value: &Value, during: &'static str, kind: CallKind) -> Result<SmsActivity, CloseError> {
    SmsActivity::from_json(value).ok_or_else(|| CloseError::Unreadable {
        during,
        reason: "no SMS activity with an id".to_owned(),
        kind,
    })
}

/// The items of a list answer, which Close always puts under `data`.
pub(super) fn listed<'a>(fields: Fields<'a>, during: &'static str) -> Result<&'a [Value], CloseError> {
    fields.value("data").and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| CloseError::Unreadable {
        during,
        reason: "no list under \"data\"".to_owned(),
        kind: CallKind::Read,
    })
}

#[cfg(test)]
#[path = "sms_tests.rs"]
mod tests;
