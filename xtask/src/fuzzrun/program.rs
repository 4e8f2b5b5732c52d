//! A program: types, functions, and a main that calls each with several arguments.

use super::rng::Rng;
use super::types::{INT, INTS, Struct, Ty, U64};
use std::fmt::Write;

/// Functions that call each other come to an end.
const FUEL: &str = "if fuel -= 10; fuel < 0";

#[derive(Clone)]
pub struct Var {
    pub name: String,
    pub ty: Ty,
}

pub struct Func {
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
}

pub struct Gen {
    pub r: Rng,
    pub structs: Vec<Struct>,
    pub funcs: Vec<Func>,
    /// Types with a function that hashes them.
    pub hashers: Vec<String>,
    /// Declarations made on the way.
    pub decls: String,
    /// In scope.
    pub vars: Vec<Var>,
    pub names: usize,
    /// Labels of the loops around, and whether `continue` may name them.
    pub labels: Vec<String>,
    /// In a function body, not in a closure of it.
    pub may_return: bool,
    pub results: Vec<Ty>,
    pub out: String,
}

impl Gen {
    pub fn new(seed: u64) -> Gen {
        Gen {
            r: Rng(seed),
            structs: Vec::new(),
            funcs: Vec::new(),
            hashers: Vec::new(),
            decls: String::new(),
            vars: Vec::new(),
            names: 0,
            labels: Vec::new(),
            may_return: false,
            results: Vec::new(),
            out: String::new(),
        }
    }

    pub fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    pub fn declare(&mut self, name: &str, ty: Ty) {
        self.vars.push(Var { name: name.into(), ty });
    }

    pub fn line(&mut self, text: &str) {
        writeln!(self.out, "\t{text}").expect("a string takes all");
    }

    /// The text of a program with so many functions.
    pub fn program(mut self, funcs: usize) -> String {
        for i in 0..self.r.range(4, 8) {
            self.structure(i);
        }
        self.named_ints();
        let generics: Vec<String> = (0..4).map(|i| self.generic(i)).collect();
        for f in 0..funcs {
            self.function(f);
        }
        let mut main = String::new();
        for f in 0..funcs {
            for _ in 0..3 {
                self.vars.clear();
                let call = self.call(f, 1);
                let results = self.funcs[f].results.clone();
                let names: Vec<String> = (0..results.len()).map(|i| format!("r{i}")).collect();
                let assign =
                    if names.is_empty() { String::new() } else { format!("{} := ", names.join(", ")) };
                let hashes: String =
                    names.iter().zip(&results).map(|(n, t)| format!("mix({}); ", self.hash(t, n))).collect();
                writeln!(main, "\trun(\"f{f}\", func() {{ {assign}{call}; {hashes}}})")
                    .expect("a string takes all");
            }
        }
        for (i, g) in generics.iter().enumerate() {
            for (name, ..) in INTS {
                let args: Vec<String> = (0..3).map(|_| format!("{name}({})", self.r.below(128))).collect();
                writeln!(main, "\trun(\"{g} {name}\", func() {{ mix(uint64(g{i}({}))) }})", args.join(", "))
                    .expect("a string takes all");
            }
        }
        self.hash_any();
        format!("{}\n{}\n{}\nfunc main() {{\n{main}}}\n", include_str!("prelude.go"), self.decls, self.out)
    }

    fn structure(&mut self, i: usize) {
        let large = self.r.percent(10);
        let count = if large { 12 } else { self.r.range(1, 6) };
        let fields: Vec<Ty> = (0..count).map(|_| self.ty(2)).collect();
        let by_pointer = self.r.percent(40);
        writeln!(self.decls, "type S{i} struct {{").expect("a string takes all");
        for (n, f) in fields.iter().enumerate() {
            writeln!(self.decls, "\tf{n} {}", self.name(f)).expect("a string takes all");
        }
        self.structs.push(Struct { fields, by_pointer });
        let star = if by_pointer { "*" } else { "" };
        self.vars = vec![Var { name: "x".into(), ty: INT }];
        if !by_pointer {
            self.declare("s", Ty::Struct(i));
        }
        let body = self.expr(&INT, 2);
        writeln!(
            self.decls,
            "}}\n\nfunc (s {star}S{i}) M(x int) int {{\n\t{FUEL} {{ return x }}\n\treturn {body}\n}}\n"
        )
        .expect("a string takes all");
    }

