//! Expressions. None is constant by Go's rules, so that none is refused for its value; what compilers know
//! to be constant behind `id` is.

use super::program::Gen;
use super::types::{BYTE, INT, INTS, RUNE, Ty};

/// For parts of variables that have a type.
struct Search {
    wanted: Ty,
    to_assign: bool,
    found: Vec<String>,
}

impl Gen {
    /// A literal, as it may stand to the right of an operator.
    pub fn int_literal(&mut self, ty: &Ty) -> String {
        let Ty::Int(i) = ty else { return self.r.below(100).to_string() };
        let (_, bits, signed) = INTS[*i];
        let max = if signed { (1i128 << (bits - 1)) - 1 } else { (1i128 << bits) - 1 };
        let min = if signed { -max - 1 } else { 0 };
        let power = 1i128 << self.r.below(bits as usize);
        let v = match self.r.below(8) {
            0 => max,
            1 => min,
            2 => power,
            3 => power - 1,
            4 => -power,
            5 => i128::from(self.r.next() as i64),
            _ => self.r.below(20) as i128 - 5,
        };
        v.clamp(min, max).to_string()
    }

    fn literal(&mut self, ty: &Ty) -> String {
        let name = self.name(ty);
        match ty {
            Ty::Bool => format!("id({})", self.r.percent(50)),
            Ty::Int(_) | Ty::Param => format!("id[{name}]({})", self.int_literal(ty)),
            Ty::Float(_) => {
                let v = self.r.pick(&[
                    "0",
                    "1",
                    "-1",
                    "0.1",
                    "1e10",
                    "-3.75",
                    "16777217",
                    "9.3e18",
                    "-1.9e19",
                    "2147483648.5",
                    "1e38",
                    "1e-40",
                    "127.9",
                    "255.5",
                    "-129",
                ]);
                match self.r.below(12) {
                    0 => format!("(id[{name}](0) / {name}(zero))"),
                    1 => format!("(id[{name}](1) / {name}(zero))"),
                    2 => format!("(-id[{name}](0))"),
                    _ => format!("id[{name}]({v})"),
                }
            }
            Ty::Complex => {
                format!("complex({}, {})", self.expr(&Ty::Float(64), 0), self.expr(&Ty::Float(64), 0))
            }
            Ty::Str => {
                let s = self.r.pick(&[
                    "",
                    "a",
                    "hello",
                    "héllo",
                    "世界",
                    "\\xff\\x80",
                    "a\\x00b",
                    "ab\\U0001F600c",
                ]);
                format!("id(\"{s}\")")
            }
            _ => format!("id[{name}]({})", self.composite(ty, 0)),
        }
    }

    fn composite(&mut self, ty: &Ty, d: usize) -> String {
        let name = self.name(ty);
        match ty {
            Ty::Struct(i) => {
                let fields = self.structs[*i].fields.clone();
                if self.r.percent(20) {
                    let n = self.r.below(fields.len());
                    return format!("{name}{{f{n}: {}}}", self.expr(&fields[n], d));
                }
                let all: Vec<String> = fields.iter().map(|f| self.expr(f, d)).collect();
                format!("{name}{{{}}}", all.join(", "))
            }
            Ty::Array(n, of) => {
                let from = self.r.below(*n);
                let all: Vec<String> = (from..*n).map(|_| self.expr(of, d)).collect();
                format!("{name}{{{from}: {}}}", all.join(", "))
            }
            Ty::Slice(of) => {
                let n = self.r.below(4);
                let all: Vec<String> = (0..n).map(|_| self.expr(of, d)).collect();
                format!("{name}{{{}}}", all.join(", "))
            }
            Ty::Map(key, of) => {
                let n = self.r.below(3);
                let all: Vec<String> =
                    (0..n).map(|_| format!("{}: {}", self.expr(key, d), self.expr(of, d))).collect();
                format!("{name}{{{}}}", all.join(", "))
            }
            Ty::Ptr(of) if matches!(**of, Ty::Struct(_)) && self.r.percent(70) => {
                format!("&{}", self.composite(of, d))
            }
            Ty::Ptr(of) if self.r.percent(60) => self.address(of, d),
            Ty::Ptr(of) => match self.r.below(3) {
                0 => format!("({name})(nil)"),
                1 => format!("new({})", self.name(of)),
                _ => {
                    let v = self.expr(of, d);
                    format!("func() {name} {{ x := {v}; return &x }}()")
                }
            },
            Ty::Func(from, to) => self.closure(from, to, d),
            Ty::Iface => match if d == 0 { self.r.range(1, 3) } else { self.r.below(10) } {
                0 if self.r.percent(20) => "I(nil)".into(),
                1 => format!("I({})", self.expr(&Ty::Int(11), d)),
                2 => format!("I({})", self.expr(&Ty::Int(12), d)),
                _ => {
                    let s = self.r.below(self.structs.len());
                    let v = self.composite(&Ty::Struct(s), d.saturating_sub(1));
                    let by_pointer = self.structs[s].by_pointer || self.r.percent(30);
                    format!("I({}{v})", if by_pointer { "&" } else { "" })
                }
            },
            Ty::Any => {
                let of = if d == 0 { self.scalar() } else { self.ty(1) };
                format!("any({})", self.expr(&of, d))
            }
            _ => self.expr(ty, d),
        }
    }

