//! Close: client, webhook, event log.
