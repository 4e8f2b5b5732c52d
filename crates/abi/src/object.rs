//! The object of one package, as the cache keeps it and the linker reads it.

use serde::{Deserialize, Serialize};
use std::borrow::{Cow, ToOwned};
use std::ops::Deref;
use std::string::String;
use std::vec::Vec;

/// Behind a function's name: its code in the convention of Go's assembly, arguments and results on the stack.
pub const ABI0: &str = "·abi0";
/// Behind a function's name: a function that calls it with the arguments in ABI0 that it is given the address of, and
/// puts the results there.
pub const ABI0_ARGS: &str = "·abi0args";

/// Text that an object has of its own, or that stands in the file it was read from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text(Cow::Owned(text))
    }
}

impl From<&str> for Text<'_> {
    fn from(text: &str) -> Self {
        Text(Cow::Owned(text.to_owned()))
    }
}

/// Names a symbol in its object's `names`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct SymId(pub u32);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Section {
    Text,
    /// Type descriptors and names: NameOff and TypeOff count from this section's start.
    Types,
    /// Constants: strings, static closures, itabs, tables.
    Rodata,
    /// Initialized variables with pointers: GC roots.
    Data,
    NoptrData,
    /// Zeroed variables with pointers: GC roots.
    Bss,
    NoptrBss,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RelocKind {
    /// 8 bytes: address of the symbol plus addend.
    Abs8,
    /// 4 bytes: the same, unsigned.
    Abs4,
    /// 4 bytes: symbol + addend − place. (Addend is −4 for x86 instructions that end there.)
    Pc4,
    /// 4 bytes: symbol + addend − start of the types section; 0 where the symbol is not linked in
    /// ([`Reloc::weak`]).
    TypeOff,
    /// 4 bytes: symbol + addend − start of text; −1 where it is not linked in.
    TextOff,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reloc {
    pub offset: u32,
    pub kind: RelocKind,
    pub target: SymId,
    pub addend: i64,
    /// Does not by itself keep the target alive.
    pub weak: bool,
}

/// What the tables say of a function; see [`crate::module::FuncInfo`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FuncMeta {
    /// Where in a line of the cache (64 bytes) the bytes should begin; `None`: anywhere.
    pub place: Option<u8>,
    /// Offset of the first instruction behind alignment padding: where calls go.
    pub entry: u32,
    pub frame_size: u32,
    pub start_line: u32,
    pub flags: u8,
    /// Of assembly: the words of arguments and results; `u16::MAX`: not known.
    pub args_words: u16,
    pub landing_pad: u32,
    pub landing_frame: u32,
    pub defer_mode: u8,
    pub defer_offset: i32,
    /// (offset of code, index into `locs`), ascending.
    pub lines: Vec<(u32, u32)>,
    /// Element 0 is "none".
    pub locs: Vec<Loc>,
    /// See [`crate::frames`]; empty: the frame is scanned whole.
    pub frames: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Loc {
    pub parent: u32,
    /// Indices into [`Object::strings`].
    pub func: u32,
    pub file: u32,
    pub line: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Symbol<'a> {
    pub name: SymId,
    pub section: Section,
    pub align: u32,
    /// Empty in Bss and NoptrBss.
    #[serde(borrow)]
    pub bytes: Cow<'a, [u8]>,
    pub size: u64,
    pub relocs: Vec<Reloc>,
    /// May stand in several objects; the linker takes the first.
    pub dupok: bool,
    pub func: Option<FuncMeta>,
}

/// One compiled package.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Object<'a> {
    #[serde(borrow)]
    pub package: Text<'a>,
    pub imports: Vec<Text<'a>>,
    /// Every symbol that is defined or referred to, by [`SymId`].
    pub names: Vec<Text<'a>>,
    /// Function and file names of the line tables.
    pub strings: Vec<Text<'a>>,
    pub symbols: Vec<Symbol<'a>>,
    /// Symbol of the package's init task (functions in order), if it has one.
    pub init_task: Option<SymId>,
    /// Itabs and type descriptors made here are found by their symbol names: `go:itab.` and `type:`.
    /// Methods that an interface of this package may call, so that the linker keeps those methods of
    /// types converted to interfaces: (name, signature string).
    pub used_methods: Vec<(Text<'a>, Text<'a>)>,
    /// Package variables and the symbols of their types, if these have names, for the linker's `-X`.
    pub vars: Vec<(SymId, Text<'a>)>,
}
