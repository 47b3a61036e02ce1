-- Money that no turn's record tells of: held for what is under way, spent on summaries and on turns that were lost.
create table spend (
    org text not null,
    id text not null,
    conversation_id text not null,
    purpose text not null,
    at bigint not null,
    microusd bigint not null,
    settled bigint not null,
    primary key (org, id)
);
create index spend_at on spend (org, at, microusd);
create index spend_conversation on spend (org, conversation_id);
create index turn_started on turn (org, started_at, cost_microusd);

-- What was said before the messages a prompt shows. The newest row of a conversation stands; earlier ones stay for the record.
create table summary (
    org text not null,
    id text not null,
    conversation_id text not null,
    ordinal bigint not null,
    covers_activity_id text not null,
    covers_until bigint not null,
    text text not null,
    author text,
    model text,
    prompt_hash text not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    cost_microusd bigint not null,
    created_at bigint not null,
    primary key (org, id),
    unique (org, conversation_id, ordinal)
);
