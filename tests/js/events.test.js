// The events of QuotaEventMap: when each comes, and what its detail says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, KEYS, answering, byHand, listening, open, refused, served, turn } from './support.js';

/** The detail's fields and what kind of value each has. */
const shape = (detail) => Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, value === null ? 'null' : typeof value]));

const invalid = () => new Response(JSON.stringify({ error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }] } }), { status: 400 });

test('attempt and settled come once for each attempt, with the key’s place and never the key', async () => {
  const api = open({ fetch: answering(refused()) });
  const heard = listening(api, 'attempt', 'settled');
  await api.call(ENDPOINT);
  assert.deepEqual(heard.map(([type, { call, key, position, of, attempt, model, verdict, status, category }]) => [type, call, key, position, of, attempt, model, verdict, status, category]), [
    ['attempt', 1, 'key-1', 1, 2, 1, 'gemini-fake', undefined, undefined, undefined],
    ['settled', 1, 'key-1', 1, 2, 1, 'gemini-fake', 'rate-limited', 429, 'rate_limit'],
    ['attempt', 1, 'key-2', 2, 2, 2, 'gemini-fake', undefined, undefined, undefined],
    ['settled', 1, 'key-2', 2, 2, 2, 'gemini-fake', 'ok', 200, null],
  ]);
  assert.deepEqual(shape(heard[0][1]), { at: 'number', call: 'number', key: 'string', position: 'number', of: 'number', model: 'string', attempt: 'number' });
  assert.deepEqual(shape(heard[1][1]), {
    at: 'number', call: 'number', key: 'string', position: 'number', of: 'number', provider: 'string', project: 'string', model: 'string', session: 'null', operation: 'null',
    attempt: 'number', verdict: 'string', category: 'string', status: 'number', latencyMs: 'number', waitedMs: 'number',
  });
  assert.ok(!JSON.stringify(heard).includes(KEYS[0]));
});

test('settled has no status where there was no response', async () => {
  const api = open({ fetch: answering(new TypeError('fetch failed')) });
  const heard = listening(api, 'settled');
  await api.call(ENDPOINT);
  assert.deepEqual([heard[0][1].verdict, heard[0][1].status], ['network', null]);
});

test('rate-limited and rotate tell which pool was closed, and where the call went', async () => {
  const api = open({ fetch: answering(refused(30)) });
  const heard = listening(api, 'rate-limited', 'rotate');
  const before = Date.now();
  await api.call(ENDPOINT);
  const details = Object.fromEntries(heard);
  const { at, until, ...limited } = details['rate-limited'];
  assert.deepEqual(limited, { key: 'key-1', project: api.getStatus().keys[0].project, model: 'gemini-fake', verdict: 'rate-limited' });
  assert.ok(at >= before && until >= at + 30_000, `${at} ${until}`);
  assert.deepEqual([details.rotate.from, details.rotate.to, details.rotate.verdict, typeof details.rotate.reason, typeof details.rotate.at], ['key-1', 'key-2', 'rate-limited', 'string', 'number']);
  assert.deepEqual(api.getRotationHistory(), [details.rotate]);
  api.rotateKey();
  assert.equal(heard.at(-1)[1].verdict, 'ok');
});

test('key-down, all-keys-down, key-restored and service-restored come once each', async () => {
  const api = open({ fetch: answering(invalid(), invalid()) });
  const heard = listening(api, 'key-down', 'all-keys-down', 'key-restored', 'service-restored');
  await assert.rejects(api.call(ENDPOINT), { code: 'INVALID_KEYS' });
  await assert.rejects(api.call(ENDPOINT), { code: 'INVALID_KEYS' });
  assert.deepEqual(heard.map(([type, { key }]) => [type, key]), [['key-down', 'key-1'], ['key-down', 'key-2'], ['all-keys-down', undefined]]);
  assert.deepEqual(Object.keys(heard[0][1]), ['at', 'key', 'reason', 'until']);
  assert.deepEqual(Object.keys(heard[2][1]), ['at', 'until']);
  heard.length = 0;
  api.resetQuotaFlags();
  assert.equal((await api.call(ENDPOINT)).status, 200);
  assert.deepEqual(heard.map(([type, { key }]) => [type, key]).sort(), [['key-restored', 'key-1'], ['key-restored', 'key-2'], ['service-restored', undefined]]);
});

test('quota-warning comes once a window for each share of warnAt that a limit’s use crosses', async () => {
  const api = open({ limits: { rpm: 10 } }, ['fake-one']);
  const heard = listening(api, 'quota-warning');
  for (let n = 0; n < 10; n += 1) await api.call(ENDPOINT);
  // 80 % with the eighth, 95 % with the tenth.
  assert.deepEqual(heard.map(([, { used, threshold }]) => [used, threshold]), [[8, 0.8], [10, 0.95]]);
  const { at, ...detail } = heard[0][1];
  assert.equal(typeof at, 'number');
  assert.deepEqual(detail, { project: api.getStatus().keys[0].project, model: 'gemini-fake', metric: 'requests', window: 'minute', used: 8, limit: 10, threshold: 0.8 });
});

