//! Supply: what the pools of a kind of call have to give, and when, for forecasts.

use super::config::Config;
use super::forecast::{Forecast, Supply};
use super::gate::Until;
use super::provider::Provider;
use super::scheduler::{Need, Scheduler, habits_of};
use super::terms::Refusal;
use super::time::{Instant, Now};
use super::units::{KeyId, Tokens};
use super::verdict::Span;
use super::window::{Frame, ROUNDING};

impl Scheduler {
    /// When the present minute of a provider began, as far as is known.
    pub(crate) fn minute_began(&self, now: Instant, provider: Provider) -> Instant {
        match habits_of(&self.habits, provider).frame() {
            Frame::Rolling(span) => Instant(now.0.saturating_sub(span.0)),
            Frame::Fixed { boundary, span } => {
                let span = span.0.max(1);
                Instant(now.0.saturating_sub((now.0 % span + span - boundary.0 % span) % span))
            }
        }
    }

    /// When the pools of a kind of call will have places. Of many pools some are looked at, and stand for the rest.
    pub(crate) fn forecast(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Forecast {
        let roster = self.roster(need.lane);
        roster.promote(now.mono, need.terms());
        let keys: Vec<KeyId> = roster.present().collect();
        let mut supplies: Vec<Supply> = Vec::new();
        for id in keys.iter().copied() {
            if supplies.len() == MOST_LOOKED_AT {
                break;
            }
            let until = match self.admissible(config, now, id, need) {
                Err(Refusal::Full { until, level }) if level.span == Span::Day => Until::At(until),
                Err(Refusal::Shut(shut)) => shut.until,
                Err(Refusal::NeverFits { .. }) => Until::Never,
                Ok(_) | Err(_) => Until::At(now.mono),
            };
            let pool_id = self.pool_of(config, now, id, need.provider, need.model);
            let opens = match until {
                Until::At(at) => at,
                Until::Probe => now.mono,
                Until::Never => continue,
            };
            if let Some(known) = supplies.iter_mut().find(|known| known.pool == pool_id) {
                known.opens = known.opens.min(opens);
                continue;
            }
            let (pool, habits) = self.with_habits(pool_id);
            let used = pool.used(now, habits).0.requests;
            let limit = pool.requests_a_minute().map(|limit| (limit, limit.saturating_sub(used)));
            // A place that was taken early leaves for nobody.
            let mut over = limit.map_or(0, |(limit, _)| used.saturating_sub(limit));
            let vacant = |(at, count): (Instant, u64)| {
                let taken = over.min(count);
                over -= taken;
                (at, count - taken)
            };
            let departures = limit.map_or_else(Vec::new, |_| pool.departures(habits).map(vacant).collect());
            let (paced, step) = (pool.paced, pool.step(pool.frame(habits).span(), Tokens(0)));
            supplies.push(Supply { pool: pool_id, opens, limit, departures, paced, step });
        }
        let weight = if supplies.len() == MOST_LOOKED_AT { (keys.len() / MOST_LOOKED_AT).max(1) as u64 } else { 1 };
        let habits = habits_of(&self.habits, need.provider);
        let period = match habits.frame() {
            Frame::Rolling(span) => span + ROUNDING + habits.allowance(),
            Frame::Fixed { span, .. } => span,
        };
        Forecast::new(now.mono, period, supplies, weight)
    }
}

/// Of many pools as many are looked at, and stand for the rest.
const MOST_LOOKED_AT: usize = 64;
