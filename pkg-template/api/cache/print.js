// A print of a response: enough to make another that looks the same.
import { classify } from '../classify.js';
import { bytesOf } from './shelf.js';

/** Reads a copy of a response to its end, and returns a print of it: undefined where it is a stream, or too large, or breaks
 *  off. The response itself stays the host's own, and unread. Never throws. */
export async function printOf(response, most) {
  try {
    if (isStream(response)) return undefined;
    const body = await bodyOf(response.clone(), most);
    if (body === undefined) return undefined;
    const { status, statusText, url } = response;
    const headers = [...response.headers];
    const print = { status, statusText, url, headers, body, report: response.quota ?? null, fallback: response.fallback, size: body.length + bytesOf(url + headers.join()) };
    // Better now than when somebody waits for it: not everything that a custom fetch says can be said again.
    responseOf(print);
    return print;
  } catch {
    return undefined;
  }
}

/** Whether a print may be kept: a success that says so in its body too, of the model that was asked. */
export function isKeepable({ status, headers, body, fallback }) {
  return fallback === undefined && classify({ status, headers, body }).verdict === 'ok';
}

/** A response like the one that a print was taken of. */
export function responseOf({ status, statusText, url, headers, body, fallback }) {
  // These may have no body, not even an empty one.
  const response = new Response([204, 205, 304].includes(status) ? null : body, { status, statusText, headers });
  // One that was made by hand has none.
  Object.defineProperty(response, 'url', { value: url, configurable: true });
  if (fallback !== undefined) Object.defineProperty(response, 'fallback', { value: fallback, configurable: true });
  return response;
}

function isStream({ headers }) {
  return /event-stream|ndjson/i.test(headers.get('content-type') ?? '');
}

async function bodyOf({ body }, most) {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length > most) {
      reader.cancel().catch(() => {});
      return undefined;
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
