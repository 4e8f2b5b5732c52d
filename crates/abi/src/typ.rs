//! Type descriptors, bit for bit as GOROOT's `internal/abi/type.go` has them in Go 1.27 (D8).
//!
//! `NameOff` and `TypeOff` are offsets from the start of the module's types section
//! ([`crate::module::ModuleData::types`]), `TextOff` from the start of its text.

/// `abi.Kind`; the numbers are Go's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Invalid,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    Array,
    Chan,
    Func,
    Interface,
    Map,
    Pointer,
    Slice,
    String,
    Struct,
    UnsafePointer,
}

pub const TFLAG_UNCOMMON: u8 = 1 << 0;
pub const TFLAG_EXTRA_STAR: u8 = 1 << 1;
pub const TFLAG_NAMED: u8 = 1 << 2;
pub const TFLAG_REGULAR_MEMORY: u8 = 1 << 3;
/// `gcdata` is the address of a zeroed word; the runtime makes the mask on demand by walking the
/// type. Set where the mask would exceed [`MAX_PTRMASK_BYTES`].
pub const TFLAG_GC_MASK_ON_DEMAND: u8 = 1 << 4;
/// The value is stored in an interface's data word itself (pointers, channels, maps, functions, and
/// structs and arrays of just one such).
pub const TFLAG_DIRECT_IFACE: u8 = 1 << 5;
pub const MAX_PTRMASK_BYTES: usize = 16;

/// `abi.Type`
#[repr(C)]
pub struct Type {
    pub size: usize,
    /// Bytes of the prefix that can contain pointers.
    pub ptr_bytes: usize,
    pub hash: u32,
    pub tflag: u8,
    pub align: u8,
    pub field_align: u8,
    pub kind: u8,
    /// A function value `func(p, q unsafe.Pointer) bool`; nil: not comparable.
    pub equal: usize,
    /// One bit a word, 1 for a pointer.
    pub gcdata: *const u8,
    pub str: i32,
    pub ptr_to_this: i32,
}
const _: () = assert!(size_of::<Type>() == 48);

pub const TYPE_SIZE: usize = 0;
pub const TYPE_PTR_BYTES: usize = 8;
pub const TYPE_HASH: usize = 16;
pub const TYPE_TFLAG: usize = 20;
pub const TYPE_KIND: usize = 23;
