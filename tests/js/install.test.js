// The global `fetch` while instances are installed: what goes through them, what does not, and the way back.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { INDEX } from '../built.js';
import { ENDPOINT, KEYS, QuotaAwareAPI, refusal, refused, served } from './support.js';

const GROQ = 'https://api.groq.com/openai/v1/models';
const ELSEWHERE = 'https://example.com/v1/models';

/** The `fetch` of these tests' host: it notes what it is called with, and serves. */
let calls;
let host;
const original = globalThis.fetch;
beforeEach(() => {
  calls = [];
  host = function fetch(...given) {
    calls.push({ self: this, given, key: keyOf(given[1]) });
    return Promise.resolve(served());
  };
  globalThis.fetch = host;
});
afterEach(() => { globalThis.fetch = original; });

/** The credential of an init, in whichever header. */
function keyOf(init) {
  const headers = new Headers(init?.headers);
  return (headers.get('x-goog-api-key') ?? headers.get('x-api-key') ?? headers.get('authorization'))?.replace('Bearer ', '') ?? null;
}

/** An instance on the host's own `fetch`, closed after the test. */
function onHost(t, keys = KEYS, options = {}) {
  const api = new QuotaAwareAPI(keys, options);
  t.after(() => api.close());
  return api;
}

const keysUsed = () => calls.map(({ key }) => key);

