//! What the collector is told of frames: which words and registers are needed behind which call.

/// Registers that a function preserves for its caller, by their numbers, in the order of the bits of
/// [`Site::saved`]: rbx, r12, r13, r14. (r15 is g, rbp the frame pointer.)
pub const CALLEE_SAVED: [u8; 4] = [3, 12, 13, 14];

#[cfg(feature = "object")]
pub use encoding::{FrameTable, Object, Site, uleb};

/// As the table stands in pclntab (`FuncInfo::frames`), in unsigned LEB128 but for the bits:
///
/// - registers that the prologue saves, a bit each; the nth of those is in the nth word of their area,
///   which begins a multiple of 16 bytes below rbp;
/// - number of slots that are exposed or without pointers; for each its lowest-numbered word, and twice the
///   number that it has, and one if it is without pointers;
/// - number of distinct sets, of which the first, if the function has a landing pad, is what it needs there
///   and so at a fault; for each, if the frame has at most [`BITS_WORDS_MAX`] words, a bit for each
///   saved register and then for each word, in as few bytes as hold them; in larger frames the byte of
///   registers, then lengths of runs of dead and live words in turns, until all words are told;
/// - for each call in ascending order, how much its return address is greater than that of the one before
///   (in the first: the function's first byte), and which set; a 0 at the end.
///
/// Word i of a frame is the one i + 1 words below the saved rbp.
pub const BITS_WORDS_MAX: u32 = 60;
/// Bits for the saved registers.
pub const SAVED_BITS: u32 = CALLEE_SAVED.len() as u32;

#[cfg(feature = "object")]
mod encoding {
    use super::{BITS_WORDS_MAX, SAVED_BITS};
    use std::collections::BTreeMap;
    use std::vec::Vec;

    /// Of a function.
    #[derive(Clone, Debug, Default)]
    pub struct FrameTable {
        pub words: u32,
        pub saved: u8,
        /// Slots whose words the sites do not tell of, or not alone.
        pub objects: Vec<Object>,
        /// What is needed at the landing pad, if there is one.
        pub landing: Option<Site>,
        /// By ascending address.
        pub sites: Vec<Site>,
    }

    /// A slot, of the words `from..to`: kept while something points into it, or without pointers.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
    pub struct Object {
        pub from: u32,
        pub to: u32,
        pub noscan: bool,
    }

    #[derive(Clone, Debug, Default)]
    pub struct Site {
        /// The return address, from the function's first byte.
        pub at: u32,
        pub saved: u8,
        /// A bit for each word.
        pub words: Vec<u64>,
    }

    pub fn uleb(out: &mut Vec<u8>, mut v: u64) {
        while v >= 0x80 {
            out.push(v as u8 | 0x80);
            v >>= 7;
        }
        out.push(v as u8);
    }

    impl FrameTable {
        pub fn encode(&self) -> Vec<u8> {
            let mut out = Vec::new();
            uleb(&mut out, u64::from(self.saved));
            uleb(&mut out, self.objects.len() as u64);
            for &Object { from, to, noscan } in &self.objects {
                uleb(&mut out, u64::from(from));
                uleb(&mut out, u64::from(to - from) << 1 | u64::from(noscan));
            }
            let mut sets = Vec::new();
            let mut numbers: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
            let mut calls = Vec::new();
            let mut number = |site: &Site| {
                let next = numbers.len() as u64;
                *numbers.entry(self.encode_set(site)).or_insert_with_key(|set| {
                    sets.extend_from_slice(set);
                    next
                })
            };
            if let Some(landing) = &self.landing {
                number(landing);
            }
            let mut last = 0;
            for site in &self.sites {
                uleb(&mut calls, u64::from(site.at - last));
                uleb(&mut calls, number(site));
                last = site.at;
            }
            calls.push(0);
            uleb(&mut out, numbers.len() as u64);
            out.extend(sets);
            out.extend(calls);
            out
        }

        fn encode_set(&self, site: &Site) -> Vec<u8> {
            let is_live = |i: u32| site.words[i as usize / 64] >> (i % 64) & 1 != 0;
            if self.words <= BITS_WORDS_MAX {
                let words = site.words.first().copied().unwrap_or(0);
                let bits = u64::from(site.saved) | words << SAVED_BITS;
                let bytes = (SAVED_BITS + self.words).div_ceil(8) as usize;
                return bits.to_le_bytes()[..bytes].to_vec();
            }
            let mut out = Vec::new();
            out.push(site.saved);
            let (mut at, mut live) = (0, false);
            while at < self.words {
                let end = (at..self.words).find(|&i| is_live(i) != live).unwrap_or(self.words);
                uleb(&mut out, u64::from(end - at));
                (at, live) = (end, !live);
            }
            out
        }
    }
}
