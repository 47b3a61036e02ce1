-- One body of SQL for SQLite and PostgreSQL: text ids, BIGINT UTC milliseconds, BIGINT 0/1, JSON as text.
-- The organisation leads every key, so that a sharded PostgreSQL can distribute by it.

-- Everything that arrived or was done by a person, once, under its own id.
create table event (
    org text not null,
    event_id text not null,
    source text not null,
    kind text not null,
    conversation_id text,
    activity_id text,
    occurred_at bigint not null,
    received_at bigint not null,
    body text not null,
    primary key (org, event_id)
);

-- A conversation is a lane: its alarm (wake_at), its lease (lease_until, owner, epoch) and its counters.
create table conversation (
    org text not null,
    id text not null,
    our_number text not null,
    their_number text not null,
    lead_id text,
    contact_id text,
    display_name text,
    mode text,
    state text not null,
    state_at bigint not null,
    reason text not null,
    takeover_until bigint,
    attempts bigint not null,
    answered_before bigint not null,
    last_seq bigint not null,
    wake_at bigint,
    rung bigint not null,
    lease_until bigint,
    owner text,
    epoch bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (org, id),
    unique (org, our_number, their_number)
);
create index conversation_wake on conversation (org, wake_at) where wake_at is not null;
create index conversation_lead on conversation (org, lead_id) where lead_id is not null;
create index conversation_their_number on conversation (org, their_number);
create index conversation_state on conversation (org, state, state_at);
create index conversation_updated on conversation (org, updated_at);

-- A lane's mailbox. seq is given out under the conversation's row.
create table inbox (
    org text not null,
    conversation_id text not null,
    seq bigint not null,
    id text not null,
    event_id text not null,
    kind text not null,
    activity_id text,
    handled_at bigint,
    ending text,
    reason text not null,
    primary key (org, conversation_id, seq),
    unique (org, id)
);
create index inbox_unhandled on inbox (org, conversation_id, seq) where handled_at is null;
create unique index inbox_activity on inbox (org, kind, activity_id)
    where activity_id is not null and kind in ('lead_text', 'outbound_sent');

create table message (
    org text not null,
    activity_id text not null,
    conversation_id text not null,
    author text not null,
    text text not null,
    at bigint not null,
    attachments bigint not null,
    primary key (org, activity_id)
);
create index message_conversation on message (org, conversation_id, at);

create table turn (
    org text not null,
    id text not null,
    conversation_id text not null,
    seen_seq bigint not null,
    started_at bigint not null,
    finished_at bigint not null,
    outcome text not null,
    reason text not null,
    intent text,
    prompt_hash text not null,
    prompt text not null,
    manifest text not null,
    answers text not null,
    proposal text not null,
    findings text not null,
    decision text not null,
    context text not null,
    model text,
    input_tokens bigint not null,
    cached_tokens bigint not null,
    output_tokens bigint not null,
    cost_microusd bigint not null,
    primary key (org, id)
);
create index turn_conversation on turn (org, conversation_id, started_at);

create table draft (
    org text not null,
    id text not null,
    conversation_id text not null,
    turn_id text not null,
    text text not null,
    edited_text text,
    reason text not null,
    state text not null,
    ended_reason text not null,
    reviewer text,
    created_at bigint not null,
    decided_at bigint,
    decided_epoch bigint,
    answers_text_at bigint,
    basis_seq bigint not null,
    primary key (org, id)
);
create index draft_conversation on draft (org, conversation_id, created_at);
create unique index draft_waiting on draft (org, conversation_id) where state = 'waiting';

create table outbox (
    org text not null,
    id text not null,
    conversation_id text not null,
    turn_id text,
    draft_id text,
    ordinal bigint not null,
    text text not null,
    state text not null,
    activity_id text,
    basis_seq bigint not null,
    next_at bigint,
    attempts bigint not null,
    error text not null,
    withdraw_reason text,
    approved_by text,
    failure_seen bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (org, id),
    unique (org, conversation_id, ordinal)
);
create unique index outbox_activity on outbox (org, activity_id) where activity_id is not null;
-- One draft is sent once.
create unique index outbox_draft on outbox (org, draft_id) where draft_id is not null;
create index outbox_open on outbox (org, conversation_id, ordinal)
    where state in ('queued', 'drafting', 'drafted', 'sending', 'accepted');
create index outbox_failed on outbox (org, conversation_id) where state = 'failed' and failure_seen = 0;
create index outbox_created on outbox (org, created_at);

-- Phones that must not be texted. Lifted ones stay for the record.
create table suppression (
    org text not null,
    id text not null,
    phone text not null,
    rule text not null,
    activity_id text,
    since bigint not null,
    lifted_at bigint,
    lifted_by text,
    lifted_reason text,
    primary key (org, id)
);
create unique index suppression_active on suppression (org, phone) where lifted_at is null;

create table setting (
    org text not null,
    key text not null,
    value text not null,
    updated_at bigint not null,
    primary key (org, key)
);

create table booking_token (
    org text not null,
    token text not null,
    conversation_id text not null,
    created_at bigint not null,
    primary key (org, token)
);
create index booking_token_conversation on booking_token (org, conversation_id, created_at);

-- What a live page compares. Spread over several rows, so that writers of different conversations rarely meet.
create table revision (
    org text not null,
    shard bigint not null,
    value bigint not null,
    primary key (org, shard)
);
