//! Streams: to the engine a call is over with the first content of its answer, and from there on nothing of it can be sent
//! again. What is left until the body ends: a place among the requests under way, the real count of tokens, and whoever
//! is guilty if it breaks.

use std::rc::Rc;

use super::client::Engine;
use super::event::{Event, Settled};
use super::failure::{AttemptNote, Failure, FailureCode, Payer};
use super::penalty;
use super::permit::Receipt;
use super::provider::Provider;
use super::time::{Instant, Now};
use super::units::{CallId, PoolId};
use super::usage::Place;
use super::verdict::Classification;

/// An attempt that was served, as long as somebody may have more to say about it.
#[derive(Debug)]
pub(crate) struct Served {
    /// How its end was told. What it says of its pool is a name that may have turned out to mean another.
    pub(crate) told: Rc<Settled>,
    pub(crate) began: Instant,
    pub(crate) sent: Instant,
    /// When its headers were there.
    pub(crate) ended: Now,
    /// The attempts before it.
    pub(crate) notes: Vec<AttemptNote>,
    /// Until its answer has told what it used.
    pub(crate) receipt: Option<Receipt>,
    /// Where it is counted in the usage over time, if anywhere.
    pub(crate) place: Option<Place>,
}

impl Engine {
    /// The answer that a call was served with is a stream, whose body is still coming: it keeps its place among the
    /// requests under way. Every stream is ended by `stream_ended` or by `stream_broke`.
    pub fn streams(&mut self, call: CallId) {
        let Some(at) = self.served.iter().rposition(|served| served.told.call == call) else { return };
        let Some(served) = self.served.remove(at) else { return };
        let pool = self.scheduler.account(served.told.pool);
        self.scheduler.pools[pool.0 as usize].streams += 1;
        self.streams.insert(call, served);
    }

    /// Whose stream it is.
    pub fn provider_of_stream(&self, call: CallId) -> Option<Provider> {
        let pool = self.scheduler.account(self.streams.get(&call)?.told.pool);
        Some(self.scheduler.pools[pool.0 as usize].provider)
    }

    /// A stream came to its end, or nobody reads it any more.
    pub fn stream_ended(&mut self, now: Now, call: CallId) {
        if let Some(stream) = self.streams.remove(&call) {
            self.leave_place(now, stream.told.pool);
        }
    }

    /// A stream broke after its first content, for this reason. The guilty are charged as for any failure; to be sent
    /// again is out of the question. Returns the account for whoever reads it.
    pub fn stream_broke(&mut self, now: Now, call: CallId, meaning: Box<Classification>) -> Option<Box<Failure>> {
        let Served { told, began, sent, ended, notes, place, .. } = self.streams.remove(&call)?;
        let (key, pool, status, waited) = (told.key, told.pool, told.status, told.waited);
        let verdict = meaning.verdict;
        let payer = Payer::of(&meaning);
        let charge = (payer, &*meaning);
        let penalty = penalty::penalty(&mut self.scheduler, &self.config, &mut self.rng, now, charge, (key, pool));
        self.close(now, payer, penalty, (key, pool), verdict);
        self.journal.broke(verdict);
        if let (Some(usage), Some(place)) = (&mut self.usage, place) {
            usage.broke(ended.wall, place, Place { verdict, ..place }, ended.mono - sent);
        }
        if let Some(key) = self.scheduler.ring.get_mut(key) {
            key.tally.broke(verdict);
        }
        let settled = Settled { verdict, latency: now.mono - sent, ..(*told).clone() };
        self.emit(Event::Settled(Rc::new(settled)));
        let mut attempts = notes;
        attempts.push(AttemptNote { key, status, verdict, waited });
        let failure = Failure {
            code: FailureCode::StreamBroken,
            retry_after: None,
            attempts,
            last: Some(meaning),
            keys: self.scheduler.ring.len() as u32,
            keys_exhausted: 0,
            keys_invalid: 0,
            limit: None,
            elapsed: now.mono - began,
            only: None,
        };
        self.leave_place(now, pool);
        self.scheduler.stirred = true;
        self.review(now);
        Some(Box::new(failure))
    }

    /// Keeps a served attempt for what its answer may tell yet.
    pub(super) fn remember(&mut self, served: Served) {
        if self.served.len() == MOST_SERVED {
            self.served.pop_front();
        }
        self.served.push_back(served);
    }

    fn leave_place(&mut self, now: Now, pool: PoolId) {
        let pool = self.scheduler.account(pool);
        let pool = &mut self.scheduler.pools[pool.0 as usize];
        pool.streams = pool.streams.saturating_sub(1);
        if pool.limits.concurrency.is_some() {
            let project = pool.project;
            self.scheduler.wake(project);
            self.queue.freed();
            self.forecasts.clear();
        }
        self.pump(now);
    }
}

/// Answers are read soon after they came, or never.
const MOST_SERVED: usize = 512;
