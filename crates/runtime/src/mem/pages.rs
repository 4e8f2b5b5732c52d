//! Which pages of the arena are in use: bitmaps by chunks of 4 MB with summaries of free runs over
//! chunks and over groups of 64 chunks, searched first-fit from low addresses. Pure; the heap lock
//! guards it.

/// Pages in a chunk.
pub const CHUNK_PAGES: usize = 512;
/// Chunks in a group.
pub const GROUP_CHUNKS: usize = 64;
const WORDS: usize = CHUNK_PAGES / 64;

/// Free pages at the start, the longest free run and the free pages at the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    start: u32,
    max: u32,
    end: u32,
}

impl Summary {
    /// Of two stretches of memory side by side; `self` covers `pages` pages, `next` covers `next_pages`.
    fn then(self, pages: u32, next: Summary, next_pages: u32) -> Summary {
        Summary {
            start: if self.start == pages { pages + next.start } else { self.start },
            max: self.max.max(next.max).max(self.end + next.start),
            end: if next.end == next_pages { self.end + next_pages } else { next.end },
        }
    }
}

#[derive(Clone, Copy)]
pub struct Chunk {
    used: [u64; WORDS],
    /// Pages that may hold something other than zeroes, and hence resident memory.
    dirty: [u64; WORDS],
    summary: Summary,
}

pub struct PageAlloc {
    /// Zeroed memory for every chunk of the arena; only the first `grown` are in use.
    chunks: &'static mut [Chunk],
    groups: &'static mut [Summary],
    grown: usize,
    /// No chunk below this one has a free page.
    first_free_chunk: usize,
    pub free_pages: usize,
    pub dirty_free_pages: usize,
}

/// Pages given out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pages {
    pub first: usize,
    /// Some page may hold something other than zeroes.
    pub dirty: bool,
}

/// Bits `from..from + n` of a word.
fn mask(from: usize, n: usize) -> u64 {
    debug_assert!(n >= 1 && from + n <= 64);
    (!0u64 >> (64 - n)) << from
}

/// Calls `f(word, mask)` for the words that pages `first..first + n` of a chunk lie in.
fn each_word(first: usize, n: usize, mut f: impl FnMut(usize, u64)) {
    let (mut at, end) = (first, first + n);
    while at < end {
        let step = (64 - at % 64).min(end - at);
        f(at / 64, mask(at % 64, step));
        at += step;
    }
}

fn summarize(used: &[u64; WORDS]) -> Summary {
    let mut s = Summary::default();
    let mut run = 0;
    let mut only_free = true;
    for &word in used {
        if word == 0 {
            run += 64;
            continue;
        }
        let mut left = 64;
        let mut w = word;
        while left > 0 {
            let zeros = w.trailing_zeros().min(left);
            run += zeros;
            left -= zeros;
            if left == 0 {
                break;
            }
            if only_free {
                s.start = run;
                only_free = false;
            }
            s.max = s.max.max(run);
            run = 0;
            w >>= zeros % 64;
            let ones = w.trailing_ones().min(left);
            left -= ones;
            w = if ones == 64 { 0 } else { w >> ones };
        }
    }
    if only_free {
        s.start = run;
    }
    s.end = run;
    s.max = s.max.max(run);
    s
}

/// The first run of at least `n` free pages in a chunk.
fn find_in(used: &[u64; WORDS], n: usize) -> Option<usize> {
    let mut run = 0;
    let mut at = 0;
    while at < CHUNK_PAGES {
        let w = used[at / 64] >> (at % 64);
        let left = 64 - at % 64;
        let zeros = (w.trailing_zeros() as usize).min(left);
        run += zeros;
        if run >= n {
            return Some(at + zeros - run);
        }
        at += zeros;
        if zeros < left {
            run = 0;
            at += ((w >> zeros).trailing_ones() as usize).min(left - zeros);
        }
    }
    None
}

impl PageAlloc {
    pub fn new(chunks: &'static mut [Chunk], groups: &'static mut [Summary]) -> PageAlloc {
        assert!(groups.len() * GROUP_CHUNKS >= chunks.len());
        PageAlloc { chunks, groups, grown: 0, first_free_chunk: 0, free_pages: 0, dirty_free_pages: 0 }
    }

