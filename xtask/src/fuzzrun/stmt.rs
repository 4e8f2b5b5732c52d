//! Statements.

use super::program::Gen;
use super::types::{INT, RUNE, Ty};

impl Gen {
    pub fn statements(&mut self, n: usize, d: usize) {
        for _ in 0..n {
            self.statement(d);
        }
    }

    /// Statements whose variables are gone behind them.
    fn scope(&mut self, n: usize, d: usize) {
        let vars = self.vars.len();
        self.statements(n, d);
        self.vars.truncate(vars);
    }

    /// A body of a closure: nothing leads out of it but its return.
    fn closed(&mut self, n: usize, d: usize) {
        let labels = std::mem::take(&mut self.labels);
        let may_return = std::mem::replace(&mut self.may_return, false);
        self.scope(n, d);
        (self.labels, self.may_return) = (labels, may_return);
    }

    fn define(&mut self, ty: Ty, value: &str) -> String {
        let name = self.fresh();
        self.line(&format!("{name} := {value}; _ = {name}"));
        self.declare(&name, ty);
        name
    }

    fn statement(&mut self, d: usize) {
        match self.r.below(if d == 0 { 12 } else { 31 }) {
            0 | 1 => {
                let ty = self.ty(2);
                let name = self.name(&ty);
                if self.r.percent(20) {
                    let v = self.fresh();
                    self.line(&format!("var {v} {name}; _ = {v}"));
                    self.declare(&v, ty);
                } else {
                    let v = self.expr(&ty, 3);
                    self.define(ty, &format!("id[{name}]({v})"));
                }
            }
            2..=4 => self.assign(),
            5 => {
                if let Some(v) = self.variable() {
                    let hash = self.hash(&v.1, &v.0);
                    self.line(&format!("mix({hash})"));
                }
            }
            6 => self.assign_many(),
            7 => {
                let ty = self.ty(1);
                let v = self.expr(&ty, 3);
                let hash = self.hash(&ty, &v);
                self.line(&format!("mix({hash})"));
            }
            8 => self.op_assign(),
            9 => self.comma_ok(),
            10 => self.map_or_slice(),
            11 => self.leave(),
            12..=14 => {
                let cond = self.condition(3);
                self.line(&format!("if ({cond}) {{"));
                self.scope(2, d - 1);
                if self.r.percent(50) {
                    self.line("} else {");
                    self.scope(2, d - 1);
                }
                self.line("}");
            }
            15..=18 => self.looped(d - 1),
            19 => self.switch(d - 1),
            20 => self.type_switch(d - 1),
            21 | 22 => self.deferred(d - 1),
            23 => {
                self.line("func() {");
                self.line("defer func() { if e := recover(); e != nil { mix(hpanic(e)) } }()");
                self.closed(3, d - 1);
                self.line("}()");
            }
            24 => self.captured(d - 1),
            25 => self.goto(d - 1),
            26 => self.channel(),
            27 => self.select(d - 1),
            28 if !self.funcs.is_empty() => {
                let f = self.r.below(self.funcs.len());
                let results = self.funcs[f].results.clone();
                let call = self.call(f, 1);
                if results.is_empty() {
                    return self.line(&call);
                }
                let names: Vec<String> = results.iter().map(|_| self.fresh()).collect();
                let list = names.join(", ");
                let blanks = vec!["_"; names.len()].join(", ");
                self.line(&format!("{list} := {call}; {blanks} = {list}"));
                for (name, ty) in names.iter().zip(results) {
                    self.declare(name, ty);
                }
            }
            29 => self.faulty(),
            _ => {
                self.line("{");
                self.scope(3, d - 1);
                self.line("}");
            }
        }
    }

    fn variable(&mut self) -> Option<(String, Ty)> {
        let n = self.r.below(self.vars.len());
        self.vars.get(n).map(|v| (v.name.clone(), v.ty.clone()))
    }

    /// A place of some type: the type of a variable, or of one of its parts.
    fn place(&mut self) -> Option<(String, Ty)> {
        let (_, mut ty) = self.variable()?;
        while self.r.percent(50) {
            ty = match &ty {
                Ty::Struct(i) => {
                    let fields = &self.structs[*i].fields;
                    fields[self.r.below(fields.len())].clone()
                }
                Ty::Array(_, of) | Ty::Slice(of) | Ty::Ptr(of) | Ty::Map(_, of) => (**of).clone(),
                _ => break,
            };
        }
        Some((self.assignable_path(&ty)?, ty))
    }

