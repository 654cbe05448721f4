import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GROQ, OPENAI, chat, fixture, grammar, onClock, shape, statuses } from './support.js';

const of = (provider, limits, options = {}) => onClock({ projects: [{ id: 'a', provider, keys: ['fake-a'], models: { '*': limits } }], ...options });
const events = (text) => text.split('\n\n').filter(Boolean).map((event) => event.replace(/^data: /, ''));

describe('refusals have the recorded shape and wording', () => {
  const cases = {
    'groq-429-requests-per-minute': ['groq', { rpm: 30 }, 31, {}],
    'groq-429-tokens-per-minute': ['groq', { tpm: 6000 }, 6, { max_tokens: 1443 }, { answer: () => 'x'.repeat(4 * 1443) }],
    'groq-413-request-too-large': ['groq', { tpm: 6000 }, 1, { max_tokens: 10_338 }],
    'openai-429-requests-per-day': ['openai', { rpd: 200 }, 201, {}],
    'openai-429-tokens-per-minute-with-headers': ['openai', { rpm: 10_000, tpm: 30_000 }, 2, { max_tokens: 20_000 }],
    'openai-429-request-too-large': ['openai', { tpm: 30_000 }, 1, { max_tokens: 31_538 }],
  };
  for (const [name, [provider, limits, calls, body, options]] of Object.entries(cases)) {
    test(name, async () => {
      const recorded = await fixture(name);
      const { mock } = of(provider, limits, options);
      let response;
      for (let i = 0; i < calls; i++) response = await chat(mock, provider === 'groq' ? GROQ : OPENAI, 'fake-a', { model: 'gpt-4o', ...body });
      const answer = await response.json();
      assert.equal(response.status, recorded.status);
      assert.deepEqual(shape(answer), shape(recorded.body));
      assert.equal(grammar(answer.error.message), grammar(recorded.body.error.message));
      assert.equal(answer.error.type, recorded.body.error.type);
      assert.equal(answer.error.code, recorded.body.error.code);
      for (const header of Object.keys(recorded.headers)) assert.ok(response.headers.has(header), header);
    });
  }

  for (const [name, provider, key, model] of [
    ['groq-401-invalid-api-key', 'groq', 'wrong'], ['openai-401-invalid-api-key', 'openai', 'invalid-key'],
    ['groq-404-model-not-found', 'groq', 'fake-a', 'non-existent'], ['openai-404-model-not-found', 'openai', 'fake-a', 'non-existent-model'],
  ]) {
    test(name, async () => {
      const recorded = await fixture(name);
      const { mock } = onClock({ projects: [{ provider, keys: ['fake-a'], models: { 'some-model': {} } }] });
      const response = await chat(mock, provider === 'groq' ? GROQ : OPENAI, key, { model: model ?? 'some-model' });
      assert.equal(response.status, recorded.status);
      assert.deepEqual(await response.json(), recorded.body);
    });
  }

  test('openai-429-insufficient-quota', async () => {
    const recorded = await fixture('openai-429-insufficient-quota');
    const { mock } = of('openai', {}, { keys: { 'fake-a': 'no-credit' } });
    const response = await chat(mock, OPENAI, 'fake-a');
    assert.equal(response.status, 429);
    assert.deepEqual(await response.json(), recorded.body);
  });
});

test('Groq’s headers are requests per day and tokens per minute, whatever else is limited', async () => {
  const { mock } = of('groq', { rpm: 30, rpd: 14_400, tpm: 6000, tpd: 500_000 });
  const response = await chat(mock, GROQ, 'fake-a', { max_tokens: 95 });
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('x-ratelimit')));
  assert.deepEqual(headers, {
    'x-ratelimit-limit-requests': '14400', 'x-ratelimit-remaining-requests': '14399', 'x-ratelimit-reset-requests': '6s',
    'x-ratelimit-limit-tokens': '6000', 'x-ratelimit-remaining-tokens': '5900', 'x-ratelimit-reset-tokens': '1s',
  });
  assert.equal(response.headers.has('retry-after'), false);
});

test('OpenAI’s 429 has retry-after in seconds and, exactly, in milliseconds', async () => {
  const { mock, clock } = of('openai', { rpm: 3 });
  await statuses(3, () => chat(mock, OPENAI, 'fake-a'));
  clock.time += 500;
  const response = await chat(mock, OPENAI, 'fake-a');
  // The refused call took what had come back, so it is the whole 20 s again.
  assert.equal(response.headers.get('retry-after-ms'), '20000');
  assert.equal(response.headers.get('retry-after'), '20');
  clock.time += 19_500;
  const early = await chat(mock, OPENAI, 'fake-a');
  assert.equal(early.status, 429);
});

