//! Handing a conversation to a person: what they are told, and the task at Close that tells them.
//!
//! Tasks are made beside the conversations' own steps: a task that is late, refused or lost holds up no reply. No lead sees
//! one. It is made once (see [`crate::store::handoff`]): the POST is noted before it begins, and after a lost answer the
//! lead's tasks are read for the handoff's own reference before anything is made again.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Engine;
use crate::close::CloseError;
use crate::close::task::{NewTask, Owner};
use crate::conversation::handoff::About;
use crate::conversation::heard::threatens_law;
use crate::conversation::{Author, Handoff, HandoffKind};
use crate::prompt::zone_or;
use crate::runtime::clock::after;
use crate::runtime::upstream::Outcome;
use crate::sms::opt_out;
use crate::store::StoreError;
use crate::store::handoff::{HandoffRecord, NewHandoff, TaskProgress, TaskState};
use crate::store::lane::{LaneChange, LaneView, State};

/// How often handoffs whose task is due are looked for: nobody waits for a task to the second.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long somebody who took a handoff may work on its task.
const HOLD: Duration = Duration::from_mins(2);
/// How long after an unclear answer Close is read: the request has surely ended by then.
const SETTLE: Duration = Duration::from_mins(1);

/// How a person is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handoffs {
    /// Whether a task is made at Close.
    pub task: bool,
    /// The lead's custom field that names its owner: a name, or a `cf_…` id.
    pub owner_field: Option<String>,
    /// The user (`user_…`) who gets the tasks of leads without an owner.
    pub assign_to: Option<String>,
    /// How long after the handoff the task is due.
    pub due: Duration,
    /// Where the desk is reached.
    pub desk_url: Option<String>,
    /// What the lead is told meanwhile; none tells nothing.
    pub acknowledge: Option<String>,
}

/// What a change's own texts ask of a person, whatever else made it one's.
fn grave_kind(change: &LaneChange) -> Option<HandoffKind> {
    let texts = || change.messages.iter().filter(|message| message.author == Author::Lead);
    if texts().any(|message| threatens_law(&message.text)) {
        return Some(HandoffKind::LegalThreat);
    }
    let in_doubt = change.suppress.is_some() && texts().any(|message| opt_out::may_mean_a_meeting(&message.text));
    in_doubt.then_some(HandoffKind::UnclearStop)
}

/// What Close tells before a task is made.
enum Look {
    /// The task before is not done yet.
    StillOpen(String),
    /// A new one is needed, for this user if one is known.
    For(Option<String>),
}

impl Engine {
    /// A handoff with an id of its own.
    pub(super) fn handed_off(&self, turn_id: Option<&str>, handoff: Handoff) -> NewHandoff {
        NewHandoff {
            id: self.random.id("hand", self.clock.now()),
            turn_id: turn_id.map(str::to_owned),
            handoff,
            wants_task: self.settings.handoffs.task,
        }
    }

    /// The same change, which tells a person if it leaves the conversation to one. The kill switch is no handoff: whoever
    /// pulled it knows.
    pub(super) fn telling_a_person(&self, view: &LaneView, mut change: LaneChange, kind: HandoffKind) -> LaneChange {
        if let Some((State::HandedOff | State::Parked, reason)) = &change.state
            && change.handoff.is_none()
            && view.paused.is_none()
        {
            let kind = grave_kind(&change).unwrap_or(kind);
            let messages: Vec<_> = view.messages.iter().chain(&change.messages).cloned().collect();
            let about = About { name: view.conversation.display_name.as_deref(), messages: &messages, earlier: None };
            change.handoff = Some(self.handed_off(None, Handoff::new(kind, reason, &about)));
        }
        change
    }

    /// What a person is told if a conversation that cannot be worked on is parked now.
    pub(super) fn parking(&self, view: &LaneView, reason: &str) -> Option<NewHandoff> {
        let parked = LaneChange { state: Some((State::Parked, reason.to_owned())), ..LaneChange::default() };
        self.telling_a_person(view, parked, HandoffKind::NoReply).handoff
    }

    /// Makes the tasks of handoffs as they come, for ever. It can be cut wherever it is: what was begun is read back.
    pub async fn keep_handing_off(self) {
        loop {
            if let Err(error) = self.make_due_tasks().await {
                tracing::warn!(%error, "handoffs could not be looked at; trying again");
            }
            self.clock.sleep(LOOK_EVERY).await;
        }
    }

