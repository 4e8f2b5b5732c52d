//! Constant strings. A sum of strings is only put together when somebody wants its bytes: doubled thirty times
//! it has gigabytes, and a chain of thousands of small ones would be copied again at each step.

use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock};

/// Bytes: a Go string need not be UTF-8.
#[derive(Clone)]
pub struct Text(Arc<Node>);

struct Node {
    len: usize,
    bytes: OnceLock<Arc<[u8]>>,
    /// Of a sum that nobody has asked for its bytes.
    parts: Mutex<Option<(Text, Text)>>,
}

impl Text {
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Text {
        let bytes = bytes.into();
        Text(Arc::new(Node { len: bytes.len(), bytes: OnceLock::from(bytes), parts: Mutex::default() }))
    }

    pub fn sum(a: &Text, b: &Text) -> Text {
        let len = a.len_bytes().saturating_add(b.len_bytes());
        let parts = Mutex::new(Some((a.clone(), b.clone())));
        Text(Arc::new(Node { len, bytes: OnceLock::new(), parts }))
    }

    /// Does not put a sum together.
    pub fn len_bytes(&self) -> usize {
        self.0.len
    }

    /// At most `max` of the first bytes.
    pub fn prefix(&self, max: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(max.min(self.0.len));
        let mut rest = vec![self.clone()];
        while let Some(text) = rest.pop()
            && out.len() < max
        {
            if let Some(bytes) = text.0.bytes.get() {
                out.extend_from_slice(&bytes[..bytes.len().min(max - out.len())]);
            } else if let Some((a, b)) = text.parts() {
                rest.extend([b, a]);
            } else {
                // Another thread has just put it together.
                rest.push(text);
            }
        }
        out
    }

    fn parts(&self) -> Option<(Text, Text)> {
        self.0.parts.lock().expect("nobody panics with it").clone()
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let bytes = self.0.bytes.get_or_init(|| self.prefix(self.0.len).into());
        self.0.parts.lock().expect("nobody panics with it").take();
        bytes
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.len == other.0.len && **self == **other
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.prefix(80)))
    }
}

/// In a loop: the parts of a chain are as deep as it is long.
impl Drop for Node {
    fn drop(&mut self) {
        let take = |node: &mut Node| node.parts.get_mut().map_or(None, |p| p.take());
        let mut rest: Vec<Text> = Vec::new();
        rest.extend(take(self).into_iter().flat_map(|(a, b)| [a, b]));
        while let Some(text) = rest.pop() {
            if let Some(mut node) = Arc::into_inner(text.0) {
                rest.extend(take(&mut node).into_iter().flat_map(|(a, b)| [a, b]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_put_together_when_wanted() {
        let mut huge = Text::new(*b"ab");
        for _ in 0..40 {
            huge = Text::sum(&huge, &huge);
        }
        assert_eq!(huge.len_bytes(), 2 << 40);
        assert_eq!(huge.prefix(3), b"aba");
        let mut chain = Text::new(*b"x");
        for _ in 0..200_000 {
            chain = Text::sum(&chain, &Text::new(*b"y"));
        }
        assert_eq!(chain.len(), 200_001);
        assert_eq!(&chain[..3], b"xyy");
        assert_eq!(&Text::sum(&Text::new(*b"a"), &chain)[..3], b"axy");
    }
}
