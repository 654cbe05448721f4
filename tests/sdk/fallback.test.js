// Fallbacks under SDKs: what another provider answers has the types and results of the one that the SDK speaks to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { createMockProvider } from '../built.js';
import { ASK, CALLER_KEY, QuotaAwareAPI, SCHEMA, TOOL, answerTo, collect } from './support.js';

/** An instance whose only key has no quota left, with a fallback whose keys have. */
function fallingBack(t, provider, fallback) {
  const models = { '*': { rpd: 50 } };
  const mock = createMockProvider({ latency: 0, chunkDelay: 0, projects: [{ id: 'used-up', provider, keys: ['fake-used-up'], models }, { id: 'other', provider: fallback.provider, keys: fallback.keys, models }] });
  mock.exhaust('used-up', 'day');
  const api = new QuotaAwareAPI([{ key: 'fake-used-up', provider }], { fetch: mock.fetch, fallback: [fallback] });
  t.after(() => api.close());
  return { api, served: () => mock.log.filter(({ status }) => status === 200).map(({ project }) => project) };
}

test('@google/genai is answered by Groq: whole, in pieces, with a tool', async (t) => {
  const { api, served } = fallingBack(t, 'gemini', { provider: 'groq', model: 'llama-3.1-8b-instant', keys: ['fake-groq'] });
  const { models } = new GoogleGenAI({ apiKey: CALLER_KEY, httpOptions: { fetch: api.fetch } });
  const question = { model: 'gemini-fake', contents: 'Hi' };
  const { text, usageMetadata } = await models.generateContent(question);
  assert.match(text, answerTo('Hi'));
  assert.ok(usageMetadata.totalTokenCount > 0);
  const chunks = await collect(await models.generateContentStream(question));
  assert.ok(chunks.length > 2);
  assert.equal(chunks.map((chunk) => chunk.text).join(''), text);
  const tools = [{ functionDeclarations: [{ name: TOOL, parametersJsonSchema: SCHEMA }] }];
  const { functionCalls: [call] } = await models.generateContent({ model: 'gemini-fake', contents: ASK, config: { tools } });
  assert.deepEqual([call.name, call.args], [TOOL, { city: ASK }]);
  assert.deepEqual(served(), ['other', 'other', 'other']);
});

test('openai is answered by Gemini: whole and in pieces', async (t) => {
  const { api, served } = fallingBack(t, 'openai', { provider: 'gemini', model: 'gemini-fake', keys: ['fake-gemini'] });
  const { chat: { completions } } = new OpenAI({ apiKey: CALLER_KEY, fetch: api.fetch, maxRetries: 0 });
  const question = { model: 'gpt-fake', messages: [{ role: 'user', content: 'Hi' }] };
  const { model, choices: [{ message }] } = await completions.create(question);
  assert.equal(model, 'gemini-fake');
  assert.match(message.content, answerTo('Hi'));
  const chunks = await collect(await completions.create({ ...question, stream: true }));
  assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), message.content);
  assert.deepEqual(served(), ['other', 'other']);
});
