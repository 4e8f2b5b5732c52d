//! `goxide env`: what the tool goes by.

use crate::{FAILED, toolchain};
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

fn settings() -> Vec<(&'static str, String)> {
    let cache = cache_dir().map(|d| d.display().to_string()).unwrap_or_default();
    let cwd = std::env::current_dir().ok();
    let module = cwd.and_then(|d| goxide_load::find_go_mod(&d).ok().flatten());
    let gomod = module.map_or("/dev/null".into(), |m| m.root.join("go.mod").display().to_string());
    let places = goxide_load::Places::from_env();
    let shown = |path: Option<PathBuf>| path.map_or(String::new(), |p| p.display().to_string());
    let var = |name| std::env::var(name).unwrap_or_default();
    vec![
        ("CGO_ENABLED", "0".into()),
        ("GO111MODULE", var("GO111MODULE")),
        ("GOAMD64", "v3".into()),
        ("GOARCH", "amd64".into()),
        ("GOEXE", String::new()),
        ("GOFLAGS", var("GOFLAGS")),
        ("GOHOSTARCH", "amd64".into()),
        ("GOHOSTOS", "linux".into()),
        ("GOMOD", gomod),
        ("GOMODCACHE", shown(places.modules.clone())),
        ("GOOS", "linux".into()),
        ("GOROOT", shown(places.find(toolchain::GO_VERSION).ok())),
        ("GOVERSION", toolchain::GO_VERSION.into()),
        ("GOXIDECACHE", cache),
        ("GOXIDEDATA", shown(places.data.clone())),
        ("GOXIDEVERSION", env!("CARGO_PKG_VERSION").into()),
    ]
}

/// All settings as shell assignments, or the values of those named; an unknown one is empty, as in go.
pub fn main(args: &[String]) -> u8 {
    let settings = settings();
    let (json, args) = match args.split_first() {
        Some((first, rest)) if first == "-json" || first == "--json" => (true, rest),
        _ => (false, args),
    };
    if let Some(flag) = args.iter().find(|a| a.starts_with('-')) {
        eprintln!(
            "flag provided but not defined: {flag}\nusage: goxide env [var ...]\nRun 'goxide help env' for details."
        );
        return crate::USAGE_ERROR;
    }
    if let Err(text) = cache_dir() {
        eprintln!("{text}");
        return FAILED;
    }
    if json {
        let wanted = |name: &str| args.is_empty() || args.iter().any(|a| a == name);
        let lines: Vec<String> = settings
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| {
                format!("\t\"{name}\": \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
            })
            .collect();
        println!("{{\n{}\n}}", lines.join(",\n"));
        return 0;
    }
    if args.is_empty() {
        settings.iter().for_each(|(name, value)| println!("{name}='{}'", value.replace('\'', r"'\''")));
    }
    for name in args {
        println!("{}", settings.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v));
    }
    0
}
