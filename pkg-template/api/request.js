// From what the caller gave (`fetch`'s own forms) to what the engine sends: an init of ours, and what the call asks for.
import { mistake } from './errors.js';

/** Headers that could carry a key of the caller's own. They are dropped: two credentials at once are refused (Gemini). */
const CREDENTIALS = new Set(['authorization', 'x-goog-api-key', 'x-api-key', 'api-key']);
/** What an SDK that can only set headers says to the scheduler. Never sent: an unlisted header fails a CORS preflight. */
const ASKS = new Map([['x-quota-session', 'session'], ['x-quota-project', 'project'], ['x-quota-priority', 'priority'], ['x-quota-tokens', 'tokens'], ['x-quota-deadline', 'deadline'], ['x-quota-profile', 'profile'], ['x-quota-operation', 'operation'], ['x-quota-user', 'userId']]);
/** Those that are words, not numbers. */
const WORDS = new Set(['session', 'project', 'profile', 'operation', 'userId']);

/** Stands on the inits of callers who want to see redirects. A property, which every copy of an init keeps. */
const SEES_REDIRECTS = Symbol('sees redirects');

/** Copies an init: plain headers without credentials, redirects refused, what is ours taken out. The body is the caller's own,
 *  not a copy, and whatever else a host may know (`dispatcher`, `cf`, `next`, …) is as it was. */
export function prepare(given) {
  if (given === null || typeof given !== 'object') throw mistake('init', `expected an object, got ${given === null ? 'null' : typeof given}`);
  const { quota, ...init } = given;
  const kind = Object.getPrototypeOf(given);
  if (kind !== Object.prototype && kind !== null) inherited(given, init);
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
      asked[ask] ??= WORDS.has(ask) ? String(value) : Number(/^\d+$/.test(value) ? value : NaN);
    }
  }
  init.headers = headers;
  checkSendable(init);
  // Every host that can send a stream wants to be told so.
  if (init.duplex === undefined && isStream(init.body)) init.duplex = 'half';
  // A custom key header survives a cross-origin redirect in every `fetch`: so none is followed. `error` would do that too,
  // but looks like a lost connection, and would be tried on every key; Cloudflare's `fetch` doesn't know it at all.
  if (init.redirect === 'manual') init[SEES_REDIRECTS] = true;
  init.redirect = 'manual';
  return { init, quota: asks ? asked : undefined };
}

/** What every `fetch` refuses before it sends. Left to it, a slip of the caller's would count as a broken connection of
 *  every key, one after the other. */
function checkSendable({ method, mode, body, signal, keepalive }) {
  if (method !== undefined && method !== 'POST' && (!LEGAL_NAME.test(method) || /^(?:connect|trace|track)$/i.test(method))) {
    throw mistake('init.method', 'expected an HTTP method that can be fetched');
  }
  if (body !== undefined && body !== null && (method === undefined || /^(?:get|head)$/i.test(method))) {
    throw mistake('init.body', `expected no body with ${method ?? 'GET'}`);
  }
  if (mode === 'no-cors') throw mistake('init.mode', 'expected a mode that lets the key through, got no-cors, under which hosts take its header out');
  if (typeof body === 'object' && body !== null) checkBody(body, keepalive);
  checkSignal('init.signal', signal);
}

/** What a `fetch` would send as `[object Object]`, or not at all. */
function checkBody(body, keepalive) {
  const got = (words) => mistake('init.body', `expected a string, bytes, a Blob, FormData, URLSearchParams or a stream, got ${words}`);
  if (isStream(body)) {
    if (body.locked === true || body.readableDidRead === true || body.destroyed === true) throw got('a stream that somebody reads or has read already');
    if (keepalive === true) throw mistake('init.keepalive', 'expected false with a body that is a stream');
    return;
  }
  const bytes = ArrayBuffer.isView(body) ? body.buffer : body;
  if (typeof SharedArrayBuffer === 'function' && bytes instanceof SharedArrayBuffer) throw got('shared memory; copy it');
  const kind = Object.getPrototypeOf(body);
  if (kind === Object.prototype || kind === null || Array.isArray(body)) throw got(`${Array.isArray(body) ? 'an array' : 'a plain object'}; JSON.stringify it`);
}

/** An init of a class (a Request as an init, say) has its members on the prototype, where a copy does not find them. */
function inherited(given, init) {
  for (const name of MEMBERS) {
    if (!Object.hasOwn(init, name) && given[name] !== undefined) init[name] = given[name];
  }
  if (init.mode === 'navigate') delete init.mode;
  if (init.integrity === '') delete init.integrity;
}

const MEMBERS = ['method', 'headers', 'body', 'redirect', 'credentials', 'cache', 'mode', 'referrer', 'referrerPolicy', 'integrity', 'keepalive', 'signal', 'duplex', 'priority', 'window', 'dispatcher', 'cf'];

/** Whether a call wants redirects handed over as they are. */
export function seesRedirects(init) {
  return init[SEES_REDIRECTS] === true;
}

/** Pages see nothing of a redirect but its type. */
export function isRedirect({ status, type }) {
  return type === 'opaqueredirect' || REDIRECTS.has(status);
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Not `instanceof`: a polyfill's or another realm's will do. */
export function checkSignal(path, signal) {
  if (signal !== undefined && signal !== null && (typeof signal !== 'object' || typeof signal.aborted !== 'boolean' || typeof signal.addEventListener !== 'function')) {
    throw mistake(path, `expected an AbortSignal, got ${typeof signal}`);
  }
}

/** A Request becomes an init, its body in memory, so that it can be sent again: what it was made of can't be told any more.
 *  As with `fetch`, what an init beside it says wins. */
export async function unpack(request, given) {
  const { method, headers, redirect, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive, signal, priority, cf } = request;
  const init = { method, headers, redirect, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive, signal, priority, cf };
  // They come from the constructor, not from the caller, and are refused in an init.
  if (mode === 'navigate') delete init.mode;
  if (!integrity) delete init.integrity;
  for (const name of ['priority', 'cf']) if (init[name] === undefined) delete init[name];
  for (const [name, value] of Object.entries(given ?? NOTHING)) if (value !== undefined) init[name] = value;
  init.body ??= await bytesOf(request, init.signal);
  if (init.body === undefined || init.body === null) delete init.body;
  return init;
}

const NOTHING = Object.freeze({});

/** What a Request carries, unless its reader gives up first. Firefox shows no `body`: there, the bytes tell. */
async function bytesOf(request, signal) {
  const { method, body, bodyUsed } = request;
  if (bodyUsed || body?.locked) throw mistake('endpoint', 'expected a Request whose body nobody has read; clone it before it is read');
  if (body === null || /^(?:get|head)$/i.test(method)) return undefined;
  checkSignal('init.signal', signal);
  const bytes = await new Promise((resolve, reject) => {
    if (signal?.aborted) throw signal.reason;
    const giveUp = () => reject(signal.reason);
    signal?.addEventListener('abort', giveUp);
    request.arrayBuffer().finally(() => signal?.removeEventListener('abort', giveUp)).then(resolve, reject);
  });
  return bytes.byteLength === 0 && body === undefined ? undefined : bytes;
}

/** Whether a body can be sent a second time without a copy. A stream can't. */
export function isReplayable(body) {
  return !isStream(body);
}

/** By its looks: streams come from polyfills and other realms too, and the oldest of Node's have nothing but `pipe`. */
function isStream(body) {
  return typeof body === 'object' && body !== null
    && (typeof body.getReader === 'function' || typeof body[Symbol.asyncIterator] === 'function' || typeof body.pipe === 'function');
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
