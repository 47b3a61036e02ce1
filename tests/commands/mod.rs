//! The commands, run as the real binary.

mod demo;
mod evaluating;
mod mistakes;
mod operating;
mod recovering;
mod saying;
mod serving;
mod stopping;
