//! One package in SSA form: functions and data, and the names of both.

use crate::ir::Func;
use goxide_abi::object::{RelocKind, Section};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A linker symbol, by its index in [`Module::names`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Sym(pub u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataReloc {
    pub offset: u32,
    pub kind: RelocKind,
    pub target: Sym,
    pub addend: i64,
    pub weak: bool,
}

/// A symbol of data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub name: Sym,
    pub section: Section,
    pub align: u32,
    /// Empty in the Bss sections.
    pub bytes: Vec<u8>,
    pub size: u64,
    pub relocs: Vec<DataReloc>,
    pub dupok: bool,
}

/// A package.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Module {
    /// Import path (`main` for a command).
    pub package: String,
    pub imports: Vec<String>,
    pub names: Vec<String>,
    #[serde(skip)]
    by_name: FxHashMap<String, Sym>,
    /// Function and file names of locations.
    pub strings: Vec<String>,
    #[serde(skip)]
    by_string: FxHashMap<String, u32>,
    pub funcs: Vec<Func>,
    pub data: Vec<Data>,
    pub init_task: Option<Sym>,
    /// See `abi::object::Object::used_methods`.
    pub used_methods: Vec<(String, String)>,
    /// See `abi::object::Object::vars`.
    pub vars: Vec<(Sym, String)>,
    /// Functions without a body in Go that keep nothing of what they are given (`//go:noescape`).
    pub noescape: Vec<Sym>,
}

impl Module {
    pub fn new(package: &str) -> Module {
        Module { package: package.into(), ..Module::default() }
    }

    pub fn sym(&mut self, name: &str) -> Sym {
        if let Some(&sym) = self.by_name.get(name) {
            return sym;
        }
        let sym = Sym(self.names.len() as u32);
        self.names.push(name.into());
        self.by_name.insert(name.into(), sym);
        sym
    }

    pub fn find_sym(&self, name: &str) -> Option<Sym> {
        self.by_name.get(name).copied()
    }

    pub fn name(&self, sym: Sym) -> &str {
        &self.names[sym.0 as usize]
    }

    pub fn string(&mut self, text: &str) -> u32 {
        if let Some(&index) = self.by_string.get(text) {
            return index;
        }
        let index = self.strings.len() as u32;
        self.strings.push(text.into());
        self.by_string.insert(text.into(), index);
        index
    }
}
