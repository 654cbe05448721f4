// drain(): nothing new comes in, what has begun comes to its end, and whoever waits learns what is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT, KEYS, byHand, open, question, refusal, served, turn, watched } from './support.js';

const NOTHING = { done: true, waiting: 0, inFlight: 0, streams: 0 };

/** A stream of Gemini's, piece by piece. */
function stream() {
  let controller;
  const body = new ReadableStream({ start: (own) => { controller = own; } });
  const say = (text, finishReason) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, finishReason }] })}\n\n`));
  return { say, end: () => controller.close(), response: new Response(body, { headers: { 'content-type': 'text/event-stream' } }) };
}

const REFUSED = {
  call: (api) => api.call(ENDPOINT, question()),
  fetch: (api) => api.fetch(ENDPOINT, question()),
  'call with a Request': (api) => api.call(new Request(ENDPOINT, question())),
  generate: (api) => api.generate('Hi', { provider: 'gemini', model: 'gemini-fake' }),
  'generate as a stream': async (api) => { for await (const piece of api.generate('Hi', { provider: 'gemini', model: 'gemini-fake', stream: true })) void piece; },
  testKey: (api) => api.testKey('key-1'),
};

for (const [name, ask] of Object.entries(REFUSED)) {
  test(`from then on ${name} rejects at once with DRAINING, and nothing is sent`, async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch });
    const drain = api.drain();
    await assert.rejects(async () => ask(api), refusal('DRAINING', /takes no more calls/));
    assert.equal(requests.length, 0);
    assert.deepEqual(await drain, NOTHING);
    await assert.rejects(async () => ask(api), refusal('DRAINING'));
    assert.equal(api.getStatus().state, 'ok', 'everything else answers as before');
    api.close();
  });
}

test('what is under way, what waits and what is tried again is waited for', async () => {
  const { fetch, requests } = byHand();
  const api = open({ fetch, limits: { concurrency: 1 }, backoff: { base: 1, max: 1 } }, ['fake-key-one']);
  const calls = [1, 2, 3].map(() => watched(api.call(ENDPOINT, question())));
  const drain = watched(api.drain());
  for (const status of [200, 500, 200, 200]) {
    while (requests.length === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
    assert.equal(drain.state, 'pending');
    requests.shift().answer(new Response('{}', { status }));
  }
  while (drain.state === 'pending') await new Promise((resolve) => { setTimeout(resolve, 5); });
  assert.deepEqual(drain.value, NOTHING);
  assert.deepEqual(calls.map(({ value }) => value?.status), [200, 200, 200]);
});

const MOMENTS = {
  'a flight of the cache': { options: { cache: true }, count: 3 },
  'a fallback': { options: { maxRetries: 1, fallback: [{ handler: async () => { await new Promise((resolve) => { setTimeout(resolve, 40); }); return served(); } }] }, status: 503 },
  'another provider': { options: { fallback: [{ provider: 'groq', model: 'llama', keys: ['fake-groq-one'] }] }, status: 401, more: 1, endpoint: 'https://api.openai.com/v1/chat/completions', body: question('gpt-fake') },
};

for (const [moment, { options, count = 1, status = 200, more = 0, endpoint = ENDPOINT, body = question() }] of Object.entries(MOMENTS)) {
  test(`so are calls in ${moment}`, async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch, ...options }, ['fake-key-one']);
    const calls = Array.from({ length: count }, () => watched(api.call(endpoint, body)));
    await turn();
    const drain = watched(api.drain());
    requests[0].answer(new Response('{"candidates":[]}', { status, headers: { 'content-type': 'application/json' } }));
    for (let n = 1; n <= more; n += 1) {
      while (requests.length <= n) await turn();
      assert.equal(drain.state, 'pending');
      requests[n].answer(served({ choices: [{ message: { content: 'Hi' } }] }));
    }
    while (drain.state === 'pending') await new Promise((resolve) => { setTimeout(resolve, 5); });
    assert.deepEqual(drain.value, NOTHING);
    await turn();
    assert.deepEqual(calls.map(({ state }) => state), calls.map(() => 'resolved'));
    api.close();
  });
}

test('a stream is waited for until it is read', async () => {
  const { say, end, response } = stream();
  const api = open({ fetch: async () => response });
  say('one');
  const answer = await api.call(ENDPOINT.replace('generateContent', 'streamGenerateContent?alt=sse'), question());
  assert.deepEqual(await api.drain(20), { ...NOTHING, done: false, streams: 1 });
  const drain = watched(api.drain());
  say('two', 'STOP');
  end();
  assert.match(await answer.text(), /one[^]*two/);
  while (drain.state === 'pending') await new Promise((resolve) => { setTimeout(resolve, 5); });
  assert.deepEqual(drain.value, NOTHING);
});

test('once the time is up it tells what is left, and does not reject', async () => {
  const { fetch } = byHand();
  const api = open({ fetch, limits: { concurrency: 1 } });
  const calls = [1, 2, 3].map(() => watched(api.call(ENDPOINT, question())));
  assert.deepEqual(await api.drain(0), { done: false, waiting: 1, inFlight: 2, streams: 0 });
  assert.ok(calls.every(({ state }) => state === 'pending'), 'they go on');
  api.close();
});

test('close() in the middle of it is clean: calls reject as CLOSED, the drain ends', async () => {
  const { fetch } = byHand();
  const api = open({ fetch });
  const call = watched(api.call(ENDPOINT, question()));
  const drains = [api.drain(), api.drain(1_000)].map(watched);
  api.close();
  while (drains.some(({ state }) => state === 'pending')) await new Promise((resolve) => { setTimeout(resolve, 1); });
  refusal('CLOSED')(call.error);
  assert.deepEqual(drains.map(({ value }) => value), [NOTHING, NOTHING]);
  await assert.rejects(api.call(ENDPOINT, question()), refusal('CLOSED'));
});

for (const timeout of [-1, 0.5, '3', NaN, Infinity, 2 ** 31, {}]) {
  test(`a timeout of ${typeof timeout === 'object' ? 'an object' : JSON.stringify(timeout)} is refused, and nothing is drained`, async () => {
    const api = open();
    await assert.rejects(api.drain(timeout), refusal('CONFIG_INVALID', /^timeout: expected a whole number of milliseconds from 0 to 2147483647/));
    assert.equal((await api.call(ENDPOINT, question())).status, 200);
  });
}

test('a snapshot after it holds everything', async () => {
  const api = open({}, KEYS);
  await Promise.all(Array.from({ length: 5 }, () => api.call(ENDPOINT, question())));
  await api.drain();
  assert.equal(api.snapshot().counters.served, 5);
});
