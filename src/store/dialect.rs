//! The few places where the two engines differ. Everything else is one body of SQL.

use super::connect::Durability;

/// Rows given as one parameter, a JSON array of objects: $2 as the table `given` with these columns. Another parameter may be
/// named first.
///
/// One parameter and one text of the statement, however many rows: each connection prepares it once.
macro_rules! given {
    (sqlite: $first:ident $first_type:ident $(, $column:ident $type:ident)*) => {
        given!(sqlite "$2": $first $first_type $(, $column $type)*)
    };
    (sqlite $parameter:literal: $first:ident $first_type:ident $(, $column:ident $type:ident)*) => {
        concat!(
            "(select value ->> '", stringify!($first), "' as ", stringify!($first),
            $(", value ->> '", stringify!($column), "' as ", stringify!($column),)*
            " from jsonb_each(", $parameter, ")) as given"
        )
    };
    (postgres: $first:ident $first_type:ident $(, $column:ident $type:ident)*) => {
        given!(postgres "$2": $first $first_type $(, $column $type)*)
    };
    (postgres $parameter:literal: $first:ident $first_type:ident $(, $column:ident $type:ident)*) => {
        concat!(
            "json_to_recordset(", $parameter, "::json) as given (", stringify!($first), " ", stringify!($first_type),
            $(", ", stringify!($column), " ", stringify!($type),)*
            ")"
        )
    };
}

macro_rules! claim_sql {
    ($row:literal, $lock:literal) => {
        concat!(
            "with due as (select ",
            $row,
            " from conversation where org = $1 and wake_at <= $2 \
             and (lease_until is null or lease_until <= $2) order by wake_at limit $5 ",
            $lock,
            ") update conversation set epoch = epoch + 1, lease_until = $3, wake_at = $3, owner = $4, rung = 0 \
             where org = $1 and ",
            $row,
            " in (select ",
            $row,
            " from due) returning id, epoch"
        )
    };
}

macro_rules! renew_sql {
    ($engine:ident, $lock:literal) => {
        concat!(
            "with held as (select c.id from conversation c join ",
            given!($engine: id text, epoch bigint),
            " on given.id = c.id and given.epoch = c.epoch where c.org = $1 and c.lease_until is not null \
             order by c.our_number, c.their_number ",
            $lock,
            ") update conversation set lease_until = $3, \
             wake_at = case when wake_at < lease_until then wake_at else $3 end \
             where org = $1 and id in (select id from held) returning id, epoch"
        )
    };
}

macro_rules! hold_sql {
    ($lock:literal) => {
        concat!(
            "select id, their_number, last_seq, epoch, takeover_until, state, rung, wake_at, lease_until from conversation \
             where org = $1 and id = $2",
            $lock
        )
    };
}

/// What a change that people can see does to its row of the table `revision`.
macro_rules! move_revision {
    () => {
        "on conflict (org, shard) do update set value = revision.value + 1"
    };
}
pub(super) use move_revision;

/// [`move_revision`], if there is a shard ($6).
macro_rules! seen_sql {
    () => {
        concat!(
            "insert into revision (org, shard, value) select $1, cast($6 as bigint), 1 where $6 is not null ",
            move_revision!()
        )
    };
}

/// Events that must be new: one that is not makes the statement fail.
macro_rules! new_events_sql {
    ($engine:ident $insert:literal) => {
        concat!(
            $insert,
            " into event (org, event_id, source, kind, conversation_id, activity_id, occurred_at, received_at, body) \
             select $1, event_id, source, kind, conversation_id, activity_id, occurred_at, received_at, body from ",
            given!($engine: event_id text, source text, kind text, conversation_id text, activity_id text,
                occurred_at bigint, received_at bigint, body text)
        )
    };
}

macro_rules! add_events_sql {
    ($engine:ident) => {
        concat!(new_events_sql!($engine "insert"), " where true on conflict (org, event_id) do nothing")
    };
}

