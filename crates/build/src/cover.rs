//! `-cover`: packages are compiled from what GOROOT's cmd/cover makes of them (package `work` of cmd/go,
//! `runCover`), and register their counters when they are initialized, which in Go the compiler sees to
//! (`cmd/compile/internal/coverage`).

use crate::cache::{Cache, Key};
use crate::key::Hasher;
use crate::program::{Failure, Options, Toolchain};
use crate::tool::tool;
use goxide_load::{GoFile, NAMED_FILES, Package, Program, is_match};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// What counters and packages are registered with.
const REGISTRY: &str = "internal/coverage/rtcov";
/// What writes them down.
const WRITER: &str = "internal/coverage/cfile";
/// Counters are per block (`internal/coverage.CtrGranularityPerBlock`).
const PER_BLOCK: u8 = 1;
/// Of a packages's number, where it has none of its own (`internal/coverage.NotHardCoded`).
const NO_NUMBER: i32 = -1;

/// What cmd/cover made of a package.
#[derive(Serialize, Deserialize)]
pub struct Instrumented {
    /// The file with the counters, and their registration.
    variables: Vec<u8>,
    /// In the order of the files that are covered.
    files: Vec<Vec<u8>>,
    /// The package as it is where nothing of it was run; empty: it has no functions.
    pub meta: Vec<u8>,
}

/// What is needed to instrument packages.
#[derive(Clone, Copy)]
pub struct Cover<'a> {
    pub toolchain: &'a Toolchain,
    pub cache: &'a Cache,
    pub options: &'a Options,
}

impl Cover<'_> {
    /// Puts instrumented files in the place of those of the packages that are covered.
    pub fn instrument(&self, program: &mut Program) -> Result<(), Failure> {
        let Some(cover) = &self.options.env.cover else { return Ok(()) };
        let place = |path: &str| program.packages.iter().position(|p| p.import_path == path);
        let places = [place(REGISTRY), place(WRITER), place("sync/atomic"), place("runtime/coverage")];
        let [Some(registry), Some(writer), atomic, user] = places else { return Ok(()) };
        let covered = self.covered(program);
        let made: Result<Vec<Instrumented>, Failure> =
            covered.par_iter().map(|&i| self.files(&program.packages[i])).collect();
        let files = program.files.clone();
        for (&i, made) in covered.iter().zip(made?) {
            let package = &mut program.packages[i];
            let mut texts = made.files.into_iter();
            for file in package.files.iter_mut().filter(|f| is_covered(f)) {
                if let Some(text) = texts.next() {
                    file.source = files.add(&file.source.name, text);
                }
            }
            let name = package.dir.join("covervars.go").display().to_string();
            let variables = GoFile { source: files.add(&name, made.variables), is_overlay: true };
            package.files.insert(0, variables);
            import(package, REGISTRY, Some(registry));
            import(package, "sync/atomic", atomic.filter(|_| cover.mode == "atomic"));
            import(package, "runtime/coverage", user.filter(|_| package.name == "main"));
        }
        // As in go: where the command itself is not covered, nothing is written. That of a test does so itself.
        for &root in program.roots.iter().filter(|root| covered.contains(root)) {
            let package = &mut program.packages[root];
            if package.link_path() != "main" || package.for_test {
                continue;
            }
            let text =
                format!("package main\n\nimport \"{WRITER}\"\n\nfunc init() {{ cfile.InitHook(false) }}\n");
            let name = package.dir.join("coverhook.go").display().to_string();
            package.files.push(GoFile { source: files.add(&name, text.into_bytes()), is_overlay: true });
            import(package, WRITER, Some(writer));
        }
        Ok(())
    }

    /// The patterns of `-coverpkg` that select no package of a program.
    pub fn unmatched(&self, program: &Program) -> Vec<&str> {
        let options = &self.options.env;
        let patterns = options.cover.iter().flat_map(|c| c.patterns.iter().flatten());
        let none = |pattern: &&String| !program.packages.iter().any(|p| is_match(pattern, p, &options.cwd));
        patterns.filter(none).map(String::as_str).collect()
    }

    /// The packages that `-coverpkg` selects of those that a program is made of; what counting itself needs is
    /// not counted.
    pub fn selected(&self, program: &Program) -> Vec<usize> {
        let options = &self.options.env;
        let patterns = options.cover.as_ref().and_then(|c| c.patterns.as_deref()).unwrap_or_default();
        let is_wanted = |p: &Package| patterns.iter().any(|pattern| is_match(pattern, p, &options.cwd));
        let is_generated = |i: &usize| program.packages[*i].is_test_main();
        self.that_can_be(program).filter(|i| !is_generated(i) && is_wanted(&program.packages[*i])).collect()
    }

    fn that_can_be<'p>(&self, program: &'p Program) -> impl Iterator<Item = usize> + 'p {
        let registry = program.packages.iter().position(|p| p.import_path == REGISTRY).unwrap_or(0);
        (registry + 1..program.packages.len()).filter(|&i| {
            let package = &program.packages[i];
            let path = package.import_path.as_str();
            !package.is_runtime() && path != WRITER && package.files.iter().any(is_covered)
        })
    }

    fn covered(&self, program: &Program) -> Vec<usize> {
        let Some(cover) = &self.options.env.cover else { return Vec::new() };
        if cover.patterns.is_some() {
            return self.selected(program);
        }
        let is_test = program.roots.iter().any(|&r| program.packages[r].for_test);
        let own = |i: &usize| {
            let p = &program.packages[*i];
            match is_test {
                true => p.for_test && !p.is_test_main(),
                false => program.roots.contains(i) || p.module.as_ref().is_some_and(|m| m.version.is_none()),
            }
        };
        self.that_can_be(program).filter(own).collect()
    }

    /// A package as cmd/cover makes it; kept in the cache.
    pub fn files(&self, package: &Package) -> Result<Instrumented, Failure> {
        const KIND: &str = "c";
        let cover = self.options.env.cover.as_ref();
        let mode = cover.map_or("", |c| c.mode.as_str());
        let tool = tool(self.toolchain, self.cache, self.options, "cover")?.executable;
        let mut h = Hasher::new("cover");
        h.field(self.toolchain.id.as_bytes()).field(tool.as_os_str().as_encoded_bytes());
        h.field(mode.as_bytes()).field(package.import_path.as_bytes()).field(package.name.as_bytes());
        for file in package.files.iter().filter(|f| is_covered(f)) {
            h.field(file.source.name.as_bytes()).field(&file.source.text);
        }
        let key = h.finish();
        let kept = self.cache.get(&key, KIND).and_then(|bytes| postcard::from_bytes(&bytes).ok());
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let made = run(&tool, mode, package)?;
        // It is made anew where it cannot be kept.
        let _ = self.cache.put(&key, KIND, &postcard::to_stdvec(&made).expect("plain data"));
        Ok(made)
    }
}

