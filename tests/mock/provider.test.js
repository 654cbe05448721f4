import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MOCK_KEYS, createMockProvider } from '../../pkg-template/mock.js';
import { ANTHROPIC, GEMINI, GROQ, LITE, OPENAI, chat, generate, messages, oneProject, onClock, statuses } from './support.js';

test('without options: three Gemini projects of 15 requests a minute, with made-up keys', async () => {
  assert.equal(MOCK_KEYS.length, 3);
  for (const key of MOCK_KEYS) assert.match(key, /^fake-/);
  const { mock } = onClock();
  for (const key of MOCK_KEYS) assert.equal((await statuses(16, () => generate(mock, key))).indexOf(429), 15);
  assert.equal((await generate(mock, MOCK_KEYS[0], { model: 'any-model' })).status, 200);
  assert.equal((await generate(mock, MOCK_KEYS[0], { model: 'gemini-2.5-pro' })).status, 429, 'no free quota');
});

test('any origin is understood by its paths', async () => {
  const { mock } = onClock({
    projects: [
      { provider: 'gemini', keys: ['fake-g'], models: { '*': {} } }, { provider: 'groq', keys: ['fake-q'], models: { '*': {} } },
      { provider: 'openai', keys: ['fake-o'], models: { '*': {} } }, { provider: 'anthropic', keys: ['fake-c'], models: { '*': {} } },
    ],
  });
  const here = 'http://127.0.0.1:1234';
  const say = async (path, headers) => {
    const response = await mock.fetch(`${here}${path}`, { method: 'POST', headers, body: JSON.stringify({ model: 'm', max_tokens: 9, contents: [{ parts: [{ text: 'x' }] }], messages: [{ role: 'user', content: 'x' }] }) });
    assert.equal(response.status, 200, path);
  };
  await say('/v1beta/models/m:generateContent', { 'x-goog-api-key': 'fake-g' });
  await say('/v1/models/m:generateContent?key=fake-g', {});
  await say('/v1beta/openai/chat/completions', { authorization: 'Bearer fake-g' });
  await say('/openai/v1/chat/completions', { authorization: 'Bearer fake-q' });
  await say('/v1/chat/completions', { authorization: 'Bearer fake-o' });
  await say('/v1/messages', { 'x-api-key': 'fake-c', 'anthropic-version': '2023-06-01' });
  assert.deepEqual(mock.log.map(({ provider }) => provider), ['gemini', 'gemini', 'gemini', 'groq', 'openai', 'anthropic']);
});

test('the key of one provider is no key for another', async () => {
  const { mock } = onClock();
  assert.equal((await chat(mock, GROQ, MOCK_KEYS[0])).status, 401);
  assert.equal((await messages(mock, MOCK_KEYS[0])).status, 401);
});

test('same seed, same clock, same calls: the same bytes', async () => {
  const run = async (seed) => {
    const { mock } = oneProject({ rpm: 4 }, { seed, latency: { min: 5, max: 500 }, faults: { overloaded: 0.2, cut: 0.1 }, countRefused: true });
    const seen = [];
    for (let i = 0; i < 12; i++) {
      const response = await generate(mock, 'fake-a', i % 2 ? { verb: 'streamGenerateContent', query: '?alt=sse' } : {});
      seen.push([response.status, [...response.headers], await response.text().catch((error) => error.message)]);
    }
    return JSON.stringify([seen, mock.state(), mock.log]);
  };
  const first = await run(1);
  assert.equal(await run(1), first);
  assert.notEqual(await run(2), first);
});

test('calls made at once are decided in their order', async () => {
  const { mock } = oneProject({ rpm: 3 }, { latency: { min: 1, max: 1000 } });
  const answers = await Promise.all(Array.from({ length: 6 }, () => generate(mock)));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 429, 429, 429]);
});

test('latency passes on the given clock, and with a clock alone nothing is slept', async () => {
  const { mock, clock, start } = oneProject({}, { latency: 3_000_000 });
  await generate(mock);
  assert.equal(clock.time - start, 3_000_000);
  const still = createMockProvider({ now: () => 0, latency: 3_000_000 });
  assert.equal((await generate(still, MOCK_KEYS[0])).status, 200);
});

describe('giving up', () => {
  test('before', async () => {
    const { mock } = oneProject({});
    await assert.rejects(generate(mock, 'fake-a', { init: { signal: AbortSignal.abort(new Error('mine')) } }), { message: 'mine' });
    assert.equal(mock.log.length, 0, 'never arrived');
  });

  test('during the latency, even of a sleep that does not listen', async () => {
    const { mock } = oneProject({ rpm: 5 }, { sleep: () => new Promise(() => {}), latency: 1000 });
    const gone = new AbortController();
    const call = generate(mock, 'fake-a', { init: { signal: gone.signal } });
    gone.abort();
    await assert.rejects(call, { name: 'AbortError' });
    assert.equal(mock.state().pools[0].used.rpm, 1, 'it had arrived');
  });

  test('in the middle of a stream', async () => {
    const gone = new AbortController();
    const { mock } = oneProject({}, { chunkDelay: 10 });
    const response = await generate(mock, 'fake-a', { verb: 'streamGenerateContent', query: '?alt=sse', init: { signal: gone.signal } });
    const reader = response.body.getReader();
    assert.equal((await reader.read()).done, false);
    gone.abort();
    await assert.rejects(reader.read(), { name: 'AbortError' });
  });

  test('by cancelling the body: what was reserved is settled', async () => {
    const { mock } = onClock({ provider: 'groq', projects: [{ keys: ['fake-a'], models: { '*': { tpm: 6000 } } }], answer: () => 'x '.repeat(200) });
    const response = await chat(mock, GROQ, 'fake-a', { stream: true, max_tokens: 5000 });
    const reader = response.body.getReader();
    await reader.read();
    assert.equal(mock.state().pools[0].used.tpm, 5005);
    await reader.cancel();
    assert.equal(mock.state().pools[0].used.tpm, 105);
  });
});

