// The classifier for everybody: logs, tests, other clients.
import { core } from './core.js';
import { OURS } from './texts/texts.js';

const BYTES = new TextEncoder();

/** What a response means. Any body is survived. */
export function classify({ provider, status, headers, body } = {}) {
  if (!Number.isInteger(status) || status < 0 || status > 999) {
    throw new TypeError(`classify: expected an HTTP status as a whole number, got ${describe(status)}`);
  }
  const meaning = core().classifyRaw(provider ?? undefined, status, pairs(headers), bytes(body));
  return { ...meaning, advice: OURS.say(`advice.${meaning.cause}`) };
}

function pairs(headers) {
  if (headers === undefined || headers === null) return [];
  // Recorded headers need not be legal ones, so plain objects do not go through `Headers`.
  const given = typeof headers[Symbol.iterator] === 'function' ? [...headers] : Object.entries(headers);
  return given.filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => [String(name), String(value)]);
}

function bytes(body) {
  if (body === undefined || body === null) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  return BYTES.encode(typeof body === 'string' ? body : JSON.stringify(body));
}

function describe(value) {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
