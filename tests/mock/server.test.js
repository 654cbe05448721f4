// Over real HTTP and in real time, so with as little waiting as can be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOCK_KEYS, createMockServer } from '../../pkg-template/mock.js';
import { LITE, chat, fixture, generate, shape } from './support.js';

const fast = { latency: 1, chunkDelay: 1 };

/** A mock whose `fetch` is the real one, sent to the server. */
function over(server) {
  return { fetch: (url, init) => fetch(String(url).replace(/^https:\/\/[^/]+/, server.url), init) };
}

async function serving(options, use) {
  const server = await createMockServer({ ...fast, ...options });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

test('twenty calls at once over two projects: each refuses at its own limit', () => serving({ latency: { min: 1, max: 20 } }, async (server) => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => generate(over(server), MOCK_KEYS[i % 2])));
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  assert.equal(answers.filter(({ status }) => status === 200).length, 30);
  assert.equal(bodies.filter(({ error }) => error?.status === 'RESOURCE_EXHAUSTED').length, 10);
  assert.deepEqual(server.provider.state().totals, { requests: 40, served: 30, refused: 10, failed: 0 });
}));

test('bodies and headers are those of the provider', () => serving({}, async (server) => {
  const recorded = await fixture('gemini-400-api-key-invalid');
  const response = await generate(over(server), 'nobody');
  assert.equal(response.status, 400);
  assert.deepEqual(shape(await response.json()), shape(recorded.body));
  assert.equal(response.headers.get('server'), 'scaffolding on HTTPServer2');
  assert.equal(response.headers.get('retry-after'), null);
}));

test('streams arrive piece by piece', () => serving({ chunkDelay: 20 }, async (server) => {
  const response = await generate(over(server), MOCK_KEYS[0], { verb: 'streamGenerateContent', query: '?alt=sse' });
  let pieces = 0;
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    pieces++;
    text += piece;
  }
  assert.ok(pieces > 1);
  assert.match(text, /"finishReason":"STOP"/);
  const openai = await chat(over(server), `${server.url}/v1beta/openai`, MOCK_KEYS[0], { model: LITE, stream: true });
  assert.match(await openai.text(), /\[DONE\]/);
}));

test('connection faults and cuts are broken connections, and what came before a cut arrives', () => serving({ latency: 0, chunkDelay: 0 }, async (server) => {
  server.provider.script([{ connection: true }, { cut: 2 }]);
  await assert.rejects(generate(over(server), MOCK_KEYS[0]), { message: 'fetch failed' });
  const response = await generate(over(server), MOCK_KEYS[0], { verb: 'streamGenerateContent', query: '?alt=sse' });
  assert.equal(response.status, 200);
  let text = '';
  await assert.rejects((async () => { for await (const piece of response.body.pipeThrough(new TextDecoderStream())) text += piece; })(), { message: 'terminated' });
  assert.equal(text.split('data: ').length - 1, 2);
}));

test('a caller who leaves ends the request', () => serving({ latency: 60_000 }, async (server) => {
  const call = generate(over(server), MOCK_KEYS[0], { init: { signal: AbortSignal.timeout(50) } });
  await assert.rejects(call, { name: 'TimeoutError' });
}));

test('paths that make no sense are answered', () => serving({}, async (server) => {
  for (const path of ['/', '/v1beta/models/%zz:generateContent', '//v1beta', '/v1beta/models/:generateContent']) {
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'x-goog-api-key': MOCK_KEYS[0] }, body: '{}' });
    assert.ok([400, 404].includes(response.status), `${path}: ${response.status}`);
  }
}));

test('a mistake in `answer` is told', () => serving({ answer: () => { throw new Error('oops'); } }, async (server) => {
  const response = await generate(over(server), MOCK_KEYS[0]);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), 'mock: oops\n');
}));

test('preflights: the listed headers pass, one unlisted header fails them', () => serving({}, async (server) => {
  const preflight = (headers) => fetch(`${server.url}/v1beta/models/${LITE}:generateContent`, {
    method: 'OPTIONS', headers: { origin: 'https://page.example', 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
  });
  const good = await preflight('content-type,x-goog-api-key');
  assert.equal(good.status, 200);
  assert.equal(good.headers.get('access-control-allow-origin'), 'https://page.example');
  assert.equal(good.headers.get('access-control-allow-headers'), 'content-type,x-goog-api-key');
  for (const bad of ['content-type,x-goog-api-key,x-quota-session', 'api-revision', 'X-Stainless-Lang']) {
    const refused = await preflight(bad);
    assert.equal(refused.status, 403, bad);
    assert.equal(refused.headers.get('access-control-allow-origin'), null);
  }
}));

test('answers and errors are readable from pages, and expose what the real ones do', () => serving({}, async (server) => {
  for (const key of [MOCK_KEYS[0], 'nobody']) {
    const response = await generate(over(server), key, { init: { headers: { origin: 'https://page.example', 'x-goog-api-key': key } } });
    assert.equal(response.headers.get('access-control-allow-origin'), 'https://page.example');
    assert.equal(response.headers.get('access-control-expose-headers'), 'vary,vary,vary,content-encoding,date,server,content-length');
  }
  assert.equal((await generate(over(server), MOCK_KEYS[0])).headers.get('access-control-allow-origin'), null, 'nothing where no page asks');
}));

test('close ends what is under way, frees the port, and may be called twice', async () => {
  const server = await createMockServer({ latency: 60_000 });
  const call = generate(over(server), MOCK_KEYS[0]);
  call.catch(() => {});
  while (server.provider.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([server.close(), server.close()]);
  await assert.rejects(call, TypeError);
  const again = await createMockServer({ ...fast, port: server.port });
  assert.equal((await generate(over(again), MOCK_KEYS[0])).status, 200);
  await assert.rejects(createMockServer({ port: again.port }), { code: 'EADDRINUSE' });
  await again.close();
});
