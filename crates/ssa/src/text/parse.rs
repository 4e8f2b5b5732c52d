//! Text to SSA. Values, blocks and slots may have any numbers; the function's are given in order.

use super::names::{ATOMICS, BINS, CHECKS, CMPS, CONVS, HOLDS, TYPES, UNS, find};
use crate::ir::{Block, DeferInfo, Func, Likely, Loc, LocId, Slot, Target, Term, Ty, Value, ValueDef};
use crate::module::{Module, Sym};
use crate::op::{Holds, Op};
use goxide_abi::Entry;
use goxide_abi::layout::defer;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use thiserror::Error;

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("line {line}: {text}")]
pub struct ParseError {
    pub line: usize,
    pub text: String,
}

type Result<T> = std::result::Result<T, String>;

/// Functions in the textual form; `;` begins a comment.
pub fn parse_module(text: &str) -> std::result::Result<Module, ParseError> {
    let mut module = Module::new("test");
    let mut p = Parser { module: &mut module, words: Vec::new(), at: 0, names: Names::default() };
    let mut func: Option<Func> = None;
    for (n, line) in text.lines().enumerate() {
        let fail = |text: String| ParseError { line: n + 1, text };
        p.words = split(line).map_err(fail)?;
        p.at = 0;
        if p.words.is_empty() {
            continue;
        }
        match func.as_mut() {
            None => func = Some(p.head().map_err(fail)?),
            Some(f) if p.peek() == "}" => {
                p.patch(f).map_err(fail)?;
                p.module.funcs.extend(func.take());
                p.names = Names::default();
            }
            Some(f) => p.line(f).map_err(fail)?,
        }
        if p.at < p.words.len() && p.peek() != "}" {
            return Err(fail(format!("`{}` is too much", p.peek())));
        }
    }
    match func {
        None => Ok(module),
        Some(_) => Err(ParseError { line: text.lines().count(), text: "`}` is missing".into() }),
    }
}

/// Words, numbers with their sign, strings with a quote in front, and single marks.
fn split(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            c if c.is_whitespace() => {}
            '"' => {
                let mut text = String::from('"');
                loop {
                    match chars.next().ok_or("a string without an end")? {
                        '"' => break,
                        '\\' => text.push(escape(&mut chars)?),
                        c => text.push(c),
                    }
                }
                words.push(text);
            }
            '-' if chars.peek() == Some(&'>') => {
                chars.next();
                words.push("->".into());
            }
            c if c.is_alphanumeric() || matches!(c, '@' | '+' | '-' | '_') => {
                let mut word = String::from(c);
                while let Some(&c) = chars.peek() {
                    if !c.is_alphanumeric() && c != '_' {
                        break;
                    }
                    word.push(c);
                    chars.next();
                }
                words.push(word);
            }
            c => words.push(c.into()),
        }
    }
    Ok(words)
}

/// What Rust's `{:?}` writes behind a backslash.
fn escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char> {
    Ok(match chars.next().ok_or("a string without an end")? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'u' => {
            let digits: String = chars.by_ref().skip(1).take_while(|&c| c != '}').collect();
            let code = u32::from_str_radix(&digits, 16).map_err(|e| e.to_string())?;
            char::from_u32(code).ok_or("no such character")?
        }
        c => c,
    })
}

#[derive(Default)]
struct Names {
    values: FxHashMap<u32, Value>,
    blocks: FxHashMap<u32, Block>,
    cur: Option<Block>,
    has_blocks: bool,
}

struct Parser<'a> {
    module: &'a mut Module,
    words: Vec<String>,
    at: usize,
    names: Names,
}

