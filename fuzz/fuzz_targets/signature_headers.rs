#![no_main]

#[path = "../../tests/fuzzed/input/mod.rs"]
mod input;

use input::house::House;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static CLOSED: House = House::closed();
}

fuzz_target!(|lines: &[u8]| CLOSED.with(|closed| input::signature_headers(closed, lines)));
