// Gemini's refusals, word for word as recorded. Quota has a file of its own.

import { Reply } from './reply.js';

/** @typedef {import('./dialect.js').Operation} Operation */

/**
 * The error envelope. In a stream without `alt=sse` and on the OpenAI-compatible path it comes in an array; with `alt=sse` it is
 * labelled as an event stream although it is one plain document.
 *
 * @param {Operation | null} operation @param {number} code @param {string} status @param {string} message @param {object[]} [details]
 */
export function refuse(operation, code, status, message, details) {
  const body = { error: { code, message, status, ...(details && { details }) } };
  const wrapped = operation?.form === 'openai' || (operation?.kind === 'stream' && !operation.sse);
  const type = operation?.kind === 'stream' && operation.sse ? 'text/event-stream' : 'application/json; charset=UTF-8';
  return new Reply(code, { 'content-type': type }, `${JSON.stringify(wrapped ? [body] : body, null, 2)}\n`);
}

/** @param {string} message @param {Operation} operation */
export function badRequest(message, operation) {
  return refuse(operation, 400, 'INVALID_ARGUMENT', message);
}

/** @param {Operation} operation */
export function noKey(operation) {
  return refuse(operation, 403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.");
}

/** @param {Operation} operation */
export function noBearer(operation) {
  return refuse(operation, 400, 'INVALID_ARGUMENT', 'Missing or invalid Authorization header.');
}

/** @param {Operation} operation */
export function twoCredentials(operation) {
  return refuse(operation, 400, 'INVALID_ARGUMENT', 'Multiple authentication credentials received. Please pass only one.', [info('OVERLOADED_CREDENTIALS', {})]);
}

/** @type {import('./dialect.js').Dialect['badKey']} */
export function badKey(state, { operation, key, project }) {
  const number = project?.number ?? '000000000000';
  const consumer = `projects/${number}`;
  const method = METHOD_NAMES[operation.method] ?? METHOD_NAMES.generateContent;
  switch (state) {
    case 'expired':
      return explained(operation, 400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.', 'API_KEY_INVALID', {});
    case 'leaked':
      return refuse(operation, 403, 'PERMISSION_DENIED', 'Your API key was reported as leaked. Please use another API key.');
    case 'restricted':
      return explained(operation, 403, 'PERMISSION_DENIED', `Requests to this API ${SERVICE} method ${method} are blocked.`,
        'API_KEY_SERVICE_BLOCKED', { consumer, apiName: SERVICE, methodName: method });
    case 'referrer':
      return explained(operation, 403, 'PERMISSION_DENIED', 'Requests from referer <empty> are blocked.',
        'API_KEY_HTTP_REFERRER_BLOCKED', { consumer, httpReferrer: '<empty>' });
    case 'ip':
      return explained(operation, 403, 'PERMISSION_DENIED',
        `The provided API key has an IP address restriction. The originating IP address of the call (${CALLER}) violates this restriction.`,
        'API_KEY_IP_ADDRESS_BLOCKED', { consumer, callerIp: CALLER });
    case 'wrong-type':
      return refuse(operation, 401, ...BY_STATUS[401], [info('ACCESS_TOKEN_TYPE_UNSUPPORTED', { method })]);
    case 'suspended': // the real one repeats the key too, twice
      return explained(operation, 403, 'PERMISSION_DENIED', `Permission denied: Consumer 'api_key:${key}' has been suspended.`,
        'CONSUMER_SUSPENDED', { containerInfo: `api_key:${key}`, consumer });
    case 'disabled':
      return serviceDisabled(operation, number);
    case 'denied':
      return refuse(operation, 403, 'PERMISSION_DENIED', 'Your project has been denied access. Please contact support.');
    case 'location':
      return refuse(operation, 400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.');
    case 'no-credit':
      return refuse(operation, 429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.');
    case 'spend-cap':
      return refuse(operation, 429, 'RESOURCE_EXHAUSTED', 'Your project has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage your project spend cap.');
    default:
      return explained(operation, 400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', 'API_KEY_INVALID', {});
  }
}

/** Google's front end, not the API: a page, not JSON. @type {import('./dialect.js').Dialect['noSuchPath']} */
export function noSuchPath() {
  return new Reply(404, { 'content-type': 'text/html; charset=UTF-8' },
    '<!DOCTYPE html>\n<html lang=en>\n  <title>Error 404 (Not Found)!!1</title>\n  <p><b>404.</b> <ins>That’s an error.</ins>\n  <p>The requested URL was not found on this server.  <ins>That’s all we know.</ins>\n');
}

/** @type {import('./dialect.js').Dialect['noSuchModel']} */
export function noSuchModel(model, operation) {
  return refuse(operation, 404, 'NOT_FOUND', `models/${model} is not found for API version ${operation.version}, or is not supported for ${operation.method}. Call ListModels to see the list of available models and their supported methods.`);
}

/** @type {import('./dialect.js').Dialect['failure']} */
export function failure(kind, operation) {
  return status({ overloaded: 503, internal: 500, timeout: 504, capacity: 429 }[kind], operation, null);
}

/** @type {import('./dialect.js').Dialect['status']} */
export function status(code, operation, model) {
  if (code === 404 && operation && model) return noSuchModel(model, operation);
  const [status, message] = BY_STATUS[code] ?? ['UNKNOWN', 'Unknown error.'];
  return refuse(operation, code, status, message);
}

/** Bare lines outside any `data:` field: a parser that skips what it does not know takes the stream for complete. @type {import('./dialect.js').Dialect['streamError']} */
export function streamError() {
  const [status, message] = BY_STATUS[503];
  return `${JSON.stringify({ error: { code: 503, message, status } }, null, 2)}\n`;
}

export const SERVICE = 'generativelanguage.googleapis.com';

/** An address set aside for documentation. */
const CALLER = '203.0.113.7';

const RPC = 'type.googleapis.com/google.rpc';

/** @type {Record<number, [status: string, message: string]>} */
const BY_STATUS = {
  400: ['INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'],
  403: ['PERMISSION_DENIED', 'The caller does not have permission'],
  404: ['NOT_FOUND', 'Requested entity was not found.'],
  429: ['RESOURCE_EXHAUSTED', 'Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.'],
  499: ['CANCELLED', 'The operation was cancelled.'],
  500: ['INTERNAL', 'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting'],
  503: ['UNAVAILABLE', 'This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.'],
  504: ['DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'],
};

/** @type {Record<string, string>} */
const METHOD_NAMES = {
  generateContent: 'google.ai.generativelanguage.v1beta.GenerativeService.GenerateContent',
  streamGenerateContent: 'google.ai.generativelanguage.v1beta.GenerativeService.StreamGenerateContent',
  countTokens: 'google.ai.generativelanguage.v1beta.GenerativeService.CountTokens',
  embedContent: 'google.ai.generativelanguage.v1beta.GenerativeService.EmbedContent',
  batchEmbedContents: 'google.ai.generativelanguage.v1beta.GenerativeService.BatchEmbedContents',
  listModels: 'google.ai.generativelanguage.v1beta.ModelService.ListModels',
  getModel: 'google.ai.generativelanguage.v1beta.ModelService.GetModel',
};

/** @param {string} reason @param {Record<string, string>} metadata */
function info(reason, metadata) {
  return { '@type': `${RPC}.ErrorInfo`, reason, domain: 'googleapis.com', metadata: { ...metadata, service: SERVICE } };
}

/**
 * With an ErrorInfo and the message once more.
 *
 * @param {Operation} operation @param {number} code @param {string} status @param {string} message
 * @param {string} reason @param {Record<string, string>} metadata @param {object[]} [more]
 */
function explained(operation, code, status, message, reason, metadata, more = []) {
  return refuse(operation, code, status, message, [info(reason, metadata), { '@type': `${RPC}.LocalizedMessage`, locale: 'en-US', message }, ...more]);
}

/** @param {Operation} operation @param {string} number */
function serviceDisabled(operation, number) {
  const url = `https://console.developers.google.com/apis/api/${SERVICE}/overview?project=${number}`;
  return explained(operation, 403, 'PERMISSION_DENIED',
    `Gemini API has not been used in project ${number} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    'SERVICE_DISABLED', { activationUrl: url, consumer: `projects/${number}`, serviceTitle: 'Gemini API', containerInfo: number },
    [{ '@type': `${RPC}.Help`, links: [{ description: 'Google developers console API activation', url }] }]);
}
