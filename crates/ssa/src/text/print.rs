//! SSA to text.

use super::names::{ATOMICS, BINS, CHECKS, CMPS, CONVS, HOLDS, TYPES, UNS, word};
use crate::ir::{Func, Inst, Likely, LocId, Target, Term, Ty, Value};
use crate::module::{Module, Sym};
use crate::op::Op;
use goxide_abi::layout::defer;
use std::fmt::{self, Write};

pub fn print_module(m: &Module) -> String {
    let mut out = String::new();
    for f in &m.funcs {
        out.push_str(&print_func(f, &m.names, &m.strings));
        out.push('\n');
    }
    out
}

/// `names` and `strings` are the module's.
pub fn print_func(f: &Func, names: &[String], strings: &[String]) -> String {
    let mut p = Printer { f, names, strings, out: String::new() };
    p.func().expect("writing to a string");
    p.out
}

struct Printer<'a> {
    f: &'a Func,
    names: &'a [String],
    strings: &'a [String],
    out: String,
}

fn joined<T>(items: &[T], one: impl Fn(&T) -> String) -> String {
    items.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn ty(t: Ty) -> &'static str {
    word(TYPES, &t)
}

/// `+8`, `-8` or nothing.
fn plus(offset: i64) -> String {
    if offset == 0 { String::new() } else { format!("{offset:+}") }
}

