//! The target: x86-64 at the level that the runtime checks for at start-up.

use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};

/// Instruction sets of x86-64-v3 ([`goxide_abi::layout::AMD64_LEVEL`]).
const FEATURES: &[&str] = &[
    "has_sse3",
    "has_ssse3",
    "has_cmpxchg16b",
    "has_sse41",
    "has_sse42",
    "has_popcnt",
    "has_avx",
    "has_avx2",
    "has_fma",
    "has_bmi1",
    "has_bmi2",
    "has_lzcnt",
];

const SETTINGS: &[(&str, &str)] = &[
    ("opt_level", "speed"),
    // r15 holds g.
    ("enable_pinned_reg", "true"),
    // Panics and tracebacks walk frames by rbp.
    ("preserve_frame_pointers", "true"),
    ("is_pic", "false"),
    ("unwind_info", "false"),
    // Our own check stands in front of the body.
    ("enable_probestack", "false"),
    // Programs are not sandboxed from their own memory: as gc, no barrier in front of a jump table.
    ("enable_table_access_spectre_mitigation", "false"),
    // Where blocks begin, for `placement`.
    ("machine_code_cfg_info", "true"),
    ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
];

pub fn target() -> OwnedTargetIsa {
    let mut flags = settings::builder();
    for (name, value) in SETTINGS {
        flags.set(name, value).expect("a setting that Cranelift knows");
    }
    let triple = target_lexicon::triple!("x86_64-unknown-linux-gnu");
    let mut builder = isa::lookup(triple).expect("Cranelift is built with its x86 back end");
    for feature in FEATURES {
        builder.enable(feature).expect("a feature that Cranelift knows");
    }
    builder.finish(settings::Flags::new(flags)).expect("settings that agree")
}
