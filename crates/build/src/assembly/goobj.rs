//! What `cmd/asm` writes: Go's object file (`cmd/internal/goobj`), as far as assembly makes use of it.

/// An object file.
pub struct GoObj<'a> {
    bytes: &'a [u8],
    offsets: [usize; BLOCKS],
}

/// A symbol, by its index: first what is defined, then what is only referred to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Index(pub usize);

pub struct Sym<'a> {
    pub name: &'a str,
    pub abi: u16,
    pub kind: u8,
    pub flags: u8,
    pub size: u64,
    pub align: u32,
}

pub struct GoReloc {
    pub offset: u32,
    pub size: u8,
    pub kind: u16,
    pub addend: i64,
    pub target: Target,
}

#[derive(Clone, Copy)]
pub enum Target {
    None,
    Symbol(Index),
    /// One of the names that the format numbers, in `cmd/internal/goobj/builtinlist.go`.
    Builtin(usize),
}

/// What a function's tables say.
pub struct FuncInfo {
    /// Bytes of arguments and results, if the source tells.
    pub args: Option<u32>,
    /// Bytes of the frame, the saved frame pointer included.
    pub locals: u32,
    pub start_line: u32,
    /// From which offsets of code on how much of the stack is taken.
    pub stack: Vec<(u32, u32)>,
    /// (offset of code, file, line), ascending; files as [`GoObj::file`] takes them.
    pub lines: Vec<(u32, u32, u32)>,
}

/// Not a file of the format that is known here: another GOROOT's.
#[derive(Debug)]
pub struct Damaged;
type Result<T> = std::result::Result<T, Damaged>;

/// `Sym.abi` of a symbol that only its file knows (`x<>`).
pub const ABI_STATIC: u16 = u16::MAX;
pub const FLAG_DUPOK: u8 = 1;
pub const FLAG_NOSPLIT: u8 = 1 << 4;

const MAGIC: &[u8] = b"\x00go120ld";
const FINGERPRINT_BYTES: usize = 8;
const BLOCKS: usize = 19;
// The blocks that are read, by their numbers; each ends where the next begins.
const FILES: usize = 2;
const SYM_DEFS: usize = 3;
const NON_PKG_REFS: usize = 7;
const RELOC_IDX: usize = 11;
const AUX_IDX: usize = 12;
const DATA_IDX: usize = 13;
const RELOCS: usize = 14;
const AUX: usize = 15;
const DATA: usize = 16;

const STRING_BYTES: usize = 8;
const SYM_BYTES: usize = 21;
const RELOC_BYTES: usize = 23;
const AUX_BYTES: usize = 9;

const PKG_NONE: u32 = i32::MAX as u32;
const PKG_HASHED64: u32 = PKG_NONE - 1;
const PKG_HASHED: u32 = PKG_NONE - 2;
const PKG_BUILTIN: u32 = PKG_NONE - 3;
const PKG_SELF: u32 = PKG_NONE - 4;

const AUX_FUNC_INFO: u8 = 1;
const AUX_PC_SP: u8 = 7;
const AUX_PC_FILE: u8 = 8;
const AUX_PC_LINE: u8 = 9;
/// `abi.ArgsSizeUnknown`
const ARGS_UNKNOWN: u32 = 1 << 31;

impl<'a> GoObj<'a> {
    /// `file` begins with lines for tools.
    pub fn read(file: &'a [u8]) -> Result<GoObj<'a>> {
        let start = file.windows(MAGIC.len()).position(|w| w == MAGIC).ok_or(Damaged)?;
        let mut obj = GoObj { bytes: &file[start..], offsets: [0; BLOCKS] };
        let mut at = MAGIC.len() + FINGERPRINT_BYTES + 4;
        for i in 0..BLOCKS {
            obj.offsets[i] = obj.u32(at)? as usize;
            at += 4;
        }
        let in_order = obj.offsets.is_sorted() && obj.offsets[BLOCKS - 1] <= obj.bytes.len();
        if in_order { Ok(obj) } else { Err(Damaged) }
    }

    fn slice(&self, at: usize, len: usize) -> Result<&'a [u8]> {
        at.checked_add(len).and_then(|end| self.bytes.get(at..end)).ok_or(Damaged)
    }

