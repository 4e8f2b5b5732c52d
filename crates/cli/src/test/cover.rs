//! `goxide test -cover`: what test programs are told, and the profile that their parts make up
//! (`cover.go` in the packages `test` and `work` of cmd/go).

use goxide_build::cache::{Cache, Key};
use goxide_build::cover::Cover;
use goxide_build::{Failure, Options, tool};
use goxide_load::{Package, Program, Target};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use tempfile::TempDir;

/// What all test programs of a run share.
pub struct Coverage {
    mode: String,
    /// `-coverprofile`
    profile: Option<Mutex<std::fs::File>>,
    /// The packages that are counted where no test runs them: a list of the files that say so.
    unrun: Option<TempDir>,
    /// What that list says.
    unrun_key: Option<Key>,
}

/// Which file holds that list (`internal/coverage.MetaFilesFileName`).
const LIST: &str = "metafiles.txt";

impl Coverage {
    /// `profile` is the file to be written.
    pub fn new(mode: &str, profile: Option<&Path>) -> Result<Coverage, String> {
        let head = format!("mode: {mode}\n");
        let create = |path: &Path| {
            let mut file = std::fs::File::create(path)?;
            file.write_all(head.as_bytes()).map(|()| Mutex::new(file))
        };
        let said = |path: &Path, e| format!("open {}: {}", path.display(), goxide_load::os_text(&e));
        let profile = profile.map(|path| create(path).map_err(|e| said(path, e))).transpose()?;
        Ok(Coverage { mode: mode.into(), profile, unrun: None, unrun_key: None })
    }

    pub fn has_profile(&self) -> bool {
        self.profile.is_some()
    }

    /// A part of what results depend on.
    pub fn unrun_key(&self) -> Option<Key> {
        self.unrun_key
    }

    /// Tells of tested packages that `-coverpkg` selects: of each its import path, and the package as it is where
    /// no test runs it.
    pub fn tell_unrun(&mut self, packages: &[(String, Vec<u8>)]) -> std::io::Result<()> {
        let dir = tempfile::Builder::new().prefix("goxide-cover").tempdir()?;
        let (mut paths, mut files, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for (path, meta) in packages.iter().filter(|(_, meta)| !meta.is_empty()) {
            let file = dir.path().join(format!("covmeta.{}", paths.len()));
            std::fs::write(&file, meta)?;
            all.extend_from_slice(path.as_bytes());
            all.extend_from_slice(meta);
            paths.push(format!("{path:?}"));
            files.push(format!("{:?}", file.display().to_string()));
        }
        let (paths, files) = (paths.join(","), files.join(","));
        let text = format!("{{\"ImportPaths\":[{paths}],\"MetaFileFragments\":[{files}]}}\n");
        std::fs::write(dir.path().join(LIST), text)?;
        self.unrun_key = Some(Key::of(&all));
        self.unrun = Some(dir);
        Ok(())
    }

    /// Gives a test program a folder for its counters in `scratch`, and, where a profile is wanted, the file for
    /// its part.
    pub fn prepare(&self, command: &mut Command, scratch: &Path) -> std::io::Result<Option<PathBuf>> {
        let dir = scratch.join("gocoverdir");
        std::fs::create_dir(&dir)?;
        if let Some(unrun) = &self.unrun {
            std::fs::copy(unrun.path().join(LIST), dir.join(LIST))?;
        }
        command.arg(format!("-test.gocoverdir={}", dir.display())).env("GOCOVERDIR", &dir);
        let part = self.profile.as_ref().map(|_| scratch.join("_cover_.out"));
        if let Some(part) = &part {
            command.arg(format!("-test.coverprofile={}", part.display()));
        }
        Ok(part)
    }

    /// Adds the part of a package to the profile.
    pub fn merge(&self, part: &[u8]) -> Result<(), String> {
        let Some(profile) = self.profile.as_ref().filter(|_| !part.is_empty()) else { return Ok(()) };
        let head = format!("mode: {}\n", self.mode);
        let Some(rest) = part.strip_prefix(head.as_bytes()) else {
            return Err("test wrote malformed coverage profile".into());
        };
        let mut file = profile.lock().expect("not poisoned");
        file.write_all(rest).map_err(|e| format!("saving coverage profile: {}", goxide_load::os_text(&e)))
    }
}

/// The words for the line of a package, out of what its test program wrote.
pub fn percentage(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let found = text.split_once("coverage: ").and_then(|(_, rest)| rest.split_once('\n'));
    found.map_or(String::new(), |(words, _)| format!("\tcoverage: {words}"))
}

/// The package that is tested, without its tests.
pub fn untested<'p>(program: &'p Program, target: &Target) -> Option<&'p Package> {
    program.packages.iter().find(|p| p.import_path == target.import_path)
}

/// What is said of a package without tests, and its part of a profile.
pub struct Unrun {
    pub said: Vec<u8>,
    pub profile: Vec<u8>,
}

/// `None`: the package has nothing to be run.
pub fn of_unrun(
    cover: Cover<'_>,
    cache: &Cache,
    options: &Options,
    package: &Package,
) -> Result<Option<Unrun>, Failure> {
    let meta = cover.files(package)?.meta;
    if meta.is_empty() {
        return Ok(None);
    }
    let covdata = tool::tool(cover.toolchain, cache, options, "covdata")?.executable;
    let failed = |text: String| Failure::Compile(format!("# {}\n{text}", package.import_path));
    let io = |e: std::io::Error| failed(format!("goxide: covdata: {e}"));
    let dir = tempfile::Builder::new().prefix("goxide-cover").tempdir().map_err(io)?;
    let (input, part) = (dir.path().join("in"), dir.path().join("part"));
    std::fs::create_dir(&input).map_err(io)?;
    std::fs::write(input.join("covmeta.0"), meta).map_err(io)?;
    let run = |words: &[&std::ffi::OsStr]| {
        let done = Command::new(&covdata).args(words).output().map_err(io)?;
        match done.status.success() {
            true => Ok(done.stdout),
            false => Err(failed(String::from_utf8_lossy(&done.stderr).into_owned())),
        }
    };
    let said = run(&["percent".as_ref(), "-i".as_ref(), input.as_ref()])?;
    run(&["textfmt".as_ref(), "-i".as_ref(), input.as_ref(), "-o".as_ref(), part.as_ref()])?;
    Ok(Some(Unrun { said, profile: std::fs::read(part).map_err(io)? }))
}
