//! Rapport: the AI text-message agent for sales teams on the Close CRM.
//!
//! ARCHITECTURE.md draws the house; each room below starts with what it is for and what it must never do.

pub mod calendly;
pub mod cli;
pub mod close;
pub mod config;
pub mod conversation;
pub mod engine;
pub mod eval;
pub mod llm;
pub mod prompt;
pub mod runtime;
pub mod sim;
pub mod sms;
pub mod store;
pub mod web;