/// Not of tests, nor what the toolchain adds.
fn is_covered(file: &GoFile) -> bool {
    !file.is_overlay && !file.source.name.ends_with("_test.go")
}

fn import(package: &mut Package, path: &str, index: Option<usize>) {
    if let Some(index) = index
        && package.imports.iter().all(|(p, _)| p != path)
    {
        package.imports.push((path.into(), index));
        package.imports.sort();
    }
}

fn run(tool: &Path, mode: &str, package: &Package) -> Result<Instrumented, Failure> {
    let failed = |text: String| Failure::Compile(format!("# {}\n{text}", package.import_path));
    let io = |e: std::io::Error| failed(format!("goxide: cover: {e}"));
    let scratch = tempfile::Builder::new().prefix("goxide-cover").tempdir().map_err(io)?;
    let at = |name: &str| scratch.path().join(name);
    let [config, list, out_config, variables, meta] =
        ["pkgcfg.txt", "outfiles.txt", "coveragecfg", "covervars.go", "covmeta"].map(at);
    let text = |path: &Path| json_string(&path.display().to_string());
    let is_named = package.import_path == NAMED_FILES;
    let module = package.module.as_ref().map_or("", |m| m.path.as_str());
    let settings = format!(
        "{{\"OutConfig\":{},\"PkgPath\":{},\"PkgName\":{},\"Granularity\":\"perblock\",\"ModulePath\":{},\"Local\":{is_named},\"EmitMetaFile\":{}}}\n",
        text(&out_config),
        json_string(&package.import_path),
        json_string(&package.name),
        json_string(module),
        text(&meta),
    );
    std::fs::write(&config, settings).map_err(io)?;
    let sources = package.files.iter().filter(|f| is_covered(f)).map(|f| &f.source);
    // What is on disk may be something else than what is compiled.
    let (mut inputs, mut outputs) = (Vec::new(), vec![variables.clone()]);
    for (i, source) in sources.clone().enumerate() {
        let is_on_disk = std::fs::read(&*source.name).is_ok_and(|text| text == source.text);
        let input = match is_on_disk {
            true => source.name.to_string(),
            false => {
                let dir = at(&format!("in{i}"));
                std::fs::create_dir(&dir).map_err(io)?;
                let path = dir.join(Path::new(&*source.name).file_name().unwrap_or_default());
                std::fs::write(&path, &source.text).map_err(io)?;
                path.display().to_string()
            }
        };
        inputs.push(input);
        outputs.push(at(&format!("{i}.cover.go")));
    }
    let lines: String = outputs.iter().map(|o| format!("{}\n", o.display())).collect();
    std::fs::write(&list, lines).map_err(io)?;
    let prefix = variable_prefix(&package.import_path);
    let done = Command::new(tool)
        .arg("-pkgcfg")
        .arg(&config)
        .args(["-mode", mode, "-var", &prefix, "-outfilelist"])
        .arg(&list)
        .args(&inputs)
        .output()
        .map_err(io)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(failed(said.lines().map(undated).collect::<Vec<_>>().join("\n")));
    }
    let read = |path: &Path| std::fs::read(path).map_err(io);
    let mut files = Vec::new();
    for ((source, input), output) in sources.zip(&inputs).zip(&outputs[1..]) {
        let text = read(output)?;
        // Its first line says where the file is.
        let first = format!("//line {input}:1:1\n");
        let rest = text.strip_prefix(first.as_bytes()).unwrap_or(&text);
        files.push([format!("//line {}:1:1\n", source.name).as_bytes(), rest].concat());
    }
    let config = String::from_utf8_lossy(&read(&out_config)?).into_owned();
    let variables = String::from_utf8_lossy(&read(&variables)?).into_owned();
    let variables = registered(package, mode, &prefix, &config, &variables)
        .ok_or_else(|| failed("goxide: cover: its output is not understood".into()))?;
    Ok(Instrumented { variables: variables.into_bytes(), files, meta: read(&meta)? })
}

