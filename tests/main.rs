//! The integration tests, in one binary: by promise and by journey, not by module.

/// What tests stand on.
mod support {
    pub mod outside;
    pub mod postgres;
    pub mod program;
    pub mod stranger;
    pub mod world;
}

mod commands;
mod edge;
mod fuzzed;
mod journeys;
mod kills;
mod store_contract;
mod tidy;
mod torture;
