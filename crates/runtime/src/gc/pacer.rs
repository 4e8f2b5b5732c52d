//! When the next cycle begins. Pure.

/// With GOGC=100 no cycle begins below this heap size.
pub const HEAP_MINIMUM_BYTES: u64 = 4 << 20;

/// `GOGC`: percent of growth, or off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Percent {
    Off,
    On(u32),
}

impl Percent {
    /// Of the environment variable's text; anything but a number or `off` means 100.
    pub fn parse(text: Option<&[u8]>) -> Percent {
        match text {
            None | Some(b"") => Percent::On(100),
            Some(b"off") => Percent::Off,
            Some([b'-', digits @ ..]) if number(digits).is_some() => Percent::Off,
            Some(text) => Percent::On(number(text).unwrap_or(100)),
        }
    }
}

/// `GOMEMLIMIT`: bytes, with a unit or without. None: malformed.
pub fn parse_limit(text: &[u8]) -> Option<u64> {
    const NONE: u64 = i64::MAX as u64;
    const UNITS: [(&[u8], u32); 4] = [(b"KiB", 10), (b"MiB", 20), (b"GiB", 30), (b"TiB", 40)];
    if text.is_empty() || text == b"off" {
        return Some(NONE);
    }
    let unit = UNITS.iter().find_map(|&(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
    let (digits, shift) = unit.unwrap_or((text.strip_suffix(b"B").unwrap_or(text), 0));
    let number = crate::os::cpus::parse_u64(digits)?;
    number.checked_mul(1 << shift).filter(|&n| n <= NONE)
}

pub fn number(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u32, |n, &b| {
        let digit = b.is_ascii_digit().then(|| (b - b'0') as u32)?;
        n.checked_mul(10)?.checked_add(digit)
    })
}

/// The heap size at which a cycle must begin, after one that left `live` bytes and scanned `roots` bytes
/// of stacks and package variables. `u64::MAX` where collection is off.
pub fn goal(percent: Percent, live: u64, roots: u64) -> u64 {
    match percent {
        Percent::Off => u64::MAX,
        Percent::On(p) => {
            let grown = (live as u128) + (live as u128 + roots as u128) * p as u128 / 100;
            let least = HEAP_MINIMUM_BYTES as u128 * p as u128 / 100;
            grown.max(least).min(u64::MAX as u128 - 1) as u64
        }
    }
}

/// Bytes of pages to keep resident until the next cycle, a tenth more than it will need: where `in_use` bytes of
/// pages served a goal of `goal_before` (objects are larger than what was asked for, and the last of them goes over
/// the goal), the new goal will take in proportion. As Go's gcPercentGoal of the scavenger. `u64::MAX`: all.
pub fn keep_resident(goal: u64, goal_before: u64, in_use: u64) -> u64 {
    if goal == u64::MAX {
        return u64::MAX;
    }
    let in_proportion = match goal_before {
        0 | u64::MAX => 0,
        _ => (in_use as u128 * goal as u128 / goal_before as u128).min(u64::MAX as u128) as u64,
    };
    let needed = goal.max(in_proportion);
    needed.saturating_add(needed / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_follows_the_goal() {
        assert_eq!(keep_resident(40, 40, 60), 66);
        assert_eq!(keep_resident(20, 40, 60), 33);
        assert_eq!(keep_resident(100, 0, 5), 110);
        assert_eq!(keep_resident(100, u64::MAX, 500), 110);
        assert_eq!(keep_resident(u64::MAX, 40, 60), u64::MAX);
    }

    #[test]
    fn goals() {
        let on = |p, live, roots| goal(Percent::On(p), live, roots);
        assert_eq!(on(100, 0, 0), 4 << 20);
        assert_eq!(on(100, 10 << 20, 1 << 20), 21 << 20);
        assert_eq!(on(50, 1 << 20, 0), 2 << 20);
        assert_eq!(on(400, 1 << 20, 0), 16 << 20);
        assert_eq!(goal(Percent::Off, 1 << 40, 0), u64::MAX);
        assert!(on(u32::MAX, u64::MAX, u64::MAX) < u64::MAX);
    }

    #[test]
    fn gomemlimit() {
        for (text, bytes) in
            [("512", Some(512)), ("3B", Some(3)), ("2KiB", Some(2048)), ("1GiB", Some(1 << 30))]
        {
            assert_eq!(parse_limit(text.as_bytes()), bytes);
        }
        assert_eq!(parse_limit(b"off"), Some(i64::MAX as u64));
        for bad in ["", "x", "1GB", "-1", "KiB", "9999999TiB", "1 MiB"] {
            assert_eq!(parse_limit(bad.as_bytes()), (bad.is_empty()).then_some(i64::MAX as u64), "{bad}");
        }
    }

    #[test]
    fn gogc() {
        assert_eq!(Percent::parse(None), Percent::On(100));
        assert_eq!(Percent::parse(Some(b"off")), Percent::Off);
        assert_eq!(Percent::parse(Some(b"-1")), Percent::Off);
        assert_eq!(Percent::parse(Some(b"250")), Percent::On(250));
        assert_eq!(Percent::parse(Some(b"x")), Percent::On(100));
    }
}
