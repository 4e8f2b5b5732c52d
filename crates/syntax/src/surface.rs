//! What importers read of a file: where its declarations of use to them stand, so that nothing else of the
//! text is scanned. Offsets are bytes of the file that the surface was made from.

use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FileSurface {
    /// In source order.
    pub items: Vec<Item>,
    /// `//go:linkname` directives: offset of the verb, and what stands behind it.
    pub linknames: Vec<(u32, String)>,
}

/// A declaration, or a spec of a group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Where it begins behind its keyword; with directives, where the first of them does.
    pub offset: u32,
    pub kind: ItemKind,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    /// With an offset of the body's `}`: the statements are left out.
    Func {
        rbrace: Option<u32>,
    },
    /// A spec of the group of that number, or alone.
    Const {
        group: Option<u32>,
        iota: u32,
    },
    Type,
    Var(VarItem),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum VarItem {
    /// As it stands.
    Whole,
    /// Names and type, the values left out.
    Names,
    /// One name (its offset is the item's), and the type that its value gave it.
    Typed(String),
}
