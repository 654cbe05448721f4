//! A histogram of few values: the buckets of the dense one, without those that are empty. A minute has some dozens.

use crate::engine::histogram::{BUCKETS, Histogram, bucket_of};
use crate::engine::snapshot::Note;
use crate::engine::time::Millis;

/// Buckets in their order, each with its count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse(Vec<(u16, u32)>);

impl Sparse {
    pub(crate) fn record(&mut self, span: Millis) {
        self.count(bucket_of(span), 1);
    }

    /// Takes one back that was recorded.
    pub(crate) fn take_back(&mut self, span: Millis) {
        if let Ok(at) = self.0.binary_search_by_key(&bucket_of(span), |(bucket, _)| *bucket) {
            self.0[at].1 = self.0[at].1.saturating_sub(1);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            self.count(*bucket, *count);
        }
    }

    pub(crate) fn pour_into(&self, histogram: &mut Histogram) {
        for (bucket, count) in &self.0 {
            histogram.add(*bucket, *count);
        }
    }

    /// For a snapshot.
    pub(crate) fn recorded(&self) -> Note {
        self.0.iter().map(|(bucket, count)| Note::numbers(&[u64::from(*bucket), u64::from(*count)])).collect()
    }

    /// From a snapshot.
    pub(crate) fn restore(&mut self, buckets: &Note) {
        for note in buckets.list() {
            let [bucket, count] = note.parts();
            self.count((bucket.number() as usize).min(BUCKETS - 1) as u16, count.count());
        }
    }

    /// Buckets in use.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn count(&mut self, bucket: u16, count: u32) {
        match self.0.binary_search_by_key(&bucket, |(known, _)| *known) {
            Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(count),
            Err(at) => self.0.insert(at, (bucket, count)),
        }
    }
}