test('waiting tells how many are ahead, when the call is promised to go, and which limit it waits for', async () => {
  const api = open({ limits: { rpm: 1 }, deadline: 1_000_000, queue: { maxWait: 1_000_000 } }, ['fake-one']);
  const heard = listening(api, 'waiting');
  await api.call(ENDPOINT);
  const calls = [1, 2].map(() => api.call(ENDPOINT).catch(() => {}));
  assert.deepEqual(heard.map(([, { call, ahead }]) => [call, ahead]), [[2, 0], [3, 1]]);
  const [[, first], [, second]] = heard;
  assert.deepEqual(shape(first), { at: 'number', call: 'number', ahead: 'number', until: 'number', reason: 'string', limit: 'object' });
  assert.deepEqual(first.limit, { project: 'key-1', metric: 'requests', window: 'minute', used: 1, limit: 1 });
  assert.ok(first.until > Date.now() + 59_000 && second.until > first.until + 59_000, `${first.until} ${second.until}`);
  api.close();
  await Promise.all(calls);
});

describe('listeners', () => {
  test('are called after the engine is done: what they see is what is', async () => {
    const api = open();
    const seen = [];
    api.addEventListener('attempt', () => seen.push(api.getStatus().queue.inFlight));
    api.addEventListener('settled', () => seen.push(api.getStatus().queue.inFlight));
    await api.call(ENDPOINT);
    assert.deepEqual(seen, [1, 0]);
  });

  test('can be objects, be called once, be removed by a signal, and be many', async () => {
    const api = open();
    const heard = [];
    const leave = new AbortController();
    api.addEventListener('settled', { handleEvent: () => heard.push('object') });
    api.addEventListener('settled', () => heard.push('once'), { once: true });
    api.addEventListener('settled', () => heard.push('signal'), { signal: leave.signal });
    await api.call(ENDPOINT);
    leave.abort();
    await api.call(ENDPOINT);
    assert.deepEqual(heard, ['object', 'once', 'signal', 'object']);
  });

  test('of other types are allowed, and hear only what users dispatch themselves', async () => {
    const api = open();
    const heard = listening(api, 'of-my-own');
    await api.call(ENDPOINT);
    api.dispatchEvent(new CustomEvent('of-my-own', { detail: 5 }));
    assert.deepEqual(heard, [['of-my-own', 5]]);
  });

  test('hear nothing more after close()', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch });
    const call = api.call(ENDPOINT);
    const heard = listening(api, 'settled', 'key-down', 'rotate');
    api.close();
    requests[0].answer(served());
    await call.catch(() => {});
    await turn();
    assert.deepEqual(heard, []);
  });

  test('are what events are made for: without one none is dispatched', async () => {
    const api = open({ fetch: answering(refused()) });
    const dispatched = [];
    const { dispatchEvent } = api;
    api.dispatchEvent = (event) => { dispatched.push(event.type); return dispatchEvent.call(api, event); };
    await api.call(ENDPOINT);
    assert.deepEqual(dispatched, []);
    api.addEventListener('settled', () => {});
    await api.call(ENDPOINT);
    assert.deepEqual(dispatched, ['settled']);
  });
});

describe('what is printed', () => {
  test('by `verbose` is a line per attempt', async () => {
    const lines = [];
    const api = open({ fetch: answering(refused()), verbose: (line) => lines.push(line) });
    await api.call(ENDPOINT);
    assert.match(lines.join('\n'), /^Key 1\/2: 429 rate-limited, \d+ ms\nKey 2\/2: 200 ok, \d+ ms$/);
  });

  test('by `printStatsEvery` are the stats, after so many attempts', async () => {
    const lines = [];
    const api = open({ verbose: (line) => lines.push(line), printStatsEvery: 10 });
    for (let n = 0; n < 20; n += 1) await api.call(ENDPOINT);
    assert.deepEqual(lines.filter((line) => line.startsWith('Requests:')), ['Requests:     10', 'Requests:     20']);
  });

  test('by default is nothing', async (t) => {
    const methods = ['log', 'warn', 'error', 'info', 'debug'].map((name) => t.mock.method(console, name, () => {}));
    const api = open({ fetch: answering(refused(), invalid()) }, ['fake-a', 'fake-b', 'fake-c']);
    await api.call(ENDPOINT);
    for (const method of methods) assert.equal(method.mock.callCount(), 0);
  });
});
