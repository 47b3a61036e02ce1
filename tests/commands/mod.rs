//! The commands, run as the real binary.

mod demo;
mod mistakes;
mod operating;
mod serving;
