//! Reads everything a turn needs from Close and the calendar.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::Engine;
use super::assignment::Assignment;
use super::bookings::coming;
use super::receive::{message, number_pair};
use crate::close::lead::lead_facts;
use crate::close::sms::{Direction, SmsActivity, SmsStatus};
use crate::close::{CloseError, event_log};
use crate::conversation::check::Standing;
use crate::conversation::decide::{is_fresh, send_allowed_at};
use crate::conversation::{Author, Booking, Instruction, LeadFacts, Message, Mode, Notices, Offer, TurnContext};
use crate::sms::opt_out::{self, OptOutVerdict};
use crate::sms::zones::ZoneEvidence;
use crate::sms::{Clues, Phone, Places};
use crate::store::lane::{Accepted, Arrival, EventKind, Identity, LaneView};
use crate::store::{Recollection, SentCounts, StoreError};

/// Notes of the lead that a prompt may draw on, at most.
const NOTES_MAX: usize = 5;

/// What was found.
#[derive(Debug)]
pub enum Gathered {
    /// Everything for a turn.
    Ready(Box<Ready>),
    /// Close held texts of the lead whose events had not come. They are in the inbox now: look again.
    Missed,
    /// A rep's text is newer than the lead's (`never-over-a-human`).
    RepAnswered {
        /// When it was sent.
        at: Timestamp,
        /// Messages Close holds that the store does not.
        messages: Vec<Message>,
    },
}

/// Everything for a turn.
#[derive(Debug)]
pub struct Ready {
    /// What the turn knows.
    pub context: TurnContext,
    /// What it may do.
    pub standing: Standing,
    /// What it is told beside the messages.
    pub recollection: Recollection,
    /// Who the lead is, as learnt.
    pub identity: Identity,
    /// Messages Close holds that the store does not.
    pub messages: Vec<Message>,
}

