//! What a program says of its build: the text behind `debug.ReadBuildInfo` (`cmd/go/internal/load`,
//! `setBuildInfo`).

use crate::program::Options;
use goxide_load::{Module, NAMED_FILES, Program};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Flags as they were given.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub asmflags: Option<String>,
    pub gcflags: String,
    pub ldflags: String,
}

/// Between these marks the text stands in the program; who reads it cuts them off.
const START: [u8; 16] = 0x3077_af0c_9274_0802_41e1_c107_e6d6_18e6_u128.to_be_bytes();
const END: [u8; 16] = 0xf932_4331_8618_2072_0082_4210_4116_d8f2_u128.to_be_bytes();

pub fn marked(program: &Program, root: usize, options: &Options) -> Vec<u8> {
    [&START, text(program, root, options).as_bytes(), &END].concat()
}

fn text(program: &Program, root: usize, options: &Options) -> String {
    let package = &program.packages[root];
    let mut out = format!("path\t{}\n", package.import_path);
    let own = package.module.as_ref().filter(|_| package.import_path != NAMED_FILES);
    if let Some(module) = own {
        line(&mut out, "mod", module);
    }
    let mut seen = vec![false; program.packages.len()];
    let mut work = vec![root];
    let mut deps: BTreeSet<&Module> = BTreeSet::new();
    while let Some(i) = work.pop() {
        if !std::mem::replace(&mut seen[i], true) {
            let module = program.packages[i].module.as_ref();
            deps.extend(module.filter(|m| i != root && own.is_none_or(|own| own.path != m.path)));
            work.extend(program.packages[i].imports.iter().map(|(_, i)| *i));
        }
    }
    deps.into_iter().for_each(|m| line(&mut out, "dep", m));
    let told = &options.told;
    let experiments = options.env.tags.experiments.changes();
    let tags = options.env.tags.user.join(",");
    // The flags of the linker may name folders of this machine.
    let ldflags = if options.trimpath { "" } else { &told.ldflags };
    let settings = [
        ("-asmflags", told.asmflags.as_deref()),
        ("-buildmode", Some("exe")),
        ("-compiler", Some("gc")),
        ("-gcflags", Some(told.gcflags.as_str()).filter(|v| !v.is_empty())),
        ("-ldflags", Some(ldflags).filter(|v| !v.is_empty())),
        ("-cover", options.env.cover.as_ref().map(|_| "true")),
        ("-tags", Some(tags.as_str()).filter(|v| !v.is_empty())),
        ("-trimpath", options.trimpath.then_some("true")),
        ("DefaultGODEBUG", Some(program.godebug.as_str()).filter(|v| !v.is_empty())),
        ("CGO_ENABLED", Some("0")),
        ("GOARCH", Some("amd64")),
        ("GOEXPERIMENT", Some(experiments.as_str()).filter(|v| !v.is_empty())),
        ("GOOS", Some("linux")),
        ("GOAMD64", Some("v3")),
    ];
    for (name, value) in settings {
        let Some(value) = value else { continue };
        let is_plain = !value.contains([' ', '\t', '\r', '\n', '"', '`']);
        let value = if is_plain { value.to_string() } else { format!("{value:?}") };
        let _ = writeln!(out, "build\t{name}={value}");
    }
    out
}

fn line(out: &mut String, word: &str, module: &Module) {
    let version = module.version.as_deref().unwrap_or("(devel)");
    let _ = write!(out, "{word}\t{}\t{version}", module.path);
    match &module.replace {
        None => {
            let _ = writeln!(out, "\t{}", module.sum);
        }
        Some(replace) => {
            out.push('\n');
            line(out, "=>", replace);
            out.push('\n');
        }
    }
}
