//! One definition for each name, over all objects and the runtime.

use crate::LinkError;
use crate::image::Runtime;
use goxide_abi::object::{Object, SymId, Symbol, Text};
use rustc_hash::FxHashMap;

/// A symbol defined by an object: an index into [`Table::defs`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DefId(pub u32);

pub struct Def<'a> {
    pub object: usize,
    pub symbol: &'a Symbol<'a>,
    pub name: &'a str,
}

/// What a name in some object stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Def(DefId),
    /// An address in the runtime.
    Runtime(u64),
    Undefined,
}

pub struct Table<'a> {
    pub objects: &'a [&'a Object<'a>],
    pub defs: Vec<Def<'a>>,
    by_name: FxHashMap<&'a str, DefId>,
    /// By object and name index.
    targets: Vec<Vec<Target>>,
}

impl<'a> Table<'a> {
    /// The first object's definitions go before those of the others.
    pub fn build(objects: &'a [&'a Object<'a>], runtime: &'a Runtime<'a>) -> Result<Table<'a>, LinkError> {
        let given = 0;
        let mut defs: Vec<Def<'a>> = Vec::new();
        let mut by_name: FxHashMap<&str, DefId> = FxHashMap::default();
        for (index, object) in objects.iter().enumerate() {
            for symbol in &object.symbols {
                let name = &*object.names[symbol.name.0 as usize];
                if let Some(&first) = by_name.get(name) {
                    let first = &defs[first.0 as usize];
                    if first.object != given && !(symbol.dupok && first.symbol.dupok) {
                        return Err(LinkError::Duplicate {
                            name: name.into(),
                            first: objects[first.object].package.to_string(),
                            second: object.package.to_string(),
                        });
                    }
                    continue;
                }
                by_name.insert(name, DefId(defs.len() as u32));
                defs.push(Def { object: index, symbol, name });
            }
        }
        let resolve = |name: &Text<'a>| match by_name.get(&**name) {
            Some(&def) => Target::Def(def),
            None => runtime.by_name.get(&**name).map_or(Target::Undefined, |&a| Target::Runtime(a)),
        };
        let targets = objects.iter().map(|o| o.names.iter().map(resolve).collect()).collect();
        Ok(Table { objects, defs, by_name, targets })
    }

    pub fn def(&self, id: DefId) -> &Def<'a> {
        &self.defs[id.0 as usize]
    }

    pub fn find(&self, name: &str) -> Option<DefId> {
        self.by_name.get(name).copied()
    }

    pub fn target(&self, object: usize, name: SymId) -> Target {
        self.targets[object][name.0 as usize]
    }

    pub fn name(&self, object: usize, name: SymId) -> &'a str {
        &self.objects[object].names[name.0 as usize]
    }
}
