//! The internal linker: the prelinked runtime and the packages' objects to a static ELF (D1).
//!
//! Invariant: output is a function of the input alone. No external linker, no file is read here:
//! bytes in, bytes out. [`link`] is the table of contents.
#![forbid(unsafe_code)]

mod elf;
mod image;
mod layout;
mod live;
mod module;
mod pcln;
mod reloc;
mod symbols;
mod values;

use goxide_abi::object::{ABI0, Object};
use thiserror::Error;

/// What can be wrong with the input; each is a fault of the compiler or a damaged file, except
/// [`LinkError::NoMain`], [`LinkError::Undefined`], [`LinkError::NotString`] and [`LinkError::TooLarge`].
#[derive(Debug, Error)]
pub enum LinkError {
    #[error("runtime.main_main·f: function main is undeclared in the main package")]
    NoMain,
    /// (symbol, where it is referred to)
    #[error("{}", undefined(.0))]
    Undefined(Vec<(String, String)>),
    #[error("duplicated definition of symbol {name}, from {first} and {second}")]
    Duplicate { name: String, first: String, second: String },
    #[error("the runtime image is damaged: {0}")]
    Runtime(String),
    #[error("{from}: relocation to {name} out of range")]
    OutOfRange { name: String, from: String },
    /// `-X` of variables that cannot have a value, a line each.
    #[error("{}", .0.join("\n"))]
    NotString(Vec<String>),
    /// A variable of the program.
    #[error("{name}: symbol too large ({size} bytes > {SIZE_MAX} bytes)")]
    TooLarge { name: String, size: u64 },
}

/// Of a symbol, as gc's linker has it: about what relocations reach.
const SIZE_MAX: u64 = 2_000_000_000;

/// One line for each symbol, but not more than one can read.
fn undefined(list: &[(String, String)]) -> String {
    const LINES_MAX: usize = 20;
    let shown = |name: &'_ str| name.strip_suffix(ABI0).unwrap_or(name).to_string();
    let line = |(name, from): &(String, String)| {
        format!("{}: relocation target {} not defined", shown(from), shown(name))
    };
    let mut lines: Vec<String> = list.iter().take(LINES_MAX).map(line).collect();
    if list.len() > LINES_MAX {
        lines.push("too many errors".into());
    }
    lines.join("\n")
}

/// What to link.
pub struct Input<'a> {
    /// The runtime's ELF.
    pub runtime: &'a [u8],
    /// Packages in the order of initialization: a package behind those that it imports.
    pub objects: &'a [&'a Object<'a>],
    /// What `runtime.Version` says, as `go1.27.3`.
    pub build_version: &'a str,
    /// What `debug.ReadBuildInfo` reads, and what holds of GODEBUG unless the environment says otherwise.
    pub build_info: &'a [u8],
    pub godebug: &'a str,
    /// `-X`: string variables by their symbols, and what they shall hold.
    pub values: &'a [(String, String)],
    /// `-s`: no symbol table.
    pub strip: bool,
}

/// Links a program: the bytes of an executable file.
pub fn link(input: &Input<'_>) -> Result<Vec<u8>, LinkError> {
    // The runtime's segments and the addresses of its symbols.
    let runtime = image::Runtime::parse(input.runtime)?;
    // Variables that were given values, before those of their packages.
    let given = values::object(input.objects, input.values)?;
    let objects: Vec<&Object> = std::iter::once(&given).chain(input.objects.iter().copied()).collect();
    // One definition for each name.
    let table = symbols::Table::build(&objects, &runtime)?;
    // What main.main, the init tasks and the runtime's hooks reach.
    let live = live::mark(&table)?;
    let too_large = live.defs.iter().map(|&id| table.def(id)).find(|d| d.symbol.size > SIZE_MAX);
    if let Some(def) = too_large {
        return Err(LinkError::TooLarge { name: def.name.into(), size: def.symbol.size });
    }
    // Addresses for all that is left.
    let mut layout = layout::Layout::assign(&table, &live);
    // Function and line tables, module data: the linker's own read-only data.
    let pcln = pcln::build(&table, &layout);
    let texts = [input.build_version.as_bytes(), input.build_info, input.godebug.as_bytes()];
    let module_data = module::build(&table, &mut layout, &pcln, texts)?;
    // Bytes into sections, addresses into bytes.
    let mut sections = reloc::fill(&table, &layout)?;
    sections.append_tables(pcln.bytes, module_data.bytes, &texts);
    // Runtime image, new segments, symbol table.
    Ok(elf::write(&runtime, &table, &layout, &sections, module_data.address, input.strip))
}
