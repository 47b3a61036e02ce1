//! Writes arrivals that are all new, as almost all are, in one errand to the database.
//!
//! If one was not new, the database refuses all of them, and they are looked at more closely.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Store;
use super::accept::{Addressee, Incoming};
use super::error::StoreError;
use super::guard::shard;
use super::lane::Accepted;
use super::row::{Columns, as_json, ms};
use super::take_in::{Known, LaneKey, Place, Sorted, event_rows};

/// A row of the table `inbox`, whose conversation and place are known by its numbers.
#[derive(Serialize)]
struct InboxRow<'a> {
    our_number: &'a str,
    their_number: &'a str,
    /// How many events of the lane come after it.
    later: i64,
    id: String,
    event_id: &'a str,
    kind: &'static str,
    activity_id: Option<&'a str>,
}

impl Store {
    /// Stores arrivals that are all new and makes that lasting. None if one may not be new: then nothing was changed.
    pub(super) async fn store_new(&self, arrivals: &[&Incoming]) -> Result<Option<Vec<Accepted>>, StoreError> {
        if arrivals.iter().any(|arrival| matches!(arrival.to, Addressee::Conversation(_))) {
            return Ok(None);
        }
        let known = Known::nothing(arrivals);
        let sorted = Sorted::of(arrivals, &known, || self.new_id("conv"));
        if sorted.places.iter().any(|place| matches!(place, Place::Duplicate)) {
            return Ok(None);
        }
        let inbox = self.inbox_rows(arrivals, &sorted);
        let seen = sorted.lanes.keys().next().map(|(_, theirs)| shard(theirs));
        let asked = sqlx::query(self.engine().take_in_new())
            .bind(self.org())
            .bind(event_rows(arrivals))
            .bind(ms(self.now()))
            .bind(as_json(&sorted.lanes.values().collect::<Vec<_>>())?)
            .bind(as_json(&inbox)?)
            .bind(seen);
        let rows = match self.0.pools.writer.at_once(&self.0.probed, asked).await {
            Err(error) if error.says_it_is_there() => return Ok(None),
            told => told?,
        };
        if seen.is_some() {
            self.tell_changed();
        }
        let [lanes] = rows.as_slice() else {
            return Err(StoreError::inconsistent("storing arrivals did not name their lanes"));
        };
        let ids: Vec<String> = serde_json::from_value(lanes.json("lanes")?)
            .map_err(|error| StoreError::inconsistent(format!("the lanes' ids: {error}")))?;
        let lanes: BTreeMap<LaneKey<'_>, &String> = sorted.lanes.keys().copied().zip(&ids).collect();
        sorted.places.iter().map(|place| accepted(place, &lanes)).collect::<Result<_, _>>().map(Some)
    }

    fn inbox_rows<'a>(&self, arrivals: &[&'a Incoming], sorted: &Sorted<'a>) -> Vec<InboxRow<'a>> {
        let in_lanes = arrivals.iter().zip(&sorted.places).filter_map(|(arrival, place)| match place {
            Place::InLane(numbers, nth) => Some((arrival, *numbers, *nth)),
            Place::Duplicate | Place::Recorded => None,
        });
        in_lanes
            .map(|(arrival, numbers, nth)| InboxRow {
                our_number: numbers.0,
                their_number: numbers.1,
                later: sorted.lanes.get(&numbers).map_or(0, |lane| lane.events) - nth,
                id: self.new_id("in"),
                event_id: &arrival.event_id,
                kind: arrival.kind.as_str(),
                activity_id: arrival.activity_id.as_deref(),
            })
            .collect()
    }
}

fn accepted(place: &Place<'_>, lanes: &BTreeMap<LaneKey<'_>, &String>) -> Result<Accepted, StoreError> {
    Ok(match place {
        Place::Duplicate => Accepted::Duplicate,
        Place::Recorded => Accepted::Recorded,
        Place::InLane(numbers, _) => {
            let id = lanes.get(numbers).copied().cloned();
            let missing = || StoreError::inconsistent("a lane that was just reached is missing");
            Accepted::New { conversation_id: id.ok_or_else(missing)? }
        }
    })
}
