//! Evaluations of prompts through the same engine.
