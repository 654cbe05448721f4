// How the provider counts, per project, and what that makes possible. Times are milliseconds since the start of the run.

import { MINUTE } from './profiles.mjs';

/** Counts what arrived in the last sixty seconds, exactly. */
export class RollingMinute {
  #arrivals = [];
  #limit;

  constructor(limit) {
    this.#limit = limit;
  }

  hasRoom(now) {
    while (this.#arrivals.length > 0 && this.#arrivals[0] <= now - MINUTE) this.#arrivals.shift();
    return this.#arrivals.length < this.#limit;
  }

  count(now) {
    this.#arrivals.push(now);
  }

  /** When there is room if nobody asks meanwhile. */
  roomAt() {
    return this.#arrivals.at(-this.#limit) + MINUTE;
  }
}

/** Counts within minutes that begin at `offset`, whatever is asked. */
export class FixedMinute {
  #window = -Infinity;
  #used = 0;
  #limit;
  #offset;

  constructor(limit, offset) {
    this.#limit = limit;
    this.#offset = offset;
  }

  hasRoom(now) {
    const window = Math.floor((now - this.#offset) / MINUTE);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = 0;
    }
    return this.#used < this.#limit;
  }

  count() {
    this.#used += 1;
  }

  roomAt() {
    return (this.#window + 1) * MINUTE + this.#offset;
  }
}

/**
 * The most calls that can be admitted within a run. A rolling minute admits its limit at 0, 60, 120 s …; a fixed one once in each
 * minute that the run touches.
 *
 * @param {any} profile @param {number} duration @param {number} offset of fixed minutes
 */
export function capacityOf({ projects, server }, duration, offset) {
  const windows = server.window === 'fixed' ? 1 + Math.ceil((duration - offset) / MINUTE) : Math.ceil(duration / MINUTE);
  let capacity = 0;
  for (const { rpm, day, keys } of projects) {
    if (keys.every(({ invalid }) => invalid)) continue;
    capacity += Math.min(rpm * windows, day === null ? Infinity : day.limit - day.used);
  }
  return capacity;
}

/**
 * When each ask would be admitted by somebody who knows every count and loses no millisecond: in order, each at the first
 * instant that some project has room. No order does better in the last or in the sum.
 *
 * @param {number[]} asks in order @param {any} profile @param {number} offset @returns {number[]}
 */
export function idealAdmissions(asks, { projects, server }, offset) {
  const meters = projects.map(({ rpm }) => (server.window === 'fixed' ? new FixedMinute(rpm, offset) : new RollingMinute(rpm)));
  let last = 0;
  return asks.map((ask) => {
    const now = Math.max(ask, last);
    const choices = meters.map((meter) => ({ meter, at: meter.hasRoom(now) ? now : meter.roomAt() }));
    const { meter, at } = choices.reduce((best, choice) => (choice.at < best.at ? choice : best));
    meter.hasRoom(at);
    meter.count(at);
    last = at;
    return at;
  });
}
