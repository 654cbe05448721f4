//! Chance: what people do when, how long the network takes. Seeded, so a plan can be made again to the millisecond.

use super::scenario::Spread;
use crate::engine::{Millis, Rng as Generator};

/// The engine's generator, but a stream of its own: what the engine draws must not move what people do.
#[derive(Clone, Debug)]
pub(crate) struct Rng(Generator);

impl Rng {
    /// The stream of this number among those of one seed.
    pub(crate) fn stream(seed: u64, number: u64) -> Self {
        let mut rng = Generator::new(seed ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03));
        rng.next();
        Self(rng)
    }

    /// A number below `bound`; zero where that is zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // Multiply and shift: uniform to within 2⁻⁶⁴ of the range, without a division.
        ((u128::from(self.0.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A span within a spread, both ends included.
    pub(crate) fn within(&mut self, spread: Spread) -> Millis {
        Millis(spread.least().0 + self.below(spread.most().0 - spread.least().0 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_keep_to_their_bounds() {
        let mut rng = Rng::stream(1, 1);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[rng.within(Spread::new(Millis(5), Millis(0))).0 as usize] += 1;
        }
        assert!(counts.iter().all(|count| (9_700..=10_300).contains(count)), "{counts:?}");
        assert_eq!((rng.below(0), rng.below(1)), (0, 0));
    }

    #[test]
    fn streams_of_one_seed_have_nothing_in_common() {
        let [mut one, mut other] = [1, 2].map(|number| Rng::stream(7, number));
        let same = (0..1_000).filter(|_| one.below(1 << 32) == other.below(1 << 32)).count();
        assert_eq!(same, 0);
    }
}
