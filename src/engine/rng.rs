//! Seeded randomness: an input like any other. Same seed, same run.

use super::time::Millis;

/// `SplitMix64`: one word of state, passes `BigCrush`, and enough for jitter. Not for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A span from zero to `most`, both included.
    pub(crate) fn up_to(&mut self, most: Millis) -> Millis {
        // Multiply and shift: uniform to within 2⁻⁶⁴ of the range, without a division.
        let range = u128::from(most.0) + 1;
        Millis(((u128::from(self.next()) * range) >> 64) as u64)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// A stable hash of a session and a key's id, for `assigned`: FNV-1a with a final mix. It must never change between
/// versions, or every session would move at an upgrade.
pub(crate) fn affinity(session: &str, key: &str) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in session.bytes().chain([0]).chain(key.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    Rng(hash).next()
}
