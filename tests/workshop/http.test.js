// Over real HTTP: what arrives at the provider, and what comes back. The only real waiting is a shortened minute.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, PATH, question, served } from './support.js';

test('call() resolves to the Response itself, with a body to read (W7)', async (t) => {
  const { ask } = await served(t);
  const response = await ask();
  assert.ok(response instanceof Response);
  assert.equal(response.status, 200);
  const { candidates } = await response.json();
  assert.match(candidates[0].content.parts[0].text, /Hello/);
});

test('the key goes into x-goog-api-key, beside the headers of the caller: an object, a Headers, pairs (W8)', async (t) => {
  for (const [name, headers] of Object.entries({
    object: { 'X-Own': 'mine', 'content-type': 'application/json' },
    Headers: new Headers({ 'X-Own': 'mine', 'content-type': 'application/json' }),
    pairs: [['X-Own', 'mine'], ['content-type', 'application/json']],
  })) {
    await t.test(name, async (t) => {
      const arrived = [];
      const { api, server } = await served(t, { fetch: (url, init) => { arrived.push(new Headers(init.headers)); return fetch(url, init); } });
      const response = await api.call(server.url + PATH, question('Hello', { headers }));
      assert.equal(response.status, 200);
      assert.equal(arrived[0].get('x-own'), 'mine');
      assert.equal(arrived[0].get('content-type'), 'application/json');
      assert.equal(arrived[0].get('x-goog-api-key'), KEYS[0]);
    });
  }
});

test('fifty rapid calls over two keys, over HTTP: all answered, both keys at work, within three (shortened) minutes (W26)', async (t) => {
  const minute = 2000;
  for (const limits of [undefined, { rpm: 15 }]) {
    await t.test(limits === undefined ? 'limits unknown' : 'limits declared', async (t) => {
      const { api, ask, mock } = await served(t, { keys: KEYS.slice(0, 2), resetInterval: minute, limits, mock: { minute } });
      const signal = AbortSignal.timeout(15_000);
      const began = performance.now();
      const statuses = await Promise.all(Array.from({ length: 50 }, () => ask({ signal }).then(({ status }) => status)));
      assert.deepEqual(statuses, Array(50).fill(200));
      assert.ok(performance.now() - began > minute, 'thirty fit into the first minute, so it took longer than one');
      assert.ok(api.getStatus().keys.every(({ successes }) => successes >= 15));
      if (limits !== undefined) assert.equal(mock.state().totals.refused, 0, 'nothing was sent that would be refused');
    });
  }
});

test('keys come and go while calls are under way, and none of those notices (C127, H140)', async (t) => {
  const { api, ask, mock } = await served(t, { keys: KEYS.slice(0, 2), mock: { latency: { min: 100, max: 150 } } });
  const calls = Array.from({ length: 10 }, () => ask().then(({ status }) => status));
  const fresh = api.addKey(KEYS[2]);
  assert.equal(api.removeKey('key-1'), true);
  assert.equal(api.removeKey('key-1'), false, 'it is gone');
  calls.push(...Array.from({ length: 10 }, () => ask().then(({ status }) => status)));
  assert.deepEqual(await Promise.all(calls), Array(20).fill(200));
  assert.deepEqual(api.getStatus().keys.map(({ id }) => id), ['key-2', fresh]);
  const requests = mock.state().keys.map((key) => key.requests);
  assert.deepEqual(requests, [5, 10, 5], 'five were under way with the old key, five went with the new one');
});

test('swapping a key for its successor leaves calls under way alone (H140)', async (t) => {
  const { api, ask } = await served(t, { keys: [{ id: 'main', key: KEYS[0] }], mock: { latency: 100 } });
  const under = ask();
  api.addKey({ id: 'successor', key: KEYS[1] });
  api.removeKey('main');
  assert.equal((await under).status, 200);
  assert.equal((await ask()).status, 200);
  assert.equal(api.getNextAvailableKey(), 'successor');
});
