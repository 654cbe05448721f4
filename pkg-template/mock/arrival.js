// A request as it arrives at the provider: what `fetch` was given, made plain.

/**
 * @typedef {object} Arrival
 * @property {string} method
 * @property {URL} url
 * @property {Headers} headers
 * @property {string} text the body; empty for a form
 * @property {number} bytes how long it is; of a form 0
 * @property {FormData | null} form a body of several parts
 * @property {AbortSignal | null} signal
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
  const arrival = (/** @type {Partial<Arrival>} */ body) => ({ method, url, headers, text: '', bytes: 0, form: null, ...body, signal });

  const body = init.body ?? null;
  if (typeof FormData !== 'undefined' && body instanceof FormData) return arrival({ form: body });
  if (body === null && !request?.body) return arrival({});
  const plain = plainOf(body);
  const type = headers.get('content-type') ?? '';
  if (plain !== null && !type.startsWith(MULTIPART)) return arrival(plain);
  const whole = body === null ? /** @type {Request} */ (request) : new Response(/** @type {BodyInit} */ (body), { headers: type ? { 'content-type': type } : {} });
  return type.startsWith(MULTIPART)
    ? whole.formData().then((form) => arrival({ form }), () => arrival({}))
    : whole.arrayBuffer().then((read) => arrival(/** @type {Partial<Arrival>} */ (plainOf(read))));
}

const MULTIPART = 'multipart/form-data';

/** @param {unknown} body @returns {{ text: string, bytes: number } | null} null: it has to be read first */
function plainOf(body) {
  const text = typeof body === 'string' ? body : body instanceof URLSearchParams ? String(body) : null;
  if (text !== null) return { text, bytes: encoder.encode(text).length };
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { text: decoder.decode(/** @type {ArrayBuffer} */ (body)), bytes: body.byteLength };
  return null;
}
