//! Types of generated programs, and the functions that hash their values.

use super::program::Gen;
use std::fmt::Write;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ty {
    Bool,
    /// An index into [`INTS`].
    Int(usize),
    /// Of a generic function: any of the integers.
    Param,
    Float(u8),
    Complex,
    Str,
    Struct(usize),
    Array(usize, Box<Ty>),
    Slice(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    Ptr(Box<Ty>),
    /// From one type to another.
    Func(Box<Ty>, Box<Ty>),
    Iface,
    Any,
}

/// Name, bits, is signed. The last ones are declared by the program.
pub const INTS: &[(&str, u32, bool)] = &[
    ("int", 64, true),
    ("int8", 8, true),
    ("int16", 16, true),
    ("int32", 32, true),
    ("int64", 64, true),
    ("uint", 64, false),
    ("uint8", 8, false),
    ("uint16", 16, false),
    ("uint32", 32, false),
    ("uint64", 64, false),
    ("uintptr", 64, false),
    ("N8", 8, true),
    ("N32", 32, false),
];
pub const INT: Ty = Ty::Int(0);
pub const BYTE: Ty = Ty::Int(6);
pub const RUNE: Ty = Ty::Int(3);
pub const U64: Ty = Ty::Int(9);

impl Ty {
    pub fn slice(self) -> Ty {
        Ty::Slice(Box::new(self))
    }

    pub fn is_int(&self) -> bool {
        matches!(self, Ty::Int(_) | Ty::Param)
    }
}

pub struct Struct {
    pub fields: Vec<Ty>,
    /// Whether M's receiver is a pointer.
    pub by_pointer: bool,
}

impl Gen {
    pub fn name(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => "bool".into(),
            Ty::Int(i) => INTS[*i].0.into(),
            Ty::Param => "T".into(),
            Ty::Float(32) => "float32".into(),
            Ty::Float(_) => "float64".into(),
            Ty::Complex => "complex128".into(),
            Ty::Str => "string".into(),
            Ty::Struct(i) => format!("S{i}"),
            Ty::Array(n, of) => format!("[{n}]{}", self.name(of)),
            Ty::Slice(of) => format!("[]{}", self.name(of)),
            Ty::Map(key, of) => format!("map[{}]{}", self.name(key), self.name(of)),
            Ty::Ptr(of) => format!("*{}", self.name(of)),
            Ty::Func(from, to) => format!("func({}) {}", self.name(from), self.name(to)),
            Ty::Iface => "I".into(),
            Ty::Any => "any".into(),
        }
    }

    pub fn is_comparable(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Slice(_) | Ty::Map(..) | Ty::Func(..) => false,
            Ty::Array(_, of) => self.is_comparable(of),
            Ty::Struct(i) => self.structs[*i].fields.iter().all(|f| self.is_comparable(f)),
            _ => true,
        }
    }

    /// Comparable, and without anything whose comparison may panic or looks at addresses.
    fn is_key(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Iface | Ty::Any | Ty::Ptr(_) | Ty::Float(_) | Ty::Complex => false,
            Ty::Array(_, of) => self.is_key(of),
            Ty::Struct(i) => self.structs[*i].fields.iter().all(|f| self.is_key(f)),
            _ => self.is_comparable(ty),
        }
    }

    pub fn int(&mut self) -> Ty {
        Ty::Int(self.r.below(INTS.len()))
    }

    pub fn scalar(&mut self) -> Ty {
        match self.r.below(12) {
            0 => Ty::Bool,
            1 => Ty::Float(32),
            2 => Ty::Float(64),
            3 => Ty::Complex,
            4 | 5 => Ty::Str,
            6 => INT,
            _ => self.int(),
        }
    }

    pub fn ty(&mut self, depth: usize) -> Ty {
        if depth == 0 || self.r.percent(35) {
            return self.scalar();
        }
        let n = self.structs.len();
        match self.r.below(14) {
            0 | 1 => Ty::Array(self.r.range(1, 6), Box::new(self.ty(depth - 1))),
            2..=4 => self.ty(depth - 1).slice(),
            5 => {
                let key = loop {
                    let key = self.ty(depth - 1);
                    if self.is_key(&key) {
                        break key;
                    }
                };
                Ty::Map(Box::new(key), Box::new(self.ty(depth - 1)))
            }
            6 | 7 => Ty::Ptr(Box::new(self.ty(depth - 1))),
            8 => Ty::Func(Box::new(self.ty(depth - 1)), Box::new(self.ty(depth - 1))),
            9 => Ty::Iface,
            10 => Ty::Any,
            _ if n > 0 => Ty::Struct(self.r.below(n)),
            _ => self.scalar(),
        }
    }

    /// A hash of a value.
    pub fn hash(&mut self, ty: &Ty, value: &str) -> String {
        match ty {
            Ty::Bool => format!("hbool({value})"),
            Ty::Int(_) | Ty::Param => format!("uint64({value})"),
            Ty::Float(_) => format!("hfloat(float64({value}))"),
            Ty::Str => format!("hstring({value})"),
            Ty::Any => format!("hany({value})"),
            Ty::Iface => format!("hany(any({value}))"),
            // Whether it is nil: what it does shows when it is called.
            Ty::Func(..) => format!("hbool({value} == nil)"),
            _ => format!("h{}({value})", self.hasher(ty)),
        }
    }

    fn hasher(&mut self, ty: &Ty) -> usize {
        let name = self.name(ty);
        if let Some(n) = self.hashers.iter().position(|h| *h == name) {
            return n;
        }
        let n = self.hashers.len();
        self.hashers.push(name.clone());
        let body = match ty {
            Ty::Complex => "r = hfloat(real(v))*3 + hfloat(imag(v))".into(),
            Ty::Struct(i) => {
                let fields = self.structs[*i].fields.clone();
                let mut body = String::new();
                for (i, f) in fields.iter().enumerate() {
                    let h = self.hash(f, &format!("v.f{i}"));
                    write!(body, "r = r*31 + {h}\n\t").expect("a string takes all");
                }
                body
            }
            Ty::Array(_, of) => {
                let h = self.hash(of, "x");
                format!("for _, x := range v {{ r = r*31 + {h} }}")
            }
            Ty::Slice(of) => {
                let h = self.hash(of, "x");
                format!("r = uint64(len(v)) + hbool(v == nil)\n\tfor _, x := range v {{ r = r*31 + {h} }}")
            }
            Ty::Map(key, of) => {
                let (k, h) = (self.hash(key, "k"), self.hash(of, "x"));
                format!(
                    "r = uint64(len(v)) + hbool(v == nil)\n\tfor k, x := range v {{ r += ({k}*31 + {h}) * 0xff51afd7ed558ccd }}"
                )
            }
            Ty::Ptr(of) => {
                let h = self.hash(of, "*v");
                format!("if v == nil {{ return 17 }}\n\tr = 19 + {h}")
            }
            _ => unreachable!("{ty:?} needs no function"),
        };
        writeln!(self.decls, "func h{n}(v {name}) (r uint64) {{\n\t{body}\n\treturn\n}}\n")
            .expect("a string takes all");
        n
    }
}
