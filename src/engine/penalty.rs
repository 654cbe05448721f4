//! For how long a failure closes what is guilty of it.

use super::config::Config;
use super::failure::Payer;
use super::gate::Cause;
use super::provider::Provider;
use super::rng::Rng;
use super::time::{Instant, Millis, Now};
use super::units::{KeyId, PoolId};
use super::verdict::{Classification, Finality, Hint, Scope};

use super::scheduler::Scheduler;

/// What a failure closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Penalty {
    /// Nothing.
    Spared,
    /// Until this instant, for this cause; then a probe.
    Until(Cause, Instant),
    /// For good.
    ForGood(Cause),
}

/// The penalty for what an attempt with `key` on `pool` came to.
pub(crate) fn penalty(
    scheduler: &mut Scheduler,
    config: &Config,
    rng: &mut Rng,
    now: Now,
    (payer, classification): (Payer, &Classification),
    (key, pool): (KeyId, PoolId),
) -> Penalty {
    let after = |cause, span| Penalty::Until(cause, now.mono + span);
    let final_or = |cause, span| match classification.finality {
        // Nothing else ends a credential for good.
        Finality::ForGood if cause == Cause::Invalid => Penalty::ForGood(Cause::Leaked),
        Finality::ForGood => Penalty::ForGood(cause),
        Finality::Repairable => after(cause, span),
    };
    match payer {
        Payer::Nobody => Penalty::Spared,
        Payer::KeyClosed(cause) | Payer::Project(cause @ (Cause::OutOfCredit | Cause::Denied)) => {
            final_or(cause, PROBE_EVERY)
        }
        Payer::Project(cause) | Payer::Pool(cause) => {
            let pool = scheduler.account(pool);
            let pool_at = &mut scheduler.pools[pool.0 as usize];
            let gate = match payer {
                Payer::Project(_) => &scheduler.projects[pool_at.project.0 as usize].gate,
                _ => &pool_at.gate,
            };
            // Requests that were under way together are refused together: that is one refusal.
            pool_at.refusals += u32::from(!gate.is_closed(now.mono));
            quota(scheduler, config, rng, now, (cause, classification), pool)
        }
        Payer::KeyStruck => {
            let cooldown = config.cooldown;
            // The last key that works is never ejected: a bad key is better than none.
            let has_other = scheduler.has_other(now.mono, key, pool);
            let Some(key) = scheduler.ring.get_mut(key) else { return Penalty::Spared };
            // What was under way together with the error that closed the key tells nothing new.
            if !key.strike(cooldown.error_threshold) || !has_other || key.gate.is_closed(now.mono) {
                return Penalty::Spared;
            }
            after(Cause::Errors, key.cool_down(cooldown.error, cooldown.error_max))
        }
        Payer::Capacity => {
            let overloads = scheduler.overloaded(pool);
            // One busy moment is not an outage: calls back off by themselves. A row of them closes the model.
            if overloads < OVERLOADS_TO_CLOSE {
                return Penalty::Spared;
            }
            let backoff = config.backoff.wait(overloads - OVERLOADS_TO_CLOSE, rng);
            let hint = classification.retry_after.map_or(Millis::ZERO, |hint| pad(hint, rng));
            after(Cause::Overload, backoff.max(hint))
        }
    }
}

fn quota(
    scheduler: &mut Scheduler,
    config: &Config,
    rng: &mut Rng,
    now: Now,
    (cause, classification): (Cause, &Classification),
    pool: PoolId,
) -> Penalty {
    let (pool, habits) = scheduler.with_habits(pool);
    let hint = classification.retry_after;
    let until = match cause {
        Cause::NoQuota => now.mono + Millis::from_hours(24),
        Cause::DayQuota => day_returns(now, pool.provider, hint, rng),
        // Some daily caps name no window and hint at seconds (providers.md 1.7): three refusals at the hint tell.
        _ if pool.provider == Provider::Gemini
            && classification.window.is_none()
            && hint.is_some()
            && pool.refusals >= REFUSALS_THAT_TELL_A_DAY =>
        {
            return Penalty::Until(Cause::DayQuota, day_returns(now, pool.provider, None, rng));
        }
        _ => match hint {
            Some(hint) => now.mono + pad(hint, rng),
            // Nobody's counter: shared capacity, or a burst. There is no window to wait for.
            None if classification.scope == Scope::None => {
                now.mono + config.backoff.wait(pool.refusals.saturating_sub(1), rng)
            }
            None => match config.cooldown.rate_limit {
                Some(span) => now.mono + span,
                None => pool
                    .observed_window_ends(now.mono, habits)
                    .filter(|end| *end > now.mono)
                    .unwrap_or(now.mono + Millis::from_secs(60)),
            },
        },
    };
    Penalty::Until(cause, until)
}

/// When a daily quota comes back. Gemini's short hints on daily refusals are wrong (4 to 59 s, recorded for a year);
/// its documents say midnight Pacific, its recordings midnight UTC: so the earlier of the two, with one probe, and the
/// other if that is refused. The others refill continuously, and their hints are exact.
fn day_returns(now: Now, provider: Provider, hint: Option<Hint>, rng: &mut Rng) -> Instant {
    if let Some(hint) = hint
        && (hint.delay >= LONG_HINT || provider != Provider::Gemini)
    {
        return now.mono + pad(hint, rng);
    }
    let midnight = now.wall.next_utc_midnight().min(now.pacific_midnight);
    now.instant_of(midnight) + Millis(250) + rng.up_to(Millis::from_secs(1))
}

/// A hint is a lower bound, padded upwards only: by a second more where the server cut the figure to whole seconds
/// (googleapis/python-genai#2114), and by up to a tenth where it is whole seconds anyhow, so that clients do not return in
/// the same instant. A figure with milliseconds in it is the server's own count of when there is room again, and different
/// for everybody: little is added to that.
pub(crate) fn pad(hint: Hint, rng: &mut Rng) -> Millis {
    if !hint.truncated && !hint.delay.0.is_multiple_of(1_000) {
        return hint.delay + EXACT_PAD + rng.up_to(EXACT_PAD);
    }
    let cut = if hint.truncated { Millis::from_secs(1) } else { Millis::ZERO };
    hint.delay + cut + HINT_PAD + rng.up_to(Millis(hint.delay.0 / 10))
}

/// The most that `pad` adds to a hint of this length: not counted against a caller's patience.
pub(crate) fn most_padding(hint: Millis) -> Millis {
    Millis::from_secs(1) + HINT_PAD + Millis(hint.0 / 10)
}

/// Invalid keys, empty accounts and denied projects are probed at most this often.
const PROBE_EVERY: Millis = Millis::from_hours(1);
/// A first overload and two more tries; the next one is about the model.
const OVERLOADS_TO_CLOSE: u32 = 3;
const REFUSALS_THAT_TELL_A_DAY: u32 = 3;
/// Google's own client draws the line between minute and day hints here.
const LONG_HINT: Millis = Millis::from_mins(5);
const HINT_PAD: Millis = Millis(250);
/// Within 50 ms of the capacity's return, and not before it.
const EXACT_PAD: Millis = Millis(20);
