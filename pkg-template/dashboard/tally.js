// What ended how, and when: counted here from events, on top of the last report of use, where the instance makes any. Of the same
// shapes as that report's.

/** The caller's own doing, or nobody's failure. */
const NO_FAILURE = new Set(['ok', 'aborted', 'bad-request', 'not-found', 'too-large', 'blocked']);

export const isFailure = (verdict) => !NO_FAILURE.has(verdict);

export class Tally {
  #hours;
  #errors;
  /** What has ended since a report was asked for. */
  #since = null;

  constructor() {
    this.#clear();
  }

  settled({ at, key, verdict }) {
    this.requests(at, key, 1);
    if (verdict !== 'ok') this.#failed({ verdict, count: 1, keys: { [key]: 1 } });
    this.#since?.settled({ at, key, verdict });
  }

  requests(at, key, requests) {
    this.#asked({ hour: new Date(at).getHours(), requests, keys: { [key]: requests } });
  }

  /** A report is being made: what ends from here on is not in it. */
  ask() {
    this.#since = new Tally();
  }

  /** It is here: it knows of all that ended before it was asked for. */
  use(report) {
    this.#clear();
    for (const { pattern, errors } of [report, this.#since ?? new Tally()]) {
      pattern.forEach((row) => this.#asked(row));
      errors.forEach((error) => this.#failed(error));
    }
    this.#since = null;
  }

  /** 24 rows, by hour of the day. */
  get pattern() {
    return this.#hours;
  }

  /** Most frequent first. */
  get errors() {
    return [...this.#errors.values()].sort((one, other) => other.count - one.count);
  }

  /** As somebody else has counted them. */
  set errors(errors) {
    this.#errors = new Map(errors.map((error) => [error.verdict, error]));
  }

  #clear() {
    this.#hours = Array.from({ length: 24 }, (_, hour) => ({ hour, requests: 0, keys: {} }));
    this.#errors = new Map();
  }

  #asked({ hour, requests, keys }) {
    const row = this.#hours[hour];
    row.requests += requests;
    add(row.keys, keys);
  }

  #failed({ verdict, count, keys }) {
    let error = this.#errors.get(verdict);
    if (error === undefined) this.#errors.set(verdict, error = { verdict, count: 0, keys: {} });
    error.count += count;
    add(error.keys, keys);
  }
}

function add(sums, counts) {
  for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
}
