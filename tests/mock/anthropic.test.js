import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANTHROPIC, fixture, grammar, messages, onClock, shape } from './support.js';

const of = (limits, options = {}) => onClock({ projects: [{ id: 'a', provider: 'anthropic', keys: ['fake-a'], models: { '*': limits } }], countRefused: false, ...options });
const text = (tokens) => ({ messages: [{ role: 'user', content: 'abcd'.repeat(tokens - 3) }] });

test('a 429 has the recorded shape, wording and headers', async () => {
  const recorded = await fixture('anthropic-429-input-tokens-with-headers');
  const { mock } = of({ rpm: 50, tpm: 30_000, otpm: 8000 }, { answer: () => '' });
  await messages(mock, 'fake-a', text(30_000));
  const response = await messages(mock, 'fake-a', text(3000));
  const body = await response.json();
  assert.equal(response.status, 429);
  assert.deepEqual(shape(body), shape(recorded.body));
  assert.equal(grammar(body.error.message), grammar(recorded.body.error.message));
  for (const header of Object.keys(recorded.headers)) assert.ok(response.headers.has(header), header);
  for (const header of ['input-tokens-limit', 'input-tokens-remaining', 'output-tokens-remaining', 'output-tokens-reset', 'tokens-limit']) {
    assert.equal(response.headers.get(`anthropic-ratelimit-${header}`), recorded.headers[`anthropic-ratelimit-${header}`], header);
  }
  // 3,000 of 30,000 a minute are back in 6 s; all of them in 60.
  assert.equal(response.headers.get('retry-after'), '6');
  assert.equal(response.headers.get('anthropic-ratelimit-input-tokens-reset'), '2026-10-07T12:01:00Z');
});

test('after waiting as told a call gets through', async () => {
  const { mock, clock } = of({ tpm: 30_000 });
  await messages(mock, 'fake-a', text(30_000));
  const refused = await messages(mock, 'fake-a', text(3100));
  assert.equal(refused.headers.get('retry-after'), '7', '6.2 s, rounded up');
  clock.time += 6199;
  assert.equal((await messages(mock, 'fake-a', text(3100))).status, 429);
  clock.time += 1;
  assert.equal((await messages(mock, 'fake-a', text(3100))).status, 200);
});

test('output is counted as it comes, and max_tokens reserves nothing', async () => {
  const { mock, clock } = of({ otpm: 100 }, { answer: () => 'x'.repeat(4 * 150) });
  const huge = { max_tokens: 60_000 };
  assert.equal((await messages(mock, 'fake-a', huge)).status, 200);
  const refused = await messages(mock, 'fake-a', huge);
  assert.equal(refused.status, 429);
  assert.match((await refused.json()).error.message, /rate limit of 100 output tokens per minute/);
  clock.time += 30_600; // 150 - 51 used: room for one token
  assert.equal((await messages(mock, 'fake-a', huge)).status, 200);
});

test('answers have the recorded shape, and a retry-after that means nothing', async () => {
  const recorded = await fixture('anthropic-200-with-retry-after');
  const { mock } = of({ tpm: 2_000_000, otpm: 400_000 });
  const response = await messages(mock, 'fake-a');
  assert.deepEqual(shape(await response.json()), shape(recorded.body));
  for (const header of Object.keys(recorded.headers)) assert.ok(response.headers.has(header), header);
});

test('streams are the documented events, and their texts add up', async () => {
  const { mock } = of({}, { answer: () => 'Words that come in several pieces.' });
  const stream = await (await messages(mock, 'fake-a', { stream: true })).text();
  const events = stream.split('\n\n').filter(Boolean).map((event) => {
    const [, type, data] = /^event: (.*)\ndata: (.*)$/.exec(event);
    assert.equal(JSON.parse(data).type, type);
    return JSON.parse(data);
  });
  const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
  assert.deepEqual(types, ['message_start', 'content_block_start', 'ping', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
  assert.equal(events.map(({ delta }) => delta?.text ?? '').join(''), 'Words that come in several pieces.');
});

test('key, version, browsers, bodies, models and money', async () => {
  const { mock } = of({}, { keys: { 'fake-poor': 'no-credit' }, projects: [{ provider: 'anthropic', keys: ['fake-a', 'fake-poor'], models: { 'claude-x': {} } }] });
  const same = async (name, response) => {
    const recorded = await fixture(name);
    assert.equal(response.status, recorded.status, name);
    const body = await response.json();
    assert.deepEqual(shape(body), shape(recorded.body));
    return [body.error.message, recorded.body.error.message];
  };
  const [invalid, recordedInvalid] = await same('anthropic-401-invalid-x-api-key', await messages(mock, 'wrong'));
  assert.equal(invalid, recordedInvalid);
  const [poor, recordedPoor] = await same('anthropic-400-credit-balance-too-low', await messages(mock, 'fake-poor'));
  assert.equal(poor, recordedPoor);
  const [model] = await same('anthropic-404-model', await messages(mock, 'fake-a', { model: 'claude-none' }));
  assert.equal(model, 'model: claude-none');
  const [long] = await same('anthropic-400-prompt-too-long', await messages(mock, 'fake-a', text(200_001)));
  assert.equal(long, 'prompt is too long: 200001 tokens > 200000 maximum');

  const error = async (response) => (await response.json()).error.message;
  const bare = (headers) => mock.fetch(`${ANTHROPIC}/messages`, { method: 'POST', headers, body: '{}' });
  assert.equal(await error(await bare({})), 'x-api-key header is required');
  assert.equal(await error(await bare({ 'x-api-key': 'fake-a' })), 'anthropic-version: header is required');
  assert.equal(await error(await messages(mock, 'fake-a', { max_tokens: undefined })), 'max_tokens: Field required');
  assert.match(await error(await messages(mock, 'fake-a', {}, { origin: 'https://page.example' })), /anthropic-dangerous-direct-browser-access/);
  assert.equal((await messages(mock, 'fake-a', {}, { origin: 'https://page.example', 'anthropic-dangerous-direct-browser-access': 'true' })).status, 200);
});

test('overload is a 529, and in a stream an event under status 200', async () => {
  const recorded = await fixture('anthropic-529-overloaded');
  const { mock } = of({}, { faults: { overloaded: 1 } });
  const response = await messages(mock, 'fake-a');
  assert.equal(response.status, 529);
  assert.deepEqual(shape(await response.json()), shape(recorded.body));

  const { mock: other } = of({});
  other.script([{ streamError: 3 }]);
  const stream = await messages(other, 'fake-a', { stream: true });
  assert.equal(stream.status, 200);
  assert.ok((await stream.text()).endsWith((await fixture('anthropic-200-stream-overloaded-event')).body.trimEnd() + '\n\n'));
});

test('count_tokens', async () => {
  const { mock } = of({ rpm: 1 });
  const response = await mock.fetch(`${ANTHROPIC}/messages/count_tokens`, {
    method: 'POST', headers: { 'x-api-key': 'fake-a', 'anthropic-version': '2023-06-01' }, body: JSON.stringify({ model: 'claude-x', ...text(10) }),
  });
  assert.deepEqual(await response.json(), { input_tokens: 10 });
});
