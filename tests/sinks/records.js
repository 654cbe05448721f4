// Records as an instance gives them out, and instances that do.
import { QuotaAwareAPI } from '../built.js';

export const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';
export const KEYS = ['fake-key-one', 'fake-key-two'];
/** A Wednesday, noon UTC. */
export const NOON = Date.UTC(2026, 9, 7, 12);

let calls = 0;

/** A served one, but for what is said otherwise. */
export function record(more = {}) {
  calls += 1;
  const { verdict = 'ok' } = more;
  return Object.freeze({
    at: NOON, call: calls, attempt: 1, key: 'key-1', keyNumber: 1, provider: 'gemini', project: 'project-1', model: 'gemini-fake', session: null, operation: null,
    userId: null, userAgent: null, verdict, category: verdict === 'ok' ? null : 'other', success: verdict === 'ok', status: verdict === 'ok' ? 200 : 500,
    latencyMs: 100, waitedMs: 0, tokens: null, tokensEstimated: false, ...more,
  });
}

export const tokens = (input, output, cached = 0, thoughts = 0) => ({ input, output, cached, thoughts });

/** An instance over a `fetch` that answers with these, one after the other, and serves from then on. */
export function open(options = {}, answers = [], keys = KEYS) {
  return new QuotaAwareAPI(keys, { fetch: async () => answers.shift() ?? served(), backoff: { base: 0 }, ...options });
}

export function served(body = { usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 20, thoughtsTokenCount: 7 } }) {
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
}

/** A per-minute refusal in Gemini's words. */
export function refused() {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', quotaValue: '15' }] }];
  return new Response(JSON.stringify({ error: { code: 429, message: 'You exceeded your current quota.', status: 'RESOURCE_EXHAUSTED', details } }), { status: 429 });
}

export const question = (text = 'Hi') => ({ method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text }] }] }) });