test('no body, however odd, makes a call fail otherwise than with a refusal', async () => {
  const projects = Object.entries({ gemini: 'fake-g', groq: 'fake-q', openai: 'fake-o', anthropic: 'fake-c' })
    .map(([provider, key]) => ({ provider, keys: [key], models: { '*': {} } }));
  const { mock } = onClock({ projects });
  const odd = [
    null, 0, -1, 1e99, 'x', '', true, [], [null], [[]], {}, { parts: 'x' }, { parts: [null, 5] },
    [{ content: 5 }], [{ content: [null] }], [{ parts: { text: 5 } }], [{ role: 5 }],
  ];
  const fields = [
    'contents', 'generationConfig', 'systemInstruction', 'tools', 'content', 'requests', 'model', 'messages', 'max_tokens', 'input',
    'dimensions', 'response_format', 'stream_options', 'system', 'output_config', 'thinking', 'outputDimensionality',
  ];
  const content = { parts: [{ text: 'x' }] };
  const sound = { contents: [content], content, requests: [{ content }], model: 'm', messages: [{ role: 'user', content: 'x' }], max_tokens: 9, input: 'x' };
  const bearer = (key) => ({ authorization: `Bearer ${key}` });
  for (const [path, headers] of [
    ...['generateContent', 'embedContent', 'batchEmbedContents', 'countTokens'].map((verb) => [`${GEMINI}/v1beta/models/m:${verb}?key=fake-g`, {}]),
    [`${GROQ}/chat/completions`, bearer('fake-q')], [`${OPENAI}/chat/completions`, bearer('fake-o')], [`${OPENAI}/embeddings`, bearer('fake-o')],
    [`${ANTHROPIC}/messages`, { 'x-api-key': 'fake-c', 'anthropic-version': '2023-06-01' }],
  ]) {
    for (const body of [...odd, ...fields.flatMap((field) => odd.map((value) => ({ ...sound, [field]: value })))]) {
      const response = await mock.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
      assert.ok([200, 400, 404, 413].includes(response.status), `${path} ${JSON.stringify(body)}`);
      await response.text();
    }
  }
});

test('no key is in the log or the state, whatever was sent', async () => {
  const secrets = ['fake-secret-one', 'fake-secret-two', 'fake-secret-lost', 'k1'];
  const { mock } = onClock({ projects: [{ keys: [secrets[0], 'k1'] }, { keys: [secrets[1]] }], keys: { [secrets[1]]: 'suspended' } });
  for (const key of secrets) {
    await generate(mock, key);
    await mock.fetch(`${GEMINI}/v1beta/models/${LITE}:generateContent?key=${key}`, { method: 'POST', body: '{}' });
    await chat(mock, GROQ, key);
  }
  const shown = JSON.stringify([mock.state(), mock.log]);
  for (const key of secrets) assert.equal(shown.includes(`"${key}"`) || (key.length > 2 && shown.includes(key)), false, key);
  assert.deepEqual(mock.state().keys.map(({ id }) => id), ['key-1', 'key-2', 'key-3']);
});

test('the log is bounded, oldest first, and a copy', async () => {
  const { mock } = oneProject({}, { logSize: 5 });
  for (let i = 0; i < 12; i++) await generate(mock, 'fake-a', { model: `m${i}` });
  assert.deepEqual(mock.log.map(({ model }) => model), ['m7', 'm8', 'm9', 'm10', 'm11']);
  mock.log.length = 0;
  assert.equal(mock.log.length, 5);
});

test('the state adds up', async () => {
  const { mock } = oneProject({ rpm: 2, tpm: 100, rpd: 10 });
  await statuses(3, () => generate(mock, 'fake-a', { text: 'abcdefgh' }));
  await generate(mock, 'unknown');
  assert.deepEqual(mock.state().totals, { requests: 4, served: 2, refused: 2, failed: 0 });
  assert.deepEqual(mock.state().keys, [{ id: 'key-1', project: 'a', provider: 'gemini', state: 'ok', requests: 3, served: 2, refused: 1 }]);
  assert.deepEqual(mock.state().pools, [{
    project: 'a', provider: 'gemini', model: LITE, limits: { rpm: 2, tpm: 100, rpd: 10 }, used: { rpm: 2, tpm: 4, rpd: 2 },
    remaining: { rpm: 0, tpm: 96, rpd: 8 }, served: 2, refused: { rpm: 1 },
  }]);
});
