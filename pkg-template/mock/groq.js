// Groq: OpenAI's forms, other manners.

import { goDuration } from './duration.js';
import { chatAnswer } from './openai-answers.js';
import { openaiDialect } from './openai-dialect.js';
import { responsesAnswer } from './openai-responses.js';
import { errorType, limitHeaders, limitName, organization } from './openai-quota.js';
import { ALPHANUMERIC, HEX, letters } from './random.js';
import { Reply } from './reply.js';

/** @typedef {import('./openai-dialect.js').ApiError} ApiError */

/** @param {number} code @param {ApiError} error */
function refuse(code, { message, type, code: name }) {
  return new Reply(code, { 'content-type': 'application/json' }, JSON.stringify({ error: { message, type, ...(name && { code: name }) } }));
}

/** @type {ApiError} */
const INVALID_KEY = { message: 'Invalid API Key', type: 'invalid_request_error', code: 'invalid_api_key' };

const shared = openaiDialect({ refuse, noKey: INVALID_KEY, badJson: 'could not parse request body as JSON', owner: 'Groq', refunds: true });

/** @type {import('./dialect.js').Dialect} */
export const groq = {
  ...shared,
  name: 'groq',

  badKey(state) {
    if (state === 'restricted' || state === 'denied' || state === 'location') return status(403);
    return refuse(401, INVALID_KEY);
  },

  quota(refusal, { model, project, pool, now }) {
    const who = `model \`${model}\` in organization \`org_${organization(project.id)}\` service tier \`on_demand\``;
    const where = `${who} on ${limitName(refusal.meter, 'minute')}: Limit ${refusal.limit}`;
    const headers = headersOf(pool, now);
    if (refusal.wait === Infinity) {
      return refuse(413, {
        message: `Request too large for ${where}, Requested ${refusal.requested}, please reduce your message size and try again. Visit https://console.groq.com/docs/rate-limits for more information.`,
        type: errorType(refusal), code: 'rate_limit_exceeded',
      }).with(headers);
    }
    return refuse(429, {
      message: `Rate limit reached for ${where}, Used ${refusal.used}, Requested ${refusal.requested}. Please try again in ${goDuration(refusal.wait)}. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing`,
      type: errorType(refusal), code: 'rate_limit_exceeded',
    }).with({ ...headers, 'retry-after': String(Math.ceil(refusal.wait / 1000)) });
  },

  limits: ({ pool, now }) => headersOf(pool, now),

  noSuchPath: ({ method, url }) => refuse(404, { message: `Unknown request URL: ${method} ${url.pathname}. Please check the URL for typos, or see the docs at https://console.groq.com/docs/`, type: 'invalid_request_error', code: 'unknown_url' }),
  failure: (kind, _operation, model) => status({ overloaded: 503, internal: 500, timeout: 504, capacity: 498 }[kind], model),
  status: (code, _operation, model) => (code === 404 && model ? shared.noSuchModel(model, /** @type {any} */ (null)) : status(code, model)),
  streamError: () => `data: ${JSON.stringify({ error: { message: 'Internal Server Error', type: 'internal_server_error' } })}\n\n`,

  generate(said, scene) {
    if (scene.operation.method === 'responses') return responsesAnswer(said, scene);
    const seconds = said.output / 500; // about as fast as it is
    const id = requestId(scene.random);
    return chatAnswer(said, scene, {
      id: `chatcmpl-${[8, 4, 4, 4, 12].map((length) => letters(scene.random, length, HEX)).join('-')}`, type: 'application/json',
      usage: { queue_time: 0.02, prompt_time: 0.003, completion_time: seconds, total_time: seconds + 0.003 },
      extra: { system_fingerprint: `fp_${letters(scene.random, 10, HEX)}`, x_groq: { id } },
      last: (usage) => ({ x_groq: { id, usage } }),
    });
  },

  stamp(reply, { now, random }) {
    reply.with({ date: new Date(now).toUTCString(), server: 'cloudflare', 'x-groq-region': 'us-west-1', 'x-request-id': requestId(random) });
  },
};

/** Requests per day and tokens per minute, always: the other two limits show in a message only. @param {import('./pool.js').Pool} pool @param {number} now */
function headersOf(pool, now) {
  return limitHeaders(pool, now, { requests: ['rpd'], tokens: ['tpm'], round: (ms) => ms });
}

/** @param {number} code @param {string | null} [model] */
function status(code, model) {
  /** @type {Record<number, ApiError>} */
  const errors = {
    401: INVALID_KEY,
    403: { message: 'Forbidden', type: 'permissions_error' },
    429: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' },
    498: { message: 'Flex tier capacity exceeded', type: 'capacity_exceeded', code: 'capacity_exceeded' },
    503: { message: `${model ?? 'The model'} is currently over capacity. Please try again and back off exponentially. Visit https://groqstatus.com to see if there is an active incident.`, type: 'internal_server_error' },
  };
  const other = code < 500 ? { message: 'Invalid request', type: 'invalid_request_error' } : { message: 'Internal Server Error', type: 'internal_server_error' };
  return refuse(code, errors[code] ?? other);
}

/** @param {() => number} random */
function requestId(random) {
  return `req_${letters(random, 26, ALPHANUMERIC).toLowerCase()}`;
}
