// What is given to the class and called by it: `fetch`, `now`, loggers, listeners, getters of an init. Whatever they throw
// and whatever they call, every place, permit and counter is as it should be.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ENDPOINT, answering, assertIdle, open, refusal, refused, served, stayAwake, turn, until } from './support.js';

const FAST = { backoff: { base: 0 }, cooldown: { rateLimit: 1 } };

/** Everything that a hook might do with the instance that calls it. */
const DEEDS = {
  getStats: (api) => api.getStats(),
  getStatus: (api) => api.getStatus(),
  getNextAvailableKey: (api) => api.getNextAvailableKey(),
  getRotationHistory: (api) => api.getRotationHistory(),
  rotateKey: (api) => api.rotateKey(),
  addAndRemoveKey: (api) => api.removeKey(api.addKey(`fake-${Math.random()}`)),
  setLimits: (api) => api.setLimits('key-1', { rpm: 1000 }),
  resetQuotaFlags: (api) => api.resetQuotaFlags(),
  addEventListener: (api) => api.addEventListener('waiting', () => {}),
  printStats: (api) => api.printStats(() => {}),
};

/**
 * Where a hook can be. Each runs one call that is refused once and then served, and lets `deed` be done at every point at
 * which that hook is called.
 */
const PLACES = {
  fetch: (deed) => {
    const answers = answering(refused());
    return run({ fetch: (url, init) => { deed(); return answers(url, init); } });
  },
  now: (deed) => run({ now: () => { deed(); return Date.now(); } }),
  verbose: (deed) => run({ verbose: () => deed() }),
  ...Object.fromEntries(['attempt', 'settled', 'rotate', 'rate-limited', 'key-down'].map((type) => [
    `listener of ${type}`, (deed) => run({}, (api) => api.addEventListener(type, deed)),
  ])),
};

let instance;

async function run(options, prepare = () => {}) {
  instance = undefined;
  const api = open({ fetch: answering(refused()), ...FAST, ...options });
  instance = api;
  prepare(api);
  return api.call(ENDPOINT).then((response) => ({ api, status: response.status }), (error) => ({ api, error }));
}

/** Once at a time: what a hook calls may call the hook. */
function outermost(deed) {
  let busy = false;
  return () => {
    if (busy || instance === undefined) return;
    busy = true;
    try { deed(instance); } finally { busy = false; }
  };
}

describe('a hook that calls back', () => {
  for (const [place, scene] of Object.entries(PLACES)) {
    test(`gets its answers: ${place}`, async () => {
      for (const [name, deed] of Object.entries(DEEDS)) {
        const mistakes = [];
        const { api, status, error } = await scene(outermost((own) => {
          try { deed(own); } catch (thrown) { mistakes.push(thrown); }
        }));
        assert.deepEqual(mistakes, [], `${name} from ${place}`);
        assert.equal(status, 200, `${name} from ${place}: ${error?.message}`);
        assertIdle(api);
      }
    });

    test(`may make a call of its own: ${place}`, async () => {
      const inner = [];
      const { api, status, error } = await scene(outermost((own) => {
        if (inner.length === 0) inner.push(own.call(ENDPOINT));
      }));
      assert.equal(status, 200, error?.message);
      if (place !== 'listener of key-down') assert.equal((await inner[0]).status, 200);
      await until(() => api.getStatus().queue.inFlight === 0);
      assertIdle(api);
      const { totalRequests, totalErrors } = api.getStats();
      assert.deepEqual([totalRequests, totalErrors], place === 'listener of key-down' ? [2, 1] : [3, 1]);
    });

    test(`may close, at every point: ${place}`, async () => {
      for (let point = 1; ; point += 1) {
        let calls = 0;
        let mistake;
        const { api, status, error } = await scene(outermost((own) => {
          calls += 1;
          if (calls === point) try { own.close(); } catch (thrown) { mistake = thrown; }
        }));
        assert.equal(mistake, undefined);
        if (calls < point) break;
        if (status === undefined) refusal('CLOSED')(error);
        assert.throws(() => api.getStats(), refusal('CLOSED'));
      }
    });
  }
});

