//! A package's assembly: by GOROOT's own assembler, and from its object files into ours.
//!
//! What is written in assembly is called with arguments and results on the stack (ABI0). Under its plain name a
//! function has the convention of Go code: `lower` makes a wrapper of that name for each function of the package
//! that is declared without a body and stands in assembly; the code itself is named with [`ABI0`] behind. For
//! what assembly refers to of Go there is the reverse: a few instructions named with [`ABI0`], which go on in a
//! Go function named with [`ABI0_ARGS`] that takes the address of the arguments.

mod goobj;
mod header;
mod nosplit;
mod object;

use crate::program::Options;
use crate::tool::Tool;
use goobj::{Damaged, GoObj};
use goxide_abi::layout::AMD64_LEVEL;
use goxide_load::{Package, shorten};
use goxide_lower::Assembly;
use goxide_source::{Diagnostic, Pos};
use goxide_types::{PkgId, Store};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The object files of a package's assembly.
pub struct Assembled {
    /// A name for the source that no other package has, and the bytes.
    files: Vec<(String, Vec<u8>)>,
}

/// Runs the assembler on each file, as the go command does.
pub fn assemble(
    assembler: &Tool,
    store: &Store,
    pkg: PkgId,
    package: &Package,
    options: &Options,
) -> Result<Assembled, Vec<Diagnostic>> {
    let told = |text: String| vec![Diagnostic::error(Pos::NONE, text)];
    let io = |path: &Path, e: &std::io::Error| told(format!("goxide: {}: {e}", path.display()));
    let objects = tempfile::tempdir().map_err(|e| io(&std::env::temp_dir(), &e))?;
    let objects = objects.path();
    let header = objects.join("go_asm.h");
    std::fs::write(&header, header::text(store, pkg, &package.name)).map_err(|e| io(&header, &e))?;
    let mut files = Vec::new();
    for file in &package.assembly.files {
        let out = objects.join("out.o");
        let run = Command::new(&assembler.executable)
            .args(arguments(assembler, package, options, objects))
            .arg("-o")
            .arg(&out)
            .arg(&file.path)
            .current_dir(&package.dir)
            .env_clear()
            .output()
            .map_err(|e| io(&assembler.executable, &e))?;
        if !run.status.success() {
            let text = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).trim_end().to_string();
            let full = file.path.display().to_string();
            let text = text.replace(&full, &shorten(&full, &options.env.cwd));
            return Err(told(if text.is_empty() { format!("asm: {}", run.status) } else { text }));
        }
        let bytes = std::fs::read(&out).map_err(|e| io(&out, &e))?;
        let base = file.path.file_name().unwrap_or_default().to_string_lossy();
        files.push((format!("{}/{base}", package.link_path()), bytes));
    }
    Ok(Assembled { files })
}

fn arguments(assembler: &Tool, package: &Package, options: &Options, objects: &Path) -> Vec<OsString> {
    let mut trim = OsString::from(objects);
    trim.push("=>");
    if options.trimpath {
        trim.push(";");
        trim.push(&package.dir);
        trim.push("=>");
        trim.push(&package.import_path);
    }
    let mut args: Vec<OsString> = ["-p", package.link_path(), "-trimpath"].map(OsString::from).into();
    args.push(trim);
    for dir in [objects, &assembler.goroot.join("pkg/include")] {
        args.extend([OsString::from("-I"), dir.into()]);
    }
    for name in ["GOOS_linux", "GOARCH_amd64", &format!("GOAMD64_v{AMD64_LEVEL}")] {
        args.extend(["-D", name].map(OsString::from));
    }
    args
}

impl Assembled {
    /// What lowering must know of it.
    pub fn summary(&self) -> Result<Assembly, Vec<Diagnostic>> {
        let mut out = Assembly::default();
        let mut chains = nosplit::Chains::default();
        self.for_each(|_, obj| object::summarize(obj, &mut out, &mut chains))?;
        match chains.fault() {
            Some(text) => Err(vec![Diagnostic::error(Pos::NONE, text)]),
            None => Ok(out),
        }
    }

    /// Adds it to what was compiled of the package's Go files.
    pub fn link_into(&self, object: &mut goxide_abi::object::Object<'static>) -> Result<(), Vec<Diagnostic>> {
        let mut merge = object::Merge::new(object);
        self.for_each(|name, obj| merge.define(name, obj))?;
        self.for_each(|name, obj| merge.add(name, obj))?;
        merge.finish();
        Ok(())
    }

    fn for_each(
        &self,
        mut f: impl FnMut(&str, &GoObj<'_>) -> Result<(), object::Fault>,
    ) -> Result<(), Vec<Diagnostic>> {
        for (name, bytes) in &self.files {
            let done = GoObj::read(bytes).map_err(object::Fault::from).and_then(|obj| f(name, &obj));
            done.map_err(|fault| vec![Diagnostic::error(Pos::NONE, format!("{name}: {fault}"))])?;
        }
        Ok(())
    }
}

impl From<Damaged> for object::Fault {
    fn from(_: Damaged) -> object::Fault {
        object::Fault::Damaged
    }
}
