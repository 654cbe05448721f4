// `openai`: chat completions and responses, by its `fetch` option.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { ASK, CALLER_KEY, DRIPPING, SCHEMA, SLOW, TOOL, answerTo, assertClean, assertSeconds, assertServed, assertToldOnce, collect, exhausted, idle, room, roomy, tight } from './support.js';

const connect = ({ fetch }, options) => new OpenAI({ apiKey: CALLER_KEY, fetch, ...options });
const chat = { model: 'gpt-fake', messages: [{ role: 'user', content: 'Hi' }] };
const tools = [{ type: 'function', function: { name: TOOL, parameters: SCHEMA, strict: true } }];

describe('chat completions', () => {
  test('an answer, and one in pieces', async (t) => {
    const scene = tight(t, 'openai');
    const client = connect(scene);
    const { choices: [{ message, finish_reason: reason }], usage } = await client.chat.completions.create(chat);
    assert.match(message.content, answerTo('Hi'));
    assert.deepEqual([reason, usage.total_tokens], ['stop', usage.prompt_tokens + usage.completion_tokens]);
    const chunks = await collect(await client.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } }));
    assert.equal(chunks.map(({ choices: [choice] }) => choice?.delta.content ?? '').join(''), message.content);
    assert.ok(chunks.length > 5);
    assert.equal(chunks.at(-1).usage.total_tokens, usage.total_tokens);
    assertServed(scene, 2);
  });

  test('its own runner of tools goes to and fro', async (t) => {
    const scene = tight(t, 'openai');
    const asked = [];
    const runner = connect(scene).chat.completions.runTools({
      ...chat, messages: [{ role: 'user', content: ASK }], stream: true,
      tools: [{ type: 'function', function: { ...tools[0].function, parse: JSON.parse, function: ({ city }) => { asked.push(city); return 'rain'; } } }],
    });
    assert.match(await runner.finalContent(), answerTo('rain'));
    assert.deepEqual(asked, [ASK]);
    assertServed(scene, 2);
  });
});

describe('responses', () => {
  test('an answer, one in pieces, and a call of a function', async (t) => {
    const scene = tight(t, 'openai');
    const client = connect(scene);
    const whole = await client.responses.create({ model: 'gpt-fake', input: 'Hi' });
    assert.match(whole.output_text, answerTo('Hi'));
    const events = await collect(await client.responses.create({ model: 'gpt-fake', input: 'Hi', stream: true }));
    assert.equal(events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta).join(''), whole.output_text);
    assert.equal(events.at(-1).response.status, 'completed');
    const stream = client.responses.stream({ model: 'gpt-fake', input: ASK, tools: [{ type: 'function', name: TOOL, parameters: SCHEMA, strict: true }] });
    const { output: [call] } = await stream.finalResponse();
    assert.deepEqual([call.type, call.name, JSON.parse(call.arguments)], ['function_call', TOOL, { city: ASK }]);
    assertServed(scene, 3);
  });
});

test('embeddings come as numbers', async (t) => {
  const scene = tight(t, 'openai');
  const client = connect(scene);
  for (let n = 0; n < 2; n += 1) {
    const { data } = await client.embeddings.create({ model: 'embed-fake', input: ['a', 'b'] });
    assert.deepEqual(data.map(({ embedding }) => [embedding.length, Math.round(Math.hypot(...embedding) * 100)]), [[768, 100], [768, 100]]);
  }
  assertServed(scene, 2);
});

test('a file is uploaded, looked at, asked about and deleted: with its project’s key, whosever turn it is', async (t) => {
  const scene = room(t, 'openai', {}, { projects: roomy('openai') });
  const client = connect(scene);
  const file = await client.files.create({ file: await toFile(Buffer.from('hello'), 'notes.txt'), purpose: 'user_data' });
  for (let n = 0; n < 3; n += 1) {
    assert.deepEqual([file.filename, file.bytes, (await client.files.retrieve(file.id)).id], ['notes.txt', 5, file.id]);
    const { output_text: text } = await client.responses.create({ model: 'gpt-fake', input: [{ role: 'user', content: [{ type: 'input_file', file_id: file.id }, { type: 'input_text', text: 'What?' }] }] });
    assert.match(text, answerTo('What\\?'));
  }
  assert.equal((await client.files.delete(file.id)).deleted, true);
  assert.deepEqual(new Set(scene.mock.log.map(({ project, status }) => `${project} ${status}`)), new Set(['project-1 200']));
  assertClean(scene);
});

test('a file that was made elsewhere is found, and one that nobody has is the provider’s own 404: no key is blamed', async (t) => {
  const scene = room(t, 'openai', {}, { projects: roomy('openai') });
  const { id } = await connect(room(t, 'openai', { fetch: scene.mock.fetch })).files.create({ file: await toFile(Buffer.from('hello'), 'notes.txt'), purpose: 'user_data' });
  scene.api.switchToKey('key-2');
  const client = connect(scene);
  assert.equal((await client.files.retrieve(id)).id, id);
  await assert.rejects(client.files.retrieve('file-nope'), (error) => error instanceof OpenAI.NotFoundError && error.message.includes('No such File object: file-nope'));
  assert.ok(scene.api.getStatus().keys.every(({ health }) => health === 'available'));
});

describe('without quota', () => {
  for (const window of ['minute', 'day']) {
    test(`a 429 until the next ${window} is told once, in its own error`, async (t) => {
      const scene = exhausted(t, 'openai', window);
      await assert.rejects(connect(scene).chat.completions.create(chat), (error) => {
        assert.ok(error instanceof OpenAI.RateLimitError);
        assert.equal(error.code, 'rate_limit_exceeded');
        assertSeconds(error.headers.get('retry-after'), window);
        return true;
      });
      assertToldOnce(scene);
      // The next one is not even sent.
      await assert.rejects(connect(scene).responses.create({ model: 'gpt-fake', input: 'Hi' }), OpenAI.RateLimitError);
      assert.equal(scene.mock.log.length, 3);
    });
  }
});

describe('giving up', () => {
  test('by its signal and by its time-out', async (t) => {
    const scene = room(t, 'openai', {}, SLOW);
    const patience = new AbortController();
    const call = connect(scene).chat.completions.create(chat, { signal: patience.signal });
    setTimeout(() => patience.abort(), 20);
    await assert.rejects(call, OpenAI.APIUserAbortError);
    await assert.rejects(connect(scene, { timeout: 50, maxRetries: 0 }).chat.completions.create(chat), OpenAI.APIConnectionTimeoutError);
    await idle(scene);
  });

  test('while it waits for quota: its place is free', async (t) => {
    const scene = exhausted(t, 'openai', 'minute', {});
    await assert.rejects(connect(scene, { timeout: 100, maxRetries: 0 }).chat.completions.create(chat), OpenAI.APIConnectionTimeoutError);
    await idle(scene);
  });

  test('in the middle of a stream', async (t) => {
    const scene = room(t, 'openai', {}, DRIPPING);
    const stream = await connect(scene).chat.completions.create({ ...chat, stream: true });
    let chunks = 0;
    for await (const _ of stream) if ((chunks += 1) === 3) break;
    assert.equal(stream.controller.signal.aborted, true);
    await idle(scene);
  });
});
