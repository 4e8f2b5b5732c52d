//! Tools of GOROOT that a build runs, as `cmd/asm`: built by Goxide itself, and kept in the cache like any other
//! program.

use crate::cache::Cache;
use crate::program::{Failure, Options, Toolchain, build};
use goxide_load::{Env, LoadError, Places};
use std::path::PathBuf;

/// A tool, and the GOROOT that it is of.
pub struct Tool {
    pub executable: PathBuf,
    pub goroot: PathBuf,
}

/// The executable of `cmd/NAME`, built if the cache has none for this toolchain and GOROOT. Nothing of what the
/// user's build was told has a part in it.
pub fn tool(toolchain: &Toolchain, cache: &Cache, options: &Options, name: &str) -> Result<Tool, Failure> {
    let places = &options.env.places;
    let no_goroot = |why| Failure::Load(LoadError::NoGoroot(toolchain.version.into(), why));
    let goroot = places.find(toolchain.version).map_err(no_goroot)?;
    let places = Places {
        goroot: Some(goroot.clone()),
        data: None,
        path: None,
        modules: None,
        workspace: Some("off".into()),
    };
    let env = Env { cwd: goroot.clone(), overlay: options.env.overlay.clone(), places, ..Env::default() };
    let own = Options { env, jobs: options.jobs, watch: options.watch.clone(), ..Options::default() };
    let args = [format!("cmd/{name}")];
    // Who asks may be a worker of a build's pool, which would take up further work while it waited for another
    // pool, and come here again.
    let report = std::thread::scope(|scope| {
        let building = scope.spawn(|| build(toolchain, cache, &own, &args));
        building.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    let executable = report.built.into_iter().find_map(|b| b.executable);
    let executable =
        executable.ok_or_else(|| Failure::Compile(format!("goxide: {} is no command", args[0])))?;
    Ok(Tool { executable, goroot })
}
