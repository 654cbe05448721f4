// `groq-sdk`, by its `fetch` option.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Groq, { toFile } from 'groq-sdk';
import { ASK, CALLER_KEY, DRIPPING, SCHEMA, SLOW, TOOL, answerTo, assertClean, assertSeconds, assertServed, assertToldOnce, collect, exhausted, idle, room, roomy, tight } from './support.js';

const connect = ({ fetch }, options) => new Groq({ apiKey: CALLER_KEY, fetch, ...options });
const chat = { model: 'llama-fake', messages: [{ role: 'user', content: 'Hi' }] };

test('an answer, one in pieces, and a call of a function', async (t) => {
  const scene = tight(t, 'groq');
  const client = connect(scene);
  const { choices: [{ message }], x_groq: extra } = await client.chat.completions.create(chat);
  assert.match(message.content, answerTo('Hi'));
  assert.match(extra.id, /^req_/);
  const chunks = await collect(await client.chat.completions.create({ ...chat, stream: true }));
  assert.equal(chunks.map(({ choices: [choice] }) => choice.delta.content ?? '').join(''), message.content);
  const { choices: [{ message: { tool_calls: [call] } }] } = await client.chat.completions.create({
    ...chat, messages: [{ role: 'user', content: ASK }], tools: [{ type: 'function', function: { name: TOOL, parameters: SCHEMA } }],
  });
  assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], [TOOL, { city: ASK }]);
  assertServed(scene, 3);
});

test('embeddings', async (t) => {
  const scene = tight(t, 'groq');
  const client = connect(scene);
  for (let n = 0; n < 2; n += 1) assert.equal((await client.embeddings.create({ model: 'embed-fake', input: 'a' })).data[0].embedding.length, 768);
  assertServed(scene, 2);
});

test('a file is uploaded, and found with the same project’s key', async (t) => {
  const scene = room(t, 'groq', {}, { projects: roomy('groq') });
  const client = connect(scene);
  const { id } = await client.files.create({ file: await toFile(Buffer.from('{}\n'), 'batch.jsonl'), purpose: 'batch' });
  assert.equal((await client.files.info(id)).filename, 'batch.jsonl');
  assertClean(scene);
});

describe('without quota', () => {
  for (const window of ['minute', 'day']) {
    test(`a 429 until the next ${window} is told once, in its own error`, async (t) => {
      const scene = exhausted(t, 'groq', window);
      await assert.rejects(connect(scene).chat.completions.create(chat), (error) => {
        assert.ok(error instanceof Groq.RateLimitError);
        assertSeconds(error.headers.get('retry-after'), window);
        return true;
      });
      assertToldOnce(scene);
    });
  }
});

describe('giving up', () => {
  test('by its signal and by its time-out', async (t) => {
    const scene = room(t, 'groq', {}, SLOW);
    const patience = new AbortController();
    const call = connect(scene).chat.completions.create(chat, { signal: patience.signal });
    setTimeout(() => patience.abort(), 20);
    await assert.rejects(call, Groq.APIUserAbortError);
    await assert.rejects(connect(scene, { timeout: 50, maxRetries: 0 }).chat.completions.create(chat), Groq.APIConnectionTimeoutError);
    await idle(scene);
  });

  test('in the middle of a stream', async (t) => {
    const scene = room(t, 'groq', {}, DRIPPING);
    const stream = await connect(scene).chat.completions.create({ ...chat, stream: true });
    let chunks = 0;
    for await (const _ of stream) if ((chunks += 1) === 3) break;
    await idle(scene);
  });
});
