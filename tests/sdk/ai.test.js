// Vercel's `ai` with its providers for Gemini, OpenAI (which answers by the Responses API) and Groq, by their `fetch` option.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createGroq } from '@ai-sdk/groq';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, RetryError, embedMany, generateObject, generateText, isStepCount, jsonSchema, streamText, tool, uploadFile } from 'ai';
import { QuotaAwareError } from '../built.js';
import { ASK, CALLER_KEY, DRIPPING, SCHEMA, SLOW, TOOL, answerTo, assertClean, assertSeconds, assertServed, assertToldOnce, collect, exhausted, idle, room, roomy, tight } from './support.js';

const PROVIDERS = {
  gemini: { create: createGoogleGenerativeAI, embedding: 'gemini-embedding-001' },
  openai: { create: createOpenAI, embedding: 'embed-fake' },
  groq: { create: createGroq },
};

for (const [name, { create, embedding }] of Object.entries(PROVIDERS)) {
  const connect = ({ fetch }, options) => create({ apiKey: CALLER_KEY, fetch, ...options });

  describe(name, () => {
    test('a text, and one in pieces', async (t) => {
      const scene = tight(t, name);
      const model = connect(scene)('model-fake');
      const { text, usage, finishReason } = await generateText({ model, prompt: 'Hi' });
      assert.match(text, answerTo('Hi'));
      assert.equal(finishReason, 'stop');
      assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
      const stream = streamText({ model, prompt: 'Hi' });
      const pieces = await collect(stream.textStream);
      assert.ok(pieces.length > 2);
      assert.equal(pieces.join(''), text);
      assert.equal((await stream.usage).outputTokens, usage.outputTokens);
      assertServed(scene, 2);
    });

    test('a tool is called, answered, and spoken of; streamed, the same', async (t) => {
      const scene = tight(t, name);
      const asked = [];
      const question = {
        model: connect(scene)('model-fake'), prompt: ASK, stopWhen: isStepCount(3),
        tools: { [TOOL]: tool({ inputSchema: jsonSchema(SCHEMA), execute: async ({ city }) => { asked.push(city); return 'rain'; } }) },
      };
      const { text, steps } = await generateText(question);
      assert.match(text, /rain/);
      assert.equal(steps.length, 2);
      assert.match((await collect(streamText(question).textStream)).join(''), /rain/);
      assert.deepEqual(asked, [ASK, ASK]);
      assertServed(scene, 4);
    });

    test('an object that fits its schema', async (t) => {
      const scene = tight(t, name);
      const { object } = await generateObject({ model: connect(scene)('model-fake'), prompt: 'Hi', schema: jsonSchema(SCHEMA) });
      assert.deepEqual(object, { city: 'Hi' });
      assertServed(scene, 1);
    });

    if (embedding) {
      test('embeddings', async (t) => {
        const scene = tight(t, name);
        const { embeddings } = await embedMany({ model: connect(scene).embeddingModel(embedding), values: ['a', 'b'] });
        assert.deepEqual(embeddings.map(({ length }) => length), [768, 768]);
        assertServed(scene, 1);
      });

      test('a file is uploaded, with one project’s key', async (t) => {
        const scene = room(t, name, {}, { projects: roomy(name) });
        const provider = connect(scene);
        const { providerReference } = await uploadFile({ api: provider.files(), data: new TextEncoder().encode('hello'), mediaType: 'text/plain', filename: 'notes.txt' });
        const { text } = await generateText({
          model: provider('model-fake'),
          messages: [{ role: 'user', content: [{ type: 'file', mediaType: 'text/plain', data: providerReference }, { type: 'text', text: 'What?' }] }],
        });
        assert.match(text, answerTo('What\\?'));
        assertClean(scene);
      });
    }

    for (const window of ['minute', 'day']) {
      test(`without quota until the next ${window}: a 429 is told once where maxRetries is 0, in its own error`, async (t) => {
        const scene = exhausted(t, name, window);
        await assert.rejects(generateText({ model: connect(scene)('model-fake'), prompt: 'Hi', maxRetries: 0 }), (error) => {
          assert.ok(APICallError.isInstance(error));
          assert.equal(error.statusCode, 429);
          assertSeconds(error.responseHeaders['retry-after'], window);
          return true;
        });
        assertToldOnce(scene);
      });
    }

    test('giving up, by its signal, by its time-out, and in the middle of a stream', async (t) => {
      const slow = room(t, name, {}, SLOW);
      const model = connect(slow)('model-fake');
      const patience = new AbortController();
      const call = generateText({ model, prompt: 'Hi', abortSignal: patience.signal });
      setTimeout(() => patience.abort(), 20);
      await assert.rejects(call, { name: 'AbortError' });
      await assert.rejects(generateText({ model, prompt: 'Hi', timeout: 50, maxRetries: 0 }), { name: 'TimeoutError' });
      await idle(slow);
      const dripping = room(t, name, {}, DRIPPING);
      const leaving = new AbortController();
      const stream = streamText({ model: connect(dripping)('model-fake'), prompt: 'Hi', abortSignal: leaving.signal });
      for await (const _ of stream.textStream) leaving.abort();
      await idle(dripping);
    });
  });
}

test('by default it asks three times, whatever a 429 says of retrying; nothing but the first is sent', { timeout: 30_000 }, async (t) => {
  const scene = exhausted(t, 'gemini', 'day');
  const model = createGoogleGenerativeAI({ apiKey: CALLER_KEY, fetch: scene.fetch })('model-fake');
  await assert.rejects(generateText({ model, prompt: 'Hi' }), (error) => RetryError.isInstance(error) && APICallError.isInstance(error.lastError) && error.lastError.statusCode === 429);
  assertToldOnce(scene, 3);
});

test('handed `call` instead of `fetch`, it gets our own error, once, with all that there is to know', async (t) => {
  const { api, mock } = exhausted(t, 'gemini', 'day');
  let asked = 0;
  const fetch = (input, init) => {
    asked += 1;
    return api.call(input, init);
  };
  await assert.rejects(generateText({ model: createGoogleGenerativeAI({ apiKey: CALLER_KEY, fetch })('model-fake'), prompt: 'Hi' }), (error) => {
    assert.ok(error instanceof QuotaAwareError);
    assert.equal(error.code, 'QUOTA_EXCEEDED');
    assertSeconds(error.retryAfter / 1000, 'day');
    return true;
  });
  assert.deepEqual([asked, mock.log.length], [1, 3]);
});
