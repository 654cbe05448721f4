// Gemini's words, as recorded from the real service in 2026: bodies of answers and refusals. No refusal has a
// Retry-After header.

import { MODEL } from './profiles.mjs';

const RPC = 'type.googleapis.com/google.rpc';
const SERVICE = 'generativelanguage.googleapis.com';
const METRIC = `${SERVICE}/generate_content_free_tier_requests`;

export function answer() {
  return [200, {
    candidates: [{ content: { parts: [{ text: 'Yes, and here is why.' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 7, totalTokenCount: 16 },
    modelVersion: MODEL,
    responseId: 'bench',
  }];
}

/** @param {'Minute' | 'Day'} window @param {number} limit @param {number} waitMs until there is room */
export function overQuota(window, limit, waitMs) {
  const message = 'You exceeded your current quota, please check your plan and billing details. For more information on this error, '
    + 'head to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: https://ai.dev/rate-limit. '
    + `\n* Quota exceeded for metric: ${METRIC}, limit: ${limit}, model: ${MODEL}\nPlease retry in ${inWords(waitMs)}.`;
  return failure(429, 'RESOURCE_EXHAUSTED', message, [
    { '@type': `${RPC}.Help`, links: [{ description: 'Learn more about Gemini API quotas', url: 'https://ai.google.dev/gemini-api/docs/rate-limits' }] },
    {
      '@type': `${RPC}.QuotaFailure`,
      violations: [{
        quotaMetric: METRIC,
        quotaId: `GenerateRequestsPer${window}PerProjectPerModel-FreeTier`,
        quotaDimensions: { location: 'global', model: MODEL },
        quotaValue: String(limit),
      }],
    },
    // Cut to whole seconds: up to a second too early, and "0s" in the last one.
    { '@type': `${RPC}.RetryInfo`, retryDelay: `${Math.floor(waitMs / 1000)}s` },
  ]);
}

export function invalidKey() {
  const message = 'API key not valid. Please pass a valid API key.';
  return failure(400, 'INVALID_ARGUMENT', message, [
    { '@type': `${RPC}.ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com', metadata: { service: SERVICE } },
    { '@type': `${RPC}.LocalizedMessage`, locale: 'en-US', message },
  ]);
}

export function overloaded() {
  return failure(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');
}

export function notFound() {
  return failure(404, 'NOT_FOUND', 'Requested entity was not found.');
}

function failure(code, status, message, details) {
  return [code, { error: { code, message, status, ...(details && { details }) } }];
}

/** As Go writes a duration, less the units that are zero: `23.456789s`, `410.2ms`, `9h54m3.1s`. */
function inWords(ms) {
  if (ms < 1000) return `${trimmed(ms)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const rest = trimmed((ms % 60_000) / 1000);
  return [hours > 0 && `${hours}h`, minutes > 0 && `${minutes}m`, rest !== '0' && `${rest}s`].filter(Boolean).join('');
}

function trimmed(number) {
  return String(Number(number.toFixed(6)));
}
