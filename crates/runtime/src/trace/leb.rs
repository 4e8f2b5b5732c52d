//! Variable-length numbers of the line tables.

/// Unsigned LEB128 at `*at`, which goes on behind it.
pub fn unsigned(bytes: &[u8], at: &mut usize) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some(&b) = bytes.get(*at) {
        *at += 1;
        value |= ((b & 0x7f) as u64) << shift;
        shift += 7;
        if b & 0x80 == 0 || shift > 63 {
            break;
        }
    }
    value
}

/// Signed LEB128.
pub fn signed(bytes: &[u8], at: &mut usize) -> i64 {
    let (mut value, mut shift) = (0i64, 0);
    while let Some(&b) = bytes.get(*at) {
        *at += 1;
        value |= ((b & 0x7f) as i64) << shift;
        shift += 7;
        if b & 0x80 == 0 || shift > 63 {
            if shift < 64 && b & 0x40 != 0 {
                value |= -1 << shift;
            }
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let mut at = 0;
        assert_eq!(unsigned(&[0xe5, 0x8e, 0x26], &mut at), 624_485);
        assert_eq!(at, 3);
        assert_eq!(signed(&[0xc0, 0xbb, 0x78], &mut 0), -123_456);
        assert_eq!(signed(&[0x7f], &mut 0), -1);
        assert_eq!(signed(&[0x3f], &mut 0), 63);
    }
}
