//! The only places for time, randomness, spawning, telemetry and outgoing HTTP.
//!
//! Everything else receives these as values. That is what lets a test move the clock, repeat a run from a seed and
//! route outgoing calls into a simulator without a socket; `clippy.toml` bans the ways around it.

pub mod clock;
pub mod http;
pub mod random;
pub mod sabotage;
pub mod tasks;
pub mod telemetry;
pub mod upstream;

pub use clock::Clock;
pub use http::Http;
pub use random::Random;
pub use tasks::Tasks;
