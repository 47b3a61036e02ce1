-- What arrives is written into as few places as possible: on a busy day each of them is a page of its own to write.

-- Everything up to here is dealt with, so that what is not is found from the mailbox's own key, however long a
-- conversation is. It may lag behind; `inbox.handled_at` decides.
alter table conversation add column handled_seq bigint not null default 0;

-- Only for counting and for finding what is left lying: new entries go to its end.
drop index inbox_unhandled;
create index inbox_unhandled on inbox (org) where handled_at is null;
