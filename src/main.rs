//! The `rapport` command.

use std::process::ExitCode;

/// Many small pieces of JSON are made and dropped on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rapport::cli::main()
}