/// Why gathering failed.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// Close.
    #[error(transparent)]
    Close(#[from] CloseError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Gathers what `assignment` needs. Texts of the lead that Close holds and the inbox never had are taken in first.
    pub(super) async fn gather(&self, view: &LaneView, assignment: &Assignment) -> Result<Gathered, GatherError> {
        let (facts, lead_id) = self.lead(view).await?;
        let listed = self.activities(view, assignment, lead_id.as_deref()).await?;
        let mut taken_in = false;
        let open_from = self.open_from(view).await?;
        for arrival in self.missed(view, &listed, open_from) {
            // One that the inbox had after all, and ended without showing it, is history like any other.
            taken_in |= matches!(self.store.accept(&arrival).await?, Accepted::New { .. });
        }
        if taken_in {
            return Ok(Gathered::Missed);
        }
        let news = self.unknown_messages(view, &listed).await?;
        let thread = merge(&view.messages, &news);
        if let Some(at) = newer_rep_text(&thread, assignment) {
            tracing::debug!(%at, "a rep has answered");
            return Ok(Gathered::RepAnswered { at, messages: news });
        }
        let recollection = self.store.recollect(&view.conversation.id, self.clock.now()).await?;
        let (history, new_texts) = split(thread, assignment, &recollection.owed);
        let identity = Identity {
            lead_id: lead_id.clone(),
            contact_id: facts.contact_id.clone(),
            display_name: lead_id.is_some().then(|| facts.name().unwrap_or_default().to_owned()),
        };
        let (offer, listed) = self.calendar(&facts).await;
        let bookings = coming(listed, &recollection.bookings, self.clock.now());
        let summary = recollection.summary.as_ref().map(|summary| summary.text.clone()).filter(|text| !text.is_empty());
        let places = places_of(&facts, &view.conversation.numbers.theirs);
        let mut context = TurnContext {
            now: self.clock.now(),
            organisation: self.settings.organisation.clone(),
            lead: facts,
            history,
            new_texts,
            summary,
            offer,
            bookings,
            instruction: assignment
                .instruction
                .clone()
                .map(|(text, previous_text)| Instruction { text, previous_text })
                .filter(|wish| !wish.text.is_empty()),
            notices: Notices::default(),
        };
        context.notices = self.notices(view, &context, &places);
        let standing =
            Standing { rep_asked: assignment.wants_draft, ..self.standing(view, &context, &places, recollection.sent) };
        Ok(Gathered::Ready(Box::new(Ready { context, standing, recollection, identity, messages: news })))
    }

    /// The lead's facts. Lead and contact ids can change under us (attached later, merged): a lead that is gone or was not
    /// known is looked up through the newest text.
    async fn lead(&self, view: &LaneView) -> Result<(LeadFacts, Option<String>), CloseError> {
        let mut contact_id = view.conversation.contact_id.clone();
        let mut lead = match &view.conversation.lead_id {
            Some(id) => self.close.get_lead(id).await?,
            None => None,
        };
        let newest = view.messages.iter().rfind(|message| message.author == Author::Lead);
        if lead.is_none()
            && let Some(newest) = newest
            && let Some(activity) = self.close.get_sms(&newest.activity_id).await?
            && let Some(id) = &activity.lead_id
        {
            contact_id = activity.contact_id;
            lead = self.close.get_lead(id).await?;
        }
        let Some(lead) = lead else { return Ok((LeadFacts::default(), None)) };
        let lead_id = lead.id.clone();
        let contact = match contact_id {
            Some(id) => self.close.get_contact(&id).await?,
            None => None,
        };
        let mut facts = lead_facts(&lead, contact.as_ref(), &view.conversation.numbers.theirs);
        if facts.zones.is_empty() {
            facts.zones = zones_of(&facts, &view.conversation.numbers.theirs);
        }
        // Notes help a reply but are never worth losing one.
        facts.notes = self.close.recent_notes(&lead_id, NOTES_MAX).await;
        Ok((facts, Some(lead_id)))
    }

    /// The texts Close holds of this number pair: all of them the first time, later those since the newest that was known
    /// before the texts to answer.
    async fn activities(
        &self,
        view: &LaneView,
        assignment: &Assignment,
        lead_id: Option<&str>,
    ) -> Result<Vec<SmsActivity>, CloseError> {
        let Some(lead_id) = lead_id else { return Ok(Vec::new()) };
        let known = view.messages.iter().rfind(|message| !assignment.activity_ids.contains(&message.activity_id));
        let since = known.filter(|_| is_filled(view)).map(|newest| {
            let overlap = self.settings.overlap;
            newest.at.checked_sub(overlap).unwrap_or(Timestamp::MIN)
        });
        let all = self.close.list_sms(lead_id, since).await?;
        Ok(all.into_iter().filter(|sms| number_pair(sms).as_ref() == Some(&view.conversation.numbers)).collect())
    }

    /// From when on a text of the lead that the inbox does not hold was missed; what is older is history. The first time
    /// that is when Rapport came, or a little before the texts at hand.
    async fn open_from(&self, view: &LaneView) -> Result<Timestamp, StoreError> {
        let log_begins = self.clock.now().checked_sub(event_log::REACH).unwrap_or(Timestamp::MIN);
        let Some(first) = view.messages.first().filter(|_| !is_filled(view)) else { return Ok(log_begins) };
        let a_little_before = first.at.checked_sub(self.settings.overlap).unwrap_or(Timestamp::MIN);
        Ok(self.began().await?.min(a_little_before).max(log_begins))
    }

    /// Texts of the lead that Close holds and the inbox does not. Their events may still come, up to the event log's 30
    /// days late, and must then find them known (`in-order`). A stop that still stands is heard whenever it was said
    /// (`never-after-stop`).
    fn missed(&self, view: &LaneView, listed: &[SmsActivity], open_from: Timestamp) -> Vec<Arrival> {
        let known: BTreeSet<&str> = view
            .messages
            .iter()
            .map(|message| message.activity_id.as_str())
            .chain(view.inbox.iter().filter_map(|event| event.activity_id.as_deref()))
            .collect();
        let stop = standing_stop(listed);
        listed
            .iter()
            .filter(|sms| sms.direction == Direction::Inbound && !known.contains(sms.id.as_str()))
            .filter(|sms| sms.at().is_some_and(|at| at > open_from) || stop == Some(sms.id.as_str()))
            .filter_map(|sms| self.listed(EventKind::LeadText, sms))
            .collect()
    }

    async fn unknown_messages(&self, view: &LaneView, listed: &[SmsActivity]) -> Result<Vec<Message>, StoreError> {
        let known: BTreeSet<&str> = view.messages.iter().map(|message| message.activity_id.as_str()).collect();
        let mut news = Vec::new();
        for sms in listed.iter().filter(|sms| {
            !known.contains(sms.id.as_str()) && (sms.direction == Direction::Inbound || sms.status == SmsStatus::Sent)
        }) {
            let own = self.store.knows_activity(&sms.id).await?;
            news.extend(sms.at().map(|at| message(sms, Some(own), at)));
        }
        Ok(news)
    }

    /// What may be offered, and what is booked. A calendar that does not answer never costs the lead a reply.
    async fn calendar(&self, facts: &LeadFacts) -> (Offer, Vec<Booking>) {
        let Some(calendar) = &self.calendar else { return (Offer::default(), Vec::new()) };
        let zone = facts.zone(&self.settings.organisation.timezone);
        let offer = calendar.offer(zone, self.clock.now()).await;
        let bookings = match &facts.email {
            Some(email) => calendar.bookings(email).await,
            None => Vec::new(),
        };
        (offer, bookings)
    }

    /// What the text must say beside its answer.
    fn notices(&self, view: &LaneView, context: &TurnContext, places: &Places) -> Notices {
        let policy = &self.proposer.policy;
        let ceiling = policy.statuses.ceiling(context.lead.status.as_deref());
        let by_itself = policy.mode_before_intent(view.conversation.mode).min(ceiling) == Mode::Auto;
        let states = places.states.iter().map(|found| found.state);
        let disclosure = policy.disclosure_for(states, &self.settings.rulebook, by_itself);
        Notices::due(context, policy, view.answered_before, disclosure)
    }

    fn standing(&self, view: &LaneView, context: &TurnContext, places: &Places, counts: SentCounts) -> Standing {
        let (now, answers) = (context.now, context.newest_text_at());
        let send_allowed_at = self.send_allowed_at(now, answers, places);
        let decider = || self.settings.rulebook.ruling(now, places).decided_by.map(|decider| decider.says);
        let at_once = is_fresh(now, answers, &self.proposer.policy);
        let by_anybody = ours_since(&context.history, now).saturating_add(count(counts.elsewhere_24h));
        let sent = by_anybody.max(count(counts.lead_24h));
        Standing {
            suppressed: context
                .lead
                .sms_blocked
                .then(|| "Close says that texts to this number are blocked.".to_owned())
                .or_else(|| view.suppressed.as_ref().map(|s| format!("The lead asked not to be texted ({}).", s.rule))),
            paused: view.paused.is_some(),
            takeover: view.conversation.takeover_until.is_some_and(|until| until > context.now),
            conversation_mode: view.conversation.mode,
            rep_asked: false,
            first_contact: !view.answered_before,
            sent_to_lead_24h: count(counts.lead_24h),
            sent_1h: count(counts.hour),
            sent_24h: count(counts.day),
            send_allowed_at,
            hours_rule: send_allowed_at.filter(|at| *at > now).and_then(|_| decider()),
            state_cap: self.settings.rulebook.over_limit(places, sent, at_once),
            known_text: Vec::new(),
        }
    }

    /// `never-out-of-hours`: at once in answer to a fresh text, else when every place the lead may be in allows it. None
    /// when they share no legal hour. `now` is read once, by whoever compares the answer with it.
    fn send_allowed_at(&self, now: Timestamp, answers: Option<Timestamp>, places: &Places) -> Option<Timestamp> {
        send_allowed_at(now, answers, &self.proposer.policy, places, &self.settings.rulebook)
    }

    /// From when on a text that was decided on may go; none for now. Where the places share no legal hour a person has
    /// decided to text, and the best evidence alone counts.
    pub(super) fn hold_until(&self, answers: Option<Timestamp>, places: &Places) -> Option<Timestamp> {
        let now = self.clock.now();
        let best = || self.send_allowed_at(now, answers, &places.best());
        let allowed = self.send_allowed_at(now, answers, places).or_else(best)?;
        (allowed > now).then_some(allowed)
    }
}

