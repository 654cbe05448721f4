// close(), at any moment: what is under way ends promptly, as CLOSED, and nothing can be asked any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT, byHand, open, question, refusal, served, turn, watched } from './support.js';

const AFTER = {
  call: (api) => api.call(ENDPOINT, question()),
  generate: (api) => api.generate('Hi'),
  install: (api) => api.install(),
  rotateKey: (api) => api.rotateKey(),
  backoff: (api) => api.backoff(0),
  getStats: (api) => api.getStats(),
  printStats: (api) => api.printStats(() => {}),
  hasAvailableKeys: (api) => api.hasAvailableKeys(),
  getNextAvailableKey: (api) => api.getNextAvailableKey(),
  getKeyForSession: (api) => api.getKeyForSession('ann'),
  switchToKey: (api) => api.switchToKey('key-1'),
  resetQuotaFlags: (api) => api.resetQuotaFlags(),
  testKey: (api) => api.testKey('key-1'),
  testAllKeys: (api) => api.testAllKeys(),
  addKey: (api) => api.addKey('fake-key-three'),
  removeKey: (api) => api.removeKey('key-1'),
  setLimits: (api) => api.setLimits('key-1', { rpm: 1 }),
  getStatus: (api) => api.getStatus(),
  getRotationHistory: (api) => api.getRotationHistory(),
  explain: (api) => api.explain(),
  clearCache: (api) => api.clearCache(),
  snapshot: (api) => api.snapshot(),
  restore: (api) => api.restore({}),
  drain: (api) => api.drain(),
};

for (const [name, ask] of Object.entries(AFTER)) {
  test(`after close(), ${name} says CLOSED`, async () => {
    const api = open();
    api.close();
    api.close();
    await assert.rejects(async () => ask(api), refusal('CLOSED'));
  });
}

const MOMENTS = {
  'sent': {},
  'waiting': { options: { limits: { concurrency: 1 } }, calls: 3 },
  'in a flight of the cache': { options: { cache: true }, calls: 2 },
  'in a fallback': { options: { maxRetries: 1, fallback: [{ handler: () => new Promise(() => {}) }] }, answer: () => new Response('{}', { status: 503 }) },
};

for (const [moment, { options = {}, calls = 1, answer }] of Object.entries(MOMENTS)) {
  test(`calls that are ${moment} end at once`, async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch, ...options }, ['fake-key-one']);
    const all = Array.from({ length: calls }, () => watched(api.call(ENDPOINT, question())));
    if (answer) requests[0].answer(answer());
    for (let n = 0; n < 20; n += 1) await turn();
    assert.ok(all.every(({ state }) => state === 'pending'));
    api.close();
    await turn();
    for (const { error } of all) refusal('CLOSED')(error);
    assert.ok(answer || requests[0].init.signal.aborted, 'the request is aborted');
  });
}

test('close() inside a custom fetch, or inside a listener, ends the call', async () => {
  const inFetch = open({ fetch: async () => { inFetch.close(); return served(); } });
  await assert.rejects(inFetch.call(ENDPOINT, question()), refusal('CLOSED'));
  const inListener = open();
  inListener.addEventListener('attempt', () => inListener.close());
  await assert.rejects(inListener.call(ENDPOINT, question()), refusal('CLOSED'));
});

test('a stream that has begun goes on after close(), to its end', async () => {
  let controller;
  const body = new ReadableStream({ start: (own) => { controller = own; } });
  const piece = (text, finishReason) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, finishReason }] })}\n\n`));
  const api = open({ fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }) });
  const call = api.call(ENDPOINT.replace('generateContent', 'streamGenerateContent?alt=sse'), question());
  piece('Hi');
  const response = await call;
  api.close();
  piece('there', 'STOP');
  controller.close();
  assert.match(await response.text(), /Hi[^]*there/);
});

test('a test of a key ends with close(), and so do all that were to follow', async () => {
  const { fetch, requests } = byHand();
  const api = open({ fetch });
  const all = watched(api.testAllKeys());
  await turn();
  api.close();
  await turn();
  refusal('CLOSED')(all.error);
  assert.equal(requests.length, 1);
});
