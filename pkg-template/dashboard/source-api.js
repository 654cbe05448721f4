// An instance in the same page: looked at when a frame needs it, and heard of when something happens.
import { Memory } from './memory.js';
import { isFailure } from './tally.js';
import { CHANGES, USAGE_EVERY, isClosed, usageOf } from './state.js';
import { ordersOf, performOrder } from './orders.js';

export class ApiSource {
  memory = new Memory();
  orders;
  /** Nothing between us that could be lost. */
  connection = null;

  #api;
  #changed;
  #listening = new AbortController();
  #closed = false;
  #last = null;
  #usageAt = -Infinity;

  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
    this.orders = ordersOf(api);
    const { signal } = this.#listening;
    const { series, tally, moves } = this.memory;
    const hear = (type, listener) => api.addEventListener(type, ({ detail }) => listener(detail), { signal });
    // A fallback's keys are not among those that are shown.
    const own = (listener) => (detail) => { if (detail.fallback === undefined) listener(detail); };
    hear('settled', own((detail) => {
      series.requests(detail.at);
      if (isFailure(detail.verdict)) series.failures(detail.at);
      tally.settled(detail);
    }));
    hear('waiting', own(({ at }) => series.waits(at)));
    hear('rotate', own((move) => moves.add(move)));
    for (const type of CHANGES) hear(type, changed);
    this.#guard(() => moves.merge(api.getRotationHistory(1000)));
  }

  now() {
    return Date.now();
  }

  /** `{ status, stats, closed }`, as they are now; after `close()` as they were last. */
  read() {
    this.#guard(() => { this.#last = { status: this.#api.getStatus(), stats: this.#api.getStats() }; });
    if (!this.#closed && performance.now() - this.#usageAt > USAGE_EVERY) this.#askUsage();
    return { ...this.#last, closed: this.#closed };
  }

  perform(order) {
    return performOrder(this.#api, order);
  }

  close() {
    this.#listening.abort();
  }

  #askUsage() {
    this.#usageAt = performance.now();
    this.memory.tally.ask();
    usageOf(this.#api).then((report) => {
      if (report === null || this.#listening.signal.aborted) return;
      this.memory.use(report);
      this.#changed();
      // No report this time; what is counted here is shown.
    }, () => {});
  }

  #guard(look) {
    try {
      look();
      this.#closed = false;
    } catch (error) {
      if (!isClosed(error)) throw error;
      this.#closed = true;
    }
  }
}
