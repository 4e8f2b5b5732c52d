//! Reading type descriptors: what stands behind `abi::typ::Type` for each kind, names, methods. Runs
//! on any stack, takes no locks, allocates nothing.

use goxide_abi::typ::{Kind, TFLAG_DIRECT_IFACE, TFLAG_EXTRA_STAR, TFLAG_UNCOMMON, Type};

#[repr(C)]
pub struct ArrayType {
    pub typ: Type,
    pub elem: *const Type,
    pub slice: *const Type,
    pub len: usize,
}

#[repr(C)]
pub struct StructType {
    pub typ: Type,
    pub pkg_path: Name,
    pub fields: *const StructField,
    pub nfields: usize,
    fields_cap: usize,
}

#[repr(C)]
pub struct StructField {
    pub name: Name,
    pub typ: *const Type,
    pub offset: usize,
}

/// Of `abi.MapType` only key and element: the layout of a group is the runtime's own.
#[repr(C)]
pub struct MapType {
    pub typ: Type,
    pub key: *const Type,
    pub elem: *const Type,
}

#[repr(C)]
pub struct InterfaceType {
    pub typ: Type,
    pub pkg_path: Name,
    pub methods: *const Imethod,
    pub nmethods: usize,
    methods_cap: usize,
}

#[repr(C)]
pub struct Imethod {
    pub name: i32,
    pub typ: i32,
}

#[repr(C)]
pub struct Method {
    pub name: i32,
    pub mtyp: i32,
    pub ifn: i32,
    pub tfn: i32,
}

#[repr(C)]
pub struct UncommonType {
    pub pkg_path: i32,
    pub mcount: u16,
    pub xcount: u16,
    pub moff: u32,
    unused: u32,
}

/// `abi.Name`: flags, a varint length, the bytes; then a tag and a package path, where there is one.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Name(pub *const u8);

impl Name {
    const EXPORTED: u8 = 1 << 0;
    const TAG: u8 = 1 << 1;
    const PKG_PATH: u8 = 1 << 2;

    /// SAFETY (all of these): the name is nil or one the compiler wrote.
    unsafe fn varint(self, mut at: usize) -> (usize, usize) {
        let (mut v, mut shift) = (0, 0);
        loop {
            // SAFETY: a varint ends before the name does.
            let b = unsafe { *self.0.add(at) };
            at += 1;
            v |= ((b & 0x7f) as usize) << shift;
            if b & 0x80 == 0 {
                return (at, v);
            }
            shift += 7;
        }
    }

    pub unsafe fn bytes(self) -> &'static [u8] {
        if self.0.is_null() {
            return b"";
        }
        // SAFETY: descriptors live for ever.
        unsafe {
            let (at, len) = self.varint(1);
            core::slice::from_raw_parts(self.0.add(at), len)
        }
    }

    pub unsafe fn is_blank(self) -> bool {
        // SAFETY: as the caller says.
        unsafe { self.bytes() == b"_" }
    }

    pub unsafe fn is_exported(self) -> bool {
        // SAFETY: not nil here.
        unsafe { *self.0 & Self::EXPORTED != 0 }
    }

    /// The package path that a method from another package than its type's carries; or empty.
    pub unsafe fn pkg_path(self, types: usize) -> &'static [u8] {
        // SAFETY: the parts follow each other as the flags say.
        unsafe {
            if self.0.is_null() || *self.0 & Self::PKG_PATH == 0 {
                return b"";
            }
            let (at, len) = self.varint(1);
            let mut end = at + len;
            if *self.0 & Self::TAG != 0 {
                let (at, len) = self.varint(end);
                end = at + len;
            }
            let off = self.0.add(end).cast::<i32>().read_unaligned();
            name_at(types, off).bytes()
        }
    }
}

/// What stands at an offset from the types section's start, or for an offset that reflect made; nil for 0.
fn at(types: usize, off: i32) -> usize {
    match off {
        0 => 0,
        ..0 => super::reflect::resolve(off),
        _ => types + off as usize,
    }
}

pub fn name_at(types: usize, off: i32) -> Name {
    Name(at(types, off) as *const u8)
}

pub fn type_at(types: usize, off: i32) -> *const Type {
    at(types, off) as *const Type
}

pub fn kind(t: &Type) -> Kind {
    const LAST: u8 = Kind::UnsafePointer as u8;
    let k = t.kind & 31;
    // SAFETY: the numbers are dense, from Invalid to UnsafePointer.
    if k <= LAST { unsafe { core::mem::transmute::<u8, Kind>(k) } } else { Kind::Invalid }
}

pub fn is_direct(t: &Type) -> bool {
    t.tflag & TFLAG_DIRECT_IFACE != 0
}

/// SAFETY (of the casts below): the descriptor's kind is that of the wanted struct.
pub unsafe fn as_array(t: &Type) -> &ArrayType {
    // SAFETY: see above.
    unsafe { &*(t as *const Type).cast() }
}

pub unsafe fn as_struct(t: &Type) -> &StructType {
    // SAFETY: see above.
    unsafe { &*(t as *const Type).cast() }
}

pub unsafe fn as_interface(t: &Type) -> &InterfaceType {
    // SAFETY: see above.
    unsafe { &*(t as *const Type).cast() }
}

impl StructType {
    pub fn fields(&self) -> &[StructField] {
        slice(self.fields, self.nfields)
    }
}

impl InterfaceType {
    pub fn methods(&self) -> &[Imethod] {
        slice(self.methods, self.nmethods)
    }
}

fn slice<'a, T>(ptr: *const T, len: usize) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: a slice in a descriptor, which lives for ever.
    unsafe { core::slice::from_raw_parts(ptr, len) }
}

/// The uncommon part stands behind the struct of the type's kind.
pub fn uncommon(t: &Type) -> Option<&'static UncommonType> {
    if t.tflag & TFLAG_UNCOMMON == 0 {
        return None;
    }
    const WORD: usize = 8;
    let offset = size_of::<Type>()
        + WORD
            * match kind(t) {
                Kind::Struct | Kind::Interface => 4,
                Kind::Pointer | Kind::Slice | Kind::Func => 1,
                Kind::Array => 3,
                Kind::Chan => 2,
                // Key, Elem, Group, Hasher, six words of layout, Flags.
                Kind::Map => 11,
                _ => 0,
            };
    // SAFETY: the flag says that it is there.
    Some(unsafe { &*(t as *const Type).byte_add(offset).cast() })
}

impl UncommonType {
    pub fn methods(&self) -> &'static [Method] {
        // SAFETY: `moff` counts from this struct.
        let first = unsafe { (self as *const UncommonType).byte_add(self.moff as usize).cast() };
        slice(first, self.mcount as usize)
    }
}

/// The type's string, as `%T` prints it.
///
/// SAFETY: `types` is the start of the section that the descriptor's offsets count from.
pub unsafe fn type_string(t: &Type, types: usize) -> &'static [u8] {
    // SAFETY: `str` is such an offset.
    let s = unsafe { name_at(types, t.str).bytes() };
    if t.tflag & TFLAG_EXTRA_STAR != 0 { &s[1..] } else { s }
}

/// SAFETY: as for [`type_string`].
pub unsafe fn type_pkg_path(t: &Type, types: usize) -> &'static [u8] {
    // SAFETY: see above.
    unsafe {
        match (uncommon(t), kind(t)) {
            (Some(u), _) => name_at(types, u.pkg_path).bytes(),
            (None, Kind::Struct) => as_struct(t).pkg_path.bytes(),
            (None, Kind::Interface) => as_interface(t).pkg_path.bytes(),
            _ => b"",
        }
    }
}
