//! The figures of this run side by side, and the bytes of a waiter.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::KEYS;
use crate::memory::live;
use crate::stage::WaitingRoom;

pub(crate) const WAITING: [usize; 3] = [100, 1_000, 10_000];

pub(crate) fn print(out: &Path, began: SystemTime) {
    let ns = |name: &str| median(out, name, began);
    println!("\none call, picked, permitted and settled (10 models)");
    println!("{:28}{:>12}{:>14}{:>14}{:>14}{:>14}", "", "ns", "governor, ns", "times", "scan, ns", "times");
    for (group, words) in [("room", "room everywhere"), ("full", "all but 3 full")] {
        for keys in KEYS {
            let [engine, governor, scan] =
                ["engine", "governor", "scan"].map(|who| ns(&format!("{group}/{who}/{keys}")));
            println!(
                "{:28}{:>12}{:>14}{:>14}{:>14}{:>14}",
                format!("{keys} keys, {words}"),
                plain(engine),
                plain(governor),
                times(engine, governor),
                plain(scan),
                times(engine, scan),
            );
        }
    }
    println!("governor's direct check: {} ns", plain(ns("direct/governor")));

    println!("\nwaiters, ns for one");
    println!("{:28}{:>12}{:>12}{:>12}{:>20}", "", "100", "1000", "10000", "10000 by 100");
    for operation in ["enqueue", "wake", "abort"] {
        let [few, more, many] = WAITING.map(|waiting| ns(&format!("waiters/{operation}/{waiting}")));
        println!("{operation:28}{:>12}{:>12}{:>12}{:>20}", plain(few), plain(more), plain(many), times(many, few));
    }

    println!("\nbytes of a waiter");
    for waiting in WAITING {
        let mut room = WaitingRoom::empty();
        let before = live();
        room = filled(room, waiting);
        let full = live() - before;
        room.leave_all();
        let after = live().saturating_sub(before);
        println!("{waiting:>6} waiting: {:>6} each; {after} bytes are kept once all have left", full / waiting);
    }
}

fn filled(mut room: WaitingRoom, waiting: usize) -> WaitingRoom {
    (0..waiting).for_each(|_| room.come());
    room
}

/// Nanoseconds, from criterion's own account of a benchmark; none where it was filtered out of this run.
fn median(out: &Path, name: &str, began: SystemTime) -> Option<f64> {
    let file = out.join(name).join("new/estimates.json");
    let fresh = fs::metadata(&file).ok()?.modified().ok()? >= began;
    let text = fresh.then(|| fs::read_to_string(file).ok()).flatten()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn plain(ns: Option<f64>) -> String {
    ns.map_or_else(|| String::from("-"), |ns| if ns < 100.0 { format!("{ns:.1}") } else { format!("{ns:.0}") })
}

fn times(ours: Option<f64>, other: Option<f64>) -> String {
    ours.zip(other).map_or_else(|| String::from("-"), |(ours, other)| format!("{:.2}x", ours / other))
}