    fn assign(&mut self) {
        let Some((place, ty)) = self.place() else { return };
        let v = self.expr(&ty, 3);
        self.line(&format!("{place} = {v}"));
    }

    fn assign_many(&mut self) {
        let (Some((a, t)), Some((b, u))) = (self.place(), self.place()) else { return };
        let (v, w) = if t == u && self.r.percent(60) {
            (b.clone(), a.clone())
        } else {
            (self.expr(&t, 2), self.expr(&u, 2))
        };
        self.line(&format!("{a}, {b} = {v}, {w}"));
    }

    fn op_assign(&mut self) {
        let ty = if self.r.percent(80) { self.int() } else { Ty::Str };
        let Some(place) = self.assignable_path(&ty) else { return };
        if ty == Ty::Str {
            let v = self.expr(&ty, 2);
            return self.line(&format!("{place} += clips({v}); {place} = clips({place})"));
        }
        let op =
            self.r.pick(&["+=", "-=", "*=", "&=", "|=", "^=", "&^=", "<<=", ">>=", "/=", "%=", "++", "--"]);
        let v = match op {
            "++" | "--" => String::new(),
            "<<=" | ">>=" => format!("({}&15)", self.expr(&Ty::Int(5), 2)),
            _ => self.expr(&ty, 2),
        };
        self.line(&format!("{place} {op} {v}"));
    }

    fn comma_ok(&mut self) {
        let ty = self.ty(1);
        let (value, name) = (self.expr(&Ty::Any, 2), self.name(&ty));
        let (v, ok) = (self.fresh(), self.fresh());
        self.line(&format!("{v}, {ok} := {value}.({name}); _, _ = {v}, {ok}"));
        self.declare(&v, ty);
        self.declare(&ok, Ty::Bool);
    }

    fn map_or_slice(&mut self) {
        let Some((place, ty)) = self.place() else { return };
        match &ty {
            Ty::Map(key, of) => {
                let key = self.expr(key, 2);
                match self.r.below(4) {
                    0 => self.line(&format!("delete({place}, {key})")),
                    1 => self.line(&format!("clear({place})")),
                    _ => {
                        let v = self.expr(of, 2);
                        self.line(&format!("if {place} != nil {{ {place}[{key}] = {v} }}"));
                    }
                }
            }
            Ty::Slice(_) => {
                let v = self.expr(&ty, 2);
                self.line(&format!("mix(uint64(copy({place}, {v})))"));
            }
            _ => {
                let v = self.expr(&ty, 2);
                self.line(&format!("{place} = {v}"));
            }
        }
    }

    /// break, continue, return, panic.
    fn leave(&mut self) {
        let cond = self.condition(2);
        let what = match self.r.below(4) {
            0 if self.may_return => {
                let results = self.results.clone();
                let values: Vec<String> = results.iter().map(|t| self.expr(t, 2)).collect();
                format!("return {}", values.join(", "))
            }
            1 => {
                let value = self.r.pick(&["\"p\"", "7", "uint8(3)", "any(nil)", "N8(1)", "1.5"]);
                format!("panic({value})")
            }
            _ if !self.labels.is_empty() => {
                let label = self.labels[self.r.below(self.labels.len())].clone();
                format!("{} {label}", self.r.pick(&["break", "continue"]))
            }
            _ => return,
        };
        self.line(&format!("if ({cond}) {{ {what} }}"));
    }

    fn looped(&mut self, d: usize) {
        let label = format!("L{}", self.names);
        let (i, v) = (self.fresh(), self.fresh());
        let vars = self.vars.len();
        let n = self.r.range(1, 8);
        let (head, first, second) = match self.r.below(9) {
            0 => (format!("for {i} := {n}; {i} > 0; {i}--"), Some(INT), None),
            1 => {
                let (ty, step) = (self.int(), self.r.range(1, 30));
                let (name, to) = (self.name(&ty), self.r.range(30, 120));
                (format!("for {i} := {name}(0); {i} < {to}; {i} += {step}"), Some(ty), None)
            }
            2 => {
                let ty = self.int();
                (format!("for {i} := range {}({n})", self.name(&ty)), Some(ty), None)
            }
            3 => {
                let s = self.expr(&Ty::Str, 2);
                (format!("for {i}, {v} := range ({s})"), Some(INT), Some(RUNE))
            }
            4 => {
                let ty = self.ty(1);
                let s = self.expr(&ty.clone().slice(), 2);
                (format!("for {i}, {v} := range each({s})"), Some(INT), Some(ty))
            }
            5 => (format!("for {i} := range upto({n})"), Some(INT), None),
            6 => {
                let ty = self.ty(1);
                let array = Ty::Array(self.r.range(1, 5), Box::new(ty.clone()));
                let s = self.expr(&array, 2);
                (format!("for {i}, {v} := range ({s})"), Some(INT), Some(ty))
            }
            _ => {
                let ty = self.ty(1);
                let s = self.expr(&ty.clone().slice(), 2);
                (format!("for {i}, {v} := range ({s})"), Some(INT), Some(ty))
            }
        };
        self.line(&format!("{label}:\n\t{head} {{"));
        self.line("if fuel--; fuel < 0 { break }");
        for (name, ty) in [(i, first), (v, second)] {
            if let Some(ty) = ty {
                self.line(&format!("_ = {name}"));
                self.declare(&name, ty);
            }
        }
        let cond = self.condition(2);
        self.line(&format!("if ({cond}) {{ continue {label} }}"));
        self.labels.push(label);
        self.scope(3, d);
        self.labels.pop();
        self.vars.truncate(vars);
        self.line("}");
    }

