//! Commands that were built lately, by what was asked for: while no file that their build looked at has
//! changed, by size, time and inode, a second `goxide run` reads none of them.
//!
//! Only programs of named files or of the main module and std are remembered; what comes from vendor
//! folders, other modules or `//go:embed` is looked up in the ordinary way.

use crate::cache::{Cache, Key};
use crate::key::Hasher;
use crate::program::{Built, Options, Report, Toolchain};
use goxide_load::Program;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file that changed so shortly before it was looked at may change again without its time changing.
const SETTLED_AFTER: Duration = Duration::from_millis(50);
/// The kind of the cache's entries.
const KIND: &str = "r";

/// What tells that a file or folder is still the same.
type Stamp = (u64, u64, i64, i64, i64, i64);

#[derive(Serialize, Deserialize)]
struct Recent {
    import_path: String,
    name: String,
    dir: PathBuf,
    first_file: Option<String>,
    /// Key of the executable.
    executable: [u8; 32],
    /// `None`: there is none of that name.
    inputs: Vec<(PathBuf, Option<Stamp>)>,
}

/// The command that was last built for the arguments, if it would be built just so again.
pub fn find(toolchain: &Toolchain, cache: &Cache, options: &Options, args: &[String]) -> Option<Built> {
    let key = key(toolchain, options, args)?;
    let recent: Recent = postcard::from_bytes(&cache.get(&key, KIND)?).ok()?;
    if recent.inputs.iter().any(|(path, was)| std::fs::metadata(path).ok().as_ref().map(stamp) != *was) {
        return None;
    }
    Some(Built {
        executable: Some(cache.get_executable(&Key(recent.executable))?),
        key: Some(Key(recent.executable)),
        import_path: recent.import_path,
        name: recent.name,
        dir: recent.dir,
        first_file: recent.first_file,
        object: None,
    })
}

/// Notes what was built. What cannot be noted is built in the ordinary way again.
pub fn note(
    toolchain: &Toolchain,
    cache: &Cache,
    options: &Options,
    args: &[String],
    program: &Program,
    report: &Report,
) {
    let [built] = report.built.as_slice() else { return };
    let (Some(key), Some(executable)) = (key(toolchain, options, args), built.key) else { return };
    let Some(inputs) = inputs(options, program) else { return };
    let recent = Recent {
        import_path: built.import_path.clone(),
        name: built.name.clone(),
        dir: built.dir.clone(),
        first_file: built.first_file.clone(),
        executable: executable.0,
        inputs,
    };
    let bytes = postcard::to_stdvec(&recent).expect("plain data");
    // A cache that cannot be written to has been complained of before.
    let _ = cache.put(&key, KIND, &bytes);
}

/// What was asked for; `None` where more is wanted of the build than its result.
fn key(toolchain: &Toolchain, options: &Options, args: &[String]) -> Option<Key> {
    let has_more = options.env.fsys.has_overlay()
        || options.env.cover.is_some()
        || args.iter().any(|a| a.contains("..."));
    let shows = options.is_fresh() || options.dry_run || options.keep_going || options.work.is_some();
    if shows || has_more {
        return None;
    }
    let mut h = Hasher::new("recent");
    h.field(toolchain.id.as_bytes());
    let Options { language, all_errors, trimpath, ldflags, told, .. } = options;
    h.field(format!("{language:?} {all_errors} {trimpath} {ldflags:?} {told:?}").as_bytes());
    let env = &options.env;
    h.field(env.cwd.as_os_str().as_encoded_bytes());
    h.field(format!("{:?} {:?} {:?} {:?}", env.tags, env.places, env.mod_flag, env.mod_file).as_bytes());
    for arg in args {
        h.field(arg.as_bytes());
    }
    Some(h.finish())
}

/// All that the build looked at, as it is now; `None` if that is too much, or has only just changed.
fn inputs(options: &Options, program: &Program) -> Option<Vec<(PathBuf, Option<Stamp>)>> {
    let mut paths: FxHashSet<PathBuf> = FxHashSet::default();
    for dir in options.env.cwd.ancestors() {
        paths.extend([dir.join("go.mod"), dir.join("go.work")]);
    }
    if let Some(module) = &program.module {
        paths.extend([module.root.join("go.mod"), module.root.join("go.sum"), module.root.join("vendor")]);
        paths.extend(options.env.mod_file.clone());
    }
    for package in &program.packages {
        let named = package.import_path == goxide_load::NAMED_FILES;
        let inside =
            |root: &Path| package.dir.starts_with(root) && !package.dir.starts_with(root.join("vendor"));
        let own = program.module.as_ref().is_some_and(|m| inside(&m.root));
        if !package.is_std && (!(named || own) || !package.embeds.is_empty()) {
            return None;
        }
        let files: Vec<PathBuf> =
            package.files.iter().filter(|f| !f.is_overlay).map(|f| PathBuf::from(&*f.source.name)).collect();
        paths.extend(package.assembly.files.iter().chain(&package.assembly.headers).map(|f| f.path.clone()));
        if !named && !files.is_empty() {
            paths.insert(package.dir.clone());
        }
        paths.extend(files);
    }
    let now = SystemTime::now();
    let mut inputs: Vec<(PathBuf, Option<Stamp>)> = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(&path).ok();
        let changed = metadata.as_ref().and_then(|m| m.modified().ok());
        if changed.is_some_and(|t| now.duration_since(t).is_ok_and(|age| age < SETTLED_AFTER)) {
            return None;
        }
        inputs.push((path, metadata.as_ref().map(stamp)));
    }
    inputs.sort();
    Some(inputs)
}

fn stamp(m: &Metadata) -> Stamp {
    (m.ino(), m.size(), m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec())
}
