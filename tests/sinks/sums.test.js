// What records come to in a usage report: every number against one that is reckoned here in the slowest way.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { usageReport } from '../../pkg-template/api/usage-report.js';
import { Sums, span } from '../../pkg-template/sinks/sums.js';
import { NOON, record, tokens } from './records.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function report(records, query = {}, now = NOON + HOUR) {
  const range = span(query, now);
  const sums = new Sums(range, query);
  for (const each of records.filter(({ at }) => at >= range.from && at < range.to).sort((one, other) => one.at - other.at)) sums.add(each, each.writer ?? 'w');
  return usageReport(sums.sums(), query.key !== undefined);
}

describe('the time that a query means', () => {
  const AT = NOON + 90_000;
  const cases = {
    'is the last seven days, by the hour': [{}, { from: NOON - 7 * DAY, to: NOON + HOUR, step: 'hour' }],
    'is by the minute where it is short': [{ from: NOON }, { from: NOON, to: NOON + 2 * MINUTE, step: 'minute' }],
    'is by the day where it is long': [{ from: NOON - 200 * DAY }, { from: Date.UTC(2026, 2, 21), to: Date.UTC(2026, 9, 8), step: 'day' }],
    'is rounded outwards': [{ from: NOON + 1, to: NOON + MINUTE + 1, step: 'minute' }, { from: NOON, to: NOON + 2 * MINUTE, step: 'minute' }],
    'ends where it says': [{ from: NOON, to: NOON + MINUTE, step: 'minute' }, { from: NOON, to: NOON + MINUTE, step: 'minute' }],
    'may be dates': [{ from: new Date(NOON), to: new Date(NOON + 1) }, { from: NOON, to: NOON + MINUTE, step: 'minute' }],
    'has a slot at least': [{ from: NOON, to: NOON }, { from: NOON, to: NOON + MINUTE, step: 'minute' }],
  };
  for (const [name, [query, { from, to, step }]] of Object.entries(cases)) {
    test(name, () => {
      const range = span(query, AT);
      assert.deepEqual([range.from, range.to, range.step], [from, to, step]);
    });
  }

  for (const [query, words] of [
    [{ form: 5 }, /^query\.form: unknown; expected one of from, to, key, session, model, operation, step/], [{ from: 'yesterday' }, /^query\.from: expected an instant/],
    [{ from: new Date(NaN) }, /^query\.from/], [{ to: -1 }, /^query\.to/], [{ from: 5, to: 4 }, /^query\.from: expected an instant before/], [{ step: 'week' }, /^query\.step/],
    [{ key: 5 }, /^query\.key: expected a string, got number/], [null, /^query: expected an object, got null/],
  ]) test(`is no ${JSON.stringify(query)}`, () => assert.throws(() => span(query, NOON), { name: 'TypeError', message: words }));
});

describe('a report', () => {
  test('of nothing has zeros, and all its parts', () => {
    const { totals, latency, waits, series, pattern, ...lists } = report([]);
    assert.deepEqual(totals, { requests: 0, successes: 0, failures: 0, rateLimited: 0, averageMs: null, tokens: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, thoughtsTokens: 0, calls: 0, waitedCalls: 0 });
    assert.deepEqual([latency, waits, series, pattern.length], [null, null, [], 24]);
    for (const name of ['keys', 'pools', 'sessions', 'operations', 'hours', 'errors']) assert.deepEqual(lists[name], [], name);
  });

  test('counts calls once, however often they were sent, and their waits as they were in the end', () => {
    const records = [
      record({ call: 1, attempt: 1, verdict: 'rate-limited', category: 'rate_limit', at: NOON }), record({ call: 1, attempt: 2, waitedMs: 700, at: NOON + 1_000, key: 'key-2' }),
      record({ call: 2, at: NOON + 2_000, latencyMs: 300 }), record({ call: 3, verdict: 'bad-request', at: NOON + 3_000 }),
      // The same call of another program, of one that was started anew, and of a fallback.
      record({ call: 1, writer: 'other', at: NOON + 4_000, waitedMs: 50 }), record({ call: 1, attempt: 1, at: NOON + 5_000 }), record({ call: 1, fallback: 2, at: NOON + 6_000 }),
    ];
    const { totals, waits, latency, series } = report(records, { from: NOON });
    assert.deepEqual([totals.requests, totals.successes, totals.failures, totals.rateLimited, totals.calls, totals.waitedCalls], [7, 5, 1, 1, 6, 2]);
    assert.equal(totals.averageMs, 140);
    assert.deepEqual(waits, { p50: 0, p95: 700, p99: 700, max: 700 });
    assert.deepEqual(latency, { p50: 100, p95: 300, p99: 300 });
    assert.deepEqual(series[0], { at: NOON, requests: 7, successes: 5, failures: 1, rateLimited: 1, waited: 2, waitMs: 375, latencyMs: 140 });
    // Every slot of the range since there is data.
    assert.equal(series.length, 61);
  });

  test('has exact percentiles', () => {
    const records = Array.from({ length: 1_000 }, (_, at) => record({ latencyMs: at + 1, at: NOON + at }));
    assert.deepEqual(report(records).latency, { p50: 500, p95: 950, p99: 990 });
  });

  test('names errors by verdict, most frequent first, with their keys', () => {
    const failed = (verdict, key) => record({ verdict, key });
    const { errors } = report([failed('invalid-key', 'a'), failed('rate-limited', 'a'), failed('rate-limited', 'b'), failed('rate-limited', 'b'), failed('aborted', 'b'), record()]);
    assert.deepEqual(errors.slice(0, 1), [{ verdict: 'rate-limited', category: 'rate_limit', count: 3, keys: { a: 1, b: 2 } }]);
    assert.deepEqual(new Map(errors.map(({ verdict, category }) => [verdict, category])), new Map([['rate-limited', 'rate_limit'], ['invalid-key', 'invalid_key'], ['aborted', 'other']]));
  });

  test('tells hours by key, and the hours of a day', () => {
    const { hours, pattern } = report([record({ at: NOON }), record({ at: NOON + MINUTE, key: 'key-2', verdict: 'transient' }), record({ at: NOON - DAY })]);
    assert.deepEqual(hours, [{ at: NOON - DAY, key: 'key-1', requests: 1, successes: 1 }, { at: NOON, key: 'key-1', requests: 1, successes: 1 }, { at: NOON, key: 'key-2', requests: 1, successes: 0 }]);
    assert.deepEqual(pattern[new Date(NOON).getHours()], { hour: new Date(NOON).getHours(), requests: 3, successes: 2, keys: { 'key-1': 2, 'key-2': 1 } });
  });
});