/// The lead's last word on being texted, if that is a stop.
fn standing_stop(listed: &[SmsActivity]) -> Option<&str> {
    let mut inbound: Vec<&SmsActivity> = listed.iter().filter(|sms| sms.direction == Direction::Inbound).collect();
    inbound.sort_by_key(|sms| sms.at());
    let mut since = Vec::<&str>::new();
    for sms in inbound.into_iter().rev() {
        let text = sms.text.as_deref().unwrap_or_default();
        let heard = opt_out::classify(text);
        if heard.verdict == OptOutVerdict::Stop {
            let is_taken_back = since.iter().any(|later| opt_out::takes_back(later, heard.rule));
            return (!is_taken_back).then_some(sms.id.as_str());
        }
        since.push(text);
    }
    None
}

/// True once the history was read from Close: it is read with the lead's name, which is empty where there is none.
fn is_filled(view: &LaneView) -> bool {
    view.conversation.display_name.is_some()
}

/// Where a lead may be, from Close's evidence and the number itself.
pub(super) fn places_of(facts: &LeadFacts, theirs: &str) -> Places {
    let phone = Phone::parse(theirs).ok();
    Places::of(Clues { phone: phone.as_ref(), zones: &facts.zones, addresses: &facts.addresses })
}

/// The zones times may be told in where Close names none; empty when nothing is known.
fn zones_of(facts: &LeadFacts, theirs: &str) -> Vec<String> {
    let places = places_of(facts, theirs);
    if places.evidence == ZoneEvidence::Unknown { Vec::new() } else { places.zones }
}

