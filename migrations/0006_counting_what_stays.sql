-- Whether a text counts as having left by itself stays the same from the moment it is stored until it fails or is withdrawn.
-- An index of those alone is not touched while a text is on its way, and is shorter to count.
drop index outbox_created;
create index outbox_counted on outbox (org, created_at) where approved_by is null and state not in ('failed', 'withdrawn');
