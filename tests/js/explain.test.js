// Accounts: what was decided about a call and why, for whoever asks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, answering, byHand, clock, open, refused, served, turn, watched } from './support.js';

const EXPLAIN = Object.freeze({ quota: Object.freeze({ explain: true }) });
const words = ({ steps }) => steps.map(({ step }) => step);

describe('the response of a call that asks', () => {
  test('brings which key answered, after how many attempts, and every step', async () => {
    const api = open({ fetch: answering(refused()) });
    const { quota } = await api.call(ENDPOINT, EXPLAIN);
    assert.deepEqual([quota.call, quota.key, quota.attempts], [1, 'key-2', 2]);
    assert.deepEqual(words(quota.trace), ['sent', 'ended', 'sent', 'ended', 'over']);
    const [sent, ended, , , over] = quota.trace.steps;
    assert.deepEqual({ ...sent, at: 0 }, { step: 'sent', at: 0, key: 'key-1', attempt: 1 });
    assert.deepEqual({ ...ended, at: 0, latencyMs: 0 }, { step: 'ended', at: 0, key: 'key-1', verdict: 'rate-limited', status: 429, latencyMs: 0 });
    assert.equal(over.with, 'response');
    assert.deepEqual(quota.trace, api.explain()[0]);
  });

  test('is the host’s own in all else: its class, its unread stream, its headers, its enumerable fields', async () => {
    let original;
    const api = open({ fetch: async () => (original = new Response('data: {}\n\n', { headers: { 'content-type': 'text/plain' } })) });
    const response = await api.call(ENDPOINT, EXPLAIN);
    assert.equal(response, original);
    assert.equal(Object.getPrototypeOf(response), Response.prototype);
    assert.deepEqual([Object.keys(response), response.bodyUsed, [...response.headers]], [[], false, [['content-type', 'text/plain']]]);
    assert.deepEqual(Object.getOwnPropertyDescriptor(response, 'quota').enumerable, false);
    assert.equal(await response.text(), 'data: {}\n\n');
  });

  test('brings it with a refusal of the provider’s too', async () => {
    const api = open({ fetch: async () => new Response('{"error":{"code":404}}', { status: 404 }) });
    const response = await api.call(ENDPOINT, EXPLAIN);
    assert.deepEqual([response.status, response.quota.key, response.quota.attempts], [404, 'key-1', 1]);
  });

  test('may be a stub that is frozen: then the account is in explain() only', async () => {
    const api = open({ fetch: async () => Object.freeze({ status: 200, ok: true }) });
    assert.equal((await api.call(ENDPOINT, EXPLAIN)).quota, undefined);
    assert.equal(api.explain().length, 1);
  });

  test('says how long it waited, for which limit, behind whom', async (t) => {
    const { now, pass } = clock(t);
    const api = open({ now, limits: { rpm: 1 } });
    t.after(() => api.close());
    await Promise.all([api.call(ENDPOINT), api.call(ENDPOINT)]);
    const call = watched(api.call(ENDPOINT, { quota: { explain: true, session: 'ada' } }));
    await pass(62_000);
    const { trace } = call.value.quota;
    assert.deepEqual(words(trace), ['skipped', 'waits', 'sent', 'ended', 'over']);
    assert.deepEqual([trace.session, trace.model, trace.leftOut], ['ada', 'gemini-fake', 0]);
    assert.ok(trace.waitedMs >= 60_000 && trace.waitedMs < 62_000);
    const limit = (project) => ({ project, metric: 'requests', window: 'minute', used: 1, limit: 1 });
    const [skipped, waits] = trace.steps;
    assert.deepEqual(skipped.keys.map(({ key, reason, limit }) => [key, reason, limit]), ['key-1', 'key-2'].map((key) => [key, "the minute's quota is in use", limit(key)]));
    assert.deepEqual([waits.ahead, waits.limit, waits.startsAt >= trace.began + 60_000], [0, limit('key-1'), true]);
  });

  test('names every key that was passed over; without asking, explain() names eight', async (t) => {
    const { now, pass } = clock(t);
    const keys = Array.from({ length: 20 }, (_, at) => `fake-key-${at}`);
    const api = open({ now, limits: { rpm: 1 }, minute: 'rolling' }, keys);
    t.after(() => api.close());
    await Promise.all(keys.map(() => api.call(ENDPOINT)));
    const asked = watched(api.call(ENDPOINT, EXPLAIN));
    await pass(65_000);
    assert.equal(asked.value.quota.trace.steps[0].keys.length, 20);
    await Promise.all(keys.slice(1).map(() => api.call(ENDPOINT)));
    const silent = watched(api.call(ENDPOINT));
    await pass(65_000);
    assert.equal(silent.state, 'resolved');
    assert.equal(api.explain()[0].steps[0].keys.length, 8);
  });
});

describe('an error of a call that asks', () => {
  test('brings the account, not enumerable', async () => {
    const api = open({ fetch: async () => refused(600) });
    const error = await api.call(ENDPOINT, EXPLAIN).catch((reason) => reason);
    assert.equal(error.code, 'QUOTA_EXCEEDED');
    assert.equal(error.trace.steps.at(-1).with, 'QUOTA_EXCEEDED');
    assert.equal(error.trace.steps.filter(({ step }) => step === 'sent').length, error.attempts.length);
    assert.ok(!Object.keys(error).includes('trace') && !JSON.stringify(error).includes('steps'));
  });

  test('has null there where it was not asked for, or made no call', async () => {
    const api = open({ fetch: async () => refused(600) });
    assert.equal((await api.call(ENDPOINT).catch((reason) => reason)).trace, null);
    assert.equal((await api.call('no url', EXPLAIN).catch((reason) => reason)).trace, null);
  });

  test('of the drop-in fetch is a 429 that brings it', async () => {
    const api = open({ fetch: async () => refused(600) });
    const response = await api.fetch(ENDPOINT, EXPLAIN);
    assert.deepEqual([response.status, response.quota.attempts, response.quota.trace.steps.at(-1).with], [429, 2, 'QUOTA_EXCEEDED']);
    assert.equal((await api.fetch(ENDPOINT)).quota, undefined);
    const served = await open().fetch(ENDPOINT, EXPLAIN);
    assert.deepEqual([served.status, served.quota.key], [200, 'key-1']);
  });
});

describe('explain()', () => {
  test('has the last hundred calls, newest first, asked for or not, aborted ones too', async () => {
    const api = open();
    for (let n = 0; n < 120; n += 1) await api.call(ENDPOINT);
    assert.deepEqual(api.explain(1000).map(({ call }) => call), Array.from({ length: 100 }, (_, at) => 120 - at));
    const { fetch } = byHand();
    const slow = open({ fetch });
    const patience = new AbortController();
    const call = slow.call(ENDPOINT, { signal: patience.signal }).catch(() => {});
    assert.deepEqual(slow.explain(), [], 'calls under way have none yet');
    patience.abort();
    await call;
    assert.equal(slow.explain()[0].steps.at(-1).with, 'aborted');
  });

  test('is not asked by the way of a call that does not ask', async () => {
    const api = open();
    const response = await api.call(ENDPOINT, { quota: { explain: false } });
    assert.equal('quota' in response, false);
    await turn();
    assert.equal('quota' in await api.call(ENDPOINT), false);
  });

  test('throws after close(), as all does', () => {
    const api = open({ fetch: async () => served() });
    api.close();
    assert.throws(() => api.explain(), { code: 'CLOSED' });
  });
});