test('answers have the recorded shape', async () => {
  const recorded = await fixture('groq-200-ratelimit-headers');
  const { mock } = of('groq', { rpd: 14_400, tpm: 30_000 });
  const response = await chat(mock, GROQ, 'fake-a');
  assert.deepEqual(shape(await response.json()), shape(recorded.body));
  for (const header of Object.keys(recorded.headers)) assert.ok(response.headers.has(header), header);
});

test('streams end in [DONE], with a usage chunk when asked for', async () => {
  const { mock } = of('openai', {}, { answer: () => 'Words that come in several pieces.' });
  const plain = events(await (await chat(mock, OPENAI, 'fake-a', { stream: true })).text());
  assert.equal(plain.at(-1), '[DONE]');
  const chunks = plain.slice(0, -1).map((each) => JSON.parse(each));
  assert.equal(chunks.map(({ choices }) => choices[0].delta.content ?? '').join(''), 'Words that come in several pieces.');
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  assert.ok(chunks.every((chunk) => !('usage' in chunk)));

  const withUsage = events(await (await chat(mock, OPENAI, 'fake-a', { stream: true, stream_options: { include_usage: true } })).text());
  const last = JSON.parse(withUsage.at(-2));
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.total_tokens, last.usage.prompt_tokens + last.usage.completion_tokens);
  assert.ok(withUsage.slice(0, -2).every((each) => JSON.parse(each).usage === null));
});

test('an overloaded model is a 503, shared capacity at Groq a 498', async () => {
  for (const [provider, base, kind, status, words] of [
    ['openai', OPENAI, 'overloaded', 503, /overloaded/], ['groq', GROQ, 'overloaded', 503, /over capacity/], ['groq', GROQ, 'capacity', 498, /capacity/],
  ]) {
    const { mock } = of(provider, {}, { faults: { [kind]: 1 } });
    const response = await chat(mock, base, 'fake-a');
    assert.equal(response.status, status);
    assert.match((await response.json()).error.message, words);
  }
});

test('bodies that are wrong are refused with the parameter that is', async () => {
  const { mock } = of('openai', {});
  const problems = [];
  for (const body of [{ messages: undefined }, { model: undefined }, { messages: [] }]) problems.push((await (await chat(mock, OPENAI, 'fake-a', body)).json()).error.param);
  assert.deepEqual(problems, ['messages', null, 'messages']);
  const broken = await chat(mock, OPENAI, 'fake-a', {}, { body: '{' });
  assert.equal(broken.status, 400);
  assert.equal((await mock.fetch(`${OPENAI}/chat/completions`, { method: 'POST', body: '{}' })).status, 401, 'no key');
});

test('a max_tokens that is no count reserves nothing, and gives nothing back', async () => {
  const { mock } = of('openai', { tpm: 1000 }, { answer: () => '' });
  for (const max_tokens of [-500, 'many', 0.5]) assert.equal((await chat(mock, OPENAI, 'fake-a', { max_tokens })).status, 200);
  assert.equal(mock.state().pools[0].used.tpm, 15);
});

test('embeddings: one request however many texts', async () => {
  const { mock } = of('openai', { rpm: 10 });
  const response = await mock.fetch(`${OPENAI}/embeddings`, {
    method: 'POST', headers: { authorization: 'Bearer fake-a' }, body: JSON.stringify({ model: 'text-embedding-3-small', input: ['a', 'b', 'c'], dimensions: 4 }),
  });
  const body = await response.json();
  assert.deepEqual(body.data.map(({ index, embedding }) => [index, embedding.length]), [[0, 4], [1, 4], [2, 4]]);
  assert.equal(mock.state().pools[0].used.rpm, 1);
  assert.equal(response.headers.get('x-ratelimit-remaining-requests'), '9');
});

test('vectors come as numbers, or as the bytes of 32-bit floats where those are asked for', async () => {
  const { mock } = of('openai', {});
  const embed = async (format) => (await (await mock.fetch(`${OPENAI}/embeddings`, {
    method: 'POST', headers: { authorization: 'Bearer fake-a' }, body: JSON.stringify({ model: 'embed', input: ['a'], dimensions: 8, encoding_format: format }),
  })).json()).data[0].embedding;
  const numbers = await embed('float');
  const bytes = Buffer.from(await embed('base64'), 'base64');
  assert.deepEqual(Array.from({ length: 8 }, (_, at) => bytes.readFloatLE(at * 4)), numbers.map(Math.fround));
});

test('the last chunk of a stream of Groq\'s tells its usage, asked for or not', async () => {
  const { mock } = of('groq', {});
  const list = events(await (await chat(mock, GROQ, 'fake-a', { stream: true })).text()).slice(0, -1).map((event) => JSON.parse(event));
  const told = list.filter(({ x_groq: extra }) => extra.usage);
  assert.deepEqual(told, [list.at(-1)]);
  assert.ok(told[0].x_groq.usage.completion_tokens > 0);
});
