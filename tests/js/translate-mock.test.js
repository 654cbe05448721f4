// Translated calls against the emulator of the providers, which speaks both dialects by itself.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { translation } from '../../pkg-template/api/translate/index.js';
import { createMockProvider } from '../../pkg-template/mock.js';

const KEY = 'fake-key-one';
const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/';
const BASES = { groq: 'https://api.groq.com/openai/v1/', openai: 'https://api.openai.com/v1/' };

/** One call after the other, the last one refused: each answer's status and text. */
async function asked(provider, base, translations, headers) {
  const mock = createMockProvider({ provider, projects: [{ keys: [KEY], models: { '*': { rpm: translations.length - 1 } } }] });
  const answers = [];
  for (const t of translations) {
    const response = await mock.fetch(base + t.path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: t.body });
    const answer = await t.answer(response);
    answers.push({ status: answer.status, text: await answer.text() });
  }
  return answers;
}

describe('against the emulator', () => {
  for (const [provider, base] of Object.entries(BASES)) {
    test(`a caller of Gemini is answered by ${provider}, whole, by events and in an array, and refused in Gemini's words`, async () => {
      const of = (operation) => translation({ from: 'gemini', to: 'openai', url: `${GEMINI}models/gemini-x:${operation}`, body: '{"contents":[{"parts":[{"text":"Say quota"}]}]}', model: 'model-x', provider });
      const [whole, events, array, refused] = await asked(provider, base, ['generateContent', 'streamGenerateContent?alt=sse', 'streamGenerateContent', 'generateContent'].map(of), { authorization: `Bearer ${KEY}` });
      const documents = [JSON.parse(whole.text), ...events.text.trim().split('\r\n\r\n').map((event) => JSON.parse(event.slice(6))), ...JSON.parse(array.text)];
      const ends = documents.filter(({ candidates }) => candidates[0].finishReason === 'STOP');
      assert.equal(ends.length, 3);
      for (const { usageMetadata, modelVersion } of ends) assert.ok(usageMetadata.totalTokenCount > 0 && modelVersion === 'model-x');
      const said = (list) => list.map(({ candidates }) => candidates[0].content.parts[0].text).join('');
      assert.match(said(documents.slice(0, 1)), /Say quota/);
      assert.equal(said(JSON.parse(array.text)), said(documents.slice(0, 1)));
      assert.equal(refused.status, 429);
      assert.equal(JSON.parse(refused.text).error.status, 'RESOURCE_EXHAUSTED');
    });
  }

  test('a caller of OpenAI is answered by Gemini, whole and by events, and refused in OpenAI\'s words', async () => {
    const of = (stream) => translation({ from: 'openai', to: 'gemini', url: `${BASES.openai}chat/completions`, model: 'gemini-3-flash', body: JSON.stringify({ model: 'x', messages: [{ role: 'user', content: 'Say quota' }], stream, stream_options: { include_usage: true } }) });
    const [whole, events, refused] = await asked('gemini', GEMINI, [false, true, false].map(of), { 'x-goog-api-key': KEY });
    const completion = JSON.parse(whole.text);
    const chunks = events.text.trim().split('\n\n').map((event) => event.slice(6));
    assert.equal(chunks.pop(), '[DONE]');
    const said = chunks.map((chunk) => JSON.parse(chunk).choices[0]?.delta.content ?? '').join('');
    assert.match(said, /Say quota/);
    assert.equal(completion.choices[0].message.content, said);
    assert.ok(JSON.parse(chunks.at(-1)).usage.total_tokens > 0 && completion.usage.total_tokens > 0);
    assert.equal(refused.status, 429);
    assert.equal(JSON.parse(refused.text).error.code, 'rate_limit_exceeded');
  });
});
