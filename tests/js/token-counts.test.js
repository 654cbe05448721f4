// Tokens as providers report them: read out of every dialect, whole and streamed, into `getStats().tokens`.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, open, question, served, until } from './support.js';

const CHAT = 'https://api.openai.com/v1/chat/completions';
const RESPONSES = 'https://api.openai.com/v1/responses';
const MESSAGES = 'https://api.anthropic.com/v1/messages';
const GROQ = 'https://api.groq.com/openai/v1/chat/completions';

/** By name: the URL, what the document says, and what it comes to. */
const WHOLE = {
  'Gemini, a cache and thoughts': [ENDPOINT, { usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 20, thoughtsTokenCount: 7, totalTokenCount: 127 } }, [100, 27, 60, 7]],
  'Gemini, nothing of either': [ENDPOINT, { usageMetadata: { promptTokenCount: 10 } }, [10, 0, 0, 0]],
  'OpenAI’s chat': [CHAT, { usage: { prompt_tokens: 100, completion_tokens: 27, prompt_tokens_details: { cached_tokens: 60 }, completion_tokens_details: { reasoning_tokens: 7 } } }, [100, 27, 60, 7]],
  'OpenAI’s responses': [RESPONSES, { usage: { input_tokens: 100, output_tokens: 27, input_tokens_details: { cached_tokens: 60 }, output_tokens_details: { reasoning_tokens: 7 } } }, [100, 27, 60, 7]],
  'Groq': [GROQ, { usage: { prompt_tokens: 100, completion_tokens: 27, prompt_tokens_details: { cached_tokens: 60 } } }, [100, 27, 60, 0]],
  'Anthropic, whose input leaves its cache out': [MESSAGES, { usage: { input_tokens: 30, cache_read_input_tokens: 60, cache_creation_input_tokens: 10, output_tokens: 27 } }, [100, 27, 60, 0]],
  'Anthropic without a cache': [MESSAGES, { usage: { input_tokens: 30, output_tokens: 27 } }, [30, 27, 0, 0]],
  'a server that counts in words': [CHAT, { usage: { prompt_tokens: 'many', completion_tokens: -4, prompt_tokens_details: null, completion_tokens_details: { reasoning_tokens: NaN } } }, [0, 0, 0, 0]],
};

const data = (document) => `data: ${JSON.stringify(document)}\n\n`;
const named = (type, rest) => `event: ${type}\n${data({ type, ...rest })}`;

const STREAMED = {
  'Gemini, whose counts grow': [ENDPOINT.replace(':generateContent', ':streamGenerateContent?alt=sse'), [
    data({ candidates: [{ content: { parts: [{ text: 'a' }] } }], usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 60, thoughtsTokenCount: 7 } }),
    data({ candidates: [{ content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 20, thoughtsTokenCount: 7 } }),
  ], [100, 27, 60, 7]],
  'OpenAI’s chat, with its last event': [CHAT, [
    data({ choices: [{ delta: { content: 'a' } }], usage: null }), data({ choices: [{ delta: {}, finish_reason: 'stop' }] }),
    data({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 27, prompt_tokens_details: { cached_tokens: 60 }, completion_tokens_details: { reasoning_tokens: 7 } } }), 'data: [DONE]\n\n',
  ], [100, 27, 60, 7]],
  'Groq, under a name of its own': [GROQ, [
    data({ choices: [{ delta: { content: 'a' } }] }),
    data({ choices: [{ delta: {}, finish_reason: 'stop' }], x_groq: { usage: { prompt_tokens: 100, completion_tokens: 27, prompt_tokens_details: { cached_tokens: 60 } } } }), 'data: [DONE]\n\n',
  ], [100, 27, 60, 0]],
  'Anthropic, in two halves': [MESSAGES, [
    named('message_start', { message: { usage: { input_tokens: 30, cache_read_input_tokens: 60, cache_creation_input_tokens: 10, output_tokens: 1 } } }),
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'a' } }),
    named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 27 } }), named('message_stop'),
  ], [100, 27, 60, 0]],
  'Anthropic, which repeats the input without its cache': [MESSAGES, [
    named('message_start', { message: { usage: { input_tokens: 30, cache_read_input_tokens: 70, output_tokens: 1 } } }),
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'a' } }),
    named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 30, output_tokens: 27 } }), named('message_stop'),
  ], [100, 27, 70, 0]],
  'OpenAI’s responses': [RESPONSES, [
    named('response.created', { response: {} }), named('response.output_text.delta', { delta: 'a' }),
    named('response.completed', { response: { usage: { input_tokens: 100, output_tokens: 27, input_tokens_details: { cached_tokens: 60 }, output_tokens_details: { reasoning_tokens: 7 } } } }),
  ], [100, 27, 60, 7]],
};

const totals = ([input, output, cached, thoughts]) => ({ input, output, total: input + output, cached, thoughts });
const providerOf = (url) => ({ [ENDPOINT]: 'gemini', [MESSAGES]: 'anthropic', [GROQ]: 'groq' })[url] ?? (url.includes('google') ? 'gemini' : 'openai');

describe('tokens of a whole answer', () => {
  for (const [name, [url, document, expected]] of Object.entries(WHOLE)) {
    test(name, async () => {
      const api = open({ provider: providerOf(url), fetch: async () => served(document) }, ['fake-one']);
      await (await api.call(url, question('m'))).json();
      assert.deepEqual(api.getStats().tokens, totals(expected));
    });
  }
});

describe('tokens of a stream', () => {
  for (const [name, [url, events, expected]] of Object.entries(STREAMED)) {
    test(name, async () => {
      const api = open({ provider: providerOf(url), fetch: async () => new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } }) }, ['fake-one']);
      await (await api.call(url, question('m', { stream: true }))).text();
      await until(() => api.getStats().tokens.total > 0);
      assert.deepEqual(api.getStats().tokens, totals(expected));
    });
  }
});

test('what Anthropic’s cache has read does not count against the limit of a minute', async () => {
  const usage = { input_tokens: 10, cache_read_input_tokens: 9_000, output_tokens: 5 };
  const api = open({ provider: 'anthropic', fetch: async () => served({ usage }), limits: { tpm: 10_000 } }, ['fake-one']);
  for (let n = 0; n < 3; n += 1) await (await api.call(MESSAGES, question('m', { max_tokens: 10 }))).json();
  assert.equal(api.getStatus().pools[0].used.tokens, 45);
  assert.equal(api.getStats().tokens.cached, 27_000);
});