describe('a clock of one’s own', () => {
  test('is refused where it is wrong from the start', () => {
    assert.throws(() => open({ now: () => NaN }), refusal('CONFIG_INVALID', /^options\.now: .* got NaN/));
    assert.throws(() => open({ now: () => -1 }), refusal('CONFIG_INVALID', /^options\.now: /));
    assert.throws(() => open({ now: () => 'noon' }), refusal('CONFIG_INVALID', /^options\.now: .* got string/));
    assert.throws(() => open({ now: () => { throw new Error('no battery'); } }), /no battery/);
    assert.throws(() => open({ now: 5 }), refusal('CONFIG_INVALID', /^options\.now: expected a function, got number/));
  });

  test('that fails later stands still, says so once, and leaves no place taken', async (t) => {
    const warn = t.mock.method(console, 'warn', () => {});
    for (const failure of [() => { throw new Error('no battery'); }, () => NaN, () => { throw new RangeError('far'); }, () => undefined]) {
      for (const when of ['before it begins', 'while it is under way']) {
        let now = () => Date.now();
        const fetch = async () => { now = failure; return served(); };
        const api = open({ now: () => now(), fetch });
        if (when === 'before it begins') now = failure;
        assert.equal((await api.call(ENDPOINT)).status, 200);
        assertIdle(api);
        assert.deepEqual([api.getStats().requestCounts, api.getStats().errorCounts], [[1, 0], [0, 0]]);
      }
    }
    assert.equal(warn.mock.callCount(), 8);
  });

  test('that is slower than the host’s timers delays a call, and loses none', async () => {
    // Every timer rings before its time, as real ones do by a fraction of a millisecond.
    const api = open({ now: () => 1e12 + performance.now() / 2, limits: { rpm: 1 }, resetInterval: 50 }, ['fake-one']);
    const responses = await Promise.all([api.call(ENDPOINT), api.call(ENDPOINT)]);
    assert.deepEqual(responses.map(({ status }) => status), [200, 200]);
    assertIdle(api);
  });

  test('that runs backwards or leaps harms nothing', async () => {
    const readings = [1e12, 5, 8.64e15, 0, 1e12];
    const api = open({ now: () => readings[Math.floor(Math.random() * readings.length)], limits: { rpm: 5 }, random: () => 0.5 });
    for (let n = 0; n < 20; n += 1) await api.call(ENDPOINT, { quota: { deadline: 50 } }).catch(() => {});
    assertIdle(api);
  });
});

