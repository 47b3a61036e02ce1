//! Writes arrivals: a few statements, however many they are.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::Store;
use super::accept::{Addressee, Incoming};
use super::error::StoreError;
use super::lane::{Accepted, EventKind, NumberPair};
use super::row::{Columns, as_json, ms};
use super::writer::Tx;

/// What a lane gets, as one row to insert or to add to the row there is.
#[derive(Serialize)]
pub(super) struct LaneRow<'a> {
    id: String,
    our_number: &'a str,
    their_number: &'a str,
    lead_id: Option<&'a str>,
    contact_id: Option<&'a str>,
    /// How many events; their places follow the last one given out.
    pub(super) events: i64,
    wake_at: Option<i64>,
    state: &'static str,
}

/// A row of the table `inbox`.
#[derive(Serialize)]
struct InboxRow<'a> {
    conversation_id: &'a str,
    seq: i64,
    id: String,
    event_id: &'a str,
    kind: &'static str,
    activity_id: Option<&'a str>,
}

/// What becomes of one arrival.
pub(super) enum Place<'a> {
    Duplicate,
    Recorded,
    /// The nth new event of a lane, from 1.
    InLane(LaneKey<'a>, i64),
}

pub(super) type LaneKey<'a> = (&'a str, &'a str);

/// Arrivals, sorted by what follows from them.
#[derive(Default)]
pub(super) struct Sorted<'a> {
    pub(super) places: Vec<Place<'a>>,
    /// By their numbers: whoever holds several lanes takes them in this order, so that no two wait for each other.
    pub(super) lanes: BTreeMap<LaneKey<'a>, LaneRow<'a>>,
}

/// A lane after it was reached.
struct Reached {
    id: String,
    /// The newest place given out, the new events' among them.
    last_seq: i64,
}

/// What the database knows about a batch.
pub(super) struct Known {
    /// Events of the batch that are stored only now.
    new_events: HashSet<String>,
    /// Kind and activity of what is in an inbox already.
    activities: HashSet<(String, String)>,
    /// The numbers of conversations that were addressed by their ids.
    numbers: HashMap<String, NumberPair>,
}

impl Known {
    /// Nothing of it.
    pub(super) fn nothing(arrivals: &[&Incoming]) -> Self {
        let new_events = arrivals.iter().map(|arrival| arrival.event_id.clone()).collect();
        Self { new_events, activities: HashSet::new(), numbers: HashMap::new() }
    }
}

impl<'a> Sorted<'a> {
    pub(super) fn of(arrivals: &[&'a Incoming], known: &'a Known, new_id: impl Fn() -> String) -> Self {
        let mut sorted = Self::default();
        let mut new_events: HashSet<&str> = known.new_events.iter().map(String::as_str).collect();
        let mut activities: HashSet<(&str, &str)> =
            known.activities.iter().map(|(kind, id)| (kind.as_str(), id.as_str())).collect();
        for arrival in arrivals {
            let place = if !new_events.remove(arrival.event_id.as_str()) {
                Place::Duplicate
            } else if let Some(numbers) = arrival.numbers(known) {
                let lane = sorted.lane(arrival, numbers, &new_id);
                let in_an_inbox =
                    arrival.unique_activity().is_some_and(|(kind, id)| !activities.insert((kind.as_str(), id)));
                if in_an_inbox { Place::Duplicate } else { Place::InLane(numbers, lane.take(arrival)) }
            } else {
                Place::Recorded
            };
            sorted.places.push(place);
        }
        sorted
    }

    fn lane(&mut self, arrival: &'a Incoming, numbers: LaneKey<'a>, new_id: impl Fn() -> String) -> &mut LaneRow<'a> {
        let lane = self.lanes.entry(numbers).or_insert_with(|| LaneRow {
            id: new_id(),
            our_number: numbers.0,
            their_number: numbers.1,
            lead_id: None,
            contact_id: None,
            events: 0,
            wake_at: None,
            state: "quiet",
        });
        if matches!(arrival.to, Addressee::Numbers(_)) {
            lane.lead_id = arrival.lead_id.as_deref().or(lane.lead_id);
            lane.contact_id = arrival.contact_id.as_deref().or(lane.contact_id);
        }
        lane
    }
}

