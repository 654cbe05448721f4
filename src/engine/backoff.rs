//! How long to wait before the same pool is tried again when the server gave no hint.

use super::rng::Rng;
use super::time::Millis;

/// What randomness does to a back-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// `random(0, ceiling)`: spreads callers best (AWS, "Exponential Backoff And Jitter").
    Full,
    /// `ceiling/2 + random(0, ceiling/2)`: never near zero.
    Equal,
    /// Always the ceiling: the workshop's sequence 100, 200, 400 … ms.
    None,
}

/// Exponential back-off: attempt `n` (from 0) has the ceiling `min(max, base · factor^n)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Ceiling of the first wait.
    pub base: Millis,
    /// No ceiling is higher than this.
    pub max: Millis,
    /// Growth from one attempt to the next, at least 1.
    pub factor: f64,
    /// What randomness does to the ceiling.
    pub jitter: Jitter,
}

impl Default for Backoff {
    /// `random(0, min(30 s, 500 ms · 2ⁿ))`: the OpenAI, Anthropic and Groq SDKs start at 0.5 s, full jitter is AWS's.
    fn default() -> Self {
        Self { base: Millis(500), max: Millis::from_secs(30), factor: 2.0, jitter: Jitter::Full }
    }
}

impl Backoff {
    /// The longest wait after attempt `n`, counted from 0.
    pub fn ceiling(&self, attempt: u32) -> Millis {
        let mut ceiling = self.base.0 as f64;
        for _ in 0..attempt {
            if ceiling >= self.max.0 as f64 {
                break;
            }
            ceiling *= self.factor;
        }
        Millis(ceiling as u64).min(self.max)
    }

    pub(crate) fn wait(&self, attempt: u32, rng: &mut Rng) -> Millis {
        let ceiling = self.ceiling(attempt);
        match self.jitter {
            Jitter::Full => rng.up_to(ceiling),
            Jitter::Equal => Millis(ceiling.0 / 2) + rng.up_to(Millis(ceiling.0 - ceiling.0 / 2)),
            Jitter::None => ceiling,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workshop_sequence_is_exact() {
        let workshop = Backoff { base: Millis(100), max: Millis(2000), factor: 2.0, jitter: Jitter::None };
        let waits: Vec<u64> = (0..7).map(|n| workshop.wait(n, &mut Rng::new(1)).0).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
    }

    #[test]
    fn full_jitter_fills_its_range_evenly_and_never_leaves_it() {
        let mut rng = Rng::new(7);
        let mut tenths = [0_u32; 10];
        for _ in 0..20_000 {
            let wait = Backoff::default().wait(3, &mut rng).0;
            assert!(wait <= 4000);
            tenths[(wait * 10 / 4001) as usize] += 1;
        }
        // 2,000 expected in each tenth, standard deviation 42: 200 is far outside chance.
        assert!(tenths.iter().all(|n| n.abs_diff(2000) < 200), "{tenths:?}");
    }

    #[test]
    fn equal_jitter_never_waits_less_than_half() {
        let equal = Backoff { jitter: Jitter::Equal, ..Backoff::default() };
        let mut rng = Rng::new(3);
        assert!((0..1000).all(|_| (500..=1000).contains(&equal.wait(1, &mut rng).0)));
    }

    #[test]
    fn absurd_attempts_end_at_the_maximum() {
        assert_eq!(Backoff::default().ceiling(u32::MAX), Millis(30_000));
        let flat = Backoff { factor: 1.0, ..Backoff::default() };
        assert_eq!(flat.ceiling(1_000), Millis(500));
    }
}
