// Errors, from one provider's envelope into the other's, so that an SDK finds its own.
import { isRecord, plain } from './records.js';

/** What an error document says, whoever wrote it. @param {unknown} document JSON, or text where it was none
 *  @param {number} status of the response; under a 200 the document must tell */
export function failureOf(document, status) {
  const outer = Array.isArray(document) ? document[0] : document;
  let error = isRecord(outer) ? outer.error ?? outer : outer;
  // Some that stand between pass an envelope on within their own.
  while (isRecord(error) && isRecord(error.error)) error = error.error;
  const given = isRecord(error) ? error : {};
  const words = [error, given.message, given.detail, isRecord(outer) ? outer.message : undefined].find((text) => typeof text === 'string' && text.trim() !== '');
  const code = status >= 400 ? status : statusOf(given);
  return {
    status: code,
    message: words === undefined ? `The provider answered with status ${code}.` : shortened(words),
    reason: [given.code, given.type].find((word) => typeof word === 'string'),
    param: typeof given.param === 'string' ? given.param : undefined,
    name: typeof given.status === 'string' && /^[A-Z_]+$/.test(given.status) ? given.status : undefined,
    details: Array.isArray(given.details) ? given.details : undefined,
  };
}

/** An answer that can't be read. */
export function unreadable() {
  return { status: 502, message: 'The answer of the provider can\'t be read.' };
}

/** As Google says it. */
export function geminiEnvelope({ status, message, reason, param, name, details }) {
  const info = reason && { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'openai', ...(param && { metadata: { param } }) };
  return { error: { code: status, message, status: name ?? NAMES.get(status) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE'), details: details ?? (info ? [info] : []) } };
}

/** As OpenAI says it. */
export function openaiEnvelope({ status, message, reason, param, name, details }) {
  const told = details?.find?.((detail) => typeof detail?.reason === 'string')?.reason;
  const bad = told === 'API_KEY_INVALID' || status === 401;
  const code = bad ? 'invalid_api_key' : status === 429 ? 'rate_limit_exceeded' : reason ?? (told ?? name)?.toLowerCase() ?? null;
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message, type, param: param ?? null, code } };
}

function statusOf({ code, status, type }) {
  if (Number.isInteger(code) && code >= 400 && code < 600) return code;
  for (const [number, name] of NAMES) if (name === status) return number;
  const words = `${code} ${type}`;
  if (/rate_limit|quota/.test(words)) return 429;
  return /overloaded|unavailable/.test(words) ? 503 : /invalid_request/.test(words) ? 400 : 500;
}

function shortened(words) {
  return words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS)}…` : words;
}

/** https://cloud.google.com/apis/design/errors#handling_errors */
const NAMES = new Map([
  [400, 'INVALID_ARGUMENT'], [401, 'UNAUTHENTICATED'], [402, 'FAILED_PRECONDITION'], [403, 'PERMISSION_DENIED'], [404, 'NOT_FOUND'], [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'], [499, 'CANCELLED'], [500, 'INTERNAL'], [501, 'UNIMPLEMENTED'], [503, 'UNAVAILABLE'], [504, 'DEADLINE_EXCEEDED'],
]);
const MOST_WORDS = 2000;