    /// Of a variable or its field, if there is one of this type.
    fn address(&mut self, of: &Ty, d: usize) -> String {
        let mut found = Vec::new();
        for v in &self.vars {
            if v.ty == *of {
                found.push(format!("&{}", v.name));
            }
            if let Ty::Struct(i) = v.ty {
                let fields = self.structs[i].fields.iter().enumerate().filter(|f| f.1 == of);
                found.extend(fields.map(|(n, _)| format!("&{}.f{n}", v.name)));
            }
        }
        if found.is_empty() {
            return format!("(&Pair[{}, int]{{a: {}}}).first()", self.name(of), self.expr(of, d));
        }
        found.swap_remove(self.r.below(found.len()))
    }

    fn closure(&mut self, from: &Ty, to: &Ty, d: usize) -> String {
        let p = self.fresh();
        let (from_name, to_name) = (self.name(from), self.name(to));
        let depth = self.vars.len();
        self.declare(&p, from.clone());
        let update = match self.assignable_path(to) {
            Some(place) if self.r.percent(40) => {
                format!("{place} = {}; ", self.expr(to, d.saturating_sub(1)))
            }
            _ => String::new(),
        };
        let v = self.expr(to, d.saturating_sub(1));
        self.vars.truncate(depth);
        let fuel = format!("if fuel--; fuel < 0 {{ return *new({to_name}) }}; ");
        format!("func({p} {from_name}) {to_name} {{ {fuel}{update}return {v} }}")
    }

    /// Somewhere in a variable, of this type.
    fn path(&mut self, ty: &Ty, to_assign: bool) -> Option<String> {
        let mut search = Search { wanted: ty.clone(), to_assign, found: Vec::new() };
        for v in self.vars.clone() {
            self.paths(&v.name, &v.ty, 3, true, &mut search);
        }
        let found = &mut search.found;
        (!found.is_empty()).then(|| found.swap_remove(self.r.below(found.len())))
    }

    pub fn assignable_path(&mut self, ty: &Ty) -> Option<String> {
        self.path(ty, true)
    }

    /// `is_place`: what stands at `at` can be assigned to.
    fn paths(&mut self, at: &str, is: &Ty, d: usize, is_place: bool, search: &mut Search) {
        if *is == search.wanted && (is_place || !search.to_assign) {
            search.found.push(at.into());
        }
        if d == 0 || search.found.len() > 12 {
            return;
        }
        match is {
            Ty::Struct(i) => {
                for (n, f) in self.structs[*i].fields.clone().iter().enumerate() {
                    self.paths(&format!("{at}.f{n}"), f, d - 1, is_place, search);
                }
            }
            Ty::Array(n, of) => {
                let index = self.index(*n);
                self.paths(&format!("{at}[{index}]"), of, d - 1, is_place, search);
            }
            Ty::Slice(of) => {
                let index = if self.r.percent(95) {
                    format!("{}%uint(max(1, len({at})))", self.simple_uint())
                } else {
                    self.r.below(3).to_string()
                };
                let slice = if self.r.percent(85) { format!("some({at})") } else { at.into() };
                self.paths(&format!("{slice}[{index}]"), of, d - 1, true, search);
            }
            // An element can be assigned to as a whole only.
            Ty::Map(key, of) if **of == search.wanted && (!search.to_assign || self.r.percent(30)) => {
                let key = match **key {
                    Ty::Int(_) | Ty::Str | Ty::Bool => self.literal(key),
                    _ => format!("*new({})", self.name(key)),
                };
                search.found.push(format!("{at}[{key}]"));
            }
            Ty::Ptr(of) => {
                let place = if self.r.percent(80) { format!("(*there({at}))") } else { format!("(*{at})") };
                self.paths(&place, of, d - 1, true, search);
            }
            _ => {}
        }
    }

