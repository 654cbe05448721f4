// LangChain: OpenAI's models by their `fetch` option; Google's old package by install(), its successor by both.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatGoogle } from '@langchain/google/node';
import { ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings } from '@langchain/google-genai';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { ASK, CALLER_KEY, DRIPPING, SCHEMA, SLOW, TOOL, answerTo, assertSeconds, assertServed, assertToldOnce, collect, exhausted, idle, install, room, tight } from './support.js';

/** The successor takes a client of one's own: all of it that matters is a `fetch`. */
const ownClient = (fetch) => ({ fetch, hasApiKey: () => true, getProjectId: async () => '' });

const DEAF = 'ChatGoogleGenerativeAI, by install()';

const MODELS = {
  'ChatOpenAI, completions': ['openai', ({ fetch }, options) => new ChatOpenAI({ apiKey: CALLER_KEY, model: 'gpt-fake', configuration: { fetch }, ...options })],
  'ChatOpenAI, responses': ['openai', ({ fetch }, options) => new ChatOpenAI({ apiKey: CALLER_KEY, model: 'gpt-fake', useResponsesApi: true, configuration: { fetch }, ...options })],
  [DEAF]: ['gemini', (scene, options) => {
    install(scene);
    return new ChatGoogleGenerativeAI({ apiKey: CALLER_KEY, model: 'gemini-fake', ...options });
  }],
  'ChatGoogle, by install()': ['gemini', (scene, options) => {
    install(scene);
    return new ChatGoogle({ apiKey: CALLER_KEY, model: 'gemini-fake', ...options });
  }],
  'ChatGoogle, by a client of one’s own': ['gemini', ({ fetch }, options) => new ChatGoogle({ apiClient: ownClient(fetch), model: 'gemini-fake', ...options })],
};

for (const [name, [provider, connect]] of Object.entries(MODELS)) {
  describe(name, () => {
    test('a message, and one in pieces', async (t) => {
      const scene = tight(t, provider);
      const model = connect(scene);
      const message = await model.invoke('Hi');
      assert.match(message.text, answerTo('Hi'));
      assert.ok(message.usage_metadata.total_tokens > 0);
      const chunks = await collect(await model.stream('Hi'));
      assert.ok(chunks.length > 2);
      assert.equal(chunks.map(({ text }) => text).join(''), message.text);
      assertServed(scene, 2);
    });

    test('a tool is called, answered, and spoken of', async (t) => {
      const scene = tight(t, provider);
      const weather = tool(({ city }) => `rain in ${city}`, { name: TOOL, description: 'The weather', schema: SCHEMA });
      const model = connect(scene).bindTools([weather]);
      const asked = [new HumanMessage(ASK)];
      const called = await model.invoke(asked);
      const [call] = called.tool_calls;
      assert.deepEqual([call.name, call.args], [TOOL, { city: ASK }]);
      const answer = await weather.invoke(call);
      assert.ok(answer instanceof ToolMessage);
      assert.match((await model.invoke([...asked, called, answer])).text, /rain in Use get_weather/);
      assertServed(scene, 2);
    });

    for (const window of ['minute', 'day']) {
      test(`without quota until the next ${window}: a 429 is told once where maxRetries is 0, in its own error`, async (t) => {
        const scene = exhausted(t, provider, window);
        await assert.rejects(connect(scene, { maxRetries: 0 }).invoke('Hi'), ({ status, statusCode }) => (status ?? statusCode) === 429);
        assertToldOnce(scene);
        assertSeconds(scene.seen[0].retryAfter, window);
      });
    }

    test('a 429 of more than a minute is told once by default too', async (t) => {
      const scene = exhausted(t, provider, 'day');
      await assert.rejects(connect(scene).invoke('Hi'), { rateLimitType: /^(stop|capacity)$/ });
      assertToldOnce(scene);
    });

    // The old package of Google's never hands a signal on: whoever gives up waits all the same.
    if (name !== DEAF) test('giving up, by its signal', async (t) => {
      const slow = room(t, provider, {}, SLOW);
      const patience = new AbortController();
      const call = connect(slow, { maxRetries: 0 }).invoke('Hi', { signal: patience.signal });
      setTimeout(() => patience.abort(), 20);
      await assert.rejects(call, /abort/i);
      await idle(slow);
    });

    test('giving up in the middle of a stream', async (t) => {
      const dripping = room(t, provider, {}, DRIPPING);
      for await (const _ of await connect(dripping).stream('Hi')) break;
      await idle(dripping);
    });
  });
}

describe('embeddings', () => {
  test('of OpenAI', async (t) => {
    const scene = tight(t, 'openai');
    const vectors = await new OpenAIEmbeddings({ apiKey: CALLER_KEY, model: 'embed-fake', configuration: { fetch: scene.fetch } }).embedDocuments(['a', 'b']);
    assert.deepEqual(vectors.map(({ length }) => length), [768, 768]);
    assertServed(scene, 1);
  });

  test('of Google', async (t) => {
    const scene = tight(t, 'gemini');
    install(scene);
    const vectors = await new GoogleGenerativeAIEmbeddings({ apiKey: CALLER_KEY, model: 'gemini-embedding-001' }).embedDocuments(['a', 'b']);
    assert.deepEqual(vectors.map(({ length }) => length), [768, 768]);
    assertServed(scene, 1);
  });
});
