//! How many processors the program may use: the affinity mask and the cgroup's quota, as Go 1.25 and later.

use super::file::read_file;
use super::sys::{SCHED_GETAFFINITY, syscall3};

/// Processors in the affinity mask.
#[doc(alias = "getproccount")]
pub fn affinity() -> usize {
    let mut mask = [0u64; 128];
    // SAFETY: fills the mask.
    let n = unsafe { syscall3(SCHED_GETAFFINITY, 0, size_of_val(&mask), mask.as_mut_ptr() as usize) };
    if n < 0 {
        return 1;
    }
    mask[..n as usize / 8].iter().map(|w| w.count_ones() as usize).sum::<usize>().max(1)
}

/// The smallest CPU limit of this process's cgroup and those above it, in hundredths of a processor.
pub fn cgroup_quota() -> Option<u64> {
    let mut self_buf = [0; 4096];
    let mut mount_buf = [0; 256];
    let own = cgroup2_path(read_file(b"/proc/self/cgroup\0", &mut self_buf)?)?;
    const ROOT: &[u8] = b"/sys/fs/cgroup";
    read_file(b"/sys/fs/cgroup/cgroup.controllers\0", &mut mount_buf)?;
    let mut len = own.len();
    let mut least = None;
    loop {
        let mut path = [0u8; 4400];
        let mut at = 0;
        for part in [ROOT, own[..len].strip_suffix(b"/").unwrap_or(&own[..len]), b"/cpu.max\0"] {
            path.get_mut(at..at + part.len())?.copy_from_slice(part);
            at += part.len();
        }
        let mut buf = [0; 64];
        let here = read_file(&path[..at], &mut buf).and_then(parse_cpu_max);
        least = match (least, here) {
            (Some(a), Some(b)) => Some(u64::min(a, b)),
            (a, b) => a.or(b),
        };
        match own[..len].iter().rposition(|&c| c == b'/') {
            Some(0) if len > 1 => len = 1,
            Some(slash) if slash > 0 => len = slash,
            _ => return least,
        }
    }
}

/// The path behind `0::` of /proc/self/cgroup.
fn cgroup2_path(text: &[u8]) -> Option<&[u8]> {
    text.split(|&c| c == b'\n').find_map(|line| line.strip_prefix(b"0::"))
}

/// `max 100000` or `150000 100000`: quota and period in microseconds.
fn parse_cpu_max(text: &[u8]) -> Option<u64> {
    let mut words = text.split(|c| c.is_ascii_whitespace()).filter(|w| !w.is_empty());
    let quota = parse_u64(words.next()?)?;
    let period = parse_u64(words.next()?)?;
    (period > 0).then(|| quota * 100 / period)
}

pub fn parse_u64(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |n, &c| {
        let digit = (c as char).to_digit(10)?;
        n.checked_mul(10)?.checked_add(digit as u64)
    })
}

/// GOMAXPROCS for a mask of `cpus` and a quota: rounded up, and at least 2 under a quota, unless there is
/// but one processor.
#[doc(alias = "defaultGOMAXPROCS")]
pub fn default_procs(cpus: usize, quota: Option<u64>) -> usize {
    match quota {
        Some(hundredths) => cpus.min((hundredths.div_ceil(100) as usize).max(2)),
        None => cpus,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota() {
        assert_eq!(parse_cpu_max(b"max 100000\n"), None);
        assert_eq!(parse_cpu_max(b"150000 100000\n"), Some(150));
        assert_eq!(cgroup2_path(b"1:cpu:/x\n0::/a/b\n"), Some(&b"/a/b"[..]));
        assert_eq!(default_procs(8, Some(150)), 2);
        assert_eq!(default_procs(8, Some(50)), 2);
        assert_eq!(default_procs(8, Some(310)), 4);
        assert_eq!(default_procs(1, Some(310)), 1);
        assert_eq!(default_procs(8, None), 8);
    }
}
