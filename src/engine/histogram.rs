//! Latencies, kept in few numbers: quantiles to within 1 %, whatever the count.

use super::snapshot::Note;
use super::time::Millis;

/// Buckets that are exact below 128 ms and then 128 to each doubling (HDR style), so a bucket is at most 1/128 wide.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: Vec<u32>,
    total: u64,
    /// Of what was recorded.
    sum: Millis,
}

impl Histogram {
    pub(crate) fn record(&mut self, span: Millis) {
        self.add(bucket_of(span), 1);
        self.sum = self.sum + span;
    }

    /// How many were no longer than a span; those of one bucket count together.
    pub(crate) fn up_to(&self, span: Millis) -> u64 {
        self.counts.iter().take(usize::from(bucket_of(span)) + 1).map(|count| u64::from(*count)).sum()
    }

    /// All spans that were recorded, added up.
    pub(crate) const fn sum(&self) -> Millis {
        self.sum
    }

    /// So many more of a bucket.
    pub(crate) fn add(&mut self, bucket: u16, count: u32) {
        let bucket = usize::from(bucket);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] = self.counts[bucket].saturating_add(count);
        self.total += u64::from(count);
    }

    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// For a snapshot: the buckets that are not empty.
    pub(crate) fn recorded(&self) -> Note {
        let mut notes = Vec::new();
        for (bucket, count) in self.counts.iter().enumerate() {
            if *count > 0 {
                notes.push(Note::numbers(&[bucket as u64, u64::from(*count)]));
            }
        }
        Note::List(notes)
    }

    /// From a snapshot.
    pub(crate) fn restore(&mut self, buckets: &Note) {
        for note in buckets.list() {
            let [bucket, count] = note.parts();
            let bucket = (bucket.number() as usize).min(BUCKETS - 1);
            self.add(bucket as u16, count.count());
            self.sum = self.sum + Millis(middle(bucket)).times(count.number());
        }
    }

    /// The span that `percent` of the recorded ones do not exceed; zero where nothing was recorded.
    pub(crate) fn percentile(&self, percent: u64) -> Millis {
        let wanted = (self.total * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return Millis(middle(bucket));
            }
        }
        Millis::ZERO
    }
}

/// The bucket of a span; one of some 2,200.
pub(crate) fn bucket_of(span: Millis) -> u16 {
    bucket(span.0.min(LONGEST)) as u16
}

fn bucket(value: u64) -> usize {
    let doublings = (value / PER_DOUBLING).checked_ilog2().map_or(0, |log| u64::from(log) + 1);
    // In the n-th doubling the step is 2ⁿ⁻¹; the buckets of the doublings before are PER_DOUBLING each.
    let step = 1_u64 << doublings.saturating_sub(1);
    let (start, first) = if doublings == 0 { (0, 0) } else { (doublings * PER_DOUBLING, PER_DOUBLING * step) };
    (start + (value - first) / step) as usize
}

fn middle(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < PER_DOUBLING {
        return bucket;
    }
    let doublings = bucket / PER_DOUBLING;
    let step = 1_u64 << (doublings - 1);
    PER_DOUBLING * step + (bucket % PER_DOUBLING) * step + step / 2
}

const PER_DOUBLING: u64 = 128;
/// Three hours: longer than any call may take, and it bounds the table to some 2,200 entries.
const LONGEST: u64 = 3 * 3_600_000;
/// As many as there are up to the longest.
pub(crate) const BUCKETS: usize = 18 * PER_DOUBLING as usize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_found_again_within_one_percent() {
        let mut value = 1_u64;
        while value < LONGEST {
            let found = middle(bucket(value));
            assert!(found.abs_diff(value) * 100 <= value, "{value} came back as {found}");
            value += 1 + value / 97;
        }
    }

    #[test]
    fn the_longest_is_in_the_last_doubling() {
        assert!((BUCKETS - PER_DOUBLING as usize..BUCKETS).contains(&bucket(LONGEST)));
    }

    #[test]
    fn percentiles_of_a_ramp() {
        let mut histogram = Histogram::default();
        (1..=1000).for_each(|ms| histogram.record(Millis(ms)));
        for (percent, exact) in [(50, 500_u64), (95, 950), (99, 990), (100, 1000)] {
            let got = histogram.percentile(percent).0;
            assert!(got.abs_diff(exact) * 100 <= exact, "p{percent}: {got}");
        }
        assert_eq!(Histogram::default().percentile(99), Millis::ZERO);
    }
}