    /// Chunks in use, from the start of the arena.
    pub fn grown(&self) -> usize {
        self.grown
    }

    pub fn limit(&self) -> usize {
        self.chunks.len()
    }

    /// Makes the pages of `n` more chunks free; they hold zeroes.
    pub fn grow(&mut self, n: usize) {
        for c in self.grown..self.grown + n {
            self.chunks[c].summary = Summary { start: 512, max: 512, end: 512 };
            self.grown += 1;
            self.update_group(c / GROUP_CHUNKS);
        }
        self.free_pages += n * CHUNK_PAGES;
    }

    fn update_group(&mut self, group: usize) {
        let first = group * GROUP_CHUNKS;
        let last = (first + GROUP_CHUNKS).min(self.grown);
        let mut s = self.chunks[first].summary;
        let mut pages = CHUNK_PAGES as u32;
        for c in &self.chunks[first + 1..last] {
            s = s.then(pages, c.summary, CHUNK_PAGES as u32);
            pages += CHUNK_PAGES as u32;
        }
        self.groups[group] = s;
    }

    /// Free pages at the end of what has grown: growth continues them.
    pub fn free_at_end(&self) -> usize {
        let mut n = 0;
        for c in self.chunks[..self.grown].iter().rev() {
            n += c.summary.end as usize;
            if (c.summary.end as usize) < CHUNK_PAGES {
                break;
            }
        }
        n
    }

    /// The lowest run of `n` free pages. None: grow first.
    pub fn alloc(&mut self, n: usize) -> Option<Pages> {
        let first = self.find(n)?;
        if n == 1 {
            self.first_free_chunk = first / CHUNK_PAGES;
        }
        let mut dirty = false;
        let mut clean_pages = 0;
        self.each_chunk(first, n, |chunk, at, len| {
            each_word(at, len, |w, m| {
                dirty |= chunk.dirty[w] & m != 0;
                clean_pages += (!chunk.dirty[w] & m).count_ones() as usize;
                debug_assert!(chunk.used[w] & m == 0);
                chunk.used[w] |= m;
                chunk.dirty[w] |= m;
            });
        });
        self.free_pages -= n;
        self.dirty_free_pages -= n - clean_pages;
        Some(Pages { first, dirty })
    }

    fn find(&self, n: usize) -> Option<usize> {
        let wanted = n as u32;
        // Free pages that end just before the chunk looked at.
        let mut run = 0usize;
        let mut c = self.first_free_chunk;
        while c < self.grown {
            if c.is_multiple_of(GROUP_CHUNKS) && c + GROUP_CHUNKS <= self.grown {
                let g = self.groups[c / GROUP_CHUNKS];
                if g.max < wanted && run + (g.start as usize) < n {
                    let all = (GROUP_CHUNKS * CHUNK_PAGES) as u32;
                    run = if g.end == all { run + all as usize } else { g.end as usize };
                    c += GROUP_CHUNKS;
                    continue;
                }
            }
            let s = self.chunks[c].summary;
            if run + s.start as usize >= n {
                return Some(c * CHUNK_PAGES - run);
            }
            if s.max >= wanted {
                return find_in(&self.chunks[c].used, n).map(|at| c * CHUNK_PAGES + at);
            }
            run = if s.end as usize == CHUNK_PAGES { run + CHUNK_PAGES } else { s.end as usize };
            c += 1;
        }
        None
    }

    pub fn free(&mut self, first: usize, n: usize) {
        self.each_chunk(first, n, |chunk, at, len| {
            each_word(at, len, |w, m| {
                debug_assert!(chunk.used[w] & m == m);
                chunk.used[w] &= !m;
            });
        });
        self.free_pages += n;
        self.dirty_free_pages += n;
        self.first_free_chunk = self.first_free_chunk.min(first / CHUNK_PAGES);
    }

