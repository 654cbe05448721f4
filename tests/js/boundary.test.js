// The traps of the wasm boundary that were measured in a probe (borrows, frees, panics, lenient options, long timers),
// each shut, on the built package.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, QuotaAwareAPI, answering, assertIdle, byHand, open, refusal, refused, served, turn, until } from './support.js';

const LONGEST = 2 ** 31 - 1;

describe('two calls at once', () => {
  test('go side by side, and every getter answers meanwhile', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch });
    const calls = [api.call(ENDPOINT), api.call(ENDPOINT)];
    assert.equal(api.getStatus().queue.inFlight, 2);
    assert.equal(api.getStats().totalRequests, 2);
    assert.equal(api.getNextAvailableKey(), 'key-1');
    assert.deepEqual(api.getRotationHistory(), []);
    assert.equal(api.hasAvailableKeys(), true);
    assert.equal(api.addKey('fake-key-three'), 'key-3');
    api.rotateKey();
    api.printStats(() => {});
    for (const { answer } of requests) answer(served());
    assert.deepEqual((await Promise.all(calls)).map(({ status }) => status), [200, 200]);
    assertIdle(api);
  });

  test('may both be sent again while a third is under way', async () => {
    const api = open({ fetch: answering(refused(), new TypeError('fetch failed')), backoff: { base: 0 } }, ['fake-a', 'fake-b', 'fake-c']);
    const responses = await Promise.all([api.call(ENDPOINT), api.call(ENDPOINT), api.call(ENDPOINT)]);
    assert.deepEqual(responses.map(({ status }) => status), [200, 200, 200]);
    assertIdle(api);
  });
});

describe('close()', () => {
  test('ends calls that are in flight, that wait, and that are about to be sent again', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch, limits: { rpm: 1 } });
    const calls = [1, 2, 3].map(() => api.call(ENDPOINT));
    requests[1].answer(refused());
    await turn();
    assert.equal(api.getStatus().queue.waiting, 2);
    api.close();
    for (const { reason } of await Promise.allSettled(calls)) refusal('CLOSED', /make a new one/)(reason);
    assert.equal(requests[0].init.signal.aborted, true);
  });

  test('may come twice, and under the name that `using` looks for', () => {
    const api = open();
    api.close();
    api.close();
    if (typeof Symbol.dispose !== 'symbol') return;
    const other = open();
    other[Symbol.dispose]();
    assert.throws(() => other.getStats(), refusal('CLOSED'));
  });

  test('makes every method say so, and nothing else', async () => {
    const api = open();
    const { fetch } = api;
    api.close();
    const given = { call: [ENDPOINT], generate: ['Hi'], backoff: [0], getKeyForSession: ['s'], switchToKey: ['key-1'], testKey: ['key-1'], addKey: ['fake-x'], removeKey: ['key-1'], setLimits: ['key-1', {}] };
    const names = Object.getOwnPropertyNames(QuotaAwareAPI.prototype).filter((name) => !['constructor', 'close', 'addEventListener', 'flush'].includes(name));
    assert.ok(names.length >= 17, names.join());
    for (const name of names) {
      await assert.rejects(async () => api[name](...(given[name] ?? [])), refusal('CLOSED', /this instance was closed; make a new one/), name);
    }
    await assert.rejects(fetch(ENDPOINT), refusal('CLOSED'));
    // What close() has left to be written can be waited for.
    assert.equal(await api.flush(), true);
    // Listening to what will never speak is no mistake.
    api.addEventListener('settled', () => {});
  });

  test('does not disturb a response that has been handed over', async () => {
    const api = open();
    const response = await api.call(ENDPOINT);
    api.close();
    assert.deepEqual(await response.json(), { ok: true });
  });
});

