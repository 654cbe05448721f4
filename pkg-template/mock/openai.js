// OpenAI.

import { goDuration } from './duration.js';
import { chatAnswer } from './openai-answers.js';
import { openaiDialect } from './openai-dialect.js';
import { responsesAnswer } from './openai-responses.js';
import { errorType, limitHeaders, limitName, organization } from './openai-quota.js';
import { ALPHANUMERIC, HEX, letters } from './random.js';
import { Reply } from './reply.js';

/** @typedef {import('./openai-dialect.js').ApiError} ApiError */

/** @param {number} code @param {ApiError} error */
function refuse(code, { message, type, param = null, code: name = null }) {
  return new Reply(code, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify({ error: { message, type, param, code: name } }, null, 4));
}

const shared = openaiDialect({
  refuse,
  noKey: {
    message: "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from https://platform.openai.com/account/api-keys.",
    type: 'invalid_request_error',
  },
  badJson: 'We could not parse the JSON body of your request. (HINT: This likely means you aren\'t using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)',
  owner: 'openai',
  refunds: false, // not known to; a reservation kept is the harder case for a client
});

/** @type {import('./dialect.js').Dialect} */
export const openai = {
  ...shared,
  name: 'openai',

  badKey(state, { key }) {
    switch (state) {
      case 'no-credit':
      case 'spend-cap':
        return refuse(429, { message: 'You exceeded your current quota, please check your plan and billing details.', type: 'insufficient_quota', code: 'insufficient_quota' });
      case 'location':
        return refuse(403, { message: 'Country, region, or territory not supported', type: 'request_forbidden', code: 'unsupported_country_region_territory' });
      default:
        return refuse(401, {
          message: `Incorrect API key provided: ${masked(key)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
          type: 'invalid_request_error', code: 'invalid_api_key',
        }).with({ 'www-authenticate': 'Bearer realm="OpenAI API"' });
    }
  },

  quota(refusal, { model, project, pool, now }) {
    const where = `${model} in organization org-${organization(project.id)} on ${limitName(refusal.meter, 'min')}: Limit ${refusal.limit}`;
    const headers = headersOf(pool, now);
    if (refusal.wait === Infinity) {
      return refuse(429, {
        message: `Request too large for ${where}, Requested ${refusal.requested}. The input or output tokens must be reduced in order to run successfully. Visit https://platform.openai.com/account/rate-limits to learn more.`,
        type: errorType(refusal), code: 'rate_limit_exceeded',
      }).with(headers);
    }
    const wait = Math.max(1, Math.round(refusal.wait));
    const pay = ' You can increase your rate limit by adding a payment method to your account at https://platform.openai.com/account/billing.';
    return refuse(429, {
      message: `Rate limit reached for ${where}, Used ${refusal.used}, Requested ${refusal.requested}. Please try again in ${goDuration(wait)}. Visit https://platform.openai.com/account/rate-limits to learn more.${refusal.meter === 'rpd' ? pay : ''}`,
      type: errorType(refusal), code: 'rate_limit_exceeded',
    }).with({ ...headers, 'retry-after': String(Math.ceil(wait / 1000)), 'retry-after-ms': String(wait) });
  },

  limits: ({ pool, now, model }) => ({ ...headersOf(pool, now), 'openai-model': model }),

  noSuchPath: ({ method, url }) => refuse(404, { message: `Invalid URL (${method} ${url.pathname})`, type: 'invalid_request_error' }),
  failure: (kind) => status({ overloaded: 503, internal: 500, timeout: 504, capacity: 503 }[kind]),
  status: (code, _operation, model) => (code === 404 && model ? shared.noSuchModel(model, /** @type {any} */ (null)) : status(code)),
  streamError: ({ method }) => (method === 'responses'
    ? `event: error\ndata: ${JSON.stringify({ type: 'error', code: 'server_error', message: SERVER_ERROR.message, param: null, sequence_number: 3 })}\n\n`
    : `data: ${JSON.stringify({ error: { ...SERVER_ERROR, param: null, code: null } })}\n\n`),

  generate(said, scene) {
    if (scene.operation.method === 'responses') return responsesAnswer(said, scene);
    return chatAnswer(said, scene, {
      id: `chatcmpl-${letters(scene.random, 29, ALPHANUMERIC)}`, type: 'application/json',
      usage: { completion_tokens_details: { reasoning_tokens: said.thoughts } },
      extra: { service_tier: 'default', system_fingerprint: `fp_${letters(scene.random, 10, HEX)}` },
    });
  },

  stamp(reply, { now, took, random }) {
    reply.with({
      date: new Date(now).toUTCString(), server: 'cloudflare',
      'openai-processing-ms': String(Math.round(took)), 'x-request-id': `req_${letters(random, 32, HEX)}`,
    });
  },
};

const SERVER_ERROR = { message: 'The server had an error while processing your request. Sorry about that!', type: 'server_error' };

/** @type {Record<number, ApiError>} */
const BY_STATUS = {
  401: { message: 'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.', type: 'invalid_request_error', code: 'invalid_api_key' },
  429: { message: 'Rate limit reached for requests', type: 'requests', code: 'rate_limit_exceeded' },
  500: SERVER_ERROR,
  503: { message: 'That model is currently overloaded with other requests. You can retry your request, or contact us through our help center at help.openai.com if the error persists.', type: 'server_error' },
  504: SERVER_ERROR,
};

/** @param {number} code */
function status(code) {
  return refuse(code, BY_STATUS[code] ?? { message: `The mock was told to answer ${code}.`, type: code < 500 ? 'invalid_request_error' : 'server_error' });
}

/** The minute where it is limited, else the day: the header's name does not say which. @param {import('./pool.js').Pool} pool @param {number} now */
function headersOf(pool, now) {
  return limitHeaders(pool, now, { requests: ['rpm', 'rpd'], tokens: ['tpm', 'tpd'], round: Math.ceil });
}

/** As OpenAI shows a wrong key: its ends, or all of a short one. @param {string} key */
function masked(key) {
  return key.length <= 12 ? key : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`;
}
