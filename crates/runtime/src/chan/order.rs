//! The orders of a select: a random one in which cases are tried, and that of the locks.

/// Cases with a channel, in random order. `random(n)` is below n. Gives how many there are.
pub fn poll_order(
    order: &mut [u16],
    has_chan: impl Fn(usize) -> bool,
    mut random: impl FnMut(u32) -> u32,
) -> usize {
    let mut n = 0;
    for case in 0..order.len() {
        if !has_chan(case) {
            continue;
        }
        let at = random(n as u32 + 1) as usize;
        order[n] = order[at];
        order[at] = case as u16;
        n += 1;
    }
    n
}

/// Sorts by address: heap sort, for it needs neither stack nor memory.
pub fn lock_order(order: &mut [u16], address: impl Fn(u16) -> usize) {
    let n = order.len();
    let sift = |order: &mut [u16], mut root: usize, end: usize| {
        loop {
            let mut child = 2 * root + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && address(order[child]) < address(order[child + 1]) {
                child += 1;
            }
            if address(order[root]) >= address(order[child]) {
                return;
            }
            order.swap(root, child);
            root = child;
        }
    };
    for root in (0..n / 2).rev() {
        sift(order, root, n);
    }
    for end in (1..n).rev() {
        order.swap(0, end);
        sift(order, 0, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders() {
        for n in 0..20u16 {
            let mut order = vec![0; n as usize];
            let mut state = n as u32;
            let kept = poll_order(
                &mut order,
                |i| i % 3 != 1,
                |below| {
                    state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
                    (state >> 16) % below
                },
            );
            let mut seen = order[..kept].to_vec();
            seen.sort();
            assert_eq!(seen, (0..n).filter(|i| i % 3 != 1).collect::<Vec<_>>());
            let address = |c: u16| (c as usize).wrapping_mul(7919) % 101;
            lock_order(&mut order[..kept], address);
            assert!(order[..kept].is_sorted_by_key(|&c| address(c)));
        }
    }
}
