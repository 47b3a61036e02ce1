#![no_main]

#[path = "../../tests/fuzzed/input/mod.rs"]
mod input;

use input::house::House;
use libfuzzer_sys::fuzz_target;

/// After so many bodies the database starts anew: it would only grow.
const BODIES: u32 = 5_000;

struct Houses {
    open: House,
    closed: House,
    bodies: u32,
}

thread_local! {
    static HOUSES: std::cell::RefCell<Option<Houses>> = const { std::cell::RefCell::new(None) };
}

fuzz_target!(|body: &[u8]| {
    HOUSES.with_borrow_mut(|houses| {
        let houses = houses.get_or_insert_with(|| Houses { open: House::open(), closed: House::closed(), bodies: 0 });
        if houses.bodies == BODIES {
            (houses.open, houses.bodies) = (House::open(), 0);
        }
        houses.bodies += 1;
        input::close_webhook(&houses.open, &houses.closed, body);
    });
});
