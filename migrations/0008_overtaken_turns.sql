-- Whoever acts on a conversation rings it, and a turn that was under way is thrown away for that: which lease an approval fell
-- into need not be kept.
alter table draft drop column decided_epoch;
