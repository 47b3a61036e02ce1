-- What a conversation's own links were used for is told to each of its turns, however long it is.
create index inbox_booking on inbox (org, conversation_id, seq) where kind in ('booking', 'cancellation');
