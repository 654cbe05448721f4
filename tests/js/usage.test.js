// What was used over time, as people ask for it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, NOON, answering, byHand, clock, endpointOf, open, question, refusal, refused, served } from './support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An answer that tells what it used. */
const answer = (input, output, thoughts, cached) => served({
  candidates: [{ content: { parts: [{ text: 'yes' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: input, candidatesTokenCount: output, thoughtsTokenCount: thoughts, cachedContentTokenCount: cached },
});

/** An instance whose clock stands at noon until it is moved. */
function at(options, keys) {
  let wall = NOON;
  const api = open({ now: () => wall, ...options }, keys);
  return { api, pass: (ms) => { wall += ms; } };
}

const asked = (session, operation) => ({ ...question(), quota: { session, operation } });

describe('getUsage', () => {
  test('tells keys, pools, sessions, operations and verdicts apart', async () => {
    const { api } = at({ fetch: answering(answer(10, 5), refused(30), answer(7, 3)), limits: { rpm: 15 } }, ['fake-one', 'fake-two']);
    await (await api.call(ENDPOINT, asked('ann', 'text'))).json();
    await (await api.call(ENDPOINT, asked('bob', 'vision'))).json();
    await api.call(endpointOf('gemini-other'), asked('bob'));
    const { totals, keys, pools, sessions, operations, errors, summary } = api.getUsage();
    assert.deepEqual(totals, { requests: 4, successes: 3, failures: 1, rateLimited: 1, averageMs: 0, tokens: 25, inputTokens: 17, outputTokens: 8, cachedTokens: 0, thoughtsTokens: 0, calls: 3, waitedCalls: 0 });
    assert.deepEqual(keys.map(({ key, requests, failures }) => [key, requests, failures]), [['key-1', 2, 0], ['key-2', 2, 1]]);
    assert.deepEqual(pools.map(({ provider, project, model, successes, available, efficiency }) => [provider, project, model, successes, available, efficiency]), [
      ['gemini', 'key-1', 'gemini-fake', 2, 15, 2 / 15],
      ['gemini', 'key-2', 'gemini-fake', 0, 15, 0],
      ['gemini', 'key-2', 'gemini-other', 1, 15, 1 / 15],
    ]);
    assert.deepEqual(sessions.map(({ session, requests, tokens }) => [session, requests, tokens]), [['bob', 3, 10], ['ann', 1, 15]]);
    assert.deepEqual(operations.map(({ operation, requests }) => [operation, requests]), [['vision', 2], ['text', 1], [null, 1]]);
    assert.deepEqual(summary, { totalKeys: 2, healthyKeys: 2, activeKey: 'key-1' });
    assert.deepEqual(errors, [{ verdict: 'rate-limited', category: 'rate_limit', count: 1, keys: { 'key-2': 1 } }]);
  });

  test('of a part knows what is the part’s, and says null for what is not', async () => {
    const { api } = at({ fetch: async () => answer(10, 5) });
    for (const session of ['ann', 'bob', 'ann']) await (await api.call(ENDPOINT, asked(session))).json();
    const ann = api.getUsage({ session: 'ann' });
    assert.deepEqual([ann.totals.requests, ann.totals.tokens, ann.totals.calls, ann.latency, ann.waits], [2, 30, null, null, null]);
    assert.deepEqual(ann.series.map(({ requests, waited }) => [requests, waited]), [[2, null]]);
    assert.equal(api.getUsage({ session: 'ann', key: 'key-2' }).totals.requests, 0);
    assert.equal(api.getUsage({ model: 'gemini-fake', operation: undefined }).totals.requests, 3);
    assert.deepEqual(api.getUsage({ session: 'nobody' }).keys, []);
  });

  test('has a row for each minute, the empty ones too, and 24 for the hours of a day', async () => {
    const { api, pass } = at({});
    await api.call(ENDPOINT);
    pass(3 * MINUTE);
    await api.call(ENDPOINT);
    const { range, step, series, pattern, hours } = api.getUsage({ from: new Date(NOON), to: NOON + 5 * MINUTE });
    assert.deepEqual([range, step], [{ from: NOON, to: NOON + 5 * MINUTE }, 'minute']);
    assert.deepEqual(series.map(({ at: begins, requests }) => [(begins - NOON) / MINUTE, requests]), [[0, 1], [1, 0], [2, 0], [3, 1], [4, 0]]);
    assert.equal(pattern.length, 24);
    assert.deepEqual(pattern[new Date(NOON).getHours()], { hour: new Date(NOON).getHours(), requests: 2, successes: 2, keys: { 'key-1': 1, 'key-2': 1 } });
    assert.equal(pattern.reduce((all, { requests }) => all + requests, 0), 2);
    assert.deepEqual(hours, [{ at: NOON, key: 'key-1', requests: 1, successes: 1 }, { at: NOON, key: 'key-2', requests: 1, successes: 1 }]);
  });

  test('takes the finest slots that reach back, and keeps what is older by the hour and by the day', async () => {
    const { api, pass } = at({ usage: { minutes: 10, hours: 24 } });
    await api.call(ENDPOINT);
    assert.equal(api.getUsage().step, 'minute');
    pass(2 * HOUR);
    await api.call(ENDPOINT);
    assert.deepEqual([api.getUsage().step, api.getUsage().totals.requests], ['hour', 2]);
    pass(50 * HOUR);
    await api.call(ENDPOINT);
    const report = api.getUsage();
    assert.deepEqual([report.step, report.totals.requests], ['day', 3]);
    assert.equal(api.getUsage({ from: NOON + 52 * HOUR - MINUTE }).totals.requests, 1);
  });

  test('tells how long calls waited, to within one percent', async (t) => {
    const { now, pass } = clock(t);
    const api = open({ now, limits: { rpm: 1 }, minute: 'rolling', pacing: 'burst' }, ['fake-one']);
    t.after(() => api.close());
    const calls = [api.call(ENDPOINT), api.call(ENDPOINT)];
    await pass(61_000);
    await Promise.all(calls);
    const { waits, latency, totals } = api.getUsage();
    assert.equal(waits.p50, 0);
    assert.ok(Math.abs(waits.max - 60_000) < 700, `${waits.max}`);
    assert.deepEqual([totals.calls, totals.waitedCalls], [2, 1]);
    assert.equal(latency.p50, 0);
  });

  test('counts an aborted attempt as a request and nothing else', async () => {
    const { fetch, requests } = byHand();
    const { api } = at({ fetch });
    const leaving = new AbortController();
    const call = api.call(ENDPOINT, { signal: leaving.signal });
    leaving.abort();
    await assert.rejects(call);
    assert.equal(requests.length, 1);
    const { totals, errors } = api.getUsage();
    assert.deepEqual([totals.requests, totals.successes, totals.failures], [1, 0, 0]);
    assert.deepEqual(errors.map(({ verdict, category }) => [verdict, category]), [['aborted', 'other']]);
  });

  test('keeps the name of a key that is gone', async () => {
    const { api } = at({});
    await api.call(ENDPOINT);
    api.removeKey('key-1');
    await api.call(ENDPOINT);
    assert.deepEqual(api.getUsage().keys.map(({ key }) => key), ['key-1', 'key-2']);
    assert.equal(api.getUsage({ key: 'key-1' }).totals.requests, 1);
  });

  test('refuses a wrong question, and says so where nothing is counted', () => {
    const { api } = at({});
    for (const [query, words] of [
      [null, /^query: expected an object, got null/], [5, /^query: expected an object, got 5/],
      [{ from: 'yesterday' }, /^query\.from: expected a whole number of milliseconds/],
      [{ from: new Date(NaN) }, /^query\.from: expected a date, got an invalid one/],
      [{ from: 2, to: 1 }, /^query\.from: expected at most query\.to/],
      [{ step: 'week' }, /^query\.step: expected one of minute, hour, day/],
      [{ sesion: 'a' }, /^query\.sesion: unknown option; did you mean session\?/],
    ]) assert.throws(() => api.getUsage(query), refusal('CONFIG_INVALID', words));
    assert.throws(() => at({ usage: false }).api.getUsage(), refusal('CONFIG_INVALID', /^options\.usage: /));
  });
});
