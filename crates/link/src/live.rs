//! What a program needs: everything reached from its roots by strong relocations, and those methods
//! of reached types that some interface call may name.

use crate::LinkError;
use crate::symbols::{DefId, Table, Target};
use goxide_abi::module::GO_HOOKS;
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

pub fn mark(table: &Table<'_>) -> Result<Live, LinkError> {
    let called: FxHashSet<&str> =
        table.objects.iter().flat_map(|o| &o.used_methods).map(|(name, _)| name.as_str()).collect();
    let mut is_live = vec![false; table.defs.len()];
    let mut work = vec![table.find("main.main").ok_or(LinkError::NoMain)?];
    work.extend(GO_HOOKS.iter().filter_map(|hook| table.find(hook)));
    for (index, object) in table.objects.iter().enumerate() {
        if let Some(task) = object.init_task
            && let Target::Def(def) = table.target(index, task)
        {
            work.push(def);
        }
    }
    while let Some(id) = work.pop() {
        if std::mem::replace(&mut is_live[id.0 as usize], true) {
            continue;
        }
        let def = table.def(id);
        for reloc in &def.symbol.relocs {
            let name = table.name(def.object, reloc.target);
            if reloc.weak && !called.contains(method_of(name)) {
                continue;
            }
            match table.target(def.object, reloc.target) {
                Target::Def(target) if !is_live[target.0 as usize] => work.push(target),
                Target::Def(_) | Target::Runtime(_) => {}
                Target::Undefined => {
                    return Err(LinkError::Undefined { name: name.into(), from: def.name.into() });
                }
            }
        }
    }
    let defs = (0..table.defs.len() as u32).map(DefId).filter(|id| is_live[id.0 as usize]).collect();
    Ok(Live { defs, is_live })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_methods_name_is_behind_the_last_dot() {
        assert_eq!(super::method_of("a/b.c.(*T).Get"), "Get");
        assert_eq!(super::method_of("Get"), "Get");
    }
}
