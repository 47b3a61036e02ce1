-- What left by itself within an hour and a day is counted before each reply: from an index alone, and of one lead without
-- looking at the others'.
drop index outbox_created;
create index outbox_created on outbox (org, created_at, approved_by, state);
create index outbox_conversation on outbox (org, conversation_id, created_at);
