//! What is known of type descriptors and itabs: those of the package, and those that came with the bodies of
//! other packages.

use crate::module::{Data, Module, Sym};
use goxide_abi::layout::ITAB_TYPE;
use goxide_abi::object::RelocKind;
use goxide_abi::typ::{Kind, TFLAG_UNCOMMON, TYPE_KIND, TYPE_SIZE, TYPE_TFLAG};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

pub const ITAB_PREFIX: &str = "go:itab.";
pub const TYPE_PREFIX: &str = "type:";

/// `abi.Type`, with which each descriptor begins; the form of its kind stands behind.
const HEADER_BYTES: usize = size_of::<goxide_abi::typ::Type>();
/// `abi.Method` and `abi.Imethod`
const METHOD_BYTES: usize = 16;
const IMETHOD_BYTES: usize = 8;

/// A method of a type, or one that an interface asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Method {
    name: Sym,
    typ: Sym,
    /// What an itab has of it.
    code: Option<Sym>,
}

/// What is known of one type or itab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Of a type.
    size: Option<u32>,
    methods: Vec<Method>,
    /// Of an itab: the symbols in its words, by offset.
    words: Vec<(i32, Sym)>,
}

impl Known {
    /// The symbols that it names, to be given other numbers.
    pub fn syms_mut(&mut self) -> impl Iterator<Item = &mut Sym> {
        let methods =
            self.methods.iter_mut().flat_map(|m| [&mut m.name, &mut m.typ].into_iter().chain(&mut m.code));
        methods.chain(self.words.iter_mut().map(|(_, sym)| sym))
    }

    /// The type that an itab is of.
    pub fn itab_type(&self) -> Option<Sym> {
        self.word(ITAB_TYPE)
    }

    fn word(&self, offset: i32) -> Option<Sym> {
        self.words.iter().find(|(at, _)| *at == offset).map(|&(_, sym)| sym)
    }

    fn of_itab(data: &Data) -> Known {
        let whole = data.relocs.iter().filter(|r| r.kind == RelocKind::Abs8 && r.addend == 0);
        Known { words: whole.map(|r| (r.offset as i32, r.target)).collect(), ..Known::default() }
    }

    fn of_type(data: &Data) -> Option<Known> {
        let methods = methods(data).unwrap_or_default();
        Some(Known { size: type_size(data), methods, words: Vec::new() })
    }
}

fn type_size(data: &Data) -> Option<u32> {
    word(data, TYPE_SIZE)?.try_into().ok()
}

fn word(data: &Data, at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(data.bytes.get(at..at + 8)?.try_into().ok()?))
}

/// The method table of a descriptor; `None` where it has none.
fn methods(data: &Data) -> Option<Vec<Method>> {
    let target: FxHashMap<u32, &crate::module::DataReloc> =
        data.relocs.iter().map(|r| (r.offset, r)).collect();
    let at = |offset: usize| target.get(&(offset as u32)).map(|r| r.target);
    let kind = *data.bytes.get(TYPE_KIND)?;
    if kind == Kind::Interface as u8 {
        // The package's path, then the slice of methods.
        let begin = target.get(&(HEADER_BYTES as u32 + 8)).filter(|r| r.target == data.name)?.addend as usize;
        let len = word(data, HEADER_BYTES + 16)? as usize;
        let method = |i| {
            let from = begin + i * IMETHOD_BYTES;
            Some(Method { name: at(from)?, typ: at(from + 4)?, code: None })
        };
        return (0..len).map(method).collect();
    }
    if data.bytes.get(TYPE_TFLAG)? & TFLAG_UNCOMMON == 0 {
        return None;
    }
    let uncommon = HEADER_BYTES
        + match kind {
            k if k == Kind::Struct as u8 => 32,
            k if k == Kind::Pointer as u8 || k == Kind::Slice as u8 || k == Kind::Func as u8 => 8,
            k if k == Kind::Array as u8 => 24,
            k if k == Kind::Chan as u8 => 16,
            // The table of a map's methods is not looked for.
            k if k == Kind::Map as u8 => return None,
            _ => 0,
        };
    // `abi.UncommonType`: PkgPath, Mcount, Xcount, Moff
    let count = u16::from_le_bytes(data.bytes.get(uncommon + 4..uncommon + 6)?.try_into().ok()?);
    let begin = u32::from_le_bytes(data.bytes.get(uncommon + 8..uncommon + 12)?.try_into().ok()?);
    let method = |i| {
        let from = uncommon + begin as usize + i * METHOD_BYTES;
        Some(Method { name: at(from)?, typ: at(from + 4)?, code: Some(at(from + 8)?) })
    };
    (0..count.into()).map(method).collect()
}

#[derive(Debug, Default)]
pub struct DataIndex {
    /// In the module's data.
    own: FxHashMap<Sym, u32>,
    imported: FxHashMap<Sym, Known>,
}

impl DataIndex {
    pub fn new(module: &Module) -> DataIndex {
        let own = module.data.iter().enumerate().map(|(i, d)| (d.name, i as u32)).collect();
        DataIndex { own, imported: FxHashMap::default() }
    }

    pub fn add(&mut self, sym: Sym, known: Known) {
        self.imported.insert(sym, known);
    }

    /// What is known of a type or itab.
    pub fn known(&self, module: &Module, sym: Sym) -> Option<Known> {
        let name = module.name(sym);
        let own = self.own.get(&sym).map(|&i| &module.data[i as usize]);
        if name.starts_with(ITAB_PREFIX) {
            own.map(Known::of_itab).or_else(|| self.imported.get(&sym).cloned())
        } else if name.starts_with(TYPE_PREFIX) {
            own.and_then(Known::of_type).or_else(|| self.imported.get(&sym).cloned())
        } else {
            None
        }
    }

    /// The size of the type whose descriptor a symbol is, if that is known here.
    pub fn size_of(&self, module: &Module, typ: Sym) -> Option<u32> {
        if !module.name(typ).starts_with(TYPE_PREFIX) {
            return None;
        }
        match self.own.get(&typ) {
            Some(&i) => type_size(&module.data[i as usize]),
            None => self.imported.get(&typ)?.size,
        }
    }

    /// The symbol whose address stands in an itab.
    pub fn itab_word(&self, module: &Module, itab: Sym, offset: i32) -> Option<Sym> {
        self.known(module, itab)?.word(offset)
    }

    /// The code of the methods that an interface asks for, in its order, if it is known that a type has them all.
    pub fn implementation(&self, module: &Module, interface: Sym, typ: Sym) -> Option<Vec<Sym>> {
        let wanted = self.known(module, interface)?.methods;
        let has = self.known(module, typ)?.methods;
        let code = |m: &Method| has.iter().find(|h| h.name == m.name && h.typ == m.typ)?.code;
        wanted.iter().map(code).collect()
    }
}