/// What an arrival changes of a lane there is, besides giving out places.
macro_rules! rouse {
    () => {
        "lead_id = coalesce(excluded.lead_id, conversation.lead_id), \
         contact_id = coalesce(excluded.contact_id, conversation.contact_id), \
         wake_at = case when conversation.wake_at is null or conversation.wake_at > excluded.wake_at \
         then coalesce(excluded.wake_at, conversation.wake_at) else conversation.wake_at end, \
         state_at = case when conversation.state = 'quiet' and excluded.state = 'working' then excluded.state_at \
         else conversation.state_at end, \
         reason = case when conversation.state = 'quiet' and excluded.state = 'working' then '' \
         else conversation.reason end, \
         state = case when conversation.state = 'quiet' and excluded.state = 'working' then 'working' \
         else conversation.state end"
    };
}

macro_rules! lanes_sql {
    ($insert:literal, $given:expr, $events:literal, $where:literal, $set:expr) => {
        concat!(
            $insert,
            " into conversation (org, id, our_number, their_number, lead_id, contact_id, state, state_at, reason, \
             attempts, answered_before, last_seq, wake_at, rung, epoch, created_at, updated_at) \
             select $1, given.id, given.our_number, given.their_number, given.lead_id, given.contact_id, given.state, $3, '', \
             0, 0, ",
            $events,
            ", given.wake_at, 0, 0, $3, $3 from ",
            $given,
            " where ",
            $where,
            " on conflict (org, our_number, their_number) do update set ",
            $set
        )
    };
}

macro_rules! given_lanes {
    ($engine:ident $($parameter:literal)?) => {
        given!($engine $($parameter)?: id text, our_number text, their_number text, lead_id text, contact_id text, state text,
            events bigint, wake_at bigint)
    };
}

/// SQLite writes a column's index anew whenever an update names the column, changed or not, so that what rarely changes is
/// updated apart, where it does.
macro_rules! number_lanes_sql {
    ($insert:literal $($parameter:literal)?) => {
        lanes_sql!(
            $insert,
            given_lanes!(sqlite $($parameter)?),
            "given.events",
            "true",
            "last_seq = conversation.last_seq + excluded.last_seq"
        )
    };
}

macro_rules! rouse_lanes_sql {
    ($insert:literal $($parameter:literal)?) => {
        lanes_sql!(
            $insert,
            concat!(
                given_lanes!(sqlite $($parameter)?),
                " cross join conversation c on c.org = $1 and c.our_number = given.our_number \
                 and c.their_number = given.their_number"
            ),
            "0",
            "given.wake_at < coalesce(c.wake_at, given.wake_at + 1) or (c.state = 'quiet' and given.state = 'working') \
             or given.lead_id <> coalesce(c.lead_id, '') or given.contact_id <> coalesce(c.contact_id, '')",
            rouse!()
        )
    };
}

macro_rules! fill_inboxes_sql {
    ($engine:ident) => {
        concat!(
            "insert into inbox (org, conversation_id, seq, id, event_id, kind, activity_id, reason) \
             select $1, conversation_id, seq, id, event_id, kind, activity_id, '' from ",
            given!($engine: conversation_id text, seq bigint, id text, event_id text, kind text, activity_id text),
            " where true on conflict do nothing"
        )
    };
}

macro_rules! numbered_inbox {
    ($engine:ident) => {
        given!($engine "$5": our_number text, their_number text, later bigint, id text, event_id text, kind text,
            activity_id text)
    };
}

/// Everything that new arrivals change, on SQLite, as one transaction. Its one row has the lanes' ids in their given order.
///
/// A refusal ends the whole transaction (`or rollback`): so SQLite need not keep, for each statement, what its pages were before.
const TAKE_IN_NEW: &str = concat!(
    "begin immediate; ",
    new_events_sql!(sqlite "insert or rollback"),
    "; ",
    number_lanes_sql!("insert or rollback" "$4"),
    "; insert or rollback into inbox (org, conversation_id, seq, id, event_id, kind, activity_id, reason) \
     select $1, c.id, c.last_seq - given.later, given.id, given.event_id, given.kind, given.activity_id, '' from ",
    numbered_inbox!(sqlite),
    " cross join conversation c on c.org = $1 and c.our_number = given.our_number \
     and c.their_number = given.their_number; ",
    "select json_group_array(c.id order by each.key) as lanes \
     from jsonb_each($4) each cross join conversation c on c.org = $1 and c.our_number = each.value ->> 'our_number' \
     and c.their_number = each.value ->> 'their_number'; ",
    rouse_lanes_sql!("insert or rollback" "$4"),
    "; ",
    seen_sql!(),
    "; commit"
);

