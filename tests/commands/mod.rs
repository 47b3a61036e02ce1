//! The commands, run as the real binary.

mod demo;
mod evaluating;
mod mistakes;
mod operating;
mod recovering;
mod serving;
mod stopping;
