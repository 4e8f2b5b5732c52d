//! The stack check in front of a function's body (D4): a few bytes of our own, since a check inside the
//! body would come after its frame is pushed.
//!
//! ```text
//!        int3 …                      ; pads the body to 32 bytes
//! cold:  mov  r11d, frame
//!        call runtime.morestack      ; calls the body on the next segment
//!        ret
//! entry: cmp  rsp, [r15+guard]       ; or: lea r11, [rsp-frame]; cmp r11, [r15+guard]
//!        jb   cold
//! body:
//! ```

use goxide_abi::layout::{G_STACKGUARD, MORESTACK_RETURN_TO_BODY, NOSPLIT_FRAME_BYTES};

pub const PREFIX_BYTES: usize = 32;
const CHECK_BYTES: usize = 5;
const COLD_BYTES: usize = 12;
const LEA_BYTES: usize = 8;
const INT3: u8 = 0xcc;
/// The saved rbp and the return address, which morestack must find room for too.
const LINKAGE_BYTES: u32 = 16;

pub struct Prefix {
    pub bytes: Vec<u8>,
    /// Offset that calls go to.
    pub entry: u32,
    /// Offset of the 4 bytes that lead to `runtime.morestack`.
    pub morestack: u32,
}

/// `frame_bytes`: from rbp down to rsp.
pub fn stack_check(frame_bytes: u32) -> Prefix {
    let is_small = frame_bytes as usize <= NOSPLIT_FRAME_BYTES;
    let entry = PREFIX_BYTES - CHECK_BYTES - if is_small { 0 } else { LEA_BYTES };
    let cold = PREFIX_BYTES - CHECK_BYTES - LEA_BYTES - COLD_BYTES;
    let mut bytes = vec![INT3; cold];
    bytes.extend([0x41, 0xbb]);
    bytes.extend((frame_bytes + LINKAGE_BYTES).to_le_bytes());
    bytes.push(0xe8);
    let morestack = bytes.len() as u32;
    bytes.extend([0; 4]);
    debug_assert_eq!(PREFIX_BYTES - bytes.len(), MORESTACK_RETURN_TO_BODY);
    bytes.push(0xc3);
    bytes.resize(entry, INT3);
    const _: () = assert!(G_STACKGUARD == 0);
    if is_small {
        bytes.extend([0x49, 0x3b, 0x27]);
    } else {
        bytes.extend([0x4c, 0x8d, 0x9c, 0x24]);
        bytes.extend(frame_bytes.wrapping_neg().to_le_bytes());
        bytes.extend([0x4d, 0x3b, 0x1f]);
    }
    let back = cold as i64 - PREFIX_BYTES as i64;
    bytes.extend([0x72, back as i8 as u8]);
    debug_assert_eq!(bytes.len(), PREFIX_BYTES);
    Prefix { bytes, entry: entry as u32, morestack }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_as_long_and_jump_to_the_cold_part() {
        for frame in [0, 112, 120, 1 << 20] {
            let p = stack_check(frame);
            assert_eq!(p.bytes.len(), PREFIX_BYTES);
            let target = PREFIX_BYTES as i64 + i64::from(p.bytes[31] as i8);
            assert_eq!(p.bytes[target as usize..][..2], [0x41, 0xbb]);
            assert_eq!(p.bytes[p.morestack as usize - 1], 0xe8);
        }
    }
}
