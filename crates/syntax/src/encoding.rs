//! The bytes of a file as the scanner wants them: valid UTF-8 without NULs and byte order marks.
//!
//! gc's reader reports such bytes and goes on as if they were not there. Almost no file has them, so
//! they are taken out beforehand; positions are mapped back where a file was not clean.

use std::borrow::Cow;

pub(crate) struct Clean<'a> {
    pub text: Cow<'a, str>,
    /// For each removed piece: its offset in the clean text, and how many bytes were removed up to and
    /// including it. Ascending.
    pub removed: Vec<(usize, usize)>,
    /// What to report: offset in the clean text, offset in the file, message.
    pub errors: Vec<(usize, usize, &'static str)>,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl<'a> Clean<'a> {
    pub fn new(bytes: &'a [u8]) -> Clean<'a> {
        let is_clean = memchr::memchr(0, bytes).is_none() && memchr::memmem::find(bytes, BOM).is_none();
        match std::str::from_utf8(bytes) {
            Ok(text) if is_clean => {
                Clean { text: Cow::Borrowed(text), removed: Vec::new(), errors: Vec::new() }
            }
            _ => Clean::without_junk(bytes),
        }
    }

    fn without_junk(bytes: &[u8]) -> Clean<'static> {
        let mut text = String::with_capacity(bytes.len());
        let mut clean = Clean { text: Cow::Borrowed(""), removed: Vec::new(), errors: Vec::new() };
        let mut removed = 0;
        let mut at = 0;
        while at < bytes.len() {
            let (width, message) = match bytes[at] {
                0 => (1, Some("invalid NUL character")),
                b if b < 0x80 => {
                    text.push(b as char);
                    at += 1;
                    continue;
                }
                _ => match first_char(&bytes[at..]) {
                    None => (1, Some("invalid UTF-8 encoding")),
                    Some('\u{feff}') if at == 0 => (BOM.len(), None),
                    Some('\u{feff}') => (BOM.len(), Some("invalid BOM in the middle of the file")),
                    Some(c) => {
                        text.push(c);
                        at += c.len_utf8();
                        continue;
                    }
                },
            };
            if let Some(message) = message {
                clean.errors.push((text.len(), at, message));
            }
            removed += width;
            clean.removed.push((text.len(), removed));
            at += width;
        }
        clean.text = Cow::Owned(text);
        clean
    }

    /// The offset in the file of offset `at` in the clean text.
    pub fn original(&self, at: usize) -> usize {
        if self.removed.is_empty() {
            return at;
        }
        let before = self.removed.partition_point(|&(offset, _)| offset <= at);
        at + before.checked_sub(1).map_or(0, |i| self.removed[i].1)
    }
}

fn first_char(bytes: &[u8]) -> Option<char> {
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(s) => s,
        Err(e) => std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default(),
    };
    valid.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junk_is_removed_and_offsets_map_back() {
        let clean = Clean::new(b"\xef\xbb\xbfa\0b\xffc\xef\xbb\xbfd");
        assert_eq!(clean.text, "abcd");
        let offsets: Vec<_> = (0..=4).map(|i| clean.original(i)).collect();
        assert_eq!(offsets, [3, 5, 7, 11, 12]);
        let errors: Vec<_> = clean.errors.iter().map(|e| (e.0, e.1)).collect();
        assert_eq!(errors, [(1, 4), (2, 6), (3, 8)]);
    }
}