impl LaneRow<'_> {
    /// Counts an event, and moves the alarm, never to later. Returns the event's place among the new ones.
    fn take(&mut self, arrival: &Incoming) -> i64 {
        self.events += 1;
        self.wake_at = Some(self.wake_at.map_or(arrival.received_at_ms, |at| at.min(arrival.received_at_ms)));
        if matches!(arrival.kind, EventKind::LeadText | EventKind::Instruction) {
            self.state = "working";
        }
        self.events
    }
}

impl Incoming {
    /// The lane's numbers; none if nothing goes to a lane.
    fn numbers<'a>(&'a self, known: &'a Known) -> Option<LaneKey<'a>> {
        let numbers = match &self.to {
            _ if self.kind == EventKind::Noted => None,
            Addressee::Nobody => None,
            Addressee::Numbers(numbers) => Some(numbers),
            Addressee::Conversation(id) => known.numbers.get(id),
        };
        numbers.map(|numbers| (numbers.ours.as_str(), numbers.theirs.as_str()))
    }
}

impl Store {
    /// Stores arrivals and wakes their conversations. None if another process stored some of them this moment: then the
    /// transaction is to be given up and everything looked at again.
    pub(super) async fn take_in(
        &self,
        tx: &mut Tx,
        arrivals: &[&Incoming],
    ) -> Result<Option<Vec<Accepted>>, StoreError> {
        let known = Known {
            new_events: self.add_events(tx, arrivals).await?,
            activities: self.known_activities(tx, arrivals).await?,
            numbers: self.numbers_of(tx, arrivals).await?,
        };
        let sorted = Sorted::of(arrivals, &known, || self.new_id("conv"));
        let lanes = self.reach_lanes(tx, &sorted.lanes).await?;
        if !self.fill_inboxes(tx, arrivals, &sorted, &lanes).await? {
            return Ok(None);
        }
        let accepted = sorted.places.iter().map(|place| match place {
            Place::Duplicate => Ok(Accepted::Duplicate),
            Place::Recorded => Ok(Accepted::Recorded),
            Place::InLane(numbers, _) => Ok(Accepted::New { conversation_id: reached(&lanes, *numbers)?.id.clone() }),
        });
        accepted.collect::<Result<_, StoreError>>().map(Some)
    }

    /// Stores events. Returns those that were not stored before.
    async fn add_events(&self, tx: &mut Tx, arrivals: &[&Incoming]) -> Result<HashSet<String>, StoreError> {
        let new = sqlx::query(self.engine().add_events())
            .bind(self.org())
            .bind(event_rows(arrivals))
            .fetch_all(tx.connection().await?)
            .await?;
        new.iter().map(|row| row.text("event_id")).collect()
    }

    /// Which of the texts are in an inbox already, whatever the events' ids.
    async fn known_activities(
        &self,
        tx: &mut Tx,
        arrivals: &[&Incoming],
    ) -> Result<HashSet<(String, String)>, StoreError> {
        let ids: Vec<&str> =
            arrivals.iter().filter_map(|arrival| arrival.unique_activity()).map(|(_, id)| id).collect();
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let rows = sqlx::query(self.engine().known_activities())
            .bind(self.org())
            .bind(as_json(&ids)?)
            .fetch_all(tx.connection().await?)
            .await?;
        rows.iter().map(|row| Ok((row.text("kind")?, row.text("activity_id")?))).collect()
    }

    async fn numbers_of(&self, tx: &mut Tx, arrivals: &[&Incoming]) -> Result<HashMap<String, NumberPair>, StoreError> {
        let mut found = HashMap::new();
        for arrival in arrivals.iter().filter(|arrival| arrival.kind != EventKind::Noted) {
            if let Addressee::Conversation(id) = &arrival.to
                && let Some(conversation) = self.conversation_within(tx.connection().await?, id).await?
            {
                found.insert(id.clone(), conversation.numbers);
            }
        }
        Ok(found)
    }

