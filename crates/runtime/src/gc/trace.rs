//! The line of `GODEBUG=gctrace=1`, in Go's form. Pure.

use core::fmt::{Display, Formatter, Result};

pub struct Line {
    pub cycle: u32,
    /// Since the program began.
    pub at_ns: u64,
    pub share_percent: u64,
    /// Until the world stood, marking, what came behind it.
    pub clock_ns: [u64; 3],
    /// Processors that marked.
    pub cpus: u64,
    /// When the cycle began, when marking ended, and what lives.
    pub heap_bytes: [u64; 3],
    pub goal_bytes: u64,
    pub stack_bytes: u64,
    pub global_bytes: u64,
    pub procs: u32,
    pub forced: bool,
}

impl Display for Line {
    /// With a stopped world nothing is marked by assists or by idle Ps: their shares are 0.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let [stop, mark, rest] = self.clock_ns;
        let cpu = |ns: u64| Ms(ns * self.cpus);
        let mb = |bytes: u64| bytes >> 20;
        let [begin, marked, live] = self.heap_bytes.map(mb);
        let at_ms = self.at_ns / 1_000_000;
        write!(f, "gc {} @{}.{:03}s {}%: ", self.cycle, at_ms / 1000, at_ms % 1000, self.share_percent)?;
        write!(f, "{}+{}+{} ms clock, ", Ms(stop), Ms(mark), Ms(rest))?;
        write!(f, "{}+0/{}/0+{} ms cpu, ", cpu(stop), cpu(mark), cpu(rest))?;
        write!(f, "{begin}->{marked}->{live} MB, {} MB goal, ", mb(self.goal_bytes))?;
        let (stacks, globals) = (mb(self.stack_bytes), mb(self.global_bytes));
        let forced = if self.forced { " (forced)" } else { "" };
        writeln!(f, "{stacks} MB stacks, {globals} MB globals, {} P{forced}", self.procs)
    }
}

/// Milliseconds, with two digits or three.
#[doc(alias = "fmtNSAsMS")]
struct Ms(u64);

impl Display for Ms {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let us = self.0 / 1000;
        match us {
            0 => f.write_str("0"),
            1..100 => write!(f, "0.{us:03}"),
            100..1000 => write!(f, "0.{:02}", us / 10),
            1000..10_000 => write!(f, "{}.{}", us / 1000, us / 100 % 10),
            _ => write!(f, "{}", us / 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_writes_it() {
        let line = Line {
            cycle: 6,
            at_ns: 840_700_000,
            share_percent: 20,
            clock_ns: [8_951_000, 461_900_000, 67_200],
            cpus: 2,
            heap_bytes: [189 << 20, 232 << 20, 228 << 20],
            goal_bytes: 223 << 20,
            stack_bytes: 1 << 19,
            global_bytes: 0,
            procs: 2,
            forced: true,
        };
        let want = "gc 6 @0.840s 20%: 8.9+461+0.067 ms clock, 17+0/923/0+0.13 ms cpu, 189->232->228 MB, \
                    223 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)\n";
        assert_eq!(line.to_string(), want);
        assert_eq!(Ms(999).to_string(), "0");
    }
}
