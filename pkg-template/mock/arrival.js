// A request as it arrives at the provider: what `fetch` was given, made plain.

/**
 * @typedef {object} Arrival
 * @property {string} method
 * @property {URL} url
 * @property {Headers} headers
 * @property {string} text the body
 * @property {AbortSignal | null} signal
 */

/**
 * A body that is at hand (a text, bytes, form fields) is read at once, without a promise, so that calls are counted in the order
 * in which they were made. Blobs, streams and `Request` bodies take a turn of the event loop.
 *
 * @param {string | URL | Request} input @param {RequestInit} [init] @returns {Arrival | Promise<Arrival>}
 */
export function readArrival(input, init = {}) {
  const request = typeof Request !== 'undefined' && input instanceof Request ? input : null;
  const method = (init.method ?? request?.method ?? 'GET').toUpperCase();
  const url = new URL(request ? request.url : String(input), globalThis.location?.href);
  const headers = new Headers(init.headers ?? request?.headers);
  const signal = init.signal ?? (init.signal === null ? null : request?.signal ?? null);
  const arrival = (/** @type {string} */ text) => ({ method, url, headers, text, signal });

  if (init.body === undefined || init.body === null) {
    return request?.body ? request.text().then(arrival) : arrival('');
  }
  const text = textOf(init.body);
  return text === null ? new Response(/** @type {BodyInit} */ (init.body)).text().then(arrival) : arrival(text);
}

/** @param {unknown} body @returns {string | null} null: it has to be read first */
function textOf(body) {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return String(body);
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return new TextDecoder().decode(/** @type {ArrayBuffer} */ (body));
  return null;
}
