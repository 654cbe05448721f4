// When counters start again: at every multiple of a span, or at every midnight somewhere.

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/**
 * @typedef {object} Period
 * @property {(now: number) => number} start first instant of the period that holds `now`
 * @property {(now: number) => number} end first instant after it
 */

/**
 * Periods of a fixed length that begin at `offset` milliseconds after the epoch, and so at every minute for
 * a span of 60,000 and an offset of 0.
 *
 * @param {number} span @param {number} [offset] @returns {Period}
 */
export function everySpan(span, offset = 0) {
  const start = (/** @type {number} */ now) => Math.floor((now - offset) / span) * span + offset;
  return { start, end: (now) => start(now) + span };
}

/**
 * Calendar days. `utc` is what dated recordings show for Gemini's daily quota, `pacific` (America/Los_Angeles,
 * daylight saving included) is what its documents say.
 *
 * @param {'utc' | 'pacific'} zone @returns {Period}
 */
export function everyDay(zone) {
  if (zone === 'utc') return everySpan(DAY);
  const midnight = (/** @type {number} */ now, /** @type {number} */ daysAhead) => {
    const wall = Math.floor((now + pacificOffset(now)) / DAY) * DAY + daysAhead * DAY;
    // The offset at midnight, not now: clocks change at 2 o'clock, so the two may differ, but midnight is never doubtful.
    return wall - pacificOffset(wall - pacificOffset(now));
  };
  return { start: (now) => midnight(now, 0), end: (now) => midnight(now, 1) };
}

/** Wall clock minus UTC in Los Angeles, in milliseconds. @param {number} at */
function pacificOffset(at) {
  const part = Object.fromEntries(pacificClock().formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - Math.floor(at / 1000) * 1000;
}

/** @type {Intl.DateTimeFormat | undefined} */
let clock;

/** Made on first use: it takes milliseconds, and most callers never need it. */
function pacificClock() {
  clock ??= new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles', hourCycle: 'h23',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  return clock;
}