describe('while an instance is installed', () => {
  test('calls to its provider take turns with its keys, whatever form the URL has', async (t) => {
    const api = onHost(t);
    api.install();
    const post = { method: 'POST', headers: { 'x-goog-api-key': 'fake-of-the-caller' }, body: '{}' };
    for (const input of [ENDPOINT, new URL(ENDPOINT), { toString: () => ENDPOINT }]) assert.deepEqual(await (await fetch(input, post)).json(), { ok: true });
    await fetch(new Request(`${ENDPOINT}?key=fake-of-the-caller`, post));
    assert.deepEqual(keysUsed(), [KEYS[0], KEYS[1], KEYS[0], KEYS[1]]);
    assert.deepEqual(calls.map(({ given: [url, { method }] }) => [url, method]), Array(4).fill([ENDPOINT, 'POST']));
    assert.equal(api.getStats().totalRequests, 4);
  });

  test('a refusal moves the call on, and what is left is an answer', async (t) => {
    let first = true;
    globalThis.fetch = async (_url, init) => {
      calls.push({ key: keyOf(init) });
      if (!first) return served();
      first = false;
      return refused();
    };
    onHost(t).install();
    assert.equal((await fetch(ENDPOINT, { method: 'POST', body: '{}' })).status, 200);
    assert.deepEqual(keysUsed(), KEYS);
  });

  test('everything else reaches the fetch from before as it was: same arguments, same this', async (t) => {
    onHost(t, [{ key: KEYS[0], provider: 'gemini' }]).install();
    const init = { headers: { authorization: 'Bearer fake-of-the-caller' } };
    const other = {};
    const request = new Request(ELSEWHERE);
    const strangers = [
      [ELSEWHERE, init], [request], [new URL(ELSEWHERE), init, 'a third'], [], [undefined], ['/a/path'], ['https://'], ['data:text/plain,x'],
      [GROQ, init], // a provider that it has no key for
      ['http://generativelanguage.googleapis.com/v1beta/models', init], // no https
      ['https://generativelanguage.googleapis.com:8443/v1beta/models', init],
      ['https://user:pass@generativelanguage.googleapis.com/v1beta/models', init],
    ];
    for (const given of strangers) {
      const { fetch } = globalThis;
      fetch.apply(other, given);
      const seen = calls.at(-1);
      assert.equal(seen.self, other);
      assert.equal(seen.given.length, given.length);
      for (const [at, each] of given.entries()) assert.equal(seen.given[at], each, String(each));
    }
    assert.equal(calls.length, strangers.length);
    fetch(ELSEWHERE);
    assert.equal(calls.at(-1).self, undefined);
  });

  test('origins of the options count, and a path means the page, never baseURL', async (t) => {
    const api = onHost(t, KEYS, { allowedOrigins: ['http://127.0.0.1:1234'], baseURL: 'https://llm.example/v1' });
    api.install();
    await fetch('http://127.0.0.1:1234/v1/models');
    await fetch('https://llm.example/v1/models');
    await fetch('http://127.0.0.1:1235/v1/models');
    await fetch('/v1/models');
    assert.deepEqual(keysUsed(), [KEYS[0], KEYS[1], null, null]);
    globalThis.location = { href: 'https://llm.example/page/' };
    t.after(() => { delete globalThis.location; });
    await fetch('../v1/models');
    assert.deepEqual([calls.at(-1).given[0], calls.at(-1).key], ['https://llm.example/v1/models', KEYS[0]]);
  });

  test('keys that come and go count at once', async (t) => {
    const api = onHost(t, [{ key: KEYS[0], id: 'mine', provider: 'gemini' }]);
    api.install();
    await fetch(GROQ);
    const id = api.addKey({ key: 'fake-groq', provider: 'groq' });
    await fetch(GROQ);
    api.removeKey(id);
    await fetch(GROQ);
    assert.deepEqual(keysUsed(), [null, 'fake-groq', null]);
  });

  test('its caller’s signal is heard', async (t) => {
    globalThis.fetch = (_url, { signal }) => new Promise((_, fail) => { signal.addEventListener('abort', () => fail(signal.reason)); });
    onHost(t).install();
    const patience = new AbortController();
    const call = fetch(ENDPOINT, { signal: patience.signal });
    patience.abort();
    await assert.rejects(call, { name: 'AbortError' });
  });

  test('its own calls do not meet themselves, however the fetch from before is wrapped meanwhile', async (t) => {
    const api = onHost(t);
    api.install();
    const patch = globalThis.fetch;
    const wraps = [
      (...given) => patch(...given),
      async (url, init) => patch(url, { ...init }),
      async (url, init) => { await null; return patch(new Request(url, { ...init, signal: undefined })); },
    ];
    for (const wrap of wraps) {
      globalThis.fetch = wrap;
      calls = [];
      assert.equal((await fetch(ENDPOINT)).status, 200);
      assert.equal((await api.call(ENDPOINT)).status, 200);
      assert.equal(calls.length, 2);
    }
  });

  test('a fetch of the options stays what it is, also one that calls the global fetch', async (t) => {
    const seen = [];
    const wrappers = {
      plain: (url, init) => fetch(url, init),
      copying: async (url, init) => { await null; return fetch(url, { ...init }); },
      remaking: (url, init) => fetch(new Request(url, { ...init, signal: undefined })),
    };
    for (const [name, wrapper] of Object.entries(wrappers)) {
      const api = onHost(t, KEYS, { fetch: (url, init) => { seen.push(name); return wrapper(url, init); } });
      const { restore } = api.install();
      calls = [];
      assert.equal((await fetch(ENDPOINT)).status, 200);
      assert.equal((await fetch(ELSEWHERE)).status, 200);
      restore();
      assert.deepEqual([calls.length, seen.length], [2, 1], name);
      seen.length = 0;
    }
  });

  test('an instance that is not installed sends through it untouched', async (t) => {
    onHost(t, ['fake-of-the-installed']).install();
    const other = onHost(t);
    await other.call(ENDPOINT);
    await other.call(new Request(ENDPOINT));
    assert.deepEqual(keysUsed(), KEYS);
  });

  test('two copies of the package leave each other’s requests alone', async (t) => {
    const copy = createRequire(import.meta.url)(INDEX.replace('file://', '').replace(/js$/, 'cjs'));
    assert.notEqual(copy.QuotaAwareAPI, QuotaAwareAPI);
    onHost(t, ['fake-of-the-installed']).install();
    const other = new copy.QuotaAwareAPI(KEYS);
    t.after(() => other.close());
    await other.call(ENDPOINT);
    assert.deepEqual(keysUsed(), [KEYS[0]]);
  });

  test('what others have hung on the fetch from before is still there', (t) => {
    host.preconnect = () => 'connected';
    onHost(t).install();
    assert.equal(fetch.preconnect(), 'connected');
    assert.equal(fetch.length, 1);
    assert.equal(fetch.name, 'fetch');
  });
});