/// [`TAKE_IN_NEW`] on PostgreSQL, where one statement is a transaction. Lanes are taken after the events, as wherever both are,
/// so that no two processes wait for each other; what nothing refers to, as `seen`, comes last.
const TAKE_IN_NEW_AT_ONCE: &str = concat!(
    "with stored as (",
    new_events_sql!(postgres "insert"),
    " returning 1), lane as (",
    lanes_sql!(
        "insert",
        given_lanes!(postgres "$4"),
        "given.events",
        "(select count(*) from stored) >= 0",
        concat!("last_seq = conversation.last_seq + excluded.last_seq, ", rouse!())
    ),
    " returning id, our_number, their_number, last_seq), \
     put as (insert into inbox (org, conversation_id, seq, id, event_id, kind, activity_id, reason) \
     select $1, lane.id, lane.last_seq - given.later, given.id, given.event_id, given.kind, given.activity_id, '' from ",
    numbered_inbox!(postgres),
    " join lane on lane.our_number = given.our_number and lane.their_number = given.their_number), \
     seen as (",
    seen_sql!(),
    ") select coalesce(json_agg(id order by our_number collate \"C\", their_number collate \"C\"), '[]')::text as lanes from lane"
);

macro_rules! put_messages_sql {
    ($engine:ident) => {
        concat!(
            "insert into message (org, activity_id, conversation_id, author, text, at, attachments) \
             select $1, activity_id, $3, author, text, at, attachments from ",
            given!($engine: activity_id text, author text, text text, at bigint, attachments bigint),
            " where true on conflict (org, activity_id) do update set \
             text = excluded.text, at = excluded.at, attachments = excluded.attachments"
        )
    };
}

