//! `goxide env`: what the tool goes by, and the file in which settings are kept.

use crate::flags::{self, Spec};
use crate::{FAILED, invocation, settings, toolchain};
use goxide_load::{Experiments, Places};
use std::path::PathBuf;

/// `GOXIDECACHE`, or the user's cache folder.
pub fn cache_dir() -> Result<PathBuf, String> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(dir) = var("GOXIDECACHE") {
        return if dir.is_absolute() {
            Ok(dir)
        } else {
            Err("goxide: GOXIDECACHE is not an absolute path".into())
        };
    }
    var("XDG_CACHE_HOME")
        .filter(|d| d.is_absolute())
        .or_else(|| var("HOME").map(|h| h.join(".cache")))
        .map(|d| d.join("goxide"))
        .ok_or_else(|| "build cache is required, but could not be located: GOXIDECACHE is not defined and neither $XDG_CACHE_HOME nor $HOME are defined".into())
}

/// Of go's settings, those that mean something here, or that other tools ask for.
fn all() -> Vec<(&'static str, String)> {
    let cache = cache_dir().map(|d| d.display().to_string()).unwrap_or_default();
    let cwd = std::env::current_dir().ok();
    let module = cwd.and_then(|d| goxide_load::find_go_mod(&d).ok().flatten());
    let gomod = module.map_or("/dev/null".into(), |m| m.root.join("go.mod").display().to_string());
    let places = Places::from_settings(settings::get);
    let shown = |path: Option<PathBuf>| path.map_or(String::new(), |p| p.display().to_string());
    let goroot = places.find(toolchain::GO_VERSION).ok();
    vec![
        ("CGO_ENABLED", "0".into()),
        ("GO111MODULE", settings::text("GO111MODULE")),
        ("GOAMD64", "v3".into()),
        ("GOARCH", "amd64".into()),
        ("GOBIN", settings::text("GOBIN")),
        ("GOENV", settings::file().map_or("off".into(), |f| f.display().to_string())),
        ("GOEXE", String::new()),
        ("GOEXPERIMENT", settings::text("GOEXPERIMENT")),
        ("GOFLAGS", settings::text("GOFLAGS")),
        ("GOHOSTARCH", "amd64".into()),
        ("GOHOSTOS", "linux".into()),
        ("GOMOD", gomod),
        ("GOMODCACHE", shown(places.modules.clone())),
        ("GOOS", "linux".into()),
        ("GOPATH", shown(goxide_load::gopath(settings::get))),
        ("GOROOT", shown(goroot)),
        ("GOVERSION", toolchain::GO_VERSION.into()),
        ("GOWORK", places.work_file()),
        ("GOXIDECACHE", cache),
        ("GOXIDEDATA", shown(places.data.clone())),
        ("GOXIDEVERSION", env!("CARGO_PKG_VERSION").into()),
    ]
}

/// What `-w` may write: the settings of go that are read from its file.
const WRITABLE: &[&str] = &[
    "AR",
    "CC",
    "CGO_CFLAGS",
    "CGO_CPPFLAGS",
    "CGO_CXXFLAGS",
    "CGO_ENABLED",
    "CGO_FFLAGS",
    "CGO_LDFLAGS",
    "CXX",
    "FC",
    "GO111MODULE",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOAUTH",
    "GOBIN",
    "GOCACHE",
    "GOCACHEPROG",
    "GODEBUG",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOINSECURE",
    "GOMIPS",
    "GOMIPS64",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOOS",
    "GOPATH",
    "GOPPC64",
    "GOPRIVATE",
    "GOPROXY",
    "GORISCV64",
    "GOROOT",
    "GOSUMDB",
    "GOTMPDIR",
    "GOTOOLCHAIN",
    "GOVCS",
    "GOWASM",
    "PKG_CONFIG",
];
const FIXED: &[&str] = &[
    "GOEXE",
    "GOGCCFLAGS",
    "GOHOSTARCH",
    "GOHOSTOS",
    "GOMOD",
    "GOTELEMETRY",
    "GOTOOLDIR",
    "GOVERSION",
    "GOWORK",
];
const FLAGS: &[Spec] =
    &[Spec::boolean("changed"), Spec::boolean("json"), Spec::boolean("u"), Spec::boolean("w")];

/// All settings as shell assignments, or the values of those named; an unknown one is empty, as in go.
pub fn main(args: &[String]) -> u8 {
    let parsed = match flags::parse(FLAGS, args) {
        Ok(parsed) => parsed,
        Err(error) => return invocation::usage("env", &error),
    };
    let is_on = |name| parsed.is_on(name);
    let done = match (is_on("w"), is_on("u")) {
        (_, true) if is_on("json") => Err("go: cannot use -json with -u".into()),
        (true, _) if is_on("json") => Err("go: cannot use -json with -w".into()),
        (true, true) => Err("go: cannot use -u with -w".into()),
        (true, false) => write(&parsed.args),
        (false, true) => unset(&parsed.args),
        (false, false) => {
            if let Err(status) = settings::experiments() {
                return status;
            }
            if let Some(name) = parsed.args.iter().find(|a| a.contains('=')) {
                eprintln!("go: invalid variable name {name:?} (use -w to set variable)");
                return FAILED;
            }
            cache_dir().map(|_| show(&parsed))
        }
    };
    match done {
        Ok(()) => 0,
        Err(text) => {
            eprintln!("{text}");
            FAILED
        }
    }
}

