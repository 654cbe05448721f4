// Tokens: what a call is reserved for before it is sent, and what comes of that once its answer is read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, byHand, open, question, served } from './support.js';

const OPENAI = 'https://api.openai.com/v1/chat/completions';
const ANTHROPIC = 'https://api.anthropic.com/v1/messages';

/** How many tokens stand in the books while a call is under way. */
async function reserved(endpoint, body, quota, options = {}) {
  const { fetch } = byHand();
  const api = open({ fetch, ...options }, ['fake-one']);
  api.call(endpoint, { method: 'POST', body, ...(quota && { quota }) }).catch(() => {});
  const { tokens } = api.getStatus().pools[0].used;
  api.close();
  return tokens;
}

const text = (length, more = {}) => JSON.stringify({ model: 'm', messages: [{ content: 'x'.repeat(length) }], ...more });
const input = (body) => Math.ceil(body.length / 4);

describe('what is reserved', () => {
  test('for Gemini is what goes in', async () => {
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'x'.repeat(400) }] }], generationConfig: { maxOutputTokens: 8192 }, max_tokens: 5000 });
    assert.equal(await reserved(ENDPOINT, body), input(body));
  });

  for (const name of ['max_tokens', 'max_completion_tokens', 'max_output_tokens']) {
    test(`for others is the most output too: ${name}`, async () => {
      for (const endpoint of [OPENAI, ANTHROPIC]) {
        const body = text(400, { [name]: 1000 });
        assert.equal(await reserved(endpoint, body), input(body) + 1000, endpoint);
      }
    });
  }

  test('is not misled by what only looks like a most', async () => {
    const quoted = text(10, { note: '"max_tokens": 9999' });
    const schema = text(10, { tools: [{ properties: { max_tokens: { type: 'integer' } } }] });
    const fraction = text(10, { max_tokens: 1.5 });
    for (const body of [quoted, schema, fraction, text(10, { max_tokens: null }), text(10, { max_tokens: -1 })]) assert.equal(await reserved(OPENAI, body), input(body), body);
  });

  test('is what the caller says, where they do, and nothing where there is no text to read', async () => {
    assert.equal(await reserved(OPENAI, text(400, { max_tokens: 1000 }), { tokens: 7 }), 7);
    assert.equal(await reserved(OPENAI, new Uint8Array(4000)), 0);
  });

  test('is never more than the limit itself: the first call goes', async () => {
    assert.equal(await reserved(OPENAI, text(10, { max_tokens: 999_999_999 }), undefined, { limits: { tpm: 6000 } }), 6000);
  });
});

describe('what was used', () => {
  const used = (prompt, completion) => served({ usage: { prompt_tokens: prompt, completion_tokens: completion } });

  test('takes the place of what was reserved: 10 of 1,000 leave room again', async () => {
    const api = open({ fetch: async () => used(6, 4), limits: { tpm: 1500 } }, ['fake-one']);
    const ask = () => api.call(OPENAI, { ...question('m'), quota: { tokens: 1000, deadline: 1000 } });
    const response = await ask();
    assert.equal(api.getStatus().pools[0].remaining.tpm, 500);
    await assert.rejects(ask(), { code: 'DEADLINE' });
    await response.json();
    assert.equal(api.getStatus().pools[0].remaining.tpm, 1490);
    await ask();
    assert.equal(api.getStats().totalRequests, 2);
  });

  test('lets those go that wait for it', async () => {
    const api = open({ fetch: async () => used(6, 4), limits: { tpm: 1500 }, queue: { maxWait: 120_000 } }, ['fake-one']);
    const ask = () => api.call(OPENAI, { ...question('m'), quota: { tokens: 1000 } });
    const first = await ask();
    const second = ask();
    assert.deepEqual(api.getStatus().queue.calls.map(({ limit }) => [limit.metric, limit.window, limit.used, limit.limit]), [['tokens', 'minute', 1000, 1500]]);
    await first.text();
    const began = Date.now();
    assert.equal((await second).status, 200);
    assert.ok(Date.now() - began < 1000, 'at once, not when the minute is over');
  });

  test('corrects the next guess of the same route and model, between half and fourfold', async () => {
    const body = text(4000);
    for (const [prompt, factor] of [[input(body) * 2, 2], [input(body) * 100, 4], [1, 0.5]]) {
      const { fetch, requests } = byHand();
      const api = open({ fetch }, ['fake-one']);
      const ask = () => api.call(OPENAI, { method: 'POST', body });
      const first = ask();
      requests[0].answer(used(prompt, 100));
      await (await first).json();
      const before = api.getStatus().pools[0].used.tokens;
      ask().catch(() => {});
      // Where the body names no most, what answers came to lately is expected.
      assert.equal(api.getStatus().pools[0].used.tokens - before, Math.ceil(input(body) * factor) + 100);
      api.call(OPENAI, { method: 'POST', body: body.replace('"m"', '"another"') }).catch(() => {});
      assert.equal(api.getStatus().pools.find(({ model }) => model === 'another').used.tokens, input(body.replace('"m"', '"another"')));
      api.close();
    }
  });

  test('counts for a Gemini limit as what went in', async () => {
    const api = open({ fetch: async () => served({ usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 5000, thoughtsTokenCount: 100 } }) }, ['fake-one']);
    await (await api.call(ENDPOINT, question())).json();
    assert.equal(api.getStatus().pools[0].used.tokens, 30);
    assert.deepEqual(api.getStats().tokens, { input: 30, output: 5100, total: 5130, cached: 0, thoughts: 100 });
  });
});