    fn simple_uint(&mut self) -> String {
        let ints: Vec<String> = self.vars.iter().filter(|v| v.ty.is_int()).map(|v| v.name.clone()).collect();
        if ints.is_empty() {
            return format!("id[uint]({})", self.r.below(9));
        }
        format!("uint({})", ints[self.r.below(ints.len())])
    }

    /// Into an array of this length; seldom out of its bounds.
    fn index(&mut self, n: usize) -> String {
        match self.r.below(10) {
            0..=4 => self.r.below(n).to_string(),
            5 if self.r.percent(10) => self.simple_uint(),
            _ => format!("{}%{n}", self.simple_uint()),
        }
    }

    pub fn expr(&mut self, ty: &Ty, d: usize) -> String {
        if d == 0 || self.r.percent(15) {
            return match self.path(ty, false) {
                Some(path) if self.r.percent(80) => path,
                _ => self.literal(ty),
            };
        }
        if self.r.percent(20)
            && let Some(path) = self.path(ty, false)
        {
            return path;
        }
        if self.r.percent(12)
            && let Some(made) = self.any_kind(ty, d - 1)
        {
            return made;
        }
        let d = d - 1;
        match ty {
            Ty::Bool => self.condition(d),
            Ty::Int(_) | Ty::Param => self.integer(ty, d),
            Ty::Float(_) => {
                let name = self.name(ty);
                match self.r.below(8) {
                    0..=3 => {
                        let op = self.r.pick(&["+", "-", "*", "/"]);
                        format!("({} {op} {})", self.expr(ty, d), self.expr(ty, d))
                    }
                    4 => format!("(-{})", self.expr(ty, d)),
                    5 => {
                        let other = Ty::Float(if *ty == Ty::Float(32) { 64 } else { 32 });
                        format!("{name}({})", self.expr(&other, d))
                    }
                    6 if *ty == Ty::Float(64) => {
                        let part = self.r.pick(&["real", "imag"]);
                        format!("{part}({})", self.expr(&Ty::Complex, d))
                    }
                    _ => {
                        let from = self.int();
                        format!("{name}({})", self.expr(&from, d))
                    }
                }
            }
            Ty::Complex => match self.r.below(3) {
                0 => format!("complex({}, {})", self.expr(&Ty::Float(64), d), self.expr(&Ty::Float(64), d)),
                _ => {
                    let op = self.r.pick(&["+", "-", "*"]);
                    format!("({} {op} {})", self.expr(ty, d), self.expr(ty, d))
                }
            },
            Ty::Str => self.string(d),
            Ty::Slice(of) => self.slice(ty, of, d),
            _ => self.composite(ty, d),
        }
    }

