// `@anthropic-ai/sdk`, by its `fetch` option.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { ASK, CALLER_KEY, DRIPPING, SCHEMA, SLOW, TOOL, answerTo, assertClean, assertSeconds, assertServed, assertToldOnce, exhausted, idle, room, roomy, tight } from './support.js';

const connect = ({ fetch }, options) => new Anthropic({ apiKey: CALLER_KEY, fetch, ...options });
const question = { model: 'claude-fake', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };
const tools = [{ name: TOOL, input_schema: SCHEMA }];

test('a message, and one in pieces', async (t) => {
  const scene = tight(t, 'anthropic');
  const client = connect(scene);
  const { content: [block], usage, stop_reason: reason } = await client.messages.create(question);
  assert.match(block.text, answerTo('Hi'));
  assert.deepEqual([block.type, reason], ['text', 'end_turn']);
  const pieces = [];
  const stream = client.messages.stream(question).on('text', (piece) => pieces.push(piece));
  const whole = await stream.finalMessage();
  assert.ok(pieces.length > 3);
  assert.deepEqual([pieces.join(''), whole.content[0].text, whole.usage.output_tokens], [block.text, block.text, usage.output_tokens]);
  assertServed(scene, 2);
});

test('tools go to and fro, in pieces too', async (t) => {
  const scene = tight(t, 'anthropic');
  const client = connect(scene);
  const messages = [{ role: 'user', content: ASK }];
  const { content } = await client.messages.stream({ ...question, messages, tools }).finalMessage();
  const [use] = content;
  assert.deepEqual([use.type, use.name, use.input], ['tool_use', TOOL, { city: ASK }]);
  messages.push({ role: 'assistant', content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'rain' }] });
  assert.match((await client.messages.create({ ...question, messages, tools })).content[0].text, answerTo('rain'));
  assertServed(scene, 2);
});

test('tokens are counted, and a list of models is read', async (t) => {
  const scene = room(t, 'anthropic');
  const client = connect(scene);
  assert.ok((await client.messages.countTokens({ model: 'claude-fake', messages: question.messages })).input_tokens > 0);
  assert.deepEqual((await client.models.list()).data, []);
  assertClean(scene);
});

test('a file is uploaded, and asked about with the same project’s key', async (t) => {
  const scene = room(t, 'anthropic', {}, { projects: roomy('anthropic') });
  const client = connect(scene);
  const file = await client.files.upload({ file: await toFile(Buffer.from('hello'), 'notes.txt', { type: 'text/plain' }) });
  assert.deepEqual([file.filename, file.size_bytes, file.mime_type], ['notes.txt', 5, 'text/plain']);
  const content = [{ type: 'document', source: { type: 'file', file_id: file.id } }, { type: 'text', text: 'What?' }];
  assert.match((await client.messages.create({ ...question, messages: [{ role: 'user', content }] })).content[0].text, answerTo('What\\?'));
  assertClean(scene);
});

describe('without quota', () => {
  // Anthropic has no daily limits: the long wait is one that it asks for.
  for (const window of ['minute', 'day']) {
    test(`a 429 for ${window === 'day' ? 'an hour' : 'some seconds'} is told once, in its own error`, async (t) => {
      const scene = exhausted(t, 'anthropic', window);
      await assert.rejects(connect(scene).messages.create(question), (error) => {
        assert.ok(error instanceof Anthropic.RateLimitError);
        assert.equal(error.type, 'rate_limit_error');
        assertSeconds(error.headers.get('retry-after'), window);
        return true;
      });
      assertToldOnce(scene);
    });
  }
});

describe('giving up', () => {
  test('by its signal and by its time-out', async (t) => {
    const scene = room(t, 'anthropic', {}, SLOW);
    const patience = new AbortController();
    const call = connect(scene).messages.create(question, { signal: patience.signal });
    setTimeout(() => patience.abort(), 20);
    await assert.rejects(call, Anthropic.APIUserAbortError);
    await assert.rejects(connect(scene, { timeout: 50, maxRetries: 0 }).messages.create(question), Anthropic.APIConnectionTimeoutError);
    await idle(scene);
  });

  test('in the middle of a stream', async (t) => {
    const scene = room(t, 'anthropic', {}, DRIPPING);
    const stream = connect(scene).messages.stream(question);
    stream.on('text', () => stream.abort());
    await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
    await idle(scene);
  });
});