describe('a trap', () => {
  /** Lets the engine fail in the middle of its work, as a panic would: its next timer can't be set. */
  function trapped(work) {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = () => { throw new RangeError('Maximum call stack size exceeded'); };
    try {
      return work();
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  }

  test('ends the calls that wait and those in flight, and is told to whoever comes later', async () => {
    const { fetch, requests } = byHand();
    // A short minute: the timer of a trapped instance can't be cleared any more, and keeps Node alive until it has rung.
    const api = open({ fetch, limits: { rpm: 1 }, resetInterval: 200, timeout: LONGEST, deadline: LONGEST, queue: { maxWait: LONGEST } }, ['fake-one']);
    const calls = [LONGEST, 50, LONGEST].map((timeout) => api.call(ENDPOINT, { quota: { timeout } }));
    assert.deepEqual([requests.length, api.getStatus().queue.waiting], [1, 2]);
    // The second call is sent with the new key, and its time-out is the first thing to happen now.
    assert.throws(() => trapped(() => api.addKey('fake-two')));
    for (const { reason } of await Promise.allSettled(calls)) refusal('CLOSED', /make a new one/)(reason);
    assert.throws(() => api.getStats(), refusal('CLOSED', /make a new one/));
    api.close();
    assert.equal((await open().call(ENDPOINT)).status, 200);
  });

  test('by a full stack leaves an instance that works, or one that says it does not', async () => {
    const calls = {
      getStats: (api) => api.getStats(),
      getStatus: (api) => api.getStatus(),
      call: (api) => { api.call(ENDPOINT).catch(() => {}); },
      addKey: (api) => api.addKey(`fake-${Math.random()}`),
      rotateKey: (api) => api.rotateKey(),
      hasAvailableKeys: (api) => api.hasAvailableKeys(),
      setLimits: (api) => api.setLimits('key-1', { rpm: 1 }),
      addEventListener: (api) => api.addEventListener('settled', () => {}),
    };
    for (const [name, work] of Object.entries(calls)) {
      const { fetch, requests } = byHand();
      const api = open({ fetch, timeout: LONGEST, deadline: LONGEST });
      const pending = api.call(ENDPOINT);
      let overflows = 0;
      // Down to the bottom, and then tried at every depth on the way up, until the stack suffices.
      const dig = () => {
        try {
          dig();
        } catch {
          try {
            work(api);
          } catch (error) {
            overflows += 1;
            throw error;
          }
        }
      };
      try { dig(); } catch { /* not even the top had room */ }
      assert.ok(overflows > 0 || name === 'call', `${name}: the stack never overflowed`);
      await turn();
      for (const { answer } of requests) answer(served());
      const end = await pending.then(({ status }) => status, ({ code }) => code);
      if (end === 200) {
        await turn();
        assert.equal((await Promise.all([api.call(ENDPOINT), until(() => requests.length > 1).then(() => requests.at(-1).answer(served()))]))[0].status, 200, name);
        assertIdle(api);
      } else {
        assert.equal(end, 'CLOSED', name);
        assert.throws(() => api.getStats(), refusal('CLOSED', /make a new one/));
      }
      api.close();
    }
  });
});

describe('options', () => {
  test('that are misspelt are refused with the nearest name', () => {
    assert.throws(() => open({ maxRetrys: 5 }), refusal('CONFIG_INVALID', /options\.maxRetrys: unknown option; did you mean maxRetries\?/));
    assert.throws(() => open({ queue: { maxwait: 5 } }), refusal('CONFIG_INVALID', /options\.queue\.maxwait: .* did you mean maxWait\?/));
    assert.throws(() => open({}, [{ key: 'fake-one', projet: 'p' }]), refusal('CONFIG_INVALID', /keys\[0\]\.projet: .* did you mean project\?/));
  });

  test('that are undefined or null are not given, every one of them', async () => {
    for (const nothing of [undefined, null]) {
      const names = ['provider', 'strategy', 'limits', 'preset', 'maxRetries', 'resetInterval', 'verbose', 'backoff', 'cooldown', 'retryBudget', 'timeout', 'deadline', 'queue',
        'allowedOrigins', 'baseURL', 'healthCheck', 'printStatsEvery', 'warnAt', 'alerts', 'notify', 'sink', 'usage', 'enableRotation', 'messages', 'now', 'random'];
      const api = open({ ...Object.fromEntries(names.map((name) => [name, nothing])), backoff: { base: nothing }, queue: { maxSize: nothing } });
      const quota = Object.fromEntries(['model', 'session', 'priority', 'workload', 'tokens', 'timeout', 'deadline', 'maxRetries', 'idempotent'].map((name) => [name, nothing]));
      assert.equal((await api.call(ENDPOINT, { quota })).status, 200);
      assert.equal((await api.call(ENDPOINT, { quota: nothing, signal: nothing, headers: nothing, body: nothing })).status, 200);
    }
  });

  test('that are NaN are refused by their path', () => {
    assert.throws(() => open({ deadline: NaN }), refusal('CONFIG_INVALID', /^options\.deadline: .* got NaN/));
    assert.throws(() => open({ backoff: { factor: NaN } }), refusal('CONFIG_INVALID', /^options\.backoff\.factor: .* got NaN/));
  });
});

describe('arguments that are no strings', () => {
  test('are refused before they could be taken for memory', async () => {
    const methods = { rotateKey: 'session', removeKey: 'id', resetQuotaFlags: 'id', hasAvailableKeys: 'model', getNextAvailableKey: 'model', getKeyForSession: 'session', setLimits: 'id', testKey: 'id', switchToKey: 'id', disableKey: 'id', enableKey: 'id' };
    const api = open();
    for (const [method, path] of Object.entries(methods)) {
      for (const value of [5, NaN, {}, [], true, Symbol('s'), () => {}]) {
        await assert.rejects(async () => api[method](value, {}), refusal('CONFIG_INVALID', new RegExp(`^${path}: expected `)), `${method}(${String(value)})`);
      }
    }
    for (const limit of [NaN, -1, 1.5, '5', null]) assert.throws(() => api.getRotationHistory(limit), refusal('CONFIG_INVALID', /^limit: /));
    for (const attempt of [NaN, -1, 1.5, '1', undefined]) await assert.rejects(api.backoff(attempt), refusal('CONFIG_INVALID', /^attempt: /));
    assert.equal(api.getStats().totalKeys, 2);
  });
});

describe('times beyond what a timer can hold', () => {
  test('are refused in options, and the longest does not ring at once', async () => {
    assert.throws(() => open({ deadline: LONGEST + 1 }), refusal('CONFIG_INVALID', /^options\.deadline: .* to 2147483647, got 2147483648/));
    const { fetch, requests } = byHand();
    const api = open({ fetch, timeout: LONGEST, deadline: LONGEST, resetInterval: 1e9, queue: { maxWait: LONGEST }, limits: { rpm: 1 } }, ['fake-one']);
    const calls = [api.call(ENDPOINT), api.call(ENDPOINT)];
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    assert.deepEqual([requests.length, api.getStatus().queue.waiting, api.getStatus().queue.inFlight], [1, 1, 1]);
    api.close();
    await Promise.allSettled(calls);
  });

  test('in a hint of a server do not send the call again at once', async () => {
    let sent = 0;
    const days = 40 * 86_400;
    const fetch = async () => { sent += 1; return refused(days); };
    const api = open({ fetch, deadline: LONGEST, queue: { maxWait: LONGEST } }, ['fake-one']);
    const end = api.call(ENDPOINT).then(() => 'served', ({ code }) => code);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    assert.equal(sent, 1);
    api.close();
    // Forty days are more than it may wait for: told at once, or waiting until it was closed.
    assert.ok(['CLOSED', 'EXHAUSTED', 'QUOTA_EXCEEDED'].includes(await end), await end);
  });
});
