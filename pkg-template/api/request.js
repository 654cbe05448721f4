// From what the caller gave (`fetch`'s own forms) to what the engine sends: an init of ours, and what the call asks for.
import { mistake } from './errors.js';

/** Headers that could carry a key of the caller's own. They are dropped: two credentials at once are refused (Gemini). */
const CREDENTIALS = new Set(['authorization', 'x-goog-api-key', 'x-api-key', 'api-key']);
/** What an SDK that can only set headers says to the scheduler. Never sent: an unlisted header fails a CORS preflight. */
const ASKS = new Map([['x-quota-session', 'session'], ['x-quota-priority', 'priority'], ['x-quota-tokens', 'tokens'], ['x-quota-deadline', 'deadline'], ['x-quota-profile', 'profile']]);

/** Copies an init: plain headers without credentials, redirects refused, what is ours taken out. */
export function prepare(given) {
  if (given === null || typeof given !== 'object') throw mistake('init', `expected an object, got ${given === null ? 'null' : typeof given}`);
  const { quota, ...init } = given;
  let asks = quota !== undefined && quota !== null;
  if (asks && typeof quota !== 'object') throw mistake('init.quota', `expected an object, got ${typeof quota}`);
  const asked = { ...quota };
  const headers = {};
  for (const [name, value] of headerPairs(given.headers)) {
    if (!LEGAL_NAME.test(name)) throw mistake('init.headers', 'expected legal header names, got one with other characters');
    const lower = name.toLowerCase();
    if (CREDENTIALS.has(lower)) continue;
    const ask = ASKS.get(lower);
    // Line breaks at the ends are cut off by every `fetch`.
    if (ILLEGAL_VALUE.test(value) && ILLEGAL_VALUE.test(String(value).trim())) throw mistake(`init.headers["${lower}"]`, 'expected a legal header value, got one with a line break or a character above U+00FF');
    if (ask === undefined) {
      headers[name] = value;
    } else {
      asks = true;
      // Digits and nothing else: an empty header is not the number 0.
      asked[ask] ??= ask === 'session' || ask === 'profile' ? String(value) : Number(/^\d+$/.test(value) ? value : NaN);
    }
  }
  init.headers = headers;
  checkSendable(init);
  // A custom key header survives a cross-origin redirect in every `fetch`: so none is followed.
  if (init.redirect !== 'manual') init.redirect = 'error';
  return { init, quota: asks ? asked : undefined };
}

/** What every `fetch` refuses before it sends. Left to it, a slip of the caller's would count as a broken connection of
 *  every key, one after the other. */
function checkSendable({ method, body, signal }) {
  if (method !== undefined && method !== 'POST' && (!LEGAL_NAME.test(method) || /^(?:connect|trace|track)$/i.test(method))) {
    throw mistake('init.method', 'expected an HTTP method that can be fetched');
  }
  if (body !== undefined && body !== null && (method === undefined || /^(?:get|head)$/i.test(method))) {
    throw mistake('init.body', `expected no body with ${method ?? 'GET'}`);
  }
  checkSignal('init.signal', signal);
}

/** Not `instanceof`: a polyfill's or another realm's will do. */
export function checkSignal(path, signal) {
  if (signal !== undefined && signal !== null && (typeof signal !== 'object' || typeof signal.aborted !== 'boolean' || typeof signal.addEventListener !== 'function')) {
    throw mistake(path, `expected an AbortSignal, got ${typeof signal}`);
  }
}

/** A Request becomes a URL and an init, its body in memory, so that it can be sent again. */
export async function unpack(request, init) {
  const { method, headers, redirect, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive, signal } = request;
  const body = request.body === null || request.body === undefined ? undefined : await request.arrayBuffer();
  // `navigate` and an empty integrity come from the constructor, not from the caller, and are refused in an init.
  return {
    method, headers, redirect, credentials, cache, referrer, referrerPolicy, keepalive, signal,
    ...(mode === 'navigate' ? {} : { mode }), ...(integrity ? { integrity } : {}), ...(body === undefined ? {} : { body }), ...init,
  };
}

/** Whether a body can be sent a second time without a copy. A stream can't. */
export function isReplayable(body) {
  return !(typeof ReadableStream === 'function' && body instanceof ReadableStream)
    && !(body !== null && typeof body === 'object' && typeof body[Symbol.asyncIterator] === 'function');
}

/** The model that a JSON body names. In strings of a JSON document quotes are escaped, so the first match is a name. */
export function modelOf(body) {
  return typeof body === 'string' ? /"model"\s*:\s*"([^"\\]{1,200})"/.exec(body)?.[1] : undefined;
}

const LEGAL_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ILLEGAL_VALUE = /[\0\r\n\u0100-\uffff]/;

function headerPairs(headers) {
  if (headers === undefined || headers === null) return [];
  // Plain objects are the fast path; everything else is the host's to read.
  if (Object.getPrototypeOf(headers) === Object.prototype) return Object.entries(headers);
  try {
    return new Headers(headers);
  } catch {
    // The host's own words repeat the value, which may be a secret.
    throw mistake('init.headers', 'expected Headers, pairs or an object, with legal names and values');
  }
}
