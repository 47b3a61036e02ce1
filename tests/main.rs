//! The integration tests, in one binary: by promise and by journey, not by module.

/// What tests stand on.
mod support {
    pub mod postgres;
    pub mod world;
}

mod journeys;
mod store_contract;
mod tidy;