describe('restoring', () => {
  test('puts back what was there, may be done twice, and leaves calls under way alone', async (t) => {
    let answer;
    globalThis.fetch = host = (_url, init) => new Promise((resolve) => { calls.push({ key: keyOf(init) }); answer = () => resolve(served()); });
    const installation = onHost(t).install();
    const call = fetch(ENDPOINT);
    installation.restore();
    installation.restore();
    assert.equal(globalThis.fetch, host);
    answer();
    assert.equal((await call).status, 200);
    fetch(ENDPOINT);
    assert.deepEqual(keysUsed(), [KEYS[0], null]);
  });

  test('is done by using, where there is such a thing, and by close', (t) => {
    const api = onHost(t);
    api.install();
    api.install();
    api.close();
    assert.equal(globalThis.fetch, host);
    assert.throws(() => api.install(), refusal('CLOSED'));
    if (typeof Symbol.dispose !== 'symbol') return;
    const installation = onHost(t).install();
    installation[Symbol.dispose]();
    assert.equal(globalThis.fetch, host);
  });

  test('two installations of one instance: each holds until its own end', async (t) => {
    for (const order of [[0, 1], [1, 0]]) {
      const api = onHost(t);
      const installations = [api.install(), api.install()];
      calls = [];
      await fetch(ENDPOINT);
      installations[order[0]].restore();
      await fetch(ENDPOINT);
      assert.deepEqual(keysUsed(), KEYS);
      installations[order[1]].restore();
      assert.equal(globalThis.fetch, host);
    }
  });

  test('in any order, with several instances: the last that is installed is asked first', async (t) => {
    const names = ['one', 'two', 'three'];
    const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (const order of orders) {
      const left = names.map((name) => ({ name, installation: onHost(t, [`fake-${name}`]).install() }));
      for (const at of order) {
        await fetch(ENDPOINT);
        assert.equal(calls.at(-1).key, `fake-${left.filter(Boolean).at(-1).name}`);
        left[at].installation.restore();
        left[at] = undefined;
      }
      await fetch(ENDPOINT);
      assert.equal(calls.at(-1).key, null);
      assert.equal(globalThis.fetch, host, order.join());
    }
  });

  test('instances of different providers share the work', async (t) => {
    onHost(t, [{ key: 'fake-gemini', provider: 'gemini' }]).install();
    onHost(t, [{ key: 'fake-groq', provider: 'groq' }]).install();
    for (const url of [ENDPOINT, GROQ, ELSEWHERE]) await fetch(url);
    assert.deepEqual(keysUsed(), ['fake-gemini', 'fake-groq', null]);
  });

  test('a patch of somebody else’s on top stays, and ours beneath it lets everything through', async (t) => {
    const installation = onHost(t).install();
    const ours = globalThis.fetch;
    let through = 0;
    const theirs = (...given) => { through += 1; return ours(...given); };
    globalThis.fetch = theirs;
    await fetch(ENDPOINT);
    installation.restore();
    assert.equal(globalThis.fetch, theirs);
    await fetch(ENDPOINT);
    assert.deepEqual([keysUsed(), through], [[KEYS[0], null], 2]);
    // Installed anew, it lies on top of theirs; and once theirs is gone, nothing of ours is left.
    const again = onHost(t).install();
    await fetch(ENDPOINT);
    assert.deepEqual([keysUsed().at(-1), through], [KEYS[0], 3]);
    again.restore();
    assert.equal(globalThis.fetch, theirs);
    globalThis.fetch = ours;
    onHost(t).install().restore();
    assert.equal(globalThis.fetch, host);
    globalThis.fetch = ours;
    installation.restore();
    assert.equal(globalThis.fetch, host);
  });

  test('a global fetch that somebody has replaced is not touched', (t) => {
    const installation = onHost(t).install();
    const theirs = () => {};
    globalThis.fetch = theirs;
    installation.restore();
    assert.equal(globalThis.fetch, theirs);
  });
});

describe('where there is nothing to stand in for', () => {
  test('that is told', (t) => {
    const api = onHost(t);
    globalThis.fetch = undefined;
    assert.throws(() => api.install(), refusal('CONFIG_INVALID', /^globalThis\.fetch: expected a function to stand in for, got undefined/));
  });

  test('or nothing may be put there', (t) => {
    const api = onHost(t);
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
    try {
      Object.defineProperty(globalThis, 'fetch', { value: host, writable: false, configurable: true });
      assert.throws(() => api.install(), refusal('CONFIG_INVALID', /can be set/));
      assert.equal(globalThis.fetch, host);
    } finally {
      Object.defineProperty(globalThis, 'fetch', descriptor);
    }
  });
});
