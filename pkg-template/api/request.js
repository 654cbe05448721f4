// From what the caller gave (`fetch`'s own forms) to what the engine sends: an init of ours, and what the call asks for.
import { mistake } from './errors.js';

/** Headers that could carry a key of the caller's own. They are dropped: two credentials at once are refused (Gemini). */
const CREDENTIALS = new Set(['authorization', 'x-goog-api-key', 'x-api-key', 'api-key']);
/** What an SDK that can only set headers says to the scheduler. Never sent: an unlisted header fails a CORS preflight. */
const ASKS = new Map([['x-quota-session', 'session'], ['x-quota-priority', 'priority'], ['x-quota-tokens', 'tokens'], ['x-quota-deadline', 'deadline']]);

/** Copies an init: plain headers without credentials, redirects refused, what is ours taken out. */
export function prepare(given) {
  if (given === null || typeof given !== 'object') throw mistake('init', `expected an object, got ${given === null ? 'null' : typeof given}`);
  const { quota, ...init } = given;
  const asked = { ...quota };
  let asks = quota !== undefined;
  const headers = {};
  for (const [name, value] of headerPairs(given.headers)) {
    const lower = name.toLowerCase();
    if (CREDENTIALS.has(lower)) continue;
    const ask = ASKS.get(lower);
    if (ask === undefined) {
      headers[name] = value;
    } else {
      asks = true;
      asked[ask] ??= ask === 'session' ? String(value) : Number(value);
    }
  }
  init.headers = headers;
  // A custom key header survives a cross-origin redirect in every `fetch`: so none is followed.
  if (init.redirect !== 'manual') init.redirect = 'error';
  if (quota !== undefined && (quota === null || typeof quota !== 'object')) {
    throw mistake('init.quota', `expected an object, got ${quota === null ? 'null' : typeof quota}`);
  }
  return { init, quota: asks ? asked : undefined };
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

/** A cheap estimate of input tokens: four characters each, as English text has it; inlined media is not text. */
export function estimate(body) {
  if (typeof body !== 'string') return 0;
  if (body.length < LONG) return Math.ceil(body.length / 4);
  const text = body.replace(/"(?:data|url|image_url|file_data)"\s*:\s*"[^"]{256,}"/g, '');
  // 258 tokens are what Gemini counts for a picture; others are of that order.
  return Math.ceil(text.length / 4) + (text.length < body.length ? 258 : 0);
}

const LONG = 8192;

function headerPairs(headers) {
  if (headers === undefined || headers === null) return [];
  // Plain objects are the fast path; everything else, and what it refuses, is the host's to judge.
  return Object.getPrototypeOf(headers) === Object.prototype ? Object.entries(headers) : new Headers(headers);
}