    fn switch(&mut self, d: usize) {
        let ty = match self.r.below(4) {
            0 => Ty::Str,
            1 => Ty::Bool,
            _ => self.int(),
        };
        let on = self.expr(&ty, 2);
        self.line(&format!("switch ({on}) {{"));
        let cases = self.r.range(1, 6);
        for i in 0..cases {
            let values: Vec<String> = (0..self.r.range(1, 3)).map(|_| self.expr(&ty, 1)).collect();
            self.line(&format!("case {}:", values.join(", ")));
            self.scope(2, d);
            if i + 1 < cases && self.r.percent(20) {
                self.line("fallthrough");
            }
        }
        if self.r.percent(50) {
            self.line("default:");
            self.scope(2, d);
        }
        self.line("}");
        // Constant cases become a jump table.
        let on = self.expr(&INT, 2);
        self.line(&format!("switch ({on}) & 15 {{"));
        for i in 0..self.r.range(2, 12) {
            self.line(&format!("case {i}: mix({})", i * 7));
        }
        self.line("}");
    }

    fn type_switch(&mut self, d: usize) {
        let on = self.expr(&Ty::Any, 2);
        let v = self.fresh();
        self.line(&format!("switch {v} := ({on}).(type) {{"));
        let mut seen = Vec::new();
        for _ in 0..self.r.range(1, 6) {
            let ty = if self.r.percent(15) { Ty::Iface } else { self.ty(1) };
            let name = self.name(&ty);
            if ty == Ty::Any || seen.contains(&name) {
                continue;
            }
            self.line(&format!("case {name}:"));
            seen.push(name);
            let vars = self.vars.len();
            self.declare(&v, ty);
            self.line(&format!("_ = {v}"));
            self.scope(2, d);
            self.vars.truncate(vars);
        }
        self.line(&format!("default: mix(hany({v}))"));
        self.line("}");
    }

    fn deferred(&mut self, d: usize) {
        if self.r.percent(40) {
            let ty = self.ty(1);
            let v = self.expr(&ty, 2);
            let (p, name) = (self.fresh(), self.name(&ty));
            self.line(&format!("defer func({p} {name}) {{"));
            let vars = self.vars.len();
            self.declare(&p, ty);
            self.closed(2, d);
            self.vars.truncate(vars);
            return self.line(&format!("}}({v})"));
        }
        self.line("defer func() {");
        if self.r.percent(60) {
            self.line("if e := recover(); e != nil { mix(hpanic(e)) }");
        }
        self.closed(2, d);
        self.line("}()");
    }

    /// Closures over a loop's variable, called behind the loop.
    fn captured(&mut self, d: usize) {
        let (fs, i, f) = (self.fresh(), self.fresh(), self.fresh());
        let n = self.r.range(2, 5);
        self.line(&format!("var {fs} []func(int) int"));
        self.line(&format!("for {i} := 0; {i} < {n}; {i}++ {{"));
        let vars = self.vars.len();
        self.declare(&i, INT);
        if self.r.percent(50) {
            self.line(&format!("{fs} = append({fs}, I(N8({i})).M)"));
        }
        self.line(&format!("{fs} = append({fs}, func(x int) int {{"));
        self.declare("x", INT);
        self.closed(1, d.min(1));
        let v = self.expr(&INT, 2);
        self.line(&format!("{i}++; return x + {i}*3 ^ {v} }})"));
        self.vars.truncate(vars);
        self.line("}");
        self.line(&format!("for _, {f} := range {fs} {{ mix(uint64({f}(1))) }}"));
    }

