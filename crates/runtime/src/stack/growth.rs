//! How large the next segment of a stack is.

/// `debug.SetMaxStack`'s default on 64-bit machines.
pub const MAX_STACK_BYTES: usize = 1_000_000_000;
/// Bytes of a segment that frames cannot use: its header, the room below the guard, a return address.
pub const OVERHEAD_BYTES: usize = super::HEADER_BYTES + goxide_abi::layout::STACK_SMALL_BYTES + 8;
/// Sizes in order. The steps are wide since memory beyond the first is only address space until it is
/// touched.
pub const ORDER_BYTES: [usize; 5] = [2 << 10, 32 << 10, 1 << 20, 16 << 20, 256 << 20];
const PAGE_BYTES: usize = 4096;

/// The size of a segment above a stack that has `stack_bytes` in all, whose last segment has `last_bytes`,
/// for a frame of `frame_bytes`. None: the stack overflows.
pub fn next_segment_bytes(stack_bytes: usize, last_bytes: usize, frame_bytes: usize) -> Option<usize> {
    let left_bytes = MAX_STACK_BYTES.checked_sub(stack_bytes)? / PAGE_BYTES * PAGE_BYTES;
    let least_bytes = frame_bytes.checked_add(OVERHEAD_BYTES)?;
    if least_bytes > left_bytes {
        return None;
    }
    let order = ORDER_BYTES.iter().position(|&bytes| bytes > last_bytes && bytes >= least_bytes);
    let wanted_bytes = match order {
        Some(order) => ORDER_BYTES[order],
        None => least_bytes.next_power_of_two().max(ORDER_BYTES[ORDER_BYTES.len() - 1]),
    };
    Some(wanted_bytes.min(left_bytes))
}

/// Which pool keeps segments of that size.
pub fn order_of(bytes: usize) -> Option<usize> {
    ORDER_BYTES.iter().position(|&b| b == bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_limit() {
        let (mut total, mut last, mut steps) = (ORDER_BYTES[0], ORDER_BYTES[0], 0);
        while let Some(bytes) = next_segment_bytes(total, last, 100) {
            assert!(
                bytes > last
                    || total + bytes + OVERHEAD_BYTES + 100 + 4096 > MAX_STACK_BYTES
                    || bytes == last
            );
            total += bytes;
            last = bytes;
            steps += 1;
            assert!(total <= MAX_STACK_BYTES && steps < 20);
        }
        assert!(total > MAX_STACK_BYTES - 2 * 4096);
    }

    #[test]
    fn large_frames() {
        assert_eq!(next_segment_bytes(2048, 2048, 31 << 10), Some(32 << 10));
        assert_eq!(next_segment_bytes(2048, 2048, 32 << 10), Some(1 << 20));
        assert_eq!(next_segment_bytes(2048, 2048, 300 << 20), Some(512 << 20));
        assert_eq!(next_segment_bytes(2048, 2048, 1 << 30), None);
    }
}
