// A pool: what one project may use of one model. Quotas belong here, not to keys.

import { Bucket } from './meters.js';

/** The limits a pool can have, in the order in which equal waits are reported. */
export const METERS = /** @type {const} */ ({
  rpm: { metric: 'requests', window: 'minute' },
  tpm: { metric: 'tokens', window: 'minute' },
  rpd: { metric: 'requests', window: 'day' },
  tpd: { metric: 'tokens', window: 'day' },
  otpm: { metric: 'output-tokens', window: 'minute' },
});

/** @typedef {keyof typeof METERS} MeterName */

/** @typedef {{ [name in MeterName]?: number }} Limits a limit left out means none */

/**
 * @typedef {object} Cost what a call asks for before it runs
 * @property {number} requests 1, or the items of a batch of embeddings
 * @property {number} tokens what the token meters reserve: input for Gemini and Anthropic, input and `max_tokens` for the others
 * @property {number} output what the output meter must have left: 1, as output is counted when it exists
 */

/**
 * @typedef {object} Refusal
 * @property {MeterName} meter the limit that keeps the call out longest
 * @property {'requests' | 'tokens' | 'output-tokens'} metric
 * @property {'minute' | 'day'} window
 * @property {number} limit
 * @property {number} used rounded up to a whole number
 * @property {number} requested
 * @property {number} wait milliseconds until it fits; Infinity: it never can
 * @property {number} resetIn milliseconds until the meter is back at zero
 * @property {boolean} none the tier has no quota for this model at all (a limit of 0)
 */

export class Pool {
  served = 0;
  /** @type {Partial<Record<MeterName | 'none', number>>} */
  refused = {};
  /** @type {Record<MeterName, import('./meters.js').Meter>} */
  #meters;

  /**
   * @param {string} model the resolved name
   * @param {Limits} limits
   * @param {(name: MeterName) => import('./meters.js').Meter} createMeter
   */
  constructor(model, limits, createMeter) {
    this.model = model;
    this.#meters = /** @type {any} */ (Object.fromEntries(NAMES.map((name) => [name, createMeter(name)])));
    this.limits = limits;
  }

  /** Lowering or raising a limit keeps what was used. */
  set limits(limits) {
    for (const name of NAMES) this.#meters[name].limit = limits[name] ?? Infinity;
  }

  /** @returns {Limits} */
  get limits() {
    return Object.fromEntries(NAMES.filter((name) => this.#meters[name].limit !== Infinity).map((name) => [name, this.#meters[name].limit]));
  }

  /**
   * Counts the call if every limit has room for it, else counts (at most) a refused request.
   *
   * @param {Cost} cost @param {number} now @param {boolean} countRefused
   * @returns {{ refusal: Refusal } | { settle: (change: { tokens: number, output: number }) => void }}
   */
  admit(cost, now, countRefused) {
    const name = this.#blocking(cost, now);
    if (name === null) {
      this.served++;
      return { settle: this.#take(cost, now) };
    }
    const none = NAMES.some((each) => this.#meters[each].limit === 0);
    const reason = none ? 'none' : name;
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
    // Before the wait is worked out: a refused call that counts makes the next wait longer, and a true hint knows it.
    if (countRefused && !none) this.#takeRefused(cost.requests, now);
    return { refusal: this.#refusal(name, cost, now, none) };
  }

  /** Leaves nothing in the limits of this window. Returns false where there is no limit to use up. @param {'minute' | 'day'} window @param {number} now */
  exhaust(window, now) {
    const names = NAMES.filter((name) => METERS[name].window === window && this.#meters[name].limit !== Infinity);
    // Requests if they are limited: that is the refusal people mean when they say "exhausted".
    const chosen = names.filter((name) => METERS[name].metric === 'requests');
    for (const name of chosen.length ? chosen : names) {
      const meter = this.#meters[name];
      meter.take(Math.max(0, meter.limit - meter.used(now)), now);
    }
    return names.length > 0;
  }

  /** Limit, what is left and when it is full again, for headers. @param {MeterName} name @param {number} now */
  level(name, now) {
    const meter = this.#meters[name];
    const used = Math.max(0, Math.ceil(meter.used(now) - TINY));
    return { limit: meter.limit, used, remaining: Math.max(0, meter.limit - used), resetIn: meter.resetIn(now) };
  }

  /** @param {number} now */
  state(now) {
    /** @type {Limits} */ const used = {};
    /** @type {Limits} */ const remaining = {};
    for (const name of /** @type {MeterName[]} */ (Object.keys(this.limits))) ({ used: used[name], remaining: remaining[name] } = this.level(name, now));
    return { model: this.model, limits: this.limits, used, remaining, served: this.served, refused: { ...this.refused } };
  }

  /** The meter that would keep the call out longest: the others' waits would only lead to the next refusal. @param {Cost} cost @param {number} now */
  #blocking(cost, now) {
    let longest = 0;
    /** @type {MeterName | null} */ let blocking = null;
    for (const name of NAMES) {
      const wait = this.#meters[name].wait(amount(name, cost), now);
      if (wait > longest) [longest, blocking] = [wait, name];
    }
    return blocking;
  }

  /** @param {Cost} cost @param {number} now */
  #take(cost, now) {
    const settles = NAMES.map((name) => /** @type {const} */ ([METERS[name].metric, this.#meters[name].take(name === 'otpm' ? 0 : amount(name, cost), now)]));
    return (/** @type {{ tokens: number, output: number }} */ change) => {
      for (const [metric, settle] of settles) {
        if (metric === 'tokens') settle(change.tokens);
        else if (metric === 'output-tokens') settle(change.output);
      }
    };
  }

  /** @param {number} requests @param {number} now */
  #takeRefused(requests, now) {
    for (const name of /** @type {const} */ (['rpm', 'rpd'])) {
      const meter = this.#meters[name];
      // A bucket cannot be emptier than empty: recorded refusals say "Limit 30, Used 30", never more.
      meter.take(meter instanceof Bucket ? Math.min(requests, Math.max(0, meter.limit - meter.used(now))) : requests, now);
    }
  }

  /** @param {MeterName} name @param {Cost} cost @param {number} now @param {boolean} none @returns {Refusal} */
  #refusal(name, cost, now, none) {
    const meter = this.#meters[name];
    const requested = amount(name, cost);
    return {
      meter: name, ...METERS[name], limit: meter.limit, used: this.level(name, now).used, requested,
      wait: meter.wait(requested, now), resetIn: meter.resetIn(now), none,
    };
  }
}

const NAMES = /** @type {MeterName[]} */ (Object.keys(METERS));

/** What is left of a bucket after refilling may be a hair above a whole number. */
const TINY = 1e-6;

/** @param {MeterName} name @param {Cost} cost */
function amount(name, cost) {
  return { requests: cost.requests, tokens: cost.tokens, 'output-tokens': cost.output }[METERS[name].metric];
}
