//! ChaCha with eight rounds, as a source of seeds (Bernstein, "ChaCha, a variant of Salsa20"). Pure.

pub const SEED_BYTES: usize = 32;
const ROUNDS: usize = 8;
/// "expand 32-byte k"
const CONSTANT: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

pub struct ChaCha8 {
    key: [u32; 8],
    block: [u32; 16],
    counter: u64,
    /// Words of the block that have been given.
    used: usize,
}

impl ChaCha8 {
    pub const fn new(seed: [u8; SEED_BYTES]) -> ChaCha8 {
        let mut key = [0; 8];
        let mut i = 0;
        while i < 8 {
            key[i] = u32::from_le_bytes([seed[4 * i], seed[4 * i + 1], seed[4 * i + 2], seed[4 * i + 3]]);
            i += 1;
        }
        ChaCha8 { key, block: [0; 16], counter: 0, used: 16 }
    }

    pub fn next_u64(&mut self) -> u64 {
        if self.used == self.block.len() {
            self.refill();
        }
        let at = self.used;
        self.used += 2;
        self.block[at] as u64 | (self.block[at + 1] as u64) << 32
    }

    fn refill(&mut self) {
        let mut input = [0; 16];
        input[..4].copy_from_slice(&CONSTANT);
        input[4..12].copy_from_slice(&self.key);
        input[12] = self.counter as u32;
        input[13] = (self.counter >> 32) as u32;
        let mut x = input;
        for _ in 0..ROUNDS / 2 {
            for column in 0..4 {
                quarter_round(&mut x, [column, column + 4, column + 8, column + 12]);
            }
            for row in 0..4 {
                quarter_round(&mut x, [row, 4 + (row + 1) % 4, 8 + (row + 2) % 4, 12 + (row + 3) % 4]);
            }
        }
        for (word, input) in x.iter_mut().zip(input) {
            *word = word.wrapping_add(input);
        }
        self.block = x;
        self.counter += 1;
        self.used = 0;
    }
}

fn quarter_round(x: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    for (by_first, by_second) in [(16, 12), (8, 7)] {
        x[a] = x[a].wrapping_add(x[b]);
        x[d] = (x[d] ^ x[a]).rotate_left(by_first);
        x[c] = x[c].wrapping_add(x[d]);
        x[b] = (x[b] ^ x[c]).rotate_left(by_second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// draft-strombergson-chacha-test-vectors-01, TC1: 256-bit key, 8 rounds.
    #[test]
    fn test_vector() {
        let mut rng = ChaCha8::new([0; SEED_BYTES]);
        let stream: Vec<u8> = (0..4).flat_map(|_| rng.next_u64().to_le_bytes()).collect();
        let want = [
            0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09, 0xa5, 0xa1,
            0x2c, 0x84, 0x0e, 0xc3, 0xce, 0x9a, 0x7f, 0x3b, 0x18, 0x1b, 0xe1, 0x88, 0xef, 0x71, 0x1a, 0x1e,
        ];
        assert_eq!(stream, want);
    }

    #[test]
    fn blocks_differ() {
        let mut rng = ChaCha8::new([7; SEED_BYTES]);
        let words: Vec<u64> = (0..64).map(|_| rng.next_u64()).collect();
        let distinct: std::collections::HashSet<_> = words.iter().collect();
        assert_eq!(distinct.len(), words.len());
    }
}