    /// Makes new lanes and wakes those there are, giving out a `seq` for each new event.
    async fn reach_lanes<'a>(
        &self,
        tx: &mut Tx,
        lanes: &BTreeMap<LaneKey<'a>, LaneRow<'a>>,
    ) -> Result<BTreeMap<LaneKey<'a>, Reached>, StoreError> {
        if lanes.is_empty() {
            return Ok(BTreeMap::new());
        }
        let (given, now) = (as_json(&lanes.values().collect::<Vec<_>>())?, ms(self.now()));
        let rows = sqlx::query(self.engine().reach_lanes())
            .bind(self.org())
            .bind(&given)
            .bind(now)
            .fetch_all(tx.connection().await?)
            .await?;
        if let Some(rouse) = self.engine().rouse_lanes() {
            sqlx::query(rouse).bind(self.org()).bind(given).bind(now).execute(tx.connection().await?).await?;
        }
        let mut reached = Vec::with_capacity(rows.len());
        for row in &rows {
            let lane = Reached { id: row.text("id")?, last_seq: row.int("last_seq")? };
            reached.push(((row.text("our_number")?, row.text("their_number")?), lane));
        }
        // A database returns rows in any order; sorted, they stand as they were given.
        reached.sort_by(|(a, _), (b, _)| a.cmp(b));
        let given = lanes.values().map(|lane| (lane.our_number, lane.their_number));
        if !given.eq(reached.iter().map(|((ours, theirs), _)| (ours.as_str(), theirs.as_str()))) {
            return Err(StoreError::inconsistent("other lanes were reached than those asked for"));
        }
        Ok(lanes.keys().copied().zip(reached.into_iter().map(|(_, lane)| lane)).collect())
    }

    /// False if one of the texts is in an inbox already after all.
    async fn fill_inboxes(
        &self,
        tx: &mut Tx,
        arrivals: &[&Incoming],
        sorted: &Sorted<'_>,
        lanes: &BTreeMap<LaneKey<'_>, Reached>,
    ) -> Result<bool, StoreError> {
        let mut rows = Vec::new();
        for (arrival, place) in arrivals.iter().zip(&sorted.places) {
            let Place::InLane(numbers, nth) = place else { continue };
            let lane = reached(lanes, *numbers)?;
            let before = lane.last_seq - sorted.lanes.get(numbers).map_or(0, |lane| lane.events);
            rows.push(InboxRow {
                conversation_id: &lane.id,
                seq: before + nth,
                id: self.new_id("in"),
                event_id: &arrival.event_id,
                kind: arrival.kind.as_str(),
                activity_id: arrival.activity_id.as_deref(),
            });
        }
        if rows.is_empty() {
            return Ok(true);
        }
        let stored = sqlx::query(self.engine().fill_inboxes())
            .bind(self.org())
            .bind(as_json(&rows)?)
            .execute(tx.connection().await?)
            .await?;
        Ok(stored.rows_affected() == rows.len() as u64)
    }
}

/// The events' rows as a JSON array, in one order everywhere, so that two processes that store the same events never wait
/// for each other.
pub(super) fn event_rows(arrivals: &[&Incoming]) -> String {
    let events: BTreeMap<&str, &str> =
        arrivals.iter().rev().map(|arrival| (arrival.event_id.as_str(), arrival.event_row.as_str())).collect();
    let mut rows = String::with_capacity(events.values().map(|row| row.len() + 1).sum::<usize>() + 2);
    for row in events.into_values() {
        rows.push(if rows.is_empty() { '[' } else { ',' });
        rows.push_str(row);
    }
    rows.push(']');
    rows
}

fn reached<'a>(lanes: &'a BTreeMap<LaneKey<'a>, Reached>, numbers: LaneKey<'a>) -> Result<&'a Reached, StoreError> {
    lanes.get(&numbers).ok_or_else(|| StoreError::inconsistent("a lane that was just reached is missing"))
}
