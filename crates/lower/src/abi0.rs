//! Between Go and its assembly, whose functions have arguments and results on the stack, as a struct of them would
//! lie in memory (ABI0).

use crate::analyze;
use crate::call::{Prepared, Target};
use crate::func::FuncLower;
use crate::layout::{Abi, MAX_FRAME_BYTES};
use crate::package::{Declared, Package, Source};
use crate::value::Val;
use goxide_abi::object::{ABI0, ABI0_ARGS};
use goxide_ssa::{Func, Ty, Value};
use goxide_syntax::ast::Decl;
use goxide_types::{ObjId, SignatureContents, SubstMap, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

const ASMCALL: &str = "runtime.asmcall";
/// What results, and the end of all, are aligned to.
const WORD_BYTES: u32 = 8;

/// Where arguments and results are.
struct Frame {
    params: Vec<(TypeId, u32)>,
    results: Vec<(TypeId, u32)>,
    /// Where results begin, and the end of all.
    results_at: u32,
    size: u32,
    ptrs: bool,
}

impl<'a> Package<'a> {
    fn abi0_frame(&mut self, sig: &SignatureContents) -> Frame {
        let mut frame =
            Frame { params: Vec::new(), results: Vec::new(), results_at: 0, size: 0, ptrs: false };
        let place = |p: &mut Package<'a>, obj: ObjId, frame: &mut Frame| {
            let t = p.store.type_of(obj);
            let layout = p.layout(t);
            let offset = frame.size.next_multiple_of(layout.align.max(1));
            // What is larger is refused as such.
            frame.size = (u64::from(offset) + layout.size).min(MAX_FRAME_BYTES as u64) as u32;
            frame.ptrs |= layout.ptrs;
            (t, offset)
        };
        for &obj in sig.recv.iter().chain(&sig.params) {
            let placed = place(self, obj, &mut frame);
            frame.params.push(placed);
        }
        frame.size = frame.size.next_multiple_of(WORD_BYTES);
        frame.results_at = frame.size;
        for &obj in &sig.results {
            let placed = place(self, obj, &mut frame);
            frame.results.push(placed);
        }
        frame.size = frame.size.next_multiple_of(WORD_BYTES);
        frame
    }

    /// By which Go calls a function that is declared here and stands in assembly.
    pub fn assembly_wrapper(&mut self, d: Declared<'a>, obj: ObjId, symbol: &str) -> Option<Func> {
        let stack_bytes = self.assembly.functions.get(symbol)?.stack_bytes;
        let sig = self.store.func_signature(obj)?.clone();
        let frame = self.abi0_frame(&sig);
        let types = |list: &[(TypeId, u32)]| list.iter().map(|p| p.0).collect::<Vec<_>>();
        let abi = self.layouts.abi(self.store, &types(&frame.params), &types(&frame.results));
        let (name, code) = (self.module.sym(symbol), self.module.sym(&format!("{symbol}{ABI0}")));
        let asmcall = self.module.sym(ASMCALL);
        let facts = Rc::new(analyze::expressions(self.store, d.source, &[]));
        let env = Rc::new(SubstMap::new(&[], &[]));
        let mut l = FuncLower::new(self, name, &abi, false, d.source, facts, env);
        let flags = &mut l.b.f.flags;
        (flags.wrapper, flags.noinline) = (true, true);
        l.set_pos(d.decl.pos);
        l.b.f.start_line = l.line(d.decl.pos);
        let values = l.b.f.blocks[0].params.clone();
        l.result_places(&types(&frame.results), &values[..abi.out]);
        let args = l.arguments_in(&types(&frame.params), &values[abi.out..]);
        let slot = l.b.slot(frame.size.max(WORD_BYTES).into(), WORD_BYTES, frame.ptrs);
        let area = l.b.slot_addr(slot, 0);
        for (val, &(t, offset)) in args.into_iter().zip(&frame.params) {
            l.store_mem(area, offset as i32, false, t, val);
        }
        let code = l.b.sym(code);
        let numbers = [frame.size, frame.size + stack_bytes, frame.results_at].map(|n| l.b.int(n.into()));
        l.b.call(asmcall, &[&[code, area], &numbers[..]].concat(), &[]);
        let results = l.read(area, &frame.results);
        l.return_values(results);
        Some(l.b.finish())
    }

    /// By which assembly calls Go: for all that it refers to whose signature is known here.
    pub fn assembly_entries(&mut self) {
        let assembly = self.assembly.clone();
        if assembly.references.is_empty() {
            return;
        }
        let declared = self.declared_by_symbol();
        let mut seen = FxHashSet::default();
        for reference in &assembly.references {
            let name = &reference.name;
            if assembly.functions.contains_key(name) || seen.contains(name) {
                continue;
            }
            let own = declared.get(name).copied();
            let jumper = || declared.get(reference.jumped_to_by.as_ref()?).copied();
            let Some(obj) = own.or_else(|| self.imported(name)).or_else(jumper) else { continue };
            seen.insert(name);
            let f = self.assembly_entry(name, obj, own.is_none());
            self.module.funcs.extend(f);
        }
    }

    /// The functions that this package declares, by symbol.
    fn declared_by_symbol(&mut self) -> FxHashMap<String, ObjId> {
        let mut out = FxHashMap::default();
        for decl in self.pkg.files.iter().flat_map(|f| &f.decls) {
            let Decl::Func(decl) = decl else { continue };
            if !decl.type_params.is_empty() || decl.recv.is_some() || decl.name.is_blank() {
                continue;
            }
            if let Some(&obj) = self.pkg.info.defs.get(&decl.name.id) {
                out.insert(self.func_name(obj, &[]), obj);
            }
        }
        out
    }

    /// A function of a package that is imported here.
    fn imported(&self, symbol: &str) -> Option<ObjId> {
        let (path, name) = symbol.rsplit_once('.')?;
        let imports = self.store.pkg(self.pkg.pkg).imports.read().ok()?.clone();
        let pkg = imports.into_iter().find(|&p| self.names().pkg(p) == path)?;
        let obj = self.store.lookup(self.store.pkg(pkg).scope, name)?;
        self.store.func_signature(obj).filter(|s| s.type_params.is_empty())?;
        Some(obj)
    }

    fn assembly_entry(&mut self, symbol: &str, obj: ObjId, dupok: bool) -> Option<Func> {
        let sig = self.store.func_signature(obj)?.clone();
        let frame = self.abi0_frame(&sig);
        let (code, name) = (self.module.sym(symbol), self.module.sym(&format!("{symbol}{ABI0_ARGS}")));
        let abi = Abi { params: vec![Ty::Ptr], ..Abi::default() };
        let source = Source { info: &self.pkg.info, version: (1, 27) };
        let facts = Rc::new(analyze::expressions(self.store, source, &[]));
        let env = Rc::new(SubstMap::new(&[], &[]));
        let mut l = FuncLower::new(self, name, &abi, false, source, facts, env);
        let flags = &mut l.b.f.flags;
        (flags.wrapper, flags.noinline, flags.dupok) = (true, true, dupok);
        l.set_autogenerated();
        let area = l.b.f.blocks[0].params[0];
        let args = l.read(area, &frame.params).into_iter().zip(&frame.params).map(|(v, p)| (v, p.0));
        let args = args.collect();
        let results = frame.results.iter().map(|p| p.0).collect();
        let target = Target::Static(code);
        let vals = l.invoke(Prepared { target, args, results, held: Vec::new() });
        for (val, &(t, offset)) in vals.into_iter().zip(&frame.results) {
            l.store_mem(area, offset as i32, false, t, val);
        }
        l.b.ret(&[]);
        Some(l.b.finish())
    }
}

impl FuncLower<'_, '_> {
    fn read(&mut self, area: Value, places: &[(TypeId, u32)]) -> Vec<Val> {
        places.iter().map(|&(t, offset)| self.load_mem(area, offset as i32, t)).collect()
    }
}