/// Names that are not the user's.
fn variable_prefix(import_path: &str) -> String {
    let digits: String = Key::of(import_path.as_bytes()).0[..6].iter().map(|b| format!("{b:02x}")).collect();
    format!("goCover_{digits}_")
}

/// The file with the variables, and before all else is initialized, what makes them known.
fn registered(package: &Package, mode: &str, prefix: &str, config: &str, variables: &str) -> Option<String> {
    let value = |name: &str| {
        let (_, rest) = config.split_once(&format!("\"{name}\":"))?;
        rest.split([',', '}']).next()
    };
    let hash = value("MetaHash")?.trim_matches('"');
    let bytes: Vec<&str> = (0..hash.len()).step_by(2).filter_map(|i| hash.get(i..i + 2)).collect();
    let hash = bytes.iter().map(|b| format!("0x{b}")).collect::<Vec<_>>().join(", ");
    let length = value("MetaLen")?;
    let mode = ["set", "count", "atomic"].iter().position(|m| *m == mode)? + 1;
    let clause = format!("package {}\n", package.name);
    let (_, declarations) = variables.split_once(&clause)?;
    let mut out =
        format!("{clause}\nimport (\n\t_rtcov {REGISTRY:?}\n\t_unsafe \"unsafe\"\n)\n{declarations}\n");
    let path = json_string(&package.import_path);
    let _ = write!(
        out,
        "\nvar _ = func() bool {{\n\t{prefix}P = _rtcov.AddMeta(_unsafe.Pointer(&{prefix}M), {length}, [16]byte{{{hash}}}, {path}, {NO_NUMBER}, {mode}, {PER_BLOCK})\n\t_rtcov.AddCounters([]_rtcov.CovCounterBlob{{\n"
    );
    let counter = format!("var {prefix}_");
    for line in declarations.lines().filter(|l| l.starts_with(&counter)) {
        let (name, ty) = line.strip_prefix("var ")?.split_once(' ')?;
        let count = ty.strip_prefix('[')?.split(']').next()?;
        let _ = writeln!(out, "\t\t{{Counters: &{name}[0], Len: {count}}},");
    }
    out.push_str("\t})\n\treturn true\n}()\n");
    Some(out)
}

/// A line of a log without its date and time.
fn undated(line: &str) -> &str {
    line.split_once(" cover: ").map_or(line, |(_, text)| text)
}

fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
