#![no_main]

#[path = "../../tests/fuzzed/input/mod.rs"]
mod input;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| input::model_answer(bytes));
