// What ended how, and when: counted here from events, for instances that keep no report of use. The same shapes as that report's.

/** The caller's own doing, or nobody's failure. */
const NO_FAILURE = new Set(['ok', 'aborted', 'bad-request', 'not-found', 'too-large', 'blocked']);

export const isFailure = (verdict) => !NO_FAILURE.has(verdict);

export class Tally {
  #hours = Array.from({ length: 24 }, (_, hour) => ({ hour, requests: 0, keys: {} }));
  #errors = new Map();

  settled({ at, key, verdict }) {
    this.requests(at, key, 1);
    if (verdict === 'ok') return;
    let error = this.#errors.get(verdict);
    if (error === undefined) this.#errors.set(verdict, error = { verdict, count: 0, keys: {} });
    error.count += 1;
    error.keys[key] = (error.keys[key] ?? 0) + 1;
  }

  requests(at, key, count) {
    const hour = this.#hours[new Date(at).getHours()];
    hour.requests += count;
    hour.keys[key] = (hour.keys[key] ?? 0) + count;
  }

  /** 24 rows, by hour of the day. */
  get pattern() {
    return this.#hours;
  }

  /** Most frequent first. */
  get errors() {
    return [...this.#errors.values()].sort((one, other) => other.count - one.count);
  }
}
