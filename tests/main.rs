//! The integration tests, in one binary: by promise and by journey, not by module.

/// What tests stand on.
mod support {
    pub mod outside;
    pub mod postgres;
    pub mod program;
    pub mod world;
}

mod commands;
mod journeys;
mod store_contract;
mod tidy;
mod torture;
