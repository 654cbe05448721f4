// What people read: statistics, advice, history, and what is not for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, failure, printed, workshop } from './support.js';

test('getStats() has the shape of the plan, and more (W17)', async (t) => {
  const { api, mock, ask, answer, pass } = workshop(t, { mock: { models: { '*': { rpm: 100 } } } });
  assert.equal(api.getStats().successRate, 'N/A');
  mock.script([{ connection: true }]);
  await answer();
  for (let call = 0; call < 48; call += 1) await ask();
  await pass(12_000);
  const { currentKey, totalKeys, requestCounts, errorCounts, totalRequests, totalErrors, successRate, uptime, ...more } = api.getStats();
  assert.ok([1, 2, 3].includes(currentKey));
  assert.equal(totalKeys, 3);
  assert.equal(requestCounts.length, 3);
  assert.deepEqual(errorCounts, [1, 0, 0]);
  assert.equal(totalRequests, requestCounts.reduce((sum, count) => sum + count));
  assert.deepEqual([totalRequests, totalErrors, successRate, uptime], [50, 1, '98.0%', '12s']);
  assert.deepEqual(Object.keys(more).sort(), ['cache', 'efficiency', 'fallbacks', 'heldBack', 'latency', 'notifications', 'rateLimited', 'records', 'retries', 'rotations', 'tokens', 'utilisation', 'waited']);
});

test('printStats() prints current key, totals, success rate, uptime and a line for each key (W18)', async (t) => {
  const lines = printed(t);
  const { api, ask, pass } = workshop(t);
  await ask();
  await ask();
  await pass(3000);
  api.printStats();
  assert.match(lines[0], /^Current key: +[123]\/3$/);
  assert.match(lines[1], /^Requests: +2$/);
  assert.match(lines[2], /^Errors: +0$/);
  assert.match(lines[3], /^Success rate: +100\.0%$/);
  assert.match(lines[4], /^Uptime: +3s$/);
  const keys = lines.filter((line) => line.startsWith('Key '));
  assert.equal(keys.length, 3);
  assert.match(keys[0], /^Key 1\/3 +key-1 +available .* 1 requests +0 errors/);
  assert.match(keys[1], /^Key 2\/3 +key-2 .* 1 requests/);
  assert.match(keys[2], /^Key 3\/3 +key-3 .* 0 requests/);
});

test('every failure carries advice: invalid key, billing, restrictions (W32)', async (t) => {
  const expected = {
    invalid: /key is not valid/i, expired: /expired/i, leaked: /public/i, ip: /IP address/i, referrer: /web pages|referrer/i,
    restricted: /restrict/i, 'no-credit': /billing|credit|balance|pay/i, 'spend-cap': /spend|cap|budget/i,
  };
  for (const [state, words] of Object.entries(expected)) {
    await t.test(state, async (t) => {
      const { mock, ask } = workshop(t, { keys: [KEYS[0]] });
      mock.breakKey('key-1', state);
      const error = await failure(ask());
      assert.match(error.advice, words);
      assert.ok(error.toReport().includes(error.advice));
    });
  }
});

test('advice is given also where nobody answered', async (t) => {
  const fetch = (url, { signal }) => new Promise((_, fail) => { signal.addEventListener('abort', () => fail(signal.reason)); });
  const { ask, pass } = workshop(t, { fetch, maxRetries: 1, timeout: 1000 });
  const call = failure(ask());
  await pass(1000);
  const error = await call;
  assert.equal(error.code, 'TIMEOUT');
  assert.match(error.advice, /options\.timeout/);
});

test('the message is for people: no key, URL or stack; the technical side is in details (M41)', async (t) => {
  const { mock, answer } = workshop(t);
  for (const project of ['project-1', 'project-2', 'project-3']) mock.exhaust(project, 'day');
  const error = await failure(answer());
  const { message, details, ...envelope } = error.toJSON();
  assert.deepEqual(envelope, { success: false, error: 'QUOTA_EXCEEDED', data: null });
  assert.doesNotMatch(message, /fake-mock-key|https?:|generativelanguage|\n|\bat /);
  assert.match(details, /429/);
  assert.match(details, /500 requests per day/);
  for (const key of KEYS) assert.ok(!details.includes(key));
});

test('switches are counted, and told with when and why; the history is bounded (C121, R97)', async (t) => {
  const { api, mock, answer } = workshop(t);
  mock.exhaust('project-1', 'minute');
  mock.breakKey('key-2');
  await answer();
  assert.equal(api.getStats().rotations, 2);
  const history = api.getRotationHistory();
  assert.deepEqual(history.map(({ from, to, verdict }) => [from, to, verdict]), [['key-2', 'key-3', 'invalid-key'], ['key-1', 'key-2', 'rate-limited']]);
  assert.ok(history.every(({ at, reason }) => at <= Date.now() && Date.now() - at <= 100 && reason.length > 0));
  for (let step = 0; step < 1200; step += 1) api.rotateKey();
  assert.equal(api.getRotationHistory().length, 100);
  assert.equal(api.getRotationHistory(5000).length, 1000);
  assert.equal(api.getRotationHistory()[0].verdict, 'ok');
});

test('status and use of every key and pool are there to look at (M65, R97)', async (t) => {
  const { api, ask } = workshop(t, { limits: { rpm: 15 } });
  await ask();
  const { state, keys, pools, queue, alerts, nextAvailableAt } = api.getStatus();
  assert.equal(state, 'ok');
  assert.equal(nextAvailableAt, null);
  assert.deepEqual(alerts, []);
  assert.deepEqual(queue, { waiting: 0, inFlight: 0, oldestMs: 0, calls: [] });
  assert.deepEqual(Object.keys(keys[0]).sort(), [
    'availableAt', 'availableIn', 'availableInMs', 'consecutiveErrors', 'errors', 'health', 'hint', 'id', 'lastUsedAt', 'latencyMs', 'project', 'provider', 'quotaExceeded',
    'quotaResetTime', 'rateLimited', 'reason', 'requests', 'successRate', 'successes',
  ]);
  assert.deepEqual(pools[0].used.requests, 1);
  assert.deepEqual(pools[0].remaining.rpm, 14);
});
