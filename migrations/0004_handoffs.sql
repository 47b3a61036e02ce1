-- What was handed to a person, and the task at Close that says so. A task is made beside the conversation's own steps, so the
-- row has an alarm (next_at) and a fencing number (epoch) of its own.
create table handoff (
    org text not null,
    id text not null,
    conversation_id text not null,
    turn_id text,
    kind text not null,
    reason text not null,
    summary text not null,
    next_step text not null,
    state text not null,
    follows_task_id text,
    task_id text,
    error text not null,
    attempts bigint not null,
    epoch bigint not null,
    next_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    closed_at bigint,
    primary key (org, id)
);
create index handoff_due on handoff (org, next_at) where next_at is not null;
create index handoff_conversation on handoff (org, conversation_id, created_at);

-- A text that only says that a person will answer is no answer.
alter table outbox add column purpose text not null default 'reply';
