//! `goxide clean`.

use crate::flags::{self, FlagError, Spec};
use crate::{FAILED, USAGE_ERROR, env};
use goxide_build::Cache;

const FLAGS: &[Spec] = &[Spec::boolean("cache")];
const USAGE: &str = "usage: goxide clean -cache\nRun 'goxide help clean' for details.";

pub fn main(args: &[String]) -> u8 {
    match clean(args) {
        Ok(()) => 0,
        Err((status, text)) => {
            eprintln!("{text}");
            status
        }
    }
}

fn clean(args: &[String]) -> Result<(), (u8, String)> {
    let parsed = flags::parse(FLAGS, args).map_err(|e| match e {
        FlagError::Help => (USAGE_ERROR, USAGE.into()),
        e => (USAGE_ERROR, format!("{e}\n{USAGE}")),
    })?;
    if !parsed.is_on("cache") || !parsed.args.is_empty() {
        return Err((USAGE_ERROR, USAGE.into()));
    }
    let root = env::cache_dir().map_err(|text| (FAILED, text))?;
    Cache::clean(&root).map_err(|e| (FAILED, format!("goxide: cannot clean {}: {e}", root.display())))
}
