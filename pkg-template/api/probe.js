// The smallest request that shows whether a key works. It is a real one: a list of models answers to keys that can't
// generate (Gemini), so it would prove little.

import { mistake } from './errors.js';

export const BASES = {
  gemini: 'https://generativelanguage.googleapis.com',
  groq: 'https://api.groq.com/openai',
  openai: 'https://api.openai.com',
  anthropic: 'https://api.anthropic.com',
};

/** An alias that Google keeps pointing at its smallest model. */
const GEMINI_MODEL = 'gemini-flash-lite-latest';

/** `{ endpoint, init }` for one test. Costs one request of the model's quota on Gemini, and none elsewhere unless a
 *  model is named. */
export function testRequest(provider = 'gemini', base = BASES[provider], model = undefined) {
  if (base === undefined) throw mistake('options.baseURL', `expected the URL where keys of ${provider} are tested, got nothing, and no call has told`);
  const root = base.replace(/\/+$/, '').replace(/\/v1(beta)?$/, '');
  const post = (body, headers) => ({ method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  if (provider === 'gemini') {
    const body = { contents: [{ parts: [{ text: 'ping' }] }], generationConfig: { maxOutputTokens: 1 } };
    return { endpoint: `${root}/v1beta/models/${encodeURIComponent(model ?? GEMINI_MODEL)}:generateContent`, init: post(body) };
  }
  if (provider === 'anthropic') {
    const headers = { 'anthropic-version': '2023-06-01' };
    if (model === undefined) return { endpoint: `${root}/v1/models`, init: { headers } };
    return { endpoint: `${root}/v1/messages`, init: post({ model, max_tokens: 1, messages: [{ role: 'user', content: 'ping' }] }, headers) };
  }
  if (model === undefined) return { endpoint: `${root}/v1/models`, init: {} };
  return { endpoint: `${root}/v1/chat/completions`, init: post({ model, max_tokens: 1, messages: [{ role: 'user', content: 'ping' }] }) };
}
