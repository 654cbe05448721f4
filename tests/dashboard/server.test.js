// What a server sends to dashboards: over node:http, as anybody would build one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { MOCK_KEYS, QuotaAwareAPI, SERVER, createMockProvider } from '../built.js';
import { EventStreamReader } from '../../pkg-template/dashboard/event-stream.js';

const { performOrder, stateOf, statusEvents } = await import(SERVER);
const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent';
const ask = (api) => api.call(GEMINI, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"contents":[{"parts":[{"text":"Hi"}]}]}' });
const instance = () => new QuotaAwareAPI(MOCK_KEYS, { fetch: createMockProvider({ latency: 0 }).fetch });

// A stream keeps no program alive by itself; its reader's socket does, and here there is none.
let alive;
before(() => { alive = setInterval(() => {}, 1_000); });
after(() => clearInterval(alive));

/** The events of a response, one after the other. */
async function* eventsOf(response) {
  const reader = new EventStreamReader();
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) yield* reader.take(piece);
}

describe('a stream of states', () => {
  test('begins with the state as it is, and goes on when something happens', async () => {
    const api = instance();
    const response = statusEvents(api, { interval: 50 });
    assert.deepEqual([response.status, response.headers.get('content-type'), response.headers.get('cache-control')], [200, 'text/event-stream; charset=utf-8', 'no-store']);
    const events = eventsOf(response);
    const first = JSON.parse((await events.next()).value.data);
    assert.deepEqual(Object.keys(first).sort(), ['at', 'history', 'stats', 'status']);
    assert.equal(first.stats.totalRequests, 0);
    const began = performance.now();
    await ask(api);
    let state;
    do state = JSON.parse((await events.next()).value.data); while (state.stats.totalRequests === 0);
    assert.ok(performance.now() - began < 1_000, 'within a second');
    await events.return();
    api.close();
  });

  test('tells that the instance is closed, and ends', async () => {
    const api = instance();
    const types = [];
    for await (const { type } of eventsOf(statusEvents(api, { interval: 50 }))) {
      types.push(type);
      if (types.length === 1) {
        await ask(api);
        api.close();
      }
    }
    assert.deepEqual(types, ['state', 'closed']);
  });

  test('ends with its signal, and listens no longer than its reader', async () => {
    const api = instance();
    let listeners = 0;
    api.addEventListener = () => { listeners += 1; };
    api.removeEventListener = () => { listeners -= 1; };
    const stop = new AbortController();
    const events = eventsOf(statusEvents(api, { signal: stop.signal }));
    await events.next();
    assert.ok(listeners > 5);
    stop.abort();
    assert.equal((await events.next()).done, true);
    assert.equal(listeners, 0);
    await statusEvents(api).body.cancel();
    assert.equal(listeners, 0);
    api.close();
  });

  test('has a report of use where the instance makes one, and is none the worse where that fails', async () => {
    const api = instance();
    const report = { step: 'minute', series: [], pattern: [], errors: [] };
    api.getUsage = async () => report;
    const events = eventsOf(statusEvents(api, { interval: 50 }));
    let state = JSON.parse((await events.next()).value.data);
    if (!state.usage) state = JSON.parse((await events.next()).value.data);
    assert.deepEqual(state.usage, report);
    await events.return();
    api.getUsage = () => { throw new Error('no disk'); };
    const others = eventsOf(statusEvents(api));
    assert.equal((await others.next()).value.type, 'state');
    await others.return();
    api.close();
  });

  test('tells what went wrong with the next state, on top of the report, and not again', async () => {
    const mock = createMockProvider({ latency: 0 });
    const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: mock.fetch });
    const events = eventsOf(statusEvents(api, { interval: 50 }));
    const next = async () => JSON.parse((await events.next()).value.data);
    let state = await next();
    while (!state.usage) state = await next();
    assert.deepEqual(state.errors, []);
    mock.breakKey(MOCK_KEYS[0]);
    await ask(api);
    do state = await next(); while (state.stats.totalErrors === 0);
    assert.deepEqual([state.errors, state.usage], [[{ verdict: 'invalid-key', count: 1, keys: { 'key-1': 1 } }], undefined]);
    await ask(api);
    do state = await next(); while (state.stats.totalRequests < 3);
    assert.equal(state.errors, undefined);
    await events.return();
    api.close();
  });

  test('holds no secret, and takes no interval that would flood', async () => {
    const api = instance();
    await ask(api);
    const text = JSON.stringify(stateOf(api));
    for (const key of MOCK_KEYS) assert.ok(!text.includes(key));
    for (const interval of [0, 49, NaN, Infinity, '100']) assert.throws(() => statusEvents(api, { interval }), TypeError);
    api.close();
  });
});

test('a server of node:http returns it, to those with the token, and lets programs end', async (t) => {
  const api = instance();
  const server = createServer((request, response) => {
    const cors = { 'access-control-allow-origin': '*' };
    if (request.headers.authorization !== 'Bearer right') return response.writeHead(401, cors).end();
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const events = statusEvents(api, { signal: gone.signal });
    response.writeHead(200, { ...cors, ...Object.fromEntries(events.headers) });
    return Readable.fromWeb(events.body).on('error', () => {}).pipe(response);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => { server.closeAllConnections(); server.close(); api.close(); });
  const url = `http://127.0.0.1:${server.address().port}/`;
  assert.equal((await fetch(url)).status, 401);
  const leave = new AbortController();
  const response = await fetch(url, { headers: { authorization: 'Bearer right' }, signal: leave.signal });
  const { value } = await eventsOf(response).next();
  assert.equal(JSON.parse(value.data).status.keys.length, 3);
  leave.abort();
});

describe('orders', () => {
  test('are carried out', async () => {
    const api = instance();
    const done = [];
    api.resetQuotaFlags = (id) => done.push(['reset', id]);
    api.disableKey = (id) => done.push(['disable', id]);
    api.enableKey = (id) => done.push(['enable', id]);
    assert.equal(await performOrder(api, { action: 'reset', key: null }), null);
    assert.equal(await performOrder(api, { action: 'reset', key: 'key-1' }), null);
    assert.equal(await performOrder(api, { action: 'disable', key: 'key-2' }), null);
    assert.equal(await performOrder(api, { action: 'enable', key: 'key-2' }), null);
    assert.deepEqual(done, [['reset', undefined], ['reset', 'key-1'], ['disable', 'key-2'], ['enable', 'key-2']]);
    assert.equal((await performOrder(api, { action: 'test', key: 'key-3' })).ok, true);
    api.close();
  });

  test('of any other kind are refused', async () => {
    const api = instance();
    api.disableKey = undefined;
    for (const order of [null, 5, {}, { action: 'close' }, { action: 'test' }, { action: 'test', key: 'key-9' }, { action: 'reset', key: MOCK_KEYS[0] }, { action: 'disable', key: 'key-1' }, { action: 'constructor', key: 'key-1' }]) {
      await assert.rejects(performOrder(api, order), TypeError, JSON.stringify(order));
    }
    api.close();
  });
});
