//! Calendly: client, slots, links, bookings, webhook.