    /// Calls `f(chunk, page in it, pages)` for the chunks of a run, then renews their summaries.
    fn each_chunk(&mut self, first: usize, n: usize, mut f: impl FnMut(&mut Chunk, usize, usize)) {
        let (mut at, end) = (first, first + n);
        while at < end {
            let c = at / CHUNK_PAGES;
            let len = (CHUNK_PAGES - at % CHUNK_PAGES).min(end - at);
            let chunk = &mut self.chunks[c];
            let before = chunk.summary;
            f(chunk, at % CHUNK_PAGES, len);
            chunk.summary = summarize(&chunk.used);
            at += len;
            let last_of_group = at >= end || (c + 1).is_multiple_of(GROUP_CHUNKS);
            if last_of_group && (chunk.summary != before || n > len) {
                self.update_group(c / GROUP_CHUNKS);
            }
        }
    }

    /// Gives free pages back, from the highest addresses down, until at most `keep` free pages are
    /// dirty: `release(first, pages)` must make them zero. Returns how many.
    pub fn scavenge(&mut self, keep: usize, mut release: impl FnMut(usize, usize)) -> usize {
        let mut released = 0;
        for c in (0..self.grown).rev() {
            if self.dirty_free_pages <= keep {
                break;
            }
            let chunk = &mut self.chunks[c];
            if chunk.summary.max == 0 {
                continue;
            }
            let mut at = 0;
            while at < CHUNK_PAGES {
                let candidate = |p: usize| (chunk.dirty[p / 64] & !chunk.used[p / 64]) >> (p % 64) & 1 != 0;
                if !candidate(at) {
                    at += 1;
                    continue;
                }
                let from = at;
                while at < CHUNK_PAGES && candidate(at) {
                    at += 1;
                }
                release(c * CHUNK_PAGES + from, at - from);
                each_word(from, at - from, |w, m| chunk.dirty[w] &= !m);
                self.dirty_free_pages -= at - from;
                released += at - from;
            }
        }
        released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(chunks: usize) -> PageAlloc {
        let zero = Chunk { used: [0; WORDS], dirty: [0; WORDS], summary: Summary::default() };
        let groups = chunks.div_ceil(GROUP_CHUNKS);
        PageAlloc::new(vec![zero; chunks].leak(), vec![Summary::default(); groups].leak())
    }

    #[test]
    fn first_fit_and_dirt() {
        let mut p = fresh(200);
        assert_eq!(p.alloc(1), None);
        p.grow(2);
        assert_eq!(p.alloc(1), Some(Pages { first: 0, dirty: false }));
        assert_eq!(p.alloc(600), Some(Pages { first: 1, dirty: false }));
        assert_eq!(p.alloc(500), None);
        p.free(0, 1);
        assert_eq!(p.alloc(1), Some(Pages { first: 0, dirty: true }));
        p.free(1, 600);
        assert_eq!(p.dirty_free_pages, 600);
        assert_eq!(p.free_at_end(), 1023);
        let mut released = 0;
        assert_eq!(p.scavenge(0, |_, n| released += n), 600);
        assert_eq!(released, 600);
        assert_eq!(p.alloc(1023), Some(Pages { first: 1, dirty: false }));
    }

    /// Against a plain array of booleans.
    #[test]
    fn agrees_with_a_model() {
        let mut p = fresh(130);
        p.grow(130);
        let total = 130 * CHUNK_PAGES;
        let mut used = vec![false; total];
        let mut live: Vec<(usize, usize)> = vec![];
        let mut x = 0x9e37_79b9_7f4a_7c15u64;
        let mut rand = |n: usize| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x % n as u64) as usize
        };
        for step in 0..4000 {
            if rand(5) < 3 || live.is_empty() {
                let n = [1, 1, 3, 10, 64, 100, 700, 3000, 40000][rand(9)];
                let mut run = 0;
                let want = (0..total).find_map(|i| {
                    run = if used[i] { 0 } else { run + 1 };
                    (run == n).then(|| i + 1 - n)
                });
                let got = p.alloc(n).map(|g| g.first);
                assert_eq!(got, want, "step {step}, {n} pages");
                if let Some(first) = got {
                    used[first..first + n].fill(true);
                    live.push((first, n));
                }
            } else {
                let (first, n) = live.swap_remove(rand(live.len()));
                used[first..first + n].fill(false);
                p.free(first, n);
            }
            assert_eq!(p.free_pages, used.iter().filter(|u| !**u).count());
        }
    }
}