    /// Takes every handoff whose task is due one step further, and returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn make_due_tasks(&self) -> Result<usize, StoreError> {
        // While Close is left alone, and while everything is paused, they wait.
        if self.close_rests().is_some() || self.store.paused().await?.is_some() {
            return Ok(0);
        }
        let taken = self.store.take_handoffs(HOLD).await?;
        for handoff in &taken {
            if let Some(progress) = self.advance_task(handoff).await? {
                self.note_task(handoff, &progress).await?;
            }
        }
        Ok(taken.len())
    }

    /// One step; none if somebody else has the handoff by now.
    async fn advance_task(&self, handoff: &HandoffRecord) -> Result<Option<TaskProgress>, StoreError> {
        let conversation = self.store.conversation(&handoff.conversation_id).await?;
        let Some(lead_id) = conversation.and_then(|conversation| conversation.lead_id) else {
            let error = "Close knows no lead with this number, and a task needs one.".to_owned();
            return Ok(Some(TaskProgress::Failed { error }));
        };
        if handoff.state == TaskState::Making {
            return Ok(Some(self.read_task_back(handoff, &lead_id).await));
        }
        if handoff.is_settled {
            return Ok(Some(TaskProgress::Needless));
        }
        let assigned_to = match self.look_before_task(handoff, &lead_id).await {
            Ok(Look::StillOpen(task_id)) => return Ok(Some(TaskProgress::Joined { task_id })),
            Ok(Look::For(user)) => user,
            Err(error) => return Ok(Some(self.task_later(handoff, &error, Duration::ZERO))),
        };
        let task = NewTask { lead_id, assigned_to, text: self.task_text(handoff), due: self.task_due(handoff) };
        if !self.store.begin_task(handoff, after(self.clock.now(), SETTLE)).await? {
            return Ok(None);
        }
        Ok(Some(match self.close.create_task(&task).await {
            Ok(task) => TaskProgress::Made { task_id: task.id },
            Err(error) => match error.outcome() {
                Outcome::Rejected => TaskProgress::Failed { error: error.to_string() },
                Outcome::Retryable { after } => self.task_later(handoff, &error, after.unwrap_or_default()),
                Outcome::Unknown => self.task_unclear(handoff, &error),
            },
        }))
    }

    /// Is the task before still open, and if not, whose is the new one? What Close refuses to tell keeps no task from being
    /// made.
    async fn look_before_task(&self, handoff: &HandoffRecord, lead_id: &str) -> Result<Look, CloseError> {
        if let Some(earlier) = &handoff.follows_task_id
            && let Some(task) = told(self.close.get_task(earlier).await)?
            && !task.is_complete
        {
            return Ok(Look::StillOpen(task.id));
        }
        let owner = told(self.owner_of(lead_id).await)?.map(|owner| owner.user_id);
        Ok(Look::For(owner.or_else(|| self.settings.handoffs.assign_to.clone())))
    }

    /// After a lost answer: does Close hold a task with this handoff's reference?
    async fn read_task_back(&self, handoff: &HandoffRecord, lead_id: &str) -> TaskProgress {
        match self.close.tasks_of_lead(lead_id).await {
            Ok(tasks) => {
                let ours = tasks.into_iter().find(|task| task.text.contains(&handoff.id));
                let error = "Close did not answer and holds no task; it is made again.".to_owned();
                let not_made = TaskProgress::NotMade { at: self.clock.now(), error };
                ours.map_or(not_made, |task| TaskProgress::Made { task_id: task.id })
            }
            Err(error @ CloseError::Missing { .. }) => TaskProgress::Failed { error: error.to_string() },
            Err(error) => self.task_unclear(handoff, &error),
        }
    }

    /// Writes how a step ended. Whoever was too slow, and finds that another has made the task meanwhile, takes theirs back.
    async fn note_task(&self, handoff: &HandoffRecord, progress: &TaskProgress) -> Result<(), StoreError> {
        if self.store.end_task(handoff, progress).await? {
            return Ok(());
        }
        let TaskProgress::Made { task_id: ours } = progress else { return Ok(()) };
        let standing = self.store.handoff(&handoff.conversation_id).await?.filter(|now| now.id == handoff.id);
        let another = standing.and_then(|standing| standing.task_id).is_some_and(|task_id| task_id != *ours);
        if another && let Err(error) = self.close.delete_task(ours).await {
            tracing::warn!(%error, "a surplus task stays in Close");
        }
        Ok(())
    }

    /// Whom a lead belongs to, as the configuration says where to look.
    pub(super) async fn owner_of(&self, lead_id: &str) -> Result<Option<Owner>, CloseError> {
        self.close.owner_of_lead(lead_id, self.settings.handoffs.owner_field.as_deref()).await
    }

    fn task_text(&self, handoff: &HandoffRecord) -> String {
        let desk = self.settings.handoffs.desk_url.as_deref();
        let link = desk.map(|desk| format!("{desk}/conversations/{}", handoff.conversation_id));
        handoff.handoff.task_text(link.as_deref(), &handoff.id)
    }

    /// The day, at the office, by which somebody should have acted.
    fn task_due(&self, handoff: &HandoffRecord) -> Date {
        let at = after(handoff.created_at, self.settings.handoffs.due);
        at.to_zoned_datetime(zone_or(&self.settings.organisation.timezone, "UTC")).date()
    }

    fn task_later(&self, handoff: &HandoffRecord, error: &CloseError, at_least: Duration) -> TaskProgress {
        TaskProgress::NotMade { at: self.task_again_at(handoff, at_least), error: error.to_string() }
    }

    fn task_unclear(&self, handoff: &HandoffRecord, error: &CloseError) -> TaskProgress {
        TaskProgress::Unclear { at: self.task_again_at(handoff, SETTLE), error: error.to_string() }
    }

    fn task_again_at(&self, handoff: &HandoffRecord, at_least: Duration) -> Timestamp {
        self.again_at_close(handoff.attempts.saturating_add(1), at_least)
    }
}

/// What was read; none where Close refuses to tell. Other failures may pass.
fn told<T>(read: Result<Option<T>, CloseError>) -> Result<Option<T>, CloseError> {
    match read {
        Err(error) if matches!(error.outcome(), Outcome::Rejected) => {
            tracing::debug!(%error, "a handoff does without what Close does not tell");
            Ok(None)
        }
        read => read,
    }
}
