//! Close, Calendly and a model as HTTP servers on loopback, with faults on demand. Speaks the published wire formats and shares no types with the clients.