    fn number<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        self.slice(at, N)?.try_into().map_err(|_| Damaged)
    }

    fn u32(&self, at: usize) -> Result<u32> {
        self.number(at).map(u32::from_le_bytes)
    }

    fn string(&self, at: usize) -> Result<&'a str> {
        let (len, offset) = (self.u32(at)?, self.u32(at + 4)?);
        std::str::from_utf8(self.slice(offset as usize, len as usize)?).map_err(|_| Damaged)
    }

    fn count(&self, block: usize, bytes: usize) -> usize {
        (self.offsets[block + 1] - self.offsets[block]) / bytes
    }

    /// How many symbols are defined.
    pub fn defined(&self) -> usize {
        (self.offsets[NON_PKG_REFS] - self.offsets[SYM_DEFS]) / SYM_BYTES
    }

    /// How many are defined or referred to.
    pub fn symbols(&self) -> usize {
        self.defined() + self.count(NON_PKG_REFS, SYM_BYTES)
    }

    pub fn symbol(&self, i: Index) -> Result<Sym<'a>> {
        if i.0 >= self.symbols() {
            return Err(Damaged);
        }
        let at = self.offsets[SYM_DEFS] + i.0 * SYM_BYTES;
        let [kind, flags] = self.number(at + 10)?;
        Ok(Sym {
            name: self.string(at)?,
            abi: u16::from_le_bytes(self.number(at + 8)?),
            kind,
            flags,
            size: u64::from(self.u32(at + 13)?),
            align: self.u32(at + 17)?,
        })
    }

    /// The name of a source file, as the assembler was told of it.
    pub fn file(&self, i: u32) -> Result<&'a str> {
        if i as usize >= self.count(FILES, STRING_BYTES) {
            return Err(Damaged);
        }
        self.string(self.offsets[FILES] + i as usize * STRING_BYTES)
    }

    /// The range of elements that a defined symbol has in a block with an index.
    fn range(&self, index: usize, i: Index) -> Result<std::ops::Range<usize>> {
        let at = self.offsets[index] + 4 * i.0;
        let (from, to) = (self.u32(at)? as usize, self.u32(at + 4)? as usize);
        if i.0 < self.defined() && from <= to { Ok(from..to) } else { Err(Damaged) }
    }

    pub fn data(&self, i: Index) -> Result<&'a [u8]> {
        let range = self.range(DATA_IDX, i)?;
        self.slice(self.offsets[DATA] + range.start, range.len())
    }

    pub fn relocs(&self, i: Index) -> Result<Vec<GoReloc>> {
        let reloc = |nth: usize| {
            let at = self.offsets[RELOCS] + nth * RELOC_BYTES;
            let [size] = self.number(at + 4)?;
            Ok(GoReloc {
                offset: self.u32(at)?,
                size,
                kind: u16::from_le_bytes(self.number(at + 5)?),
                addend: i64::from_le_bytes(self.number(at + 7)?),
                target: self.target(at + 15)?,
            })
        };
        self.range(RELOC_IDX, i)?.map(reloc).collect()
    }

    fn target(&self, at: usize) -> Result<Target> {
        let (package, index) = (self.u32(at)?, self.u32(at + 4)? as usize);
        let start_of = |block: usize| (self.offsets[block] - self.offsets[SYM_DEFS]) / SYM_BYTES;
        // Definitions without a package stand behind the hashed ones, and right before the references.
        let first = match package {
            0 if index == 0 => return Ok(Target::None),
            PKG_BUILTIN => return Ok(Target::Builtin(index)),
            PKG_SELF => start_of(SYM_DEFS),
            PKG_HASHED64 => start_of(SYM_DEFS + 1),
            PKG_HASHED => start_of(SYM_DEFS + 2),
            PKG_NONE => start_of(SYM_DEFS + 3),
            // Assembly refers to other packages by name.
            _ => return Err(Damaged),
        };
        Ok(Target::Symbol(Index(first + index)))
    }

    pub fn func_info(&self, i: Index) -> Result<FuncInfo> {
        let mut out = FuncInfo { args: None, locals: 0, start_line: 0, stack: Vec::new(), lines: Vec::new() };
        let (mut files, mut lines) = (Vec::new(), Vec::new());
        for nth in self.range(AUX_IDX, i)? {
            let at = self.offsets[AUX] + nth * AUX_BYTES;
            let [kind] = self.number(at)?;
            let Target::Symbol(symbol) = self.target(at + 1)? else { continue };
            match kind {
                AUX_FUNC_INFO => {
                    let info = GoObj { bytes: self.data(symbol)?, offsets: [0; BLOCKS] };
                    out.args = Some(info.u32(0)?).filter(|&args| args != ARGS_UNKNOWN);
                    out.locals = info.u32(4)?;
                    out.start_line = info.u32(12)?;
                }
                AUX_PC_SP => out.stack = pc_values(self.data(symbol)?)?,
                AUX_PC_FILE => files = pc_values(self.data(symbol)?)?,
                AUX_PC_LINE => lines = pc_values(self.data(symbol)?)?,
                _ => {}
            }
        }
        let mut starts: Vec<u32> = files.iter().chain(&lines).map(|&(pc, _)| pc).collect();
        starts.sort_unstable();
        starts.dedup();
        for pc in starts {
            if let (Some(file), Some(line)) = (value_at(&files, pc), value_at(&lines, pc)) {
                out.lines.push((pc, file, line));
            }
        }
        Ok(out)
    }
}

/// A table of values by code offset (`cmd/internal/obj.funcpctab`): from where on each holds.
fn pc_values(mut table: &[u8]) -> Result<Vec<(u32, u32)>> {
    let mut out = Vec::new();
    let (mut pc, mut value) = (0u64, -1i64);
    while !table.is_empty() {
        let delta = uvarint(&mut table)?;
        if delta == 0 && !out.is_empty() {
            break;
        }
        value = value.wrapping_add((delta >> 1) as i64 ^ -((delta & 1) as i64));
        out.push((pc as u32, value as u32));
        pc = pc.wrapping_add(uvarint(&mut table)?);
    }
    Ok(out)
}

/// What holds at an offset.
pub fn value_at(table: &[(u32, u32)], pc: u32) -> Option<u32> {
    let next = table.partition_point(|&(from, _)| from <= pc);
    next.checked_sub(1).map(|nth| table[nth].1)
}

fn uvarint(bytes: &mut &[u8]) -> Result<u64> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first().ok_or(Damaged)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
        shift += 7;
        if shift > 63 {
            return Err(Damaged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_tell_from_where_a_value_holds() {
        // 12 from 0 on, 13 from 4 on, 12 from 9 to 11.
        let table = [26, 4, 2, 5, 1, 2, 0];
        assert_eq!(pc_values(&table).unwrap(), [(0, 12), (4, 13), (9, 12)]);
        assert!(pc_values(&[26]).is_err());
    }

    #[test]
    fn what_is_cut_off_is_damaged() {
        assert!(GoObj::read(b"go object linux amd64\n!\n").is_err());
        assert!(GoObj::read(b"!\n\x00go120ld12345678").is_err());
    }
}
