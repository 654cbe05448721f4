// The smallest request that shows whether a key works. It is a real one: a list of models answers to keys that can't
// generate (Gemini), so it would prove little.

import { classify } from './classify.js';
import { QuotaAwareError, mistake } from './errors.js';
import { Leash, leashed } from './leash.js';
import { prepare } from './request.js';

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

/** Tries a key of `getStatus()`: `KeyTest` of `index.d.ts`.
 *
 *  @param of parts of the instance: `{ engine, routes, calls, records, texts, baseURL }` */
export async function probe({ engine, routes, calls, records, texts, baseURL }, { id, provider }, model) {
  const place = routes.placeOf(provider);
  const { endpoint, init } = testRequest(provider ?? place?.provider, baseURL ?? place?.base, model ?? place?.model);
  const began = Date.now();
  try {
    const { route } = routes.of(endpoint);
    const leash = new Leash();
    const own = leashed(prepare(init).init, leash);
    const note = records?.opens({ url: endpoint, provider: provider ?? place?.provider, body: own.body });
    const response = await new Promise((resolve, reject) => {
      const begin = () => engine.use((raw) => raw.beginTest(route, own, leash, id));
      calls.run(note === undefined ? begin() : note.around(begin), { resolve, reject, sees: true, note });
    }).catch((error) => {
      note?.ended(undefined, error);
      throw error;
    });
    const body = await response.text();
    const meaning = classify({ provider: provider ?? undefined, status: response.status, headers: response.headers, body });
    const ok = meaning.verdict === 'ok';
    return { id, ok, status: response.status, latencyMs: Date.now() - began, verdict: meaning.verdict, message: ok ? null : texts.say(`advice.${meaning.cause}`) };
  } catch (error) {
    if (!(error instanceof QuotaAwareError) || error.attempts.length === 0) throw error;
    const { status, verdict } = error.attempts.at(-1);
    return { id, ok: false, status, latencyMs: Date.now() - began, verdict, message: engine.use((raw) => raw.redact(String(error.cause?.message ?? error.message))) };
  }
}
