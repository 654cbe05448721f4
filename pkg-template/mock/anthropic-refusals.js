// Anthropic's refusals, and the headers about limits.

import { Reply } from './reply.js';
import { HEX, createRandom, hash, letters } from './random.js';

/** `request_id` is filled in when the answer is stamped. @param {number} code @param {string} type @param {string} message */
function refuse(code, type, message) {
  return new Reply(code, { 'content-type': 'application/json', 'x-should-retry': String(code === 429 || code >= 500) },
    JSON.stringify({ type: 'error', error: { type, message }, request_id: REQUEST_ID }));
}

/** Stands in the body until there is an id. */
export const REQUEST_ID = 'req_PENDING';

/** @param {string} message */
export function badRequest(message) {
  return refuse(400, 'invalid_request_error', message);
}

export function noKey() {
  return refuse(401, 'authentication_error', 'x-api-key header is required');
}

export function browserNotMeant() {
  return refuse(401, 'authentication_error', "CORS requests must set 'anthropic-dangerous-direct-browser-access' header");
}

/** @type {import('./dialect.js').Dialect['badKey']} */
export function badKey(state) {
  switch (state) {
    case 'no-credit':
      return badRequest('Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.');
    case 'spend-cap':
      return badRequest('You have reached your specified API usage limits. You will regain access on the first day of next month at 00:00 UTC.');
    case 'restricted':
    case 'denied':
    case 'location':
      return status(403);
    default:
      return status(401);
  }
}

/** @type {import('./dialect.js').Dialect['noSuchPath']} */
export function noSuchPath() {
  return refuse(404, 'not_found_error', 'Not Found');
}

/** @type {import('./dialect.js').Dialect['noSuchModel']} */
export function noSuchModel(model) {
  return refuse(404, 'not_found_error', `model: ${model}`);
}

/** @type {import('./dialect.js').Dialect['noSuchFile']} */
export function noSuchFile(id) {
  return refuse(404, 'not_found_error', `File not found: ${id}`);
}

/** @type {import('./dialect.js').Dialect['quota']} */
export function rateLimited(refusal, { model, project, pool, now }) {
  const limited = { rpm: 'requests', tpm: 'input tokens', otpm: 'output tokens' }[/** @type {'rpm' | 'tpm' | 'otpm'} */ (refusal.meter)];
  const id = createRandom(hash(project.id), 'organization');
  const organization = [8, 4, 4, 4, 12].map((length) => letters(id, length, HEX)).join('-');
  const reply = refuse(429, 'rate_limit_error',
    `This request would exceed your organization's rate limit of ${refusal.limit.toLocaleString('en-US')} ${limited} per minute (org: ${organization}, model: ${model}). For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later. You may also contact sales at https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.`);
  // A request larger than the bucket gets a time too; when it is full, which does not help.
  const wait = refusal.wait === Infinity ? Math.max(refusal.resetIn, 1000) : refusal.wait;
  return reply.with({ ...limitHeaders(pool, now, NOTHING_PENDING), 'retry-after': String(Math.ceil(wait / 1000)) });
}

/** @type {import('./dialect.js').Dialect['failure']} */
export function failure(kind) {
  return status({ overloaded: 529, internal: 500, timeout: 504, capacity: 529 }[kind]);
}

/** @param {number} code */
export function status(code) {
  const [type, message] = BY_STATUS[code] ?? (code < 500 ? ['invalid_request_error', 'Invalid request'] : BY_STATUS[500]);
  return refuse(code, type, message);
}

export function streamError() {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error: { details: null, type: 'overloaded_error', message: 'Overloaded' } })}\n\n`;
}

/**
 * `anthropic-ratelimit-*`, for each limit that exists. A reset is the instant when all is back.
 *
 * @param {import('./pool.js').Pool} pool @param {number} now @param {string} [untouched] the reset of what is full: recorded as 1970 on refusals, as now on answers
 */
export function limitHeaders(pool, now, untouched = instant(now)) {
  /** @type {Record<string, string>} */ const headers = {};
  const put = (/** @type {string} */ family, /** @type {{ limit: number, remaining: number, resetIn: number }} */ { limit, remaining, resetIn }) => {
    headers[`anthropic-ratelimit-${family}-limit`] = String(limit);
    headers[`anthropic-ratelimit-${family}-remaining`] = String(remaining);
    headers[`anthropic-ratelimit-${family}-reset`] = resetIn > 0 ? instant(now + resetIn) : untouched;
  };
  const { rpm, tpm, otpm } = pool.limits;
  const [input, output] = [pool.level('tpm', now), pool.level('otpm', now)];
  if (rpm !== undefined) put('requests', pool.level('rpm', now));
  if (tpm !== undefined) put('input-tokens', input);
  if (otpm !== undefined) put('output-tokens', output);
  if (tpm !== undefined && otpm !== undefined) {
    put('tokens', { limit: input.limit + output.limit, remaining: input.remaining + output.remaining, resetIn: Math.max(input.resetIn, output.resetIn) });
  }
  return headers;
}

const NOTHING_PENDING = '1970-01-01T00:00:00Z';

/** @type {Record<number, [type: string, message: string]>} */
const BY_STATUS = {
  401: ['authentication_error', 'invalid x-api-key'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'Not Found'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', 'This request would exceed the rate limit for your organization.'],
  500: ['api_error', 'Internal server error'],
  504: ['timeout_error', 'Request timed out'],
  529: ['overloaded_error', 'Overloaded'],
};

/** RFC 3339 in whole seconds, rounded up so that it is not too early. @param {number} ms */
function instant(ms) {
  return `${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
