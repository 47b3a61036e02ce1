//! What is served: webhooks, the desk, health and metrics.