    /// What makes a value of any type.
    fn any_kind(&mut self, ty: &Ty, d: usize) -> Option<String> {
        let name = self.name(ty);
        Some(match self.r.below(11) {
            0 => format!("pick({}, {}, {})", self.condition(d), self.expr(ty, d), self.expr(ty, d)),
            1 => {
                let (a, b, c) = (self.expr(ty, d), self.expr(ty, d), self.condition(d));
                format!("func() {name} {{ if ({c}) {{ return {a} }}; return {b} }}()")
            }
            2 if *ty != Ty::Any && *ty != Ty::Iface => format!("any({}).({name})", self.expr(ty, d)),
            3 if *ty != Ty::Any => {
                let any = self.path(&Ty::Any, false)?;
                if self.r.percent(80) { format!("as[{name}]({any})") } else { format!("{any}.({name})") }
            }
            4 => format!("deref({}, {})", self.expr(&Ty::Ptr(Box::new(ty.clone())), d), self.expr(ty, d)),
            5 => {
                let other = self.scalar();
                let (a, b) = (self.expr(&other, d), self.expr(ty, d));
                format!("Pair[{}, {name}]{{{a}, {b}}}.swap().a", self.name(&other))
            }
            6 => format!(
                "must((&Stack[{name}]{{}}).push({}).push({}).pop())",
                self.expr(ty, d),
                self.expr(ty, d)
            ),
            7 => {
                let mut found = Vec::new();
                for v in self.vars.clone() {
                    if let Ty::Func(from, to) = &v.ty
                        && **to == *ty
                    {
                        found.push((v.name.clone(), (**from).clone()));
                    }
                }
                let (f, from) = (!found.is_empty()).then(|| found.swap_remove(self.r.below(found.len())))?;
                format!("{f}({})", self.expr(&from, d))
            }
            8 => {
                let from = self.ty(1);
                let f = self.closure(&from, ty, d);
                format!("{f}({})", self.expr(&from, d))
            }
            _ => {
                let all: Vec<usize> = (0..self.funcs.len())
                    .filter(|&f| self.funcs[f].results.len() == 1 && self.funcs[f].results[0] == *ty)
                    .collect();
                let f = (!all.is_empty()).then(|| all[self.r.below(all.len())])?;
                self.call(f, d)
            }
        })
    }

    pub fn call(&mut self, f: usize, d: usize) -> String {
        let params = self.funcs[f].params.clone();
        let args: Vec<String> = params.iter().map(|p| self.expr(p, d.min(1))).collect();
        format!("f{f}({})", args.join(", "))
    }

    pub fn condition(&mut self, d: usize) -> String {
        let d = d.saturating_sub(1);
        match self.r.below(9) {
            0 => {
                let op = self.r.pick(&["&&", "||"]);
                format!("({} {op} {})", self.condition(d), self.expr(&Ty::Bool, d))
            }
            1 => format!("!{}", self.expr(&Ty::Bool, d)),
            2 => {
                let ty = loop {
                    let ty = self.ty(1);
                    if self.is_comparable(&ty) {
                        break ty;
                    }
                };
                let op = self.r.pick(&["==", "!="]);
                format!("({} {op} {})", self.expr(&ty, d), self.expr(&ty, d))
            }
            _ => {
                let ty = match self.r.below(6) {
                    0 => Ty::Float(64),
                    1 => Ty::Float(32),
                    2 => Ty::Str,
                    _ => self.int(),
                };
                let op = self.r.pick(&["<", "<=", ">", ">=", "==", "!="]);
                let right = match ty.is_int() && self.r.percent(50) {
                    true => self.int_literal(&ty),
                    false => self.expr(&ty, d),
                };
                format!("({} {op} {right})", self.expr(&ty, d))
            }
        }
    }

