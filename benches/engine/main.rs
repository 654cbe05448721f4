//! What a decision costs: one call picked, permitted and settled; waiters that come, are woken, go; the bytes of each.
//!
//! Everything goes through the engine's public door, on a clock that stands still or is moved by hand. The last table
//! sets the figures beside peers that were measured in the same run: `governor`'s check, which is the permit alone, and
//! the scan over a `Vec` of counters that a first version of such a class has.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

mod memory;
mod peers;
mod stage;
mod summary;

use std::path::Path;
use std::time::{Duration, SystemTime};

use criterion::{BenchmarkId, Criterion};

use peers::{Scan, direct, keyed};
use stage::{MODELS, Stage, WaitingRoom};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

fn main() {
    #[allow(clippy::disallowed_methods, reason = "tells this run's figures from an older run's")]
    let began = SystemTime::now();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(&out)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();

    calls(&mut criterion);
    waiters(&mut criterion);
    criterion.final_summary();
    summary::print(&out, began);
}

/// Keys of the client, each a project of its own.
const KEYS: [usize; 3] = [3, 100, 10_000];

fn calls(criterion: &mut Criterion) {
    for (name, room) in [("room", stage::everywhere as fn(usize, usize) -> bool), ("full", stage::at_the_end)] {
        let mut group = criterion.benchmark_group(name);
        for keys in KEYS {
            let id = |who| BenchmarkId::new(who, keys);
            group.bench_function(id("engine"), |bencher| {
                let mut stage = Stage::new(keys, room);
                bencher.iter(|| stage.call());
            });
            group.bench_function(id("governor"), |bencher| {
                let mut limiter = keyed(keys, room);
                bencher.iter(|| limiter.call());
            });
            group.bench_function(id("scan"), |bencher| {
                let mut scan = Scan::new(keys, MODELS, room);
                bencher.iter(|| scan.call());
            });
        }
        group.finish();
    }
    let mut group = criterion.benchmark_group("direct");
    group.bench_function("governor", |bencher| {
        let limiter = direct();
        bencher.iter(|| limiter.check().is_ok());
    });
    group.finish();
}

fn waiters(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("waiters");
    for waiting in summary::WAITING {
        group.bench_function(BenchmarkId::new("enqueue", waiting), |bencher| {
            let mut room = WaitingRoom::new(waiting);
            bencher.iter_custom(|times| room.enqueue(times));
        });
        group.bench_function(BenchmarkId::new("abort", waiting), |bencher| {
            let mut room = WaitingRoom::new(waiting);
            bencher.iter_custom(|times| room.abort(times));
        });
        group.bench_function(BenchmarkId::new("wake", waiting), |bencher| {
            let mut room = WaitingRoom::new(waiting);
            bencher.iter_custom(|times| room.wake(times));
        });
    }
    group.finish();
}
