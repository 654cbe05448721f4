// The counters since the start, and since they were reset: a report that matches a scripted run.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, KEYS, NOON, answering, byHand, open, question, refused, served, turn } from './support.js';

/** A `fetch` that takes so long for each answer, by a clock of its own. */
function taking(...spans) {
  let wall = NOON;
  const fetch = async () => {
    wall += spans.shift() ?? 0;
    return served();
  };
  return { fetch, now: () => wall };
}

describe('getStats', () => {
  test('matches a scripted run: requests, cache hits, mean times, success by key', async () => {
    const api = open({ ...taking(100, 300, 200), cache: true });
    const say = (text) => ({ ...question(), body: JSON.stringify({ contents: [{ parts: [{ text }] }] }) });
    for (const text of ['a', 'b', 'a', 'c', 'b']) await api.call(ENDPOINT, say(text));
    const stats = api.getStats();
    assert.deepEqual([stats.totalRequests, stats.requestCounts, stats.successRate], [3, [2, 1], '100.0%']);
    assert.deepEqual([stats.cache.hits + stats.cache.merged, stats.cache.misses], [2, 3]);
    assert.deepEqual(api.getStatus().keys.map(({ successRate, latencyMs }) => [successRate, latencyMs]), [[1, 150], [1, 300]]);
  });

  test('counts attempts for its rate, which is never below nothing', async () => {
    const api = open({ fetch: answering(refused(30), refused(30)), maxRetries: 2 });
    await api.call(ENDPOINT).catch(() => {});
    assert.equal(api.getStats().successRate, '0.0%');
    assert.equal(api.getStats().totalErrors, 2);
  });
});

describe('resetStats', () => {
  test('begins all counters anew, and leaves quota, health and usage as they are', async () => {
    const api = open({ now: () => NOON, fetch: answering(refused(30)), cache: true, limits: { rpm: 15 } });
    for (let call = 0; call < 3; call += 1) await api.call(ENDPOINT, question());
    const before = api.getStatus();
    api.resetStats();
    const stats = api.getStats();
    assert.deepEqual([stats.totalRequests, stats.totalErrors, stats.successRate, stats.rateLimited, stats.rotations], [0, 0, 'N/A', 0, 0]);
    assert.deepEqual([stats.requestCounts, stats.errorCounts, stats.waited.calls, stats.latency.p99], [[0, 0], [0, 0], 0, 0]);
    assert.deepEqual([stats.cache.hits, stats.cache.misses, stats.cache.entries], [0, 0, 1], 'what is kept is kept');
    const after = api.getStatus();
    assert.deepEqual(after.pools, before.pools);
    assert.deepEqual(after.keys.map(({ health }) => health), ['rate-limited', 'available']);
    assert.equal(api.getUsage().totals.requests, 2);
    assert.equal(api.getRotationHistory().length, 1);
  });

  test('with calls under way counts their ends, and no more ends than attempts', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch });
    const calls = KEYS.map(() => api.call(ENDPOINT));
    api.resetStats();
    assert.deepEqual([api.getStats().totalRequests, api.getStats().successRate], [2, 'N/A']);
    for (const { answer } of requests) answer(served());
    await Promise.all(calls);
    await turn();
    assert.deepEqual([api.getStats().totalRequests, api.getStats().successRate, api.getStats().requestCounts], [2, '100.0%', [1, 1]]);
  });
});