/** A day of records, drawn. */
function drawn(seed) {
  let state = seed;
  const below = (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % most;
  };
  const of = (list) => list[below(list.length)];
  return Array.from({ length: 2_000 }, () => record({
    at: NOON - DAY + below(DAY), key: of(['key-1', 'key-2', 'key-3']), project: of(['p', 'q']), model: of(['flash', 'pro']), session: of([null, 'amy', 'ben', 'cleo']),
    operation: of([null, 'text', 'vision']), verdict: of(['ok', 'ok', 'ok', 'rate-limited', 'quota-exhausted', 'transient', 'bad-request']), latencyMs: below(3_000), waitedMs: of([0, 0, below(9_000)]),
    tokens: of([null, tokens(below(500), below(900), below(100), below(50))]),
  }));
}

const sum = (records, of) => records.reduce((all, each) => all + of(each), 0);
const FAILED = new Set(['rate-limited', 'quota-exhausted', 'transient']);

/** The slow way. */
function counted(records) {
  const served = records.filter(({ success }) => success);
  const total = (name) => sum(records, (each) => each.tokens?.[name] ?? 0);
  return {
    requests: records.length, successes: served.length, failures: records.filter(({ verdict }) => FAILED.has(verdict)).length,
    rateLimited: records.filter(({ verdict }) => ['rate-limited', 'quota-exhausted'].includes(verdict)).length,
    averageMs: served.length === 0 ? null : Math.round(sum(served, ({ latencyMs }) => latencyMs) / served.length),
    tokens: total('input') + total('output'), inputTokens: total('input'), outputTokens: total('output'), cachedTokens: total('cached'), thoughtsTokens: total('thoughts'),
  };
}

describe('a day that was drawn', () => {
  for (const query of [{}, { key: 'key-2' }, { session: 'amy' }, { model: 'pro' }, { operation: 'vision', session: 'ben' }, { from: NOON - 5 * HOUR, to: NOON - HOUR }]) {
    test(`is added up: ${JSON.stringify(query)}`, () => {
      const { range, totals, keys, pools, sessions, operations, series } = report(drawn(7), query);
      const all = drawn(7).filter((each) => each.at >= range.from && each.at < range.to && ['key', 'session', 'model', 'operation'].every((name) => query[name] === undefined || each[name] === query[name]));
      const { calls, waitedCalls, ...counts } = totals;
      assert.deepEqual(counts, counted(all));
      assert.deepEqual([calls, waitedCalls], query.key === undefined ? [all.length, all.filter(({ waitedMs }) => waitedMs > 0).length] : [null, null]);
      for (const { key, ...own } of keys) assert.deepEqual(own, counted(all.filter((each) => each.key === key)));
      for (const { session, ...own } of sessions) assert.deepEqual(own, counted(all.filter((each) => each.session === session)));
      for (const { operation, ...own } of operations) assert.deepEqual(own, counted(all.filter((each) => each.operation === operation)));
      for (const { provider, project, model, available, efficiency, ...own } of pools) {
        assert.deepEqual([provider, available, efficiency], ['gemini', null, null]);
        assert.deepEqual(own, counted(all.filter((each) => each.project === project && each.model === model)));
      }
      for (const list of [keys, pools, sessions, operations, series]) assert.equal(sum(list, ({ requests }) => requests), all.length);
      assert.deepEqual(sessions.map(({ requests }) => requests), sessions.map(({ requests }) => requests).sort((one, other) => other - one));
    });
  }
});
