//! Any bytes as a Go file, through all stages of the compiler.
#![no_main]

#[path = "../../crates/build/tests/common/mod.rs"]
mod common;

use common::World;
use libfuzzer_sys::fuzz_target;
use std::sync::RwLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Types and files are never forgotten: a new world now and then keeps memory flat.
const INPUTS_PER_WORLD: usize = 5000;

static WORLD: RwLock<Option<World>> = RwLock::new(None);
static SEEN: AtomicUsize = AtomicUsize::new(0);

fuzz_target!(|text: &[u8]| {
    let number = SEEN.fetch_add(1, Relaxed);
    if number.is_multiple_of(INPUTS_PER_WORLD) {
        *WORLD.write().expect("nobody panics and goes on") = Some(common::world());
    }
    let world = WORLD.read().expect("nobody panics and goes on");
    let world = world.as_ref().expect("the first input makes it");
    for error in world.compile(&format!("{number}.go"), text) {
        let position = world.files.position(error.pos);
        assert!(position.is_some_and(|p| p.line > 0), "an error without a place: {}", error.text);
    }
});