impl Printer<'_> {
    fn sym(&self, sym: Sym) -> String {
        format!("{:?}", self.names[sym.0 as usize])
    }

    fn value(&self, v: Value) -> String {
        format!("v{}", self.f.resolve(v).0)
    }

    fn values(&self, vs: &[Value]) -> String {
        joined(vs, |&v| self.value(v))
    }

    fn typed(&self, vs: &[Value]) -> String {
        joined(vs, |&v| format!("v{}: {}", v.0, ty(self.f.ty(v))))
    }

    fn loc(&self, loc: LocId) -> String {
        if loc.0 == 0 { String::new() } else { format!(" @{}", loc.0) }
    }

    fn func(&mut self) -> fmt::Result {
        let f = self.f;
        let mut head = format!("func {}({})", self.sym(f.name), joined(&f.params, |&t| ty(t).into()));
        if !f.results.is_empty() {
            write!(head, " -> ({})", joined(&f.results, |&t| ty(t).into()))?;
        }
        let flags = &f.flags;
        for (set, text) in [
            (f.has_ctx, " ctx"),
            (flags.noinline, " noinline"),
            (flags.wrapper, " wrapper"),
            (flags.nosplit, " nosplit"),
            (flags.runtime, " runtime"),
            (flags.dupok, " dupok"),
            (flags.reflect_method, " reflectmethod"),
        ] {
            if set {
                head.push_str(text);
            }
        }
        if f.start_line != 0 {
            write!(head, " line {}", f.start_line)?;
        }
        writeln!(self.out, "{head} {{")?;
        for (i, s) in f.slots.iter().enumerate() {
            let noscan = if s.ptrs { "" } else { " noscan" };
            writeln!(self.out, "  s{i} = slot {} align {}{noscan}", s.size, s.align)?;
        }
        if let Some(d) = &f.defer {
            let mode = if d.mode == defer::BITS { "bits" } else { "list" };
            writeln!(self.out, "  defer s{} {mode} recover b{}", d.slot.0, d.recover.0)?;
        }
        for (i, l) in f.locs.iter().enumerate().skip(1) {
            let text = |i: u32| format!("{:?}", self.strings.get(i as usize).map_or("", |s| s));
            write!(self.out, "  @{i} = {} {} {}", text(l.func), text(l.file), l.line)?;
            if l.parent != 0 {
                write!(self.out, " in @{}", l.parent)?;
            }
            self.out.push('\n');
        }
        for &b in &f.order {
            let data = f.block(b);
            if data.params.is_empty() {
                writeln!(self.out, "b{}:", b.0)?;
            } else {
                writeln!(self.out, "b{}({}):", b.0, self.typed(&data.params))?;
            }
            for &inst in &data.insts {
                let line = self.inst(inst);
                writeln!(self.out, "  {line}{}", self.loc(f.inst(inst).loc))?;
            }
            let line = self.term(&data.term);
            writeln!(self.out, "  {line}{}", self.loc(data.term_loc))?;
        }
        self.out.push_str("}\n");
        Ok(())
    }

    fn inst(&self, inst: Inst) -> String {
        let data = self.f.inst(inst);
        let args = self.values(&data.args);
        let arg = |n: usize| data.args.get(n).map_or("?".into(), |&v| self.value(v));
        let ptrs = |p: bool| if p { " ptrs" } else { "" };
        let behind = |n: usize| self.values(data.args.get(n..).unwrap_or_default());
        let body = match &data.op {
            Op::Const(c) => format!("const {c}"),
            Op::FConst(bits) => format!("fconst {bits:#x}"),
            Op::SymAddr(sym, offset) => format!("sym {}{}", self.sym(*sym), plus(*offset)),
            Op::SlotAddr(slot, offset) => format!("slotaddr s{}{}", slot.0, plus(i64::from(*offset))),
            Op::Bin(op) => format!("{} {args}", word(BINS, op)),
            Op::Un(op) => format!("{} {args}", word(UNS, op)),
            Op::Cmp(op) => format!("{} {args}", word(CMPS, op)),
            Op::Conv(op) => format!("{} {args}", word(CONVS, op)),
            Op::Select => format!("select {args}"),
            Op::Fma => format!("fma {args}"),
            Op::Atomic(op) => format!("atomic {} {args}", word(ATOMICS, op)),
            Op::Load(offset) => format!("load {}{}", arg(0), plus(i64::from(*offset))),
            Op::Store(offset) => format!("store {}{}, {}", arg(0), plus(i64::from(*offset)), arg(1)),
            Op::StorePtr(offset) => format!("storeptr {}{}, {}", arg(0), plus(i64::from(*offset)), arg(1)),
            Op::Copy { size, ptrs: p } => format!("copy {size}{} {args}", ptrs(*p)),
            Op::Zero { size, ptrs: p } => format!("zero {size}{} {args}", ptrs(*p)),
            Op::Check(check) => format!("check {} {args}", word(CHECKS, check)),
            Op::New { typ, size, align, ptrs: p, holds } => {
                let holds =
                    HOLDS.iter().find(|h| h.1 == *holds).map_or(String::new(), |h| format!(" {}", h.0));
                format!("new {} {size} align {align}{}{holds}", self.sym(*typ), ptrs(*p))
            }
            Op::Call { callee, ctx } => {
                format!("{} {}({args})", if *ctx { "callctx" } else { "call" }, self.sym(*callee))
            }
            Op::CallClosure => format!("callclosure {}({})", arg(0), behind(1)),
            Op::CallPtr => format!("callptr {}({})", arg(0), behind(1)),
            Op::CallRt(entry) => format!("rt {}({args})", entry.info().name),
            Op::FramePointer => "framepointer".into(),
            Op::SafePoint => "safepoint".into(),
            Op::KeepAlive => format!("keepalive {args}"),
        };
        if data.results.is_empty() { body } else { format!("{} = {body}", self.typed(&data.results)) }
    }

    fn target(&self, t: &Target) -> String {
        if t.args.is_empty() {
            format!("b{}", t.block.0)
        } else {
            format!("b{}({})", t.block.0, self.values(&t.args))
        }
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Jump(t) => format!("jump {}", self.target(t)),
            Term::Branch { cond, then, else_, likely } => {
                let (then, else_) = (self.target(then), self.target(else_));
                let likely = match likely {
                    Likely::Unknown => "",
                    Likely::Then => " likely then",
                    Likely::Else => " likely else",
                };
                format!("branch {} then {then} else {else_}{likely}", self.value(*cond))
            }
            Term::Switch { on, cases, default } => {
                let cases = joined(cases, |(n, t)| format!("{n}: {}", self.target(t)));
                format!("switch {} [{cases}] default {}", self.value(*on), self.target(default))
            }
            Term::Return(values) if values.is_empty() => "return".into(),
            Term::Return(values) => format!("return {}", self.values(values)),
            Term::Unreachable => "unreachable".into(),
        }
    }
}