/// Texts of ours, by whomever, in the 24 hours before `now`.
fn ours_since(history: &[Message], now: Timestamp) -> u32 {
    let day = now.checked_sub(Duration::from_hours(24)).unwrap_or(Timestamp::MIN);
    let ours = history.iter().filter(|message| message.author != Author::Lead && message.at > day);
    u32::try_from(ours.count()).unwrap_or(u32::MAX)
}

fn count(rows: i64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// Both lists as one thread, oldest first.
fn merge(stored: &[Message], news: &[Message]) -> Vec<Message> {
    let mut by_id: BTreeMap<&str, &Message> = BTreeMap::new();
    for message in stored.iter().chain(news) {
        by_id.insert(&message.activity_id, message);
    }
    let mut thread: Vec<Message> = by_id.into_values().cloned().collect();
    thread.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.activity_id.cmp(&b.activity_id)));
    thread
}

/// When a rep last texted, if that is newer than every text to answer: one whose event had not come, or a text of the
/// lead was found late.
fn newer_rep_text(thread: &[Message], assignment: &Assignment) -> Option<Timestamp> {
    let newest = thread
        .iter()
        .filter(|message| assignment.activity_ids.contains(&message.activity_id))
        .map(|message| message.at)
        .max()?;
    thread.iter().rfind(|message| message.author == Author::Rep).map(|rep| rep.at).filter(|at| *at > newest)
}

/// History and the texts to answer: the new ones, those before them whose reply never left, and those after them that nobody
/// has answered (they were silenced by a stop whose START came late), which an answer would go past (`in-order`). Without any
/// (a rep asked again), those after our last words are meant.
fn split(thread: Vec<Message>, assignment: &Assignment, owed: &BTreeSet<String>) -> (Vec<Message>, Vec<Message>) {
    let is_new = |message: &Message| assignment.activity_ids.contains(&message.activity_id);
    let last_words = thread.iter().rposition(|message| message.author != Author::Lead).map_or(0, |at| at + 1);
    let asks_again = assignment.activity_ids.is_empty() && owed.is_empty();
    let unanswered = if asks_again {
        last_words
    } else {
        thread.iter().position(is_new).map_or(thread.len(), |first| first.max(last_words))
    };
    let mut place = 0;
    thread.into_iter().partition(|message| {
        let is_unanswered = place >= unanswered;
        place += 1;
        !(is_unanswered || is_new(message) || owed.contains(&message.activity_id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(said: &[(&str, Author)]) -> Vec<Message> {
        let at = |place: usize| Timestamp::from_second(i64::try_from(place).unwrap() * 60).unwrap();
        said.iter()
            .enumerate()
            .map(|(place, (id, author))| Message {
                activity_id: (*id).to_owned(),
                author: *author,
                text: (*id).to_owned(),
                at: at(place),
                attachments: 0,
            })
            .collect()
    }

    fn new_texts(said: &[(&str, Author)], assigned: &[&str], owed: &[&str]) -> Vec<String> {
        let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
        let assignment = Assignment { activity_ids: ids(assigned), ..Assignment::default() };
        let (_, new) = split(thread(said), &assignment, &ids(owed));
        new.into_iter().map(|message| message.text).collect()
    }

    #[test]
    fn an_answer_goes_past_no_newer_text_that_nobody_answered() {
        use Author::{Agent, Lead};
        let silenced = [("stop", Lead), ("start", Lead), ("in Tucson?", Lead), ("in Phoenix?", Lead)];
        assert_eq!(new_texts(&silenced, &["start", "in Tucson?"], &[]), ["start", "in Tucson?", "in Phoenix?"]);
        let answered = [("late", Lead), ("known", Lead), ("our answer", Agent), ("thanks", Lead)];
        assert_eq!(new_texts(&answered, &["late"], &[]), ["late", "thanks"]);
        assert_eq!(new_texts(&answered, &["thanks"], &["known"]), ["known", "thanks"]);
        assert_eq!(new_texts(&answered, &[], &[]), ["thanks"], "a rep asks again");
    }
}
