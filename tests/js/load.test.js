// Many calls at once, and callers who change their minds.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { INDEX, createMockProvider } from '../built.js';
import { ENDPOINT, assertIdle, byHand, open, refusal, served, stayAwake, turn, until } from './support.js';

describe('ten thousand calls at once', () => {
  test('over a hundred keys are all answered, in equal shares', async () => {
    const api = open({ fetch: async () => { await turn(); return served(); } }, Array.from({ length: 100 }, (_, at) => `fake-key-${at}`));
    const responses = await Promise.all(Array.from({ length: 10_000 }, () => api.call(ENDPOINT)));
    assert.ok(responses.every(({ status }) => status === 200));
    assert.deepEqual(api.getStats().requestCounts, Array(100).fill(100));
    assertIdle(api);
  });

  test('over a provider that keeps quotas are all served, and none is refused', async () => {
    const keys = Array.from({ length: 100 }, (_, at) => `fake-key-${at}`);
    const mock = createMockProvider({ projects: keys.map((key) => ({ keys: [key], models: { '*': { rpm: 100 } } })), latency: 0 });
    const api = open({ fetch: mock.fetch, limits: { rpm: 100 } }, keys);
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const responses = await Promise.all(Array.from({ length: 10_000 }, () => api.call(ENDPOINT, init)));
    assert.ok(responses.every(({ status }) => status === 200));
    assert.deepEqual(mock.state().totals, { requests: 10_000, served: 10_000, refused: 0, failed: 0 });
    assertIdle(api);
  });

  test('beyond what may wait are told so at once, and the others keep their places', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch, limits: { concurrency: 1 } }, ['fake-one']);
    const calls = Array.from({ length: 10_000 }, () => api.call(ENDPOINT).then(({ status }) => status, ({ code }) => code));
    assert.equal(api.getStatus().queue.waiting, 1000);
    for (let answered = 0; answered < 1001; answered += 1) {
      await until(() => requests.length > answered);
      requests[answered].answer(served());
    }
    const ends = await Promise.all(calls);
    const count = (end) => ends.filter((each) => each === end).length;
    assert.deepEqual([count(200), count('QUEUE_FULL')], [1001, 8999]);
    assertIdle(api);
  });
});

describe('ten thousand calls that wait', () => {
  test('take less than a kilobyte of the engine’s memory each, and give it back', async (t) => {
    // A process of its own: the memory is looked at from the package's first use on.
    const child = fork(join(import.meta.dirname, '../../benches/waiting/crowd.mjs'), { execArgv: ['--expose-gc'] });
    t.after(() => child.kill());
    child.send({ people: 500, signals: true, pkg: fileURLToPath(new URL('..', INDEX)) });
    const [{ wasm, wasmKept }] = await once(child, 'message');
    assert.ok(wasm < 1000, `${wasm} bytes each`);
    // A page or two come and go with how the gaps lie.
    assert.ok(wasmKept < 10, `${wasmKept} bytes kept of each`);
  });
});

describe('a caller who gives up', () => {
  let sleep;
  before(() => { sleep = stayAwake(); });
  after(() => sleep());

  const reason = new Error('changed my mind');
  const isReason = (error) => error === reason;

  test('before the call gets their own reason, and nothing is sent', async () => {
    const api = open({ fetch: () => assert.fail('sent') });
    await assert.rejects(api.call(ENDPOINT, { signal: AbortSignal.abort(reason) }), isReason);
    await assert.rejects(api.fetch(ENDPOINT, { signal: AbortSignal.abort(reason) }), isReason);
    assert.equal(api.getStats().totalRequests, 0);
    assertIdle(api);
  });

  test('while waiting frees the place at once, and nothing is sent', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch, limits: { concurrency: 1 } }, ['fake-one']);
    const first = api.call(ENDPOINT);
    const patience = new AbortController();
    const second = api.call(ENDPOINT, { signal: patience.signal });
    assert.equal(api.getStatus().queue.waiting, 1);
    patience.abort(reason);
    assert.equal(api.getStatus().queue.waiting, 0);
    await assert.rejects(second, isReason);
    requests[0].answer(served());
    await first;
    assert.equal(requests.length, 1);
    assertIdle(api);
  });

  test('in flight aborts the request, charges nobody, and frees the place at once', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch });
    const patience = new AbortController();
    const call = api.call(ENDPOINT, { signal: patience.signal });
    patience.abort(reason);
    assert.equal(requests[0].init.signal.aborted, true);
    assertIdle(api);
    await assert.rejects(call, isReason);
    assert.equal(api.getStats().totalErrors, 0);
    assert.equal(api.getStatus().keys[0].health, 'available');
  });

  test('between two attempts ends the call there', async () => {
    let sent = 0;
    const api = open({ fetch: async () => { sent += 1; throw new TypeError('fetch failed'); }, backoff: { base: 60_000, max: 60_000, jitter: 'none' }, retryBudget: false }, ['fake-one']);
    const patience = new AbortController();
    const call = api.call(ENDPOINT, { signal: patience.signal });
    call.catch(() => {});
    await until(() => api.getStatus().queue.waiting === 1);
    patience.abort(reason);
    await assert.rejects(call, isReason);
    assert.equal(sent, 1);
    assertIdle(api);
  });

  test('by a time-out of theirs gets its TimeoutError', async () => {
    const { fetch } = byHand();
    const api = open({ fetch });
    await assert.rejects(api.call(ENDPOINT, { signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
    assertIdle(api);
  });

  test('with one signal for a thousand calls ends them all and leaves no listener on it', async () => {
    const { fetch } = byHand();
    const api = open({ fetch });
    const patience = new AbortController();
    const added = [];
    const removed = [];
    const { addEventListener, removeEventListener } = patience.signal;
    patience.signal.addEventListener = function add(...given) { added.push(given[1]); return addEventListener.apply(this, given); };
    patience.signal.removeEventListener = function remove(...given) { removed.push(given[1]); return removeEventListener.apply(this, given); };
    const calls = Array.from({ length: 1000 }, () => api.call(ENDPOINT, { signal: patience.signal }));
    patience.abort(reason);
    for (const { reason: each } of await Promise.allSettled(calls)) assert.equal(each, reason);
    assert.deepEqual(new Set(removed), new Set(added));
    assertIdle(api);
  });

  test('after the answer breaks off its body, as with any fetch', async () => {
    const body = new ReadableStream({ pull() { return new Promise(() => {}); } });
    let given;
    const api = open({ fetch: async (url, { signal }) => { given = signal; return new Response(body); } });
    const patience = new AbortController();
    await api.call(ENDPOINT, { signal: patience.signal });
    patience.abort(reason);
    assert.equal(given.aborted, true);
    assert.equal(given.reason, reason);
  });

  test('once and for all: a body that is a stream is never sent twice', async () => {
    const body = () => new ReadableStream({ start(controller) { controller.close(); } });
    const failing = open({ fetch: async () => { throw new TypeError('fetch failed'); } });
    await assert.rejects(failing.call(ENDPOINT, { method: 'POST', body: body(), duplex: 'half' }), refusal('BODY_NOT_REPLAYABLE'));
    assert.equal(failing.getStats().totalRequests, 1);
    const api = open();
    assert.equal((await api.call(ENDPOINT, { method: 'POST', body: body(), duplex: 'half' })).status, 200);
  });
});
