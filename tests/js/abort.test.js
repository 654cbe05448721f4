// One signal for the whole of a call: while it waits for quota, backs off, is sent, and while its answer comes.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ENDPOINT, QuotaAwareAPI, answering, assertIdle, byHand, open, refused, stayAwake, turn, until } from './support.js';

const STREAM = `${ENDPOINT.replace(':generateContent', ':streamGenerateContent')}?alt=sse`;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const ONE = ['fake-key-one'];
const reason = { mine: 'enough' };
const same = (error) => { assert.equal(error, reason); return true; };

describe('an abort', () => {
  const stages = {
    'before the call': { fetch: () => assert.fail('sent'), early: true, sent: 0 },
    'in the queue': { fetch: byHand().fetch, before: (api) => api.call(ENDPOINT).catch(() => {}), options: { limits: { concurrency: 1 } } },
    'in the back-off': { fetch: answering(refused(30)), options: { queue: { maxWait: 100_000 } } },
    'while it is sent': { fetch: byHand().fetch },
  };
  for (const [name, { fetch, early, before, options }] of Object.entries(stages)) {
    test(`${name} rejects with the caller’s own reason, and nothing is sent after it`, async () => {
      let sent = 0;
      const api = open({ fetch: (...given) => { sent += 1; return fetch(...given); }, ...options }, ONE);
      before?.(api);
      const patience = new AbortController();
      if (early) patience.abort(reason);
      const call = api.call(ENDPOINT, { signal: patience.signal });
      const ended = assert.rejects(call, same);
      for (let round = 0; round < 4; round += 1) await turn();
      const until = sent;
      patience.abort(reason);
      await ended;
      const { waiting, inFlight } = api.getStatus().queue;
      assert.deepEqual([waiting, inFlight], [0, before ? 1 : 0]);
      await turn();
      assert.equal(sent, until);
      api.close();
    });
  }

  test('frees its place at once for who waits', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch, limits: { concurrency: 1 } }, ONE);
    const patience = new AbortController();
    const first = assert.rejects(api.call(ENDPOINT, { signal: patience.signal }), same);
    const second = api.call(ENDPOINT);
    await turn();
    assert.equal(requests.length, 1);
    patience.abort(reason);
    await first;
    await until(() => requests.length === 2);
    requests[1].answer(new Response('{}'));
    await second;
    assertIdle(api);
  });

  test('while a stream has not begun ends it at its source', async () => {
    let cancelled;
    const body = new ReadableStream({ pull: (controller) => { controller.enqueue(new TextEncoder().encode(': alive\n\n')); return new Promise((resolve) => { setImmediate(resolve); }); }, cancel: (why) => { cancelled = why; } });
    // A fetch that does not listen to signals: ours is obeyed all the same.
    const api = open({ fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }) }, ONE);
    const patience = new AbortController();
    const ended = assert.rejects(api.call(STREAM, { method: 'POST', body: '{}', signal: patience.signal }), same);
    await turn();
    patience.abort(reason);
    await ended;
    await until(() => cancelled !== undefined);
    assertIdle(api);
  });

  test('by a time-out, by any of several, or by a Request’s own signal', async (t) => {
    t.after(stayAwake());
    const api = open({ fetch: byHand().fetch }, ONE);
    await assert.rejects(api.call(ENDPOINT, { signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
    const patience = new AbortController();
    const any = assert.rejects(api.call(ENDPOINT, { signal: AbortSignal.any([AbortSignal.timeout(60_000), patience.signal]) }), same);
    const request = assert.rejects(api.call(new Request(ENDPOINT, { signal: patience.signal })), same);
    await turn();
    patience.abort(reason);
    await Promise.all([any, request]);
    assertIdle(api);
  });

  test('over a real connection breaks off the body, and the server sees the client leave', async (t) => {
    let left = false;
    const server = createServer((request, response) => {
      response.on('close', () => { left = true; });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}\n\n');
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    t.after(() => { server.closeAllConnections(); server.close(); });
    const origin = `http://127.0.0.1:${server.address().port}`;
    const api = new QuotaAwareAPI(ONE, { allowedOrigins: [origin] });
    const patience = new AbortController();
    const response = await api.call(`${origin}/v1beta/models/m:streamGenerateContent?alt=sse`, { method: 'POST', body: '{}', signal: patience.signal });
    const reader = response.body.getReader();
    await reader.read();
    const next = assert.rejects(reader.read(), same);
    patience.abort(reason);
    await next;
    await until(() => left);
  });

  test('of 10,000 calls leaves neither places, listeners nor memory', { timeout: 60_000 }, async () => {
    let sends = 0;
    // Once, as every host's own does: Node 20 keeps a signal made by `any` for as long as somebody listens to it.
    const fetch = (url, { signal }) => new Promise((answer, fail) => { sends += 1; signal.addEventListener('abort', () => fail(signal.reason), { once: true }); });
    const api = open({ fetch, limits: { concurrency: 10 }, queue: { maxSize: 1_000 } }, ONE);
    const listeners = new Set();
    const shared = new AbortController();
    const { addEventListener, removeEventListener } = shared.signal;
    shared.signal.addEventListener = function add(...given) { listeners.add(given[1]); return addEventListener.apply(this, given); };
    shared.signal.removeEventListener = function remove(...given) { listeners.delete(given[1]); return removeEventListener.apply(this, given); };
    const round = async (count) => {
      const calls = [];
      for (let n = 0; n < count; n += 1) {
        const patience = new AbortController();
        calls.push(assert.rejects(api.call(ENDPOINT, { signal: patience.signal }), same));
        patience.abort(reason);
      }
      await Promise.all(calls);
      await turn();
    };
    const heap = async () => {
      for (let n = 0; n < 5; n += 1) { collect(); await turn(); }
      return process.memoryUsage().heapUsed;
    };
    for (let n = 0; n < 4; n += 1) await round(500);
    const before = await heap();
    for (let n = 0; n < 20; n += 1) await round(500);
    const grown = await heap() - before;
    assertIdle(api);
    assert.ok(grown < 1_000_000, `${grown} bytes`);
    const waiting = Array.from({ length: 50 }, () => assert.rejects(api.call(ENDPOINT, { signal: shared.signal }), same));
    await turn();
    assert.equal(listeners.size, 50);
    const sent = sends;
    shared.abort(reason);
    await Promise.all(waiting);
    assert.equal(listeners.size, 0);
    await turn();
    // The places that became free went to nobody whose own signal says no.
    assert.equal(sends, sent);
  });
});
