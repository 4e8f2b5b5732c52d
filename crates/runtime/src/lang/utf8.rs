//! UTF-8 with Go's rules: a byte that begins no valid encoding is U+FFFD of width 1. Pure.

pub const RUNE_ERROR: u32 = 0xfffd;
const RUNE_MAX: u32 = 0x10_ffff;

/// The rune at the start of `s` (not empty) and its width.
pub fn decode(s: &[u8]) -> (u32, usize) {
    let b0 = s[0];
    if b0 < 0x80 {
        return (b0 as u32, 1);
    }
    // The second byte's range excludes overlong forms, surrogates and what lies beyond the last rune.
    let (width, lo, hi) = match b0 {
        0xc2..=0xdf => (2, 0x80, 0xbf),
        0xe0 => (3, 0xa0, 0xbf),
        0xed => (3, 0x80, 0x9f),
        0xe1..=0xef => (3, 0x80, 0xbf),
        0xf0 => (4, 0x90, 0xbf),
        0xf4 => (4, 0x80, 0x8f),
        0xf1..=0xf3 => (4, 0x80, 0xbf),
        _ => return (RUNE_ERROR, 1),
    };
    if s.len() < width || !(lo..=hi).contains(&s[1]) {
        return (RUNE_ERROR, 1);
    }
    let mut rune = b0 as u32 & (0x7f >> width);
    for &b in &s[1..width] {
        if b & 0xc0 != 0x80 {
            return (RUNE_ERROR, 1);
        }
        rune = rune << 6 | (b & 0x3f) as u32;
    }
    (rune, width)
}

/// Encodes a rune (U+FFFD for what is none); returns the width.
pub fn encode(rune: u32, out: &mut [u8; 4]) -> usize {
    let rune = if rune > RUNE_MAX || (0xd800..0xe000).contains(&rune) { RUNE_ERROR } else { rune };
    let low = |shift: u32| 0x80 | (rune >> shift & 0x3f) as u8;
    match rune {
        0..0x80 => {
            out[0] = rune as u8;
            1
        }
        0x80..0x800 => {
            out[..2].copy_from_slice(&[0xc0 | (rune >> 6) as u8, low(0)]);
            2
        }
        0x800..0x1_0000 => {
            out[..3].copy_from_slice(&[0xe0 | (rune >> 12) as u8, low(6), low(0)]);
            3
        }
        _ => {
            *out = [0xf0 | (rune >> 18) as u8, low(12), low(6), low(0)];
            4
        }
    }
}

pub fn width(rune: u32) -> usize {
    encode(rune, &mut [0; 4])
}

/// How many runes `range` over the string gives.
pub fn count(s: &[u8]) -> usize {
    let (mut n, mut at) = (0, 0);
    while at < s.len() {
        at += if s[at] < 0x80 { 1 } else { decode(&s[at..]).1 };
        n += 1;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for r in 0..=0x11_0000u32 {
            let mut b = [0; 4];
            let n = encode(r, &mut b);
            match char::from_u32(r) {
                Some(c) => {
                    let mut want = [0; 4];
                    assert_eq!(&b[..n], c.encode_utf8(&mut want).as_bytes());
                    assert_eq!(decode(&b[..n]), (r, n));
                }
                None => assert_eq!(&b[..n], "\u{fffd}".as_bytes()),
            }
        }
    }

    #[test]
    fn invalid_is_one_byte() {
        for s in [
            &b"\x80"[..],
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xe2\x82",
            b"\xff",
        ] {
            assert_eq!(decode(s), (RUNE_ERROR, 1), "{s:x?}");
        }
        assert_eq!(count(b"a\xe2\x82b\xe2\x82\xac"), 5);
        assert_eq!(decode("\u{fffd}".as_bytes()), (RUNE_ERROR, 3));
    }
}