impl Parser<'_> {
    fn peek(&self) -> &str {
        self.words.get(self.at).map_or("", |w| w)
    }

    fn next(&mut self) -> Result<String> {
        let word = self.words.get(self.at).cloned().ok_or("the line is too short")?;
        self.at += 1;
        Ok(word)
    }

    fn eat(&mut self, word: &str) -> bool {
        let is = self.peek() == word;
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, word: &str) -> Result<()> {
        if self.eat(word) { Ok(()) } else { Err(format!("`{word}` expected, not `{}`", self.peek())) }
    }

    fn int(&mut self) -> Result<i64> {
        let word = self.next()?;
        word.parse().map_err(|_| format!("`{word}` is no number"))
    }

    fn uint(&mut self) -> Result<u32> {
        let n = self.int()?;
        u32::try_from(n).map_err(|_| format!("{n} is out of range"))
    }

    /// `+8`, `-8` or nothing.
    fn offset(&mut self) -> Result<i64> {
        if self.peek().starts_with(['+', '-']) { self.int() } else { Ok(0) }
    }

    fn small_offset(&mut self) -> Result<i32> {
        let n = self.offset()?;
        i32::try_from(n).map_err(|_| format!("{n} is out of range"))
    }

    fn numbered(&mut self, letter: char) -> Result<u32> {
        let word = self.next()?;
        let number = word.strip_prefix(letter).and_then(|n| n.parse().ok());
        number.ok_or_else(|| format!("`{letter}` and a number expected, not `{word}`"))
    }

    fn ty(&mut self) -> Result<Ty> {
        let word = self.next()?;
        find(TYPES, &word).ok_or_else(|| format!("`{word}` is no type"))
    }

    fn text(&mut self) -> Result<String> {
        let word = self.next()?;
        word.strip_prefix('"').map(str::to_string).ok_or_else(|| format!("a string expected, not `{word}`"))
    }

    fn sym(&mut self) -> Result<Sym> {
        let name = self.text()?;
        Ok(self.module.sym(&name))
    }

    fn types(&mut self) -> Result<Vec<Ty>> {
        self.expect("(")?;
        let mut types = Vec::new();
        while !self.eat(")") {
            types.push(self.ty()?);
            self.eat(",");
        }
        Ok(types)
    }

    fn head(&mut self) -> Result<Func> {
        self.expect("func")?;
        let name = self.sym()?;
        let params = self.types()?;
        let results = if self.eat("->") { self.types()? } else { Vec::new() };
        let mut f = Func::new(name, params, results, false);
        f.blocks.clear();
        f.order.clear();
        f.values.clear();
        loop {
            match self.next()?.as_str() {
                "ctx" => f.has_ctx = true,
                "noinline" => f.flags.noinline = true,
                "wrapper" => f.flags.wrapper = true,
                "nosplit" => f.flags.nosplit = true,
                "runtime" => f.flags.runtime = true,
                "dupok" => f.flags.dupok = true,
                "reflectmethod" => f.flags.reflect_method = true,
                "line" => f.start_line = self.uint()?,
                "{" => return Ok(f),
                other => return Err(format!("`{other}` is no flag")),
            }
        }
    }

    /// The block of that number; it is made where it is first named.
    fn block(&mut self, f: &mut Func) -> Result<Block> {
        let n = self.numbered('b')?;
        if let Some(&b) = self.names.blocks.get(&n) {
            return Ok(b);
        }
        let b = f.add_block();
        f.order.pop();
        self.names.blocks.insert(n, b);
        Ok(b)
    }

    /// A value that need not be defined yet.
    fn value(&mut self, f: &mut Func) -> Result<Value> {
        let n = self.numbered('v')?;
        Ok(*self.names.values.entry(n).or_insert_with(|| {
            // Patched where the definition comes; what stays is reported.
            f.values.push(crate::ir::ValueData { ty: Ty::I64, def: UNDEFINED });
            Value(f.values.len() as u32 - 1)
        }))
    }

    /// `v1: i64, v2: ptr`, up to a mark.
    fn definitions(&mut self, f: &mut Func) -> Result<Vec<Value>> {
        let mut defined = Vec::new();
        while self.peek().starts_with('v') {
            let v = self.value(f)?;
            if f.values[v.index()].def != UNDEFINED {
                return Err("a value that is defined twice".into());
            }
            self.expect(":")?;
            f.values[v.index()].ty = self.ty()?;
            // Marks it, so that the next definition of it is refused.
            f.values[v.index()].def = ValueDef::Param(Block(0), 0);
            defined.push(v);
            self.eat(",");
        }
        Ok(defined)
    }

    fn line(&mut self, f: &mut Func) -> Result<()> {
        let first = self.peek().to_string();
        if first.starts_with('b') && matches!(self.words.last().map(String::as_str), Some(":")) {
            return self.block_head(f);
        }
        let Some(cur) = self.names.cur else { return self.preamble(f) };
        if self.names.has_blocks && self.term(f, cur)? {
            let loc = self.loc()?;
            f.block_mut(cur).term_loc = loc;
            return Ok(());
        }
        self.inst(f, cur)
    }

    fn block_head(&mut self, f: &mut Func) -> Result<()> {
        let b = self.block(f)?;
        if f.order.contains(&b) {
            return Err("a block that is there twice".into());
        }
        if f.order.is_empty() && b != Block(0) {
            return Err("the first block must be the first that is named".into());
        }
        f.order.push(b);
        self.names.cur = Some(b);
        self.names.has_blocks = true;
        if self.eat("(") {
            let params = self.definitions(f)?;
            self.expect(")")?;
            for (i, &v) in params.iter().enumerate() {
                f.values[v.index()].def = ValueDef::Param(b, i as u32);
            }
            f.block_mut(b).params = params;
        }
        self.expect(":")
    }

    fn preamble(&mut self, f: &mut Func) -> Result<()> {
        if self.eat("defer") {
            // The entry must be block 0.
            if f.blocks.is_empty() {
                let b = f.add_block();
                f.order.pop();
                self.names.blocks.insert(0, b);
            }
            let slot = Slot(self.numbered('s')?);
            let mode = match self.next()?.as_str() {
                "bits" => defer::BITS,
                "list" => defer::LIST,
                other => return Err(format!("`{other}` is no kind of defer")),
            };
            self.expect("recover")?;
            f.defer = Some(DeferInfo { slot, mode, recover: self.block(f)? });
            return Ok(());
        }
        if self.peek().starts_with('@') {
            let n = self.numbered('@')?;
            if n as usize != f.locs.len() {
                return Err("places must be numbered from 1 on".into());
            }
            self.expect("=")?;
            let (func, file) = (self.text()?, self.text()?);
            let (func, file) = (self.module.string(&func), self.module.string(&file));
            let line = self.uint()?;
            let parent = if self.eat("in") { self.numbered('@')? } else { 0 };
            f.locs.push(Loc { parent, func, file, line });
            return Ok(());
        }
        let n = self.numbered('s')?;
        if n as usize != f.slots.len() {
            return Err("slots must be numbered from 0 on".into());
        }
        self.expect("=")?;
        self.expect("slot")?;
        let size = self.uint()?;
        self.expect("align")?;
        let align = self.uint()?;
        let ptrs = !self.eat("noscan");
        f.add_slot(size, align, ptrs);
        Ok(())
    }

    fn loc(&mut self) -> Result<LocId> {
        if self.peek().starts_with('@') { Ok(LocId(self.numbered('@')?)) } else { Ok(LocId(0)) }
    }

    fn target(&mut self, f: &mut Func) -> Result<Target> {
        let block = self.block(f)?;
        let args = if self.peek() == "(" { self.args(f)? } else { SmallVec::new() };
        Ok(Target { block, args })
    }

    /// `(v1, v2)`
    fn args(&mut self, f: &mut Func) -> Result<SmallVec<[Value; 4]>> {
        self.expect("(")?;
        let args = self.list(f)?;
        self.expect(")")?;
        Ok(args)
    }

    /// `v1, v2`
    fn list(&mut self, f: &mut Func) -> Result<SmallVec<[Value; 4]>> {
        let mut args = SmallVec::new();
        while self.peek().starts_with('v') {
            args.push(self.value(f)?);
            self.eat(",");
        }
        Ok(args)
    }

    fn term(&mut self, f: &mut Func, cur: Block) -> Result<bool> {
        let word = self.peek().to_string();
        let term = match word.as_str() {
            "jump" => {
                self.at += 1;
                Term::Jump(self.target(f)?)
            }
            "branch" => {
                self.at += 1;
                let cond = self.value(f)?;
                self.expect("then")?;
                let then = self.target(f)?;
                self.expect("else")?;
                let else_ = self.target(f)?;
                let likely = match (self.eat("likely"), self.peek()) {
                    (false, _) => Likely::Unknown,
                    (true, "then") => Likely::Then,
                    (true, "else") => Likely::Else,
                    (true, other) => return Err(format!("`{other}` is not likely")),
                };
                self.at += usize::from(likely != Likely::Unknown);
                Term::Branch { cond, then, else_, likely }
            }
            "switch" => {
                self.at += 1;
                let on = self.value(f)?;
                self.expect("[")?;
                let mut cases = Vec::new();
                while !self.eat("]") {
                    let n = self.int()?;
                    self.expect(":")?;
                    cases.push((n, self.target(f)?));
                    self.eat(",");
                }
                self.expect("default")?;
                Term::Switch { on, cases, default: self.target(f)? }
            }
            "return" => {
                self.at += 1;
                Term::Return(self.list(f)?)
            }
            "unreachable" => {
                self.at += 1;
                Term::Unreachable
            }
            _ => return Ok(false),
        };
        f.block_mut(cur).term = term;
        Ok(true)
    }

    fn inst(&mut self, f: &mut Func, cur: Block) -> Result<()> {
        let results = self.definitions(f)?;
        if !results.is_empty() {
            self.expect("=")?;
        }
        let (op, args) = self.op(f)?;
        let loc = self.loc()?;
        let inst = f.make_inst(op, &args, &[], loc);
        for (i, &v) in results.iter().enumerate() {
            f.values[v.index()].def = ValueDef::Result(inst, i as u32);
        }
        f.inst_mut(inst).results = results.into();
        f.block_mut(cur).insts.push(inst);
        Ok(())
    }

    fn op(&mut self, f: &mut Func) -> Result<(Op, SmallVec<[Value; 4]>)> {
        let word = self.next()?;
        let none = SmallVec::new;
        let op = match word.as_str() {
            "const" => Op::Const(self.int()?),
            "fconst" => {
                let digits = self.next()?;
                let hex = digits.strip_prefix("0x").ok_or("a float's bits begin with 0x")?;
                Op::FConst(u64::from_str_radix(hex, 16).map_err(|e| e.to_string())?)
            }
            "sym" => Op::SymAddr(self.sym()?, self.offset()?),
            "slotaddr" => Op::SlotAddr(Slot(self.numbered('s')?), self.small_offset()?),
            "load" => {
                let p = self.value(f)?;
                return Ok((Op::Load(self.small_offset()?), SmallVec::from_slice(&[p])));
            }
            "store" | "storeptr" => {
                let p = self.value(f)?;
                let offset = self.small_offset()?;
                self.expect(",")?;
                let args = SmallVec::from_slice(&[p, self.value(f)?]);
                return Ok((if word == "store" { Op::Store(offset) } else { Op::StorePtr(offset) }, args));
            }
            "copy" => Op::Copy { size: self.uint()?, ptrs: self.eat("ptrs") },
            "zero" => Op::Zero { size: self.uint()?, ptrs: self.eat("ptrs") },
            "check" => {
                let word = self.next()?;
                Op::Check(find(CHECKS, &word).ok_or_else(|| format!("`{word}` is no check"))?)
            }
            "new" => {
                let (typ, size) = (self.sym()?, self.uint()?);
                self.expect("align")?;
                let (align, ptrs) = (self.uint()?, self.eat("ptrs"));
                let holds = HOLDS.iter().find(|h| self.eat(h.0)).map_or(Holds::Anything, |h| h.1);
                Op::New { typ, size, align, ptrs, holds }
            }
            "call" | "callctx" => {
                let op = Op::Call { callee: self.sym()?, ctx: word == "callctx" };
                return Ok((op, self.args(f)?));
            }
            "callclosure" | "callptr" => {
                let mut args: SmallVec<[Value; 4]> = SmallVec::from_slice(&[self.value(f)?]);
                args.extend(self.args(f)?);
                return Ok((if word == "callptr" { Op::CallPtr } else { Op::CallClosure }, args));
            }
            "rt" => {
                let name = self.next()?;
                let entry = Entry::by_name(&name).ok_or_else(|| format!("`{name}` is no runtime entry"))?;
                return Ok((Op::CallRt(entry), self.args(f)?));
            }
            "framepointer" => return Ok((Op::FramePointer, none())),
            "safepoint" => return Ok((Op::SafePoint, none())),
            "keepalive" => Op::KeepAlive,
            "select" => Op::Select,
            "fma" => Op::Fma,
            "atomic" => {
                let word = self.next()?;
                Op::Atomic(find(ATOMICS, &word).ok_or_else(|| format!("`{word}` is no atomic operation"))?)
            }
            w => {
                let bin = find(BINS, w).map(Op::Bin);
                let un = find(UNS, w).map(Op::Un);
                let cmp = find(CMPS, w).map(Op::Cmp);
                let conv = find(CONVS, w).map(Op::Conv);
                bin.or(un).or(cmp).or(conv).ok_or_else(|| format!("`{w}` is no operation"))?
            }
        };
        Ok((op, self.list(f)?))
    }

    /// At the end: everything that was named must have been defined.
    fn patch(&mut self, f: &mut Func) -> Result<()> {
        for (n, &b) in &self.names.blocks {
            if !f.order.contains(&b) {
                return Err(format!("there is no b{n}"));
            }
        }
        match self.names.values.iter().find(|(_, v)| f.values[v.index()].def == UNDEFINED) {
            Some((n, _)) => Err(format!("v{n} is not defined")),
            None if f.order.is_empty() => Err("a function without blocks".into()),
            None => Ok(()),
        }
    }
}

/// Of a value that has been used and not defined yet.
const UNDEFINED: ValueDef = ValueDef::Param(Block(u32::MAX), 0);