    fn named_ints(&mut self) {
        for i in [11, 12] {
            let (name, bits, signed) = INTS[i];
            self.vars = vec![Var { name: "x".into(), ty: INT }, Var { name: "s".into(), ty: Ty::Int(i) }];
            let body = self.expr(&INT, 2);
            let sign = if signed { "" } else { "u" };
            writeln!(
                self.decls,
                "type {name} {sign}int{bits}\n\nfunc (s {name}) M(x int) int {{\n\t{FUEL} {{ return x }}\n\treturn {body}\n}}\n"
            )
            .expect("a string takes all");
        }
    }

    fn generic(&mut self, i: usize) -> String {
        self.vars.clear();
        for name in ["a", "b", "c"] {
            self.declare(name, Ty::Param);
        }
        writeln!(self.out, "func g{i}[T ints](a, b, c T) (r T) {{").expect("a string takes all");
        self.declare("r", Ty::Param);
        self.results = vec![Ty::Param];
        self.may_return = false;
        for _ in 0..3 {
            let (place, op) = (self.r.pick(&["a", "b", "r"]), self.r.pick(&["=", "+=", "*=", "^=", "-="]));
            let v = self.expr(&Ty::Param, 3);
            self.line(&format!("{place} {op} {v}"));
            let cond = self.condition(2);
            self.line(&format!("if ({cond}) {{ r++ }}"));
        }
        self.out.push_str("\treturn\n}\n\n");
        format!("g{i}")
    }

    fn function(&mut self, f: usize) {
        self.vars.clear();
        self.labels.clear();
        let many = self.r.percent(10);
        let params: Vec<Ty> = (0..self.r.range(1, if many { 12 } else { 5 })).map(|_| self.ty(2)).collect();
        let count = if self.r.percent(50) { 1 } else { self.r.below(if many { 11 } else { 4 }) };
        let results: Vec<Ty> = (0..count).map(|_| self.ty(2)).collect();
        let mut lists = [Vec::new(), Vec::new()];
        for (list, (prefix, tys)) in lists.iter_mut().zip([("p", &params), ("r", &results)]) {
            for (i, ty) in tys.iter().enumerate() {
                let name = format!("{prefix}{i}");
                list.push(format!("{name} {}", self.name(ty)));
                self.declare(&name, ty.clone());
            }
        }
        if self.r.percent(30) {
            self.line("//go:noinline");
        }
        let [params_text, results_text] = lists.map(|l| l.join(", "));
        writeln!(self.out, "func f{f}({params_text}) ({results_text}) {{").expect("a string takes all");
        self.line(&format!("{FUEL} {{ return }}"));
        self.results.clone_from(&results);
        self.may_return = true;
        let statements = self.r.range(3, 10);
        self.statements(statements, 3);
        self.out.push_str("\treturn\n}\n\n");
        self.funcs.push(Func { params, results });
    }

    fn hash_any(&mut self) {
        let mut cases = String::new();
        let mut tys: Vec<Ty> = (0..INTS.len()).map(Ty::Int).collect();
        tys.extend([Ty::Bool, Ty::Float(32), Ty::Float(64), Ty::Complex, Ty::Str, INT.slice(), U64.slice()]);
        for i in 0..self.structs.len() {
            tys.extend([Ty::Struct(i), Ty::Ptr(Box::new(Ty::Struct(i)))]);
        }
        for ty in tys {
            let (name, hash) = (self.name(&ty), self.hash(&ty, "v"));
            writeln!(cases, "\tcase {name}:\n\t\treturn {hash} + {}", cases.len())
                .expect("a string takes all");
        }
        write!(
            self.decls,
            "func hany(v any) uint64 {{\n\tswitch v := v.(type) {{\n\tcase nil:\n\t\treturn 23\n{cases}\t}}\n\treturn 29\n}}\n"
        )
        .expect("a string takes all");
    }
}
