// generate() over real HTTP. A file of its own: where timers are mocked, those of Node's own HTTP client would run wild.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuotaAwareAPI, createMockServer } from '../built.js';

test('over HTTP, at a base URL', async (t) => {
  const server = await createMockServer({ provider: 'gemini', projects: [{ keys: ['fake-of-the-wire'] }], latency: 0, chunkDelay: 1 });
  t.after(() => server.close());
  const api = new QuotaAwareAPI([{ key: 'fake-of-the-wire', provider: 'gemini' }], { baseURL: server.url });
  assert.match((await api.generate('Over the wire')).text, /Over the wire/);
  const pieces = [];
  for await (const piece of api.generate('Over the wire', { stream: true })) pieces.push(piece);
  assert.match(pieces.join(''), /Over the wire/);
  api.close();
});