    fn integer(&mut self, ty: &Ty, d: usize) -> String {
        let name = self.name(ty);
        match self.r.below(20) {
            0..=5 => {
                let op = self.r.pick(&["+", "-", "*", "&", "|", "^", "&^"]);
                let right = if self.r.percent(40) { self.int_literal(ty) } else { self.expr(ty, d) };
                format!("({} {op} {right})", self.expr(ty, d))
            }
            6 | 7 => {
                let op = self.r.pick(&["/", "%"]);
                let left = self.expr(ty, d);
                match self.r.below(6) {
                    0 if self.r.percent(30) => format!("({left} {op} {})", self.expr(ty, d)),
                    1 | 2 => format!("({left} {op} ({} | 1))", self.expr(ty, d)),
                    _ => loop {
                        let by = self.int_literal(ty);
                        if by != "0" {
                            break format!("({left} {op} {by})");
                        }
                    },
                }
            }
            8..=10 => {
                let op = self.r.pick(&["<<", ">>"]);
                let left = self.expr(ty, d);
                let count = match self.r.below(6) {
                    0 | 1 => self.r.below(70).to_string(),
                    2 => {
                        let by = self.int();
                        self.expr(&by, d)
                    }
                    3 => {
                        let by = Ty::Int(self.r.range(5, 11));
                        format!("({} & {})", self.expr(&by, d), self.r.pick(&["7", "31", "63", "127"]))
                    }
                    _ => {
                        let by = Ty::Int(self.r.range(5, 11));
                        self.expr(&by, d)
                    }
                };
                format!("({left} {op} {count})")
            }
            11 if self.r.percent(50) => {
                let by = Ty::Int(self.r.range(5, 11));
                format!("id[{name}](1 << ({} & 63))", self.expr(&by, d))
            }
            11 => format!("(-{})", self.expr(ty, d)),
            12 => format!("(^{})", self.expr(ty, d)),
            13 if *ty != Ty::Param => {
                let from = if self.r.percent(50) { Ty::Float(64) } else { Ty::Float(32) };
                format!("{name}({})", self.expr(&from, d))
            }
            14 => {
                let f = self.r.pick(&["min", "max"]);
                format!("{f}({}, {})", self.expr(ty, d), self.expr(ty, d))
            }
            15 => {
                let of = if self.r.percent(50) { Ty::Str } else { self.ty(1).slice() };
                format!("{name}(len({}))", self.expr(&of, d))
            }
            16 if *ty == BYTE => {
                format!("pads({})[{}&3]", self.expr(&Ty::Str, d), self.expr(&INT, d))
            }
            17 if *ty == INT => {
                format!("{}.M({})", self.expr(&Ty::Iface, d), self.expr(&INT, d))
            }
            18 => {
                let of = ty.clone().slice();
                format!(
                    "fold({}, {}, func(a, b {name}) {name} {{ return a*3 ^ b }})",
                    self.expr(&of, d),
                    self.expr(ty, d)
                )
            }
            _ => {
                let from = self.int();
                format!("{name}({})", self.expr(&from, d))
            }
        }
    }

    fn string(&mut self, d: usize) -> String {
        match self.r.below(7) {
            0..=2 => format!("clips({} + {})", self.expr(&Ty::Str, d), self.expr(&Ty::Str, d)),
            3 => format!("string({})", self.expr(&BYTE.slice(), d)),
            4 => format!("string({})", self.expr(&RUNE.slice(), d)),
            5 => {
                let s = self.expr(&Ty::Str, d);
                let s = if self.r.percent(85) { format!("pads({s})") } else { s };
                match self.r.below(3) {
                    0 => format!("{s}[{}:]", self.r.below(3)),
                    1 => format!("{s}[:{}&7]", self.expr(&INT, d)),
                    _ => format!("{s}[{}&1:{}]", self.expr(&INT, d), self.r.range(1, 5)),
                }
            }
            _ => format!("string({})", self.expr(&RUNE, d)),
        }
    }

    fn slice(&mut self, ty: &Ty, of: &Ty, d: usize) -> String {
        let name = self.name(ty);
        let kind = self.r.below(12);
        if matches!(kind, 4..=7) {
            let s = self.expr(ty, d);
            let s = if self.r.percent(85) { format!("pad({s})") } else { s };
            return match kind {
                4 => format!("append({s}[:{}], {})", self.r.below(4), self.expr(of, d)),
                5 => format!("{s}[{}:]", self.r.below(3)),
                6 => format!("{s}[:{}&3]", self.expr(&INT, d)),
                _ => format!("{s}[{}:{}:{}]", self.r.below(2), self.r.range(1, 3), self.r.range(2, 6)),
            };
        }
        match kind {
            0..=2 => format!("clip(append({}, {}))", self.expr(ty, d), self.expr(of, d)),
            3 => format!("clip(append({}, {}...))", self.expr(ty, d), self.expr(ty, d)),
            8 => format!("make({name}, {}&7, {})", self.expr(&INT, d), self.r.range(7, 10)),
            9 if *of == BYTE || *of == RUNE => format!("{name}({})", self.expr(&Ty::Str, d)),
            10 => {
                let from = self.ty(1);
                let f = self.closure(&from, of, d);
                format!("clip(apply({}, {f}))", self.expr(&from.slice(), d))
            }
            _ => self.composite(ty, d),
        }
    }
}