describe('a fetch of one’s own', () => {
  let sleep;
  before(() => { sleep = stayAwake(); });
  after(() => sleep());

  test('that throws at once is the same as one that rejects', async () => {
    const boom = new TypeError('boom');
    const thrown = open({ ...FAST, fetch: () => { throw boom; }, maxRetries: 2 });
    const rejected = open({ ...FAST, fetch: async () => { throw boom; }, maxRetries: 2 });
    for (const api of [thrown, rejected]) {
      await assert.rejects(api.call(ENDPOINT), (error) => refusal('EXHAUSTED', /2 keys, 2 attempts/)(error) && error.cause === boom);
      assertIdle(api);
      assert.deepEqual([api.getStats().requestCounts, api.getStats().errorCounts], [[1, 1], [1, 1]]);
    }
  });

  test('may throw nothing at all', async () => {
    const api = open({ ...FAST, fetch: async () => { throw undefined; }, maxRetries: 1 });
    await assert.rejects(api.call(ENDPOINT), refusal('EXHAUSTED'));
    assertIdle(api);
  });

  test('may return a response without a promise, or another kind of promise', async () => {
    const api = open({ fetch: () => served() });
    assert.equal((await api.call(ENDPOINT)).status, 200);
    const other = open({ fetch: () => ({ then: (done) => done(served()) }) });
    assert.equal((await other.call(ENDPOINT)).status, 200);
    assertIdle(api);
    assertIdle(other);
  });

  test('may resolve to a stub with no more than a status and its own json()', async () => {
    const headers = new Headers({ 'content-type': 'application/json' });
    const api = open({ fetch: async () => ({ ok: true, status: 200, headers, json: async () => ({ usageMetadata: { promptTokenCount: 7 } }) }) });
    assert.deepEqual(await (await api.call(ENDPOINT)).json(), { usageMetadata: { promptTokenCount: 7 } });
    assert.equal(api.getStats().tokens.input, 7);
    const bare = open({ ...FAST, fetch: answering({ status: 429 }) });
    assert.equal((await bare.call(ENDPOINT)).status, 200);
    assertIdle(bare);
  });

  test('that resolves to no response is a failed attempt, and not the end of the call', async () => {
    for (const nonsense of [undefined, null, 'text', 5, {}, { status: '200' }]) {
      let sent = 0;
      const api = open({ ...FAST, fetch: async () => { sent += 1; return sent === 1 ? nonsense : served(); } });
      assert.equal((await api.call(ENDPOINT)).status, 200, String(nonsense));
      assertIdle(api);
      const always = open({ ...FAST, fetch: async () => nonsense, maxRetries: 2 });
      await assert.rejects(always.call(ENDPOINT), refusal('EXHAUSTED'));
      assertIdle(always);
    }
  });

  test('that never settles and hears no signal is given up after `timeout`', async () => {
    const late = [];
    const api = open({ ...FAST, fetch: () => new Promise((resolve) => { late.push(resolve); }), timeout: 20, maxRetries: 2 });
    await assert.rejects(api.call(ENDPOINT), refusal('TIMEOUT'));
    assert.deepEqual([api.getStats().requestCounts, api.getStats().errorCounts], [[1, 1], [1, 1]]);
    assertIdle(api);
    // Answers that come after all change nothing any more.
    for (const resolve of late) resolve(served());
    await turn();
    assert.deepEqual([api.getStats().requestCounts, api.getStats().errorCounts], [[1, 1], [1, 1]]);
    assertIdle(api);
  });

  test('that never settles ends with its call’s deadline, and with its caller’s patience', async () => {
    const api = open({ fetch: () => new Promise(() => {}) });
    await assert.rejects(api.call(ENDPOINT, { quota: { deadline: 20 } }), (error) => ['DEADLINE', 'TIMEOUT'].includes(error.code));
    const patience = new AbortController();
    const call = api.call(ENDPOINT, { signal: patience.signal });
    patience.abort('enough');
    await assert.rejects(call, (reason) => reason === 'enough');
    assertIdle(api);
  });
});

describe('an init', () => {
  test('whose getters throw is told so, and nothing has happened', async () => {
    const api = open();
    for (const name of ['headers', 'body', 'method', 'signal', 'quota', 'redirect']) {
      const init = Object.defineProperty({}, name, { enumerable: true, get() { throw new Error(`no ${name}`); } });
      await assert.rejects(api.call(ENDPOINT, init), new RegExp(`no ${name}`));
    }
    const headers = Object.defineProperty({}, 'accept', { enumerable: true, get() { throw new Error('no accept'); } });
    await assert.rejects(api.call(ENDPOINT, { headers }), /no accept/);
    assert.equal(api.getStats().totalRequests, 0);
    assertIdle(api);
  });

  test('is not changed, and may be used again and by several', async () => {
    const init = Object.freeze({ method: 'POST', headers: Object.freeze({ accept: 'x/y' }), body: '{}', quota: Object.freeze({ session: 's' }) });
    const api = open({ ...FAST, fetch: answering(refused(), refused()) }, ['fake-a', 'fake-b', 'fake-c']);
    const responses = await Promise.all([api.call(ENDPOINT, init), api.call(ENDPOINT, init)]);
    assert.deepEqual(responses.map(({ status }) => status), [200, 200]);
    assert.deepEqual(init.headers, { accept: 'x/y' });
  });
});
