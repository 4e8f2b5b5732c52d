//! The set of a build's source files and the compact positions into them (as `go/token.FileSet`).

use std::sync::{Arc, OnceLock, RwLock};

/// A byte position in some file of a [`FileSet`]: the file's base plus the byte offset.
/// `Pos::NONE` (0) is "no position".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Pos(pub u32);

impl Pos {
    pub const NONE: Pos = Pos(0);

    pub fn is_known(self) -> bool {
        self.0 != 0
    }

    /// The position `bytes` further on in the same file.
    pub fn offset(self, bytes: u32) -> Pos {
        Pos(self.0 + bytes)
    }
}

/// Bytes `start..end` of one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Span {
    pub start: Pos,
    pub end: Pos,
}

/// The index of a file in its [`FileSet`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A resolved position; `line` and `column` count from 1, `column` in bytes (as gc prints it).
/// `column` is 0 where a `//line` directive gave none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    pub file: Arc<str>,
    pub line: u32,
    pub column: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.column == 0 {
            write!(f, "{}:{}", self.file, self.line)
        } else {
            write!(f, "{}:{}:{}", self.file, self.line, self.column)
        }
    }
}

/// What a `//line` or `/*line*/` directive says of the text from `offset` on.
#[derive(Clone, Debug)]
struct LineDirective {
    offset: u32,
    /// Physical line of the text at `offset`.
    physical_line: u32,
    file: Arc<str>,
    line: u32,
    /// 0: columns are unknown from here on.
    column: u32,
}

/// One source file: its name as shown to the user, and its text.
#[derive(Debug)]
pub struct SourceFile {
    pub id: FileId,
    /// As diagnostics print it.
    pub name: Arc<str>,
    pub text: Vec<u8>,
    base: u32,
    line_starts: OnceLock<Vec<u32>>,
    directives: RwLock<Vec<LineDirective>>,
}

impl SourceFile {
    /// The position of byte `offset`; one past the last byte is the position of EOF.
    pub fn pos(&self, offset: usize) -> Pos {
        Pos(self.base + u32::try_from(offset).expect("offset inside a file"))
    }

    pub fn offset(&self, pos: Pos) -> usize {
        (pos.0 - self.base) as usize
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let after = self.text.iter().enumerate().filter(|&(_, &b)| b == b'\n').map(|(i, _)| i as u32 + 1);
            std::iter::once(0).chain(after).collect()
        })
    }

    /// Line and column (from 1) as they stand in the file, directives left aside.
    pub fn physical(&self, pos: Pos) -> (u32, u32) {
        let offset = self.offset(pos) as u32;
        let starts = self.line_starts();
        let line = starts.partition_point(|&s| s <= offset) - 1;
        (line as u32 + 1, offset - starts[line] + 1)
    }

    /// Records a line directive: text from `pos` on is `file:line:column` (`column` 0: unknown).
    pub fn add_line_directive(&self, pos: Pos, file: &str, line: u32, column: u32) {
        let directive = LineDirective {
            offset: self.offset(pos) as u32,
            physical_line: self.physical(pos).0,
            file: file.into(),
            line,
            column,
        };
        self.directives.write().expect("no panic while directives are held").push(directive);
    }

    pub fn has_line_directives(&self) -> bool {
        !self.directives.read().expect("no panic while directives are held").is_empty()
    }

    /// The position as diagnostics show it, line directives applied.
    pub fn position(&self, pos: Pos) -> Position {
        let (line, column) = self.physical(pos);
        let directives = self.directives.read().expect("no panic while directives are held");
        let offset = self.offset(pos) as u32;
        let Some(d) = directives.iter().rev().find(|d| d.offset <= offset) else {
            return Position { file: self.name.clone(), line, column };
        };
        let column = match (d.column, line == d.physical_line) {
            (0, _) => 0,
            (c, true) => c + (offset - d.offset),
            (_, false) => column,
        };
        Position { file: d.file.clone(), line: d.line + (line - d.physical_line), column }
    }
}

/// The files of one build. Shared between threads; files are only ever added.
#[derive(Debug, Default)]
pub struct FileSet {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl FileSet {
    pub fn new() -> FileSet {
        FileSet::default()
    }

    /// Adds a file. The sum of all files' sizes is limited to 4 GiB.
    pub fn add(&self, name: &str, text: impl Into<Vec<u8>>) -> Arc<SourceFile> {
        let text = text.into();
        let mut files = self.files.write().expect("no panic while files are held");
        let base = files.last().map_or(1, |f| f.base + f.text.len() as u32 + 1);
        let file = Arc::new(SourceFile {
            id: FileId(files.len() as u32),
            name: name.into(),
            text,
            base,
            line_starts: OnceLock::new(),
            directives: RwLock::default(),
        });
        files.push(file.clone());
        file
    }

    /// The file that `pos` lies in; `None` for [`Pos::NONE`].
    pub fn file(&self, pos: Pos) -> Option<Arc<SourceFile>> {
        let files = self.files.read().expect("no panic while files are held");
        let after = files.partition_point(|f| f.base <= pos.0);
        (pos.is_known() && after > 0).then(|| files[after - 1].clone())
    }

    pub fn position(&self, pos: Pos) -> Option<Position> {
        self.file(pos).map(|f| f.position(pos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let set = FileSet::new();
        set.add("a.go", &b"x\n"[..]);
        let b = set.add("b.go", &b"package p\n\nvar x\n"[..]);
        assert_eq!(set.position(b.pos(11)).unwrap().to_string(), "b.go:3:1");
        assert_eq!(set.position(b.pos(15)).unwrap().to_string(), "b.go:3:5");
        assert_eq!(set.position(Pos::NONE), None);
    }

    #[test]
    fn line_directives_apply_from_their_end_on() {
        let set = FileSet::new();
        let f = set.add("a.go", &b"package p\n//line x.y:10\nvar a\nvar b\n"[..]);
        f.add_line_directive(f.pos(24), "x.y", 10, 0);
        assert_eq!(f.position(f.pos(0)).to_string(), "a.go:1:1");
        assert_eq!(f.position(f.pos(30)).to_string(), "x.y:11");
    }
}