fn show(parsed: &flags::Parsed) {
    let names = &parsed.args;
    let mut shown = all();
    if parsed.is_on("changed") {
        shown.retain(|(name, value)| {
            WRITABLE.contains(name) && settings::get(name).is_some_and(|v| *v == **value)
        });
        // These are what they would be anyway.
        shown.retain(|(name, value)| {
            !matches!((*name, value.as_str()), ("GOOS", "linux") | ("GOARCH", "amd64"))
        });
    }
    let value_of = |name: &String| shown.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    if parsed.is_on("json") {
        let known = |name: &&String| !parsed.is_on("changed") || shown.iter().any(|(n, _)| n == name);
        let mut pairs: Vec<(&str, &str)> =
            names.iter().filter(known).map(|n| (n.as_str(), value_of(n))).collect();
        if names.is_empty() {
            pairs = shown.iter().map(|(n, v)| (*n, v.as_str())).collect();
        }
        pairs.sort_unstable();
        let lines: Vec<String> = pairs.iter().map(|(n, v)| format!("\t\"{n}\": \"{}\"", quoted(v))).collect();
        let inside = if lines.is_empty() { String::new() } else { format!("\n{}\n", lines.join(",\n")) };
        println!("{{{inside}}}");
    } else if names.is_empty() {
        shown.iter().for_each(|(name, value)| println!("{name}='{}'", value.replace('\'', r"'\''")));
    } else {
        for name in names {
            let is_shown = !parsed.is_on("changed") || shown.iter().any(|(n, _)| n == name);
            if is_shown {
                println!("{}", value_of(name));
            }
        }
    }
}

fn writable(name: &str) -> Result<(), String> {
    if name == "GOENV" {
        return Err("go: GOENV can only be set using the OS environment".into());
    }
    if FIXED.contains(&name) {
        return Err(format!("go: {name} cannot be modified"));
    }
    if WRITABLE.contains(&name) { Ok(()) } else { Err(format!("go: unknown go command variable {name}")) }
}

fn write(args: &[String]) -> Result<(), String> {
    if args.is_empty() {
        return Err("go: no KEY=VALUE arguments given".into());
    }
    let mut pairs = Vec::new();
    for arg in args {
        let pair = arg.split_once('=');
        let (name, value) =
            pair.ok_or_else(|| format!("go: arguments must be KEY=VALUE: invalid argument: {arg}"))?;
        writable(name)?;
        let is_relative = !value.is_empty() && !value.starts_with('/');
        match name {
            "GOOS" | "GOARCH" => {
                let given =
                    |n: &str, default: &str| if n == name { value.to_string() } else { default.into() };
                let (os, arch) = (given("GOOS", "linux"), given("GOARCH", "amd64"));
                if (os.as_str(), arch.as_str()) != ("linux", "amd64") {
                    return Err(format!("go: unsupported GOOS/GOARCH pair {os}/{arch}"));
                }
            }
            "GOEXPERIMENT" => drop(Experiments::parse(value).map_err(|e| format!("go: {e}"))?),
            "GOPATH" if is_relative => {
                return Err(format!(
                    "go: GOPATH entry is relative; must be absolute path: {value:?}.\nFor more details see: 'go help gopath'"
                ));
            }
            "GOMODCACHE" | "GOTMPDIR" | "GOBIN" if is_relative && name != "GOBIN" => {
                return Err(format!("go: {name} entry is relative; must be absolute path: {value:?}."));
            }
            _ => {}
        }
        if std::env::var_os(name).is_some_and(|v| !v.is_empty()) {
            eprintln!("warning: go env -w {name}=... does not override conflicting OS environment variable");
        }
        pairs.push((name.to_string(), Some(value.to_string())));
    }
    update(pairs)
}

fn unset(names: &[String]) -> Result<(), String> {
    if names.is_empty() {
        return Err("go: 'go env -u' requires an argument".into());
    }
    names.iter().try_for_each(|name| writable(name))?;
    update(names.iter().map(|n| (n.clone(), None)).collect())
}

fn update(changes: Vec<(String, Option<String>)>) -> Result<(), String> {
    let file = settings::file().ok_or("go: GOENV=off: there is no file for settings")?;
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let mut written = settings::parse(&text);
    for (name, value) in changes {
        match value {
            Some(value) => written.insert(name, value),
            None => written.remove(&name),
        };
    }
    // Comments stay, in front.
    let kept = text.lines().filter(|l| !l.starts_with(|c: char| c.is_ascii_uppercase()));
    let lines = kept.map(|l| format!("{l}\n")).chain(written.iter().map(|(k, v)| format!("{k}={v}\n")));
    let text: String = lines.collect();
    let save = || {
        if let Some(dir) = file.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(&file, text)
    };
    save().map_err(|e| format!("go: writing go env config: {}: {}", file.display(), goxide_load::os_text(&e)))
}
