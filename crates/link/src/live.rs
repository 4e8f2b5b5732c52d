//! What a program needs: everything reached from its roots, and those methods of reached types that
//! some interface call may name or reflection may find (as `cmd/link/internal/ld/deadcode.go`).

use crate::LinkError;
use crate::symbols::{Def, DefId, Table, Target};
use goxide_abi::module::{FUNC_REFLECT_METHOD, GO_HOOKS};
use goxide_abi::object::{Reloc, RelocKind};
use rustc_hash::FxHashSet;

/// Live symbols in the order of their definition.
pub struct Live {
    pub defs: Vec<DefId>,
    is_live: Vec<bool>,
}

impl Live {
    pub fn contains(&self, id: DefId) -> bool {
        self.is_live[id.0 as usize]
    }
}

/// The method's name in the symbol of a method's code: `main.(*T).Get` → `Get`.
fn method_of(symbol: &str) -> &str {
    symbol.rsplit('.').next().unwrap_or(symbol)
}

/// Methods that interfaces may call.
#[derive(Default)]
struct Called<'a> {
    /// Name and signature.
    methods: FxHashSet<(&'a str, &'a str)>,
    /// Those that reflection looks for, whatever their signature.
    names: FxHashSet<&'a str>,
}

/// An entry of a type's method table: its function type, and its code in two forms.
struct Method<'a> {
    object: usize,
    from: &'a str,
    relocs: &'a [Reloc],
}

struct Marker<'t, 'a> {
    table: &'t Table<'a>,
    called: Called<'a>,
    is_live: Vec<bool>,
    work: Vec<DefId>,
    /// Some live function calls methods by reflection.
    reflects: bool,
    /// Methods of live types that nobody calls yet.
    dormant: Vec<Method<'a>>,
    /// Symbols that nobody defines, and where they are referred to.
    undefined: Vec<(String, String)>,
}

pub fn mark(table: &Table<'_>) -> Result<Live, LinkError> {
    let mut called = Called::default();
    for (name, signature) in table.objects.iter().flat_map(|o| &o.used_methods) {
        match &**signature {
            "" => called.names.insert(&**name),
            signature => called.methods.insert((&**name, signature)),
        };
    }
    let mut work = vec![table.find("main.main").ok_or(LinkError::NoMain)?];
    work.extend(GO_HOOKS.iter().filter_map(|hook| table.find(hook)));
    for (index, object) in table.objects.iter().enumerate() {
        if let Some(task) = object.init_task
            && let Target::Def(def) = table.target(index, task)
        {
            work.push(def);
        }
    }
    let is_live = vec![false; table.defs.len()];
    let mut m =
        Marker { table, called, is_live, work, reflects: false, dormant: Vec::new(), undefined: Vec::new() };
    m.run();
    if !m.undefined.is_empty() {
        return Err(LinkError::Undefined(m.undefined));
    }
    let is_live = m.is_live;
    let defs = (0..table.defs.len() as u32).map(DefId).filter(|id| is_live[id.0 as usize]).collect();
    Ok(Live { defs, is_live })
}

impl<'a> Marker<'_, 'a> {
    fn run(&mut self) {
        loop {
            while let Some(id) = self.work.pop() {
                if !std::mem::replace(&mut self.is_live[id.0 as usize], true) {
                    self.scan(id);
                }
            }
            let (kept, dormant) =
                std::mem::take(&mut self.dormant).into_iter().partition::<Vec<_>, _>(|m| self.is_called(m));
            self.dormant = dormant;
            if kept.is_empty() {
                return;
            }
            for m in kept {
                for reloc in m.relocs {
                    self.reach(m.object, m.from, reloc);
                }
            }
        }
    }

    fn scan(&mut self, id: DefId) {
        let table = self.table;
        let &Def { object, symbol, name } = table.def(id);
        self.reflects |= symbol.func.as_ref().is_some_and(|f| f.flags & FUNC_REFLECT_METHOD != 0);
        let mut relocs = symbol.relocs.as_slice();
        while let [reloc, rest @ ..] = relocs {
            match relocs {
                [mtyp, ifn, tfn, behind @ ..]
                    if mtyp.weak && ifn.weak && tfn.weak && ifn.kind == RelocKind::TextOff =>
                {
                    self.dormant.push(Method { object, from: name, relocs: &relocs[..3] });
                    relocs = behind;
                    continue;
                }
                _ if !reloc.weak => self.reach(object, name, reloc),
                _ => {}
            }
            relocs = rest;
        }
    }

    fn is_called(&self, m: &Method<'_>) -> bool {
        let name = method_of(self.table.name(m.object, m.relocs[1].target));
        let exported = name.chars().next().is_some_and(char::is_uppercase);
        let typ = self.table.name(m.object, m.relocs[0].target);
        let signature = typ.strip_prefix("type:").unwrap_or(typ);
        exported && self.reflects
            || self.called.names.contains(name)
            || self.called.methods.contains(&(name, signature))
    }

    fn reach(&mut self, object: usize, from: &str, reloc: &Reloc) {
        match self.table.target(object, reloc.target) {
            Target::Def(target) if !self.is_live[target.0 as usize] => self.work.push(target),
            Target::Def(_) | Target::Runtime(_) => {}
            Target::Undefined => {
                let name = self.table.name(object, reloc.target);
                if self.undefined.iter().all(|(n, _)| n != name) {
                    self.undefined.push((name.into(), from.into()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_methods_name_is_behind_the_last_dot() {
        assert_eq!(super::method_of("a/b.c.(*T).Get"), "Get");
        assert_eq!(super::method_of("Get"), "Get");
    }
}
