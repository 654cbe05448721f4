// From records of attempts to the sums that a usage report is made of: those that the engine keeps, but exact, and of as long as
// there are records. Pure.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WIDTHS = { minute: MINUTE, hour: HOUR, day: DAY };
/** Below this many slots the finest step is taken: a day and a half of minutes, a quarter of hours. */
const MOST_SLOTS = 2_200;
const USUAL = 7 * DAY;

/** What a query comes to: whole slots from `from` up to `to`. Throws a TypeError where it has a mistake. */
export function span(query, now) {
  if (query === null || typeof query !== 'object') throw new TypeError(`query: expected an object, got ${query === null ? 'null' : typeof query}`);
  for (const name of Object.keys(query)) if (!NAMES.includes(name)) throw new TypeError(`query.${name}: unknown; expected one of ${NAMES.join(', ')}`);
  for (const name of FILTERS) {
    if (query[name] !== undefined && query[name] !== null && typeof query[name] !== 'string') throw new TypeError(`query.${name}: expected a string, got ${typeof query[name]}`);
  }
  // What happens at this very instant is a part of it.
  const to = instant('to', query.to, now + 1);
  const from = instant('from', query.from, Math.max(to - USUAL, 0));
  if (from > to) throw new TypeError('query.from: expected an instant before query.to');
  const step = query.step ?? (to - from <= MOST_SLOTS * MINUTE ? 'minute' : to - from <= MOST_SLOTS * HOUR ? 'hour' : 'day');
  const width = WIDTHS[step];
  if (width === undefined) throw new TypeError('query.step: expected minute, hour or day');
  return { from: Math.floor(from / width) * width, to: (Math.floor(Math.max(to - 1, from) / width) + 1) * width, step, width };
}

/** Adds records up, one after the other, in the order in which their attempts ended. */
export class Sums {
  #span;
  #query;
  #numbers = { keys: new Map(), pools: new Map(), sessions: new Map(), operations: new Map(), verdicts: new Map() };
  #pools = [];
  #rows = new Map();
  #slots = new Map();
  #hours = new Map();
  #latencies = [];
  /** By call: when it was sent last, and how long it had waited by then. */
  #calls = new Map();
  #since;

  constructor(range, query) {
    this.#span = range;
    this.#query = query;
  }

  /** @param record one that ended within the span @param writer what tells calls of several programs apart */
  add(record, writer) {
    if (FILTERS.some((name) => this.#query[name] !== undefined && this.#query[name] !== null && record[name] !== this.#query[name])) return;
    const { at, latencyMs, success } = record;
    this.#since ??= at;
    const [input, output, cached, thoughts] = countsOf(record);
    const place = this.#placeOf(record);
    const row = had(this.#rows, place.join(), () => [...place, 0, 0, 0, 0, 0, 0]);
    for (const [index, more] of [1, latencyMs, input, output, cached, thoughts].entries()) row[5 + index] += more;
    this.#count(had(this.#slots, this.#slotOf(at), (slot) => [slot, 0, 0, 0, 0, 0, 0, 0, 0]), record);
    const start = Math.floor(at / HOUR) * HOUR;
    const hour = had(this.#hours, `${start}/${place[0]}`, () => [start, place[0], 0, 0]);
    hour[2] += 1;
    hour[3] += Number(success);
    if (success) this.#latencies.push(latencyMs);
    // One call's records follow each other; a program that was started anew begins at 1, with a first attempt.
    const call = `${writer}/${record.fallback ?? 0}/${record.call}`;
    const before = this.#calls.get(call);
    if (before !== undefined && record.attempt <= before.attempt) this.#end(before);
    this.#calls.set(call, { attempt: record.attempt, at, waited: record.waitedMs });
  }

  /** What was added, as `usageReport` wants it. */
  sums() {
    for (const call of this.#calls.values()) this.#end(call);
    this.#calls.clear();
    const { keys, sessions, operations, verdicts } = this.#numbers;
    const { from, to, step, width } = this.#span;
    // Of one key it is not seen how long a call had waited for others.
    const waits = this.#query.key === undefined || this.#query.key === null ? this.#waits : [];
    return {
      from, to, step, width, since: this.#since ?? to,
      keys: [...keys.keys()], sessions: [...sessions.keys()], operations: [...operations.keys()], verdicts: [...verdicts.keys()],
      pools: this.#pools, rows: [...this.#rows.values()], slots: [...this.#slots.values()].sort(byFirst), hours: [...this.#hours.values()].sort(byFirst),
      latency: quantiles(this.#latencies), waits: waits.length === 0 ? null : [...quantiles(waits), waits.at(-1)],
    };
  }

  #waits = [];

  #end({ at, waited }) {
    const slot = this.#slots.get(this.#slotOf(at));
    slot[6] += 1;
    slot[7] += Number(waited > 0);
    slot[8] += waited;
    this.#waits.push(waited);
  }

  #count(slot, { verdict, success, latencyMs }) {
    slot[1] += 1;
    if (success) [slot[2], slot[5]] = [slot[2] + 1, slot[5] + latencyMs];
    if (!NO_FAILURES.has(verdict)) slot[3] += 1;
    if (verdict === 'rate-limited' || verdict === 'quota-exhausted') slot[4] += 1;
  }

  /** Numbers of key, pool, session, operation and verdict. No session and no operation are 0. */
  #placeOf({ key, provider, project, model, session, operation, verdict }) {
    const pool = numbered(this.#numbers.pools, `${provider}\n${project}\n${model}`, () => this.#pools.push([provider, project, model, null]));
    const named = (word, value) => (value === null ? 0 : numbered(this.#numbers[word], value) + 1);
    return [numbered(this.#numbers.keys, key), pool, named('sessions', session), named('operations', operation), numbered(this.#numbers.verdicts, verdict)];
  }

  #slotOf(at) {
    return Math.floor(at / this.#span.width) * this.#span.width;
  }
}

/** Tokens of a record. What is only estimated counts too: there is nothing else. */
function countsOf({ tokens }) {
  return tokens === null ? [0, 0, 0, 0] : [tokens.input, tokens.output, tokens.cached, tokens.thoughts];
}

function instant(name, value, usual) {
  if (value === undefined || value === null) return usual;
  const at = value instanceof Date ? value.getTime() : value;
  if (!Number.isFinite(at) || at < 0) throw new TypeError(`query.${name}: expected an instant or a date`);
  return Math.floor(at);
}

/** The smallest value that so many of a hundred do not exceed: exactly, by nearest rank. Sorts in place. */
function quantiles(values) {
  if (values.length === 0) return null;
  values.sort((one, other) => one - other);
  return [50, 95, 99].map((percent) => values[Math.max(Math.ceil((percent / 100) * values.length) - 1, 0)]);
}

function numbered(numbers, name, first = () => {}) {
  return had(numbers, name, () => {
    first();
    return numbers.size;
  });
}

function had(map, name, make) {
  let value = map.get(name);
  if (value === undefined) map.set(name, value = make(name));
  return value;
}

function byFirst(one, other) {
  return one[0] - other[0] || one[1] - other[1];
}

export const FILTERS = ['key', 'session', 'model', 'operation'];
const NAMES = ['from', 'to', ...FILTERS, 'step'];
/** Not the provider's or a key's fault. */
const NO_FAILURES = new Set(['ok', 'bad-request', 'not-found', 'too-large', 'blocked', 'aborted']);