/// Which database keeps the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The name for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// Begins a transaction that writes. SQLite takes its one write lock at once: a lock taken later can fail in the
    /// middle.
    pub(super) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// Begins a transaction whose queries all see the same instant.
    pub(super) fn begin_read(self) -> &'static str {
        match self {
            Self::Sqlite => "begin deferred",
            Self::Postgres => "begin isolation level repeatable read, read only",
        }
    }

    /// Leases due conversations, oldest alarm first. $1 org, $2 now, $3 end of lease, $4 owner, $5 limit.
    ///
    /// The alarm moves to the end of the lease, so that a dead worker's lane wakes by itself. PostgreSQL leaves out rows
    /// that another claim or an `accept` holds at this moment; SQLite has one writer and needs no such clause.
    pub(super) fn claim(self) -> &'static str {
        match self {
            Self::Sqlite => claim_sql!("rowid", ""),
            Self::Postgres => claim_sql!("id", "for update skip locked"),
        }
    }

    /// Extends leases that still stand. $1 org, $2 leases, $3 their new end.
    ///
    /// Lanes are taken in the order of their numbers, as wherever several are held at once.
    pub(super) fn renew(self) -> &'static str {
        match self {
            Self::Sqlite => renew_sql!(sqlite, ""),
            Self::Postgres => renew_sql!(postgres, "for update of c"),
        }
    }

    /// Reads a conversation's row and holds it until the transaction ends. $1 org, $2 id.
    ///
    /// SQLite's transaction has the only write lock already.
    pub(super) fn hold(self) -> &'static str {
        match self {
            Self::Sqlite => hold_sql!(""),
            Self::Postgres => hold_sql!(" for update"),
        }
    }

    /// Stores events, leaving out those that are stored. $1 org, $2 events.
    pub(super) fn add_events(self) -> &'static str {
        match self {
            Self::Sqlite => concat!(add_events_sql!(sqlite), " returning event_id"),
            Self::Postgres => concat!(add_events_sql!(postgres), " returning event_id"),
        }
    }

    /// Everything that arrivals change of which none is known, as a transaction. $1 org, $2 events, $3 now, $4 lanes, $5 inbox
    /// rows, $6 the revision's shard, if people see a change.
    ///
    /// It fails when an event is known, or a text is in an inbox.
    pub(super) fn take_in_new(self) -> &'static str {
        match self {
            Self::Sqlite => TAKE_IN_NEW,
            Self::Postgres => TAKE_IN_NEW_AT_ONCE,
        }
    }

    /// What inboxes hold of some texts. $1 org, $2 the texts' activities, a JSON array.
    ///
    /// PostgreSQL is made to look each up in the index: otherwise it reads all texts there ever were, whatever it knows of the
    /// table's size.
    pub(super) fn known_activities(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "select kind, activity_id from inbox where org = $1 and kind in ('lead_text', 'outbound_sent') \
                 and activity_id in (select value from json_each($2))"
            }
            Self::Postgres => {
                "select found.kind, found.activity_id from json_array_elements_text($2::json) as given (id) \
                 cross join (values ('lead_text'), ('outbound_sent')) as of_kind (kind) cross join lateral \
                 (select kind, activity_id from inbox where org = $1 and inbox.kind = of_kind.kind \
                 and kind in ('lead_text', 'outbound_sent') and activity_id = given.id limit 1) as found"
            }
        }
    }

    /// Which of some events are stored. $1 org, $2 their ids, a JSON array. On PostgreSQL as [`Self::known_activities`].
    pub(super) fn known_events(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "select event_id from event where org = $1 and event_id in (select value from json_each($2))"
            }
            Self::Postgres => {
                "select found.event_id from json_array_elements_text($2::json) as given (id) cross join lateral \
                 (select event_id from event where org = $1 and event_id = given.id limit 1) as found"
            }
        }
    }

    /// Makes lanes, or adds to those there are. $1 org, $2 lanes, $3 now.
    ///
    /// `updated_at` is left to the worker that looks at the lane: its index would be one more page to write.
    pub(super) fn reach_lanes(self) -> &'static str {
        match self {
            Self::Sqlite => concat!(number_lanes_sql!("insert"), " returning id, our_number, their_number, last_seq"),
            Self::Postgres => concat!(
                lanes_sql!(
                    "insert",
                    given_lanes!(postgres),
                    "given.events",
                    "true",
                    concat!("last_seq = conversation.last_seq + excluded.last_seq, ", rouse!())
                ),
                " returning id, our_number, their_number, last_seq"
            ),
        }
    }

    /// What is still to be done for lanes that were reached. $1 org, $2 lanes, $3 now.
    pub(super) fn rouse_lanes(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some(rouse_lanes_sql!("insert")),
            Self::Postgres => None,
        }
    }

    /// Puts events into inboxes, leaving out texts that are in one. $1 org, $2 rows.
    pub(super) fn fill_inboxes(self) -> &'static str {
        match self {
            Self::Sqlite => fill_inboxes_sql!(sqlite),
            Self::Postgres => fill_inboxes_sql!(postgres),
        }
    }

    /// Adds messages, or gives known ones their newer text. $1 org, $2 messages, $3 their conversation.
    pub(super) fn put_messages(self) -> &'static str {
        match self {
            Self::Sqlite => put_messages_sql!(sqlite),
            Self::Postgres => put_messages_sql!(postgres),
        }
    }

    /// What every new connection is told.
    ///
    /// SQLite: readers do not block the writer (WAL), a commit is on the disk when it returns (FULL), a second process
    /// on the same file is waited for. What a savepoint may have to take back is kept in memory, not in a file, and so
    /// are some more pages than by default; whoever writes carries the log over to the database when it has 16 MB.
    pub(super) fn on_connect(self, durability: Durability) -> &'static [&'static str] {
        match (self, durability) {
            (Self::Sqlite, Durability::Power) => &[
                "pragma busy_timeout = 10000",
                "pragma journal_mode = wal",
                "pragma synchronous = full",
                "pragma foreign_keys = on",
                "pragma temp_store = memory",
                "pragma cache_size = -16000",
                "pragma wal_autocheckpoint = 4000",
            ],
            (Self::Sqlite, Durability::Process) => &[
                "pragma busy_timeout = 10000",
                "pragma journal_mode = wal",
                "pragma synchronous = off",
                "pragma temp_store = memory",
            ],
            (Self::Postgres, Durability::Power) => &[],
            (Self::Postgres, Durability::Process) => &["set synchronous_commit = off"],
        }
    }
}
