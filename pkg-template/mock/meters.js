// Three ways to count against a limit. All answer the same questions:
//
//   used(now)          how much of the limit is gone
//   wait(amount, now)  0: it fits; else the milliseconds until it will; Infinity: it never can
//   take(amount, now)  count it; returns a function that corrects the amount later (tokens turn out different)
//   resetIn(now)       milliseconds until nothing is used any more
//
// `limit` may be changed at any time and Infinity means none: what was used is kept.

/** @typedef {RollingWindow | FixedWindow | Bucket} Meter */

/**
 * An exact sliding window: what was taken at `t` counts until `t + span` and not a moment longer, so a call at exactly
 * `t + span` finds it gone.
 */
export class RollingWindow {
  #span;
  /** @type {{ at: number, amount: number, gone: boolean }[]} */
  #log = [];
  #used = 0;

  /** @param {number} limit @param {number} span milliseconds */
  constructor(limit, span) {
    this.limit = limit;
    this.#span = span;
  }

  /** @param {number} amount @param {number} now */
  take(amount, now) {
    // A clock that steps back must not break the order of the log.
    const entry = { at: Math.max(now, this.#log.at(-1)?.at ?? -Infinity), amount, gone: false };
    this.#log.push(entry);
    this.#used += amount;
    return (/** @type {number} */ correction) => {
      if (entry.gone) return;
      entry.amount += correction;
      this.#used += correction;
    };
  }

  /** @param {number} now */
  used(now) {
    let gone = 0;
    while (gone < this.#log.length && this.#log[gone].at + this.#span <= now) {
      this.#used -= this.#log[gone].amount;
      this.#log[gone].gone = true;
      gone++;
    }
    if (gone) this.#log.splice(0, gone);
    return this.#used;
  }

  /** @param {number} amount @param {number} now */
  wait(amount, now) {
    if (amount > this.limit) return Infinity;
    let excess = this.used(now) + amount - this.limit;
    for (const { at, amount: freed } of this.#log) {
      if (excess <= 0) break;
      excess -= freed;
      if (excess <= 0) return at + this.#span - now;
    }
    return 0;
  }

  /** @param {number} now */
  resetIn(now) {
    return this.used(now) > 0 ? /** @type {any} */ (this.#log.at(-1)).at + this.#span - now : 0;
  }
}

/** A counter that starts again at fixed instants: minutes of the clock, or midnights. */
export class FixedWindow {
  #period;
  #start = -Infinity;
  #used = 0;

  /** @param {number} limit @param {import('./calendar.js').Period} period */
  constructor(limit, period) {
    this.limit = limit;
    this.#period = period;
  }

  /** @param {number} amount @param {number} now */
  take(amount, now) {
    this.#used = this.used(now) + amount;
    const start = this.#start;
    return (/** @type {number} */ correction) => {
      if (start === this.#start) this.#used = Math.max(0, this.#used + correction);
    };
  }

  /** @param {number} now */
  used(now) {
    const start = this.#period.start(now);
    if (start > this.#start) {
      this.#start = start;
      this.#used = 0;
    }
    return this.#used;
  }

  /** @param {number} amount @param {number} now */
  wait(amount, now) {
    if (amount > this.limit) return Infinity;
    return this.used(now) + amount > this.limit ? this.#period.end(now) - now : 0;
  }

  /** @param {number} now */
  resetIn(now) {
    return this.used(now) > 0 ? this.#period.end(now) - now : 0;
  }
}

/**
 * A token bucket that refills continuously, `limit` in `span`. The wait is
 * `(used + amount - limit) * span / limit`, as checked on recorded messages of Groq and OpenAI. There is no boundary to wait for.
 */
export class Bucket {
  #span;
  #used = 0;
  #at = -Infinity;

  /** @param {number} limit @param {number} span milliseconds */
  constructor(limit, span) {
    this.limit = limit;
    this.#span = span;
  }

  /** @param {number} amount @param {number} now */
  take(amount, now) {
    this.#used = this.used(now) + amount;
    return (/** @type {number} */ correction) => {
      this.#used = Math.max(0, this.#used + correction);
    };
  }

  /** @param {number} now */
  used(now) {
    if (now > this.#at) {
      if (this.#used > 0) this.#used = Math.max(0, this.#used - (now - this.#at) * (this.limit / this.#span));
      this.#at = now;
    }
    return this.#used;
  }

  /** @param {number} amount @param {number} now */
  wait(amount, now) {
    if (amount > this.limit) return Infinity;
    const excess = this.used(now) + amount - this.limit;
    return excess > ROUNDING ? (excess * this.#span) / this.limit : 0;
  }

  /** @param {number} now */
  resetIn(now) {
    return this.limit > 0 ? (this.used(now) * this.#span) / this.limit : 0;
  }
}

/** Refilling adds fractions; who has waited exactly as long as told must not miss by the last bit. */
const ROUNDING = 1e-6;