    fn goto(&mut self, d: usize) {
        let (label, n) = (format!("G{}", self.names), self.fresh());
        self.line("{");
        self.line(&format!("{n} := 0"));
        self.line(&format!("{label}:"));
        self.line("{");
        self.scope(2, d);
        self.line("}");
        let cond = self.condition(2);
        let times = self.r.range(1, 5);
        self.line(&format!("if {n}++; {n} < {times} && ({cond}) {{ goto {label} }}"));
        self.line("}");
    }

    /// One operation that may panic, and in which way.
    fn faulty(&mut self) {
        let (i, j, k) = (self.fresh(), self.fresh(), self.fresh());
        let ty = self.ty(1);
        let (s, t) = (self.expr(&ty.clone().slice(), 2), self.expr(&Ty::Str, 2));
        let name = self.name(&ty);
        let int = self.int();
        let (x, y) = (self.expr(&int, 2), self.expr(&int, 2));
        let (n, any) = (self.expr(&INT, 2), self.expr(&Ty::Any, 2));
        self.line(&format!("{{\n\t{i}, {j}, {k}, n, s, t, a := {x}, {y}, {n} & 7, {n}, {s}, {t}, {any}"));
        let fault = match self.r.below(12) {
            0 => format!("mix(uint64({i} / {j}))"),
            1 => format!("mix(uint64({i} % {j}))"),
            2 => format!("_ = s[{i}]"),
            3 => format!("_ = s[{k}]"),
            4 => format!("mix(uint64(t[{i}]))"),
            5 => format!("mix(uint64(len(s[{k}:{i}])))"),
            6 => format!("mix(uint64(cap(s[:{k}:{j}])))"),
            7 => format!("mix(uint64({i} << n))"),
            8 => format!("_ = [3]{name}(s)"),
            9 => format!("mix(hstring(t[{i}:{j}]))"),
            10 => format!("_ = make([]{name}, {k} - 3, {k})"),
            _ => format!("_ = a.({name})"),
        };
        self.line(&format!("_, _, _, _, _, _, _ = {i}, {j}, {k}, n, s, t, a"));
        self.line(&format!("func() {{ defer func() {{ mix(htext(recover())) }}(); {fault} }}()\n\t}}"));
    }

    /// A goroutine that sums up what it is sent.
    fn channel(&mut self) {
        let ty = self.ty(1);
        let (ch, done, i) = (self.fresh(), self.fresh(), self.fresh());
        let (name, size, n) = (self.name(&ty), self.r.below(3), self.r.range(1, 5));
        let hash = self.hash(&ty, "v");
        self.line(&format!("{ch}, {done} := make(chan {name}, {size}), make(chan uint64)"));
        self.line(&format!(
            "go func() {{ var a uint64; for v := range {ch} {{ a = a*31 + {hash} }}; {done} <- a }}()"
        ));
        self.line(&format!("for {i} := range {n} {{ _ = {i}"));
        let vars = self.vars.len();
        self.declare(&i, INT);
        let v = self.expr(&ty, 2);
        self.vars.truncate(vars);
        self.line(&format!("{ch} <- {v}"));
        self.line("}");
        self.line(&format!("close({ch}); mix(<-{done})"));
    }

    fn select(&mut self, d: usize) {
        let (t, u) = (self.ty(1), self.ty(1));
        let (a, b, v) = (self.fresh(), self.fresh(), self.fresh());
        let cond = self.condition(2);
        let (x, y) = (self.expr(&t, 2), self.expr(&u, 2));
        let (t_name, u_name) = (self.name(&t), self.name(&u));
        self.line(&format!("{a}, {b} := make(chan {t_name}, 1), make(chan {u_name}, 1)"));
        self.line(&format!("if ({cond}) {{ {a} <- {x} }} else {{ {b} <- {y} }}"));
        for default in ["", "default: mix(5)"] {
            self.line("select {");
            for (ch, ty, ok) in [(&a, &t, false), (&b, &u, true)] {
                let (list, use_ok) = if ok { (", ok", "; mix(hbool(ok))") } else { ("", "") };
                self.line(&format!("case {v}{list} := <-{ch}: _ = {v}{use_ok}"));
                let vars = self.vars.len();
                self.declare(&v, ty.clone());
                self.scope(1, d);
                self.vars.truncate(vars);
            }
            self.line(default);
            self.line("}");
        }
    }
}
