//! SSA to machine code through Cranelift: the only crate that names it.
//!
//! Invariant: [`goxide_ssa::Module`] in, [`goxide_abi::object::Object`] out; what Go means has all been
//! decided before. The object is a function of the module alone, whatever the number of threads.
#![forbid(unsafe_code)]

mod abi;
mod access;
mod anchors;
mod calls;
mod emit;
mod frames;
mod function;
mod guard;
mod isa;
mod ops;
mod placement;
mod prefix;
mod switch;

use goxide_abi::object::{Object, Reloc, SymId, Symbol};
use goxide_ssa::{Func, Module};
use rayon::prelude::*;
use thiserror::Error;

/// Cranelift refused a function: a fault of the compiler, not of the user's program.
#[derive(Debug, Error)]
#[error("internal compiler error: {function}: {text}")]
pub struct CodegenError {
    pub function: String,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Write the Cranelift form of the function of this name to stderr.
    pub dump_clif: Option<String>,
    /// Likewise its machine code, disassembled.
    pub dump_asm: Option<String>,
}

/// Compiles a package.
pub fn compile_module(module: &Module, options: &Options) -> Result<Object<'static>, CodegenError> {
    let isa = isa::target();
    let compiled = module
        .funcs
        .par_iter()
        .map_init(Default::default, |scratch, func| guarded(module, func, &*isa, scratch, options))
        .collect::<Result<Vec<_>, _>>()?;
    let texts = |list: &[String]| list.iter().map(|s| s.as_str().into()).collect();
    let used_methods = module.used_methods.iter().map(|(n, s)| (n.as_str().into(), s.as_str().into()));
    let mut object = Object {
        package: module.package.as_str().into(),
        imports: texts(&module.imports),
        names: texts(&module.names),
        strings: texts(&module.strings),
        init_task: module.init_task.map(|s| SymId(s.0)),
        used_methods: used_methods.collect(),
        vars: module.vars.iter().map(|(s, t)| (SymId(s.0), t.as_str().into())).collect(),
        symbols: Vec::new(),
    };
    let mut names = emit::Names::new(&mut object.names);
    let mut symbols: Vec<Symbol<'static>> = compiled.into_iter().map(|c| c.into_symbol(&mut names)).collect();
    symbols.extend(module.data.iter().map(data_symbol));
    object.symbols = symbols;
    Ok(object)
}

/// A panic of the translation or of Cranelift is a failure of that function.
fn guarded(
    module: &Module,
    func: &Func,
    isa: &dyn cranelift_codegen::isa::TargetIsa,
    scratch: &mut function::Scratch,
    options: &Options,
) -> Result<emit::Compiled, CodegenError> {
    guard::run(|| compile(module, func, isa, scratch, options)).unwrap_or_else(|text| {
        // What it left half made.
        *scratch = function::Scratch::default();
        Err(CodegenError { function: module.name(func.name).into(), text })
    })
}

fn compile(
    module: &Module,
    func: &Func,
    isa: &dyn cranelift_codegen::isa::TargetIsa,
    scratch: &mut function::Scratch,
    options: &Options,
) -> Result<emit::Compiled, CodegenError> {
    let name = module.name(func.name);
    let fail = |text: String| CodegenError { function: name.into(), text };
    // SSA to Cranelift's form.
    let translated = function::translate(func, isa, scratch);
    if options.dump_clif.as_deref() == Some(name) {
        eprintln!("{}", translated.clif.display());
    }
    // Cranelift's optimizer, register allocation, machine code.
    let want_asm = options.dump_asm.as_deref() == Some(name);
    // The stack check in front, relocations, line table, landing pad.
    emit::emit(func, translated, isa, scratch, want_asm).map_err(fail)
}

fn data_symbol(data: &goxide_ssa::Data) -> Symbol<'static> {
    let reloc = |r: &goxide_ssa::DataReloc| Reloc {
        offset: r.offset,
        kind: r.kind,
        target: SymId(r.target.0),
        addend: r.addend,
        weak: r.weak,
    };
    Symbol {
        name: SymId(data.name.0),
        section: data.section,
        align: data.align,
        bytes: data.bytes.clone().into(),
        size: data.size.max(data.bytes.len() as u64),
        relocs: data.relocs.iter().map(reloc).collect(),
        dupok: data.dupok,
        func: None,
    }
}
