//! The watch: what has been told of how everything stands, so that each change is told once.
//!
//! Nothing is looked at while calls are simply served: whatever may change the state (a gate that closes or opens, a key that
//! comes or goes, a failure, a limit that is learned) says that it has stirred, and what came of it is looked at once, when the
//! input that did it has had all its consequences. So several keys that go down in one input are one transition.

use super::agenda::Due;
use super::alert::Trouble;
use super::client::Engine;
use super::event::Event;
use super::report::Alert;
use super::standing::State;
use super::time::{Instant, Millis, Now, UnixMillis};
use super::units::KeyId;
use super::verdict::Verdict;

#[derive(Debug, Default)]
pub(crate) struct Watch {
    state: State,
    told: Vec<Told>,
}

/// An alert that has begun, and whose end has not been told.
#[derive(Debug)]
struct Told {
    trouble: Trouble,
    alert: Alert,
    since: UnixMillis,
    /// Since when its reason is gone.
    gone: Option<Instant>,
}

impl Watch {
    pub(crate) fn tells(&self, trouble: Trouble) -> bool {
        self.told.iter().any(|told| told.trouble == trouble)
    }

    /// Whether calls that are served may end an alert.
    pub(crate) fn follows_calls(&self) -> bool {
        self.told.iter().any(|told| told.trouble.follows_calls())
    }
}

impl Engine {
    /// An attempt has ended, after which a rate may be alarming, or be so no more: a failure, the first of enough attempts,
    /// and any while an alert stands that only calls can end.
    pub(super) fn stir(&mut self, key: KeyId, verdict: Verdict) {
        let enough = self.config.alerts.map(|policy| policy.min_requests + 1);
        let of_key = self.scheduler.ring.get(key).map(|key| key.tally.lately.over);
        self.scheduler.stirred |= verdict != Verdict::Ok
            || self.watch.follows_calls()
            || (enough.is_some() && (of_key == enough || Some(self.journal.lately()) == enough));
    }

    /// Tells what has changed since the last look, if anything may have.
    pub(super) fn review(&mut self, now: Now) {
        if !core::mem::take(&mut self.scheduler.stirred) {
            return;
        }
        self.check_service(now);
        let standing = self.scheduler.standing(now.mono);
        let to = standing.state();
        let from = core::mem::replace(&mut self.watch.state, to);
        if from != to {
            self.emit(Event::State { from, to, cause: standing.cause() });
        }
        let troubles = self.troubles(&standing);
        self.end(now, &troubles);
        for trouble in troubles {
            match self.watch.told.iter().position(|told| told.trouble == trouble) {
                Some(at) => self.watch.told[at].gone = None,
                // Keys that come back one after the other are no new alert while that of all is on its way out.
                None if trouble == Trouble::SomeExhausted && self.watch.tells(Trouble::AllExhausted) => {}
                None => {
                    let alert = self.alert(trouble, &standing);
                    self.emit(Event::Alert(Box::new(alert.clone())));
                    self.watch.told.push(Told { trouble, alert, since: now.wall, gone: None });
                }
            }
        }
    }

    /// Ends the alerts whose reason has been gone for long enough.
    fn end(&mut self, now: Now, troubles: &[Trouble]) {
        for mut told in core::mem::take(&mut self.watch.told) {
            if troubles.contains(&told.trouble) {
                self.watch.told.push(told);
                continue;
            }
            let over = *told.gone.get_or_insert(now.mono) + QUIET;
            if over > now.mono {
                self.agenda.add(over, Due::Review);
                self.watch.told.push(told);
            } else {
                self.emit(Event::AlertOver { alert: Box::new(told.alert), since: told.since });
            }
        }
    }
}

/// An alert is over once its reason has been gone for so long: a pool that is closed anew in every minute, and a key that is
/// tried and refused again, are one alert.
const QUIET: Millis = Millis::from_mins(2);
