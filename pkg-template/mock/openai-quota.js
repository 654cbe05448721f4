// The message grammar of OpenAI's and Groq's 429s, and the headers that tell the state of the buckets.

import { goDuration } from './duration.js';
import { ALPHANUMERIC, createRandom, hash, letters } from './random.js';

/** @typedef {import('./pool.js').Pool} Pool @typedef {import('./pool.js').MeterName} MeterName */

/** How a limit is called in a message. @param {MeterName} meter @param {'min' | 'minute'} minute as OpenAI or as Groq writes it */
export function limitName(meter, minute) {
  const metric = meter.startsWith('r') ? 'requests' : 'tokens';
  return `${metric} per ${meter.endsWith('d') ? 'day' : minute} (${meter.toUpperCase()})`;
}

/** @param {import('./pool.js').Refusal} refusal */
export function errorType({ metric }) {
  return metric === 'requests' ? 'requests' : 'tokens';
}

/** An organisation's id: made up, the same for the same project. @param {string} project */
export function organization(project) {
  return letters(createRandom(hash(project), 'organization'), 24, ALPHANUMERIC);
}

/**
 * `x-ratelimit-*`. Each family shows one limit only, so the one that refuses need not be among them.
 *
 * @param {Pool} pool @param {number} now
 * @param {{ requests: MeterName[], tokens: MeterName[], round: (ms: number) => number }} shown the first limit that exists, of each list
 */
export function limitHeaders(pool, now, { requests, tokens, round }) {
  /** @type {Record<string, string>} */ const headers = {};
  for (const [family, names] of Object.entries({ requests, tokens })) {
    const name = names.find((each) => pool.limits[each] !== undefined);
    if (!name) continue;
    const { limit, remaining, resetIn } = pool.level(name, now);
    headers[`x-ratelimit-limit-${family}`] = String(limit);
    headers[`x-ratelimit-remaining-${family}`] = String(remaining);
    headers[`x-ratelimit-reset-${family}`] = goDuration(round(resetIn)); // when it is full again, not when to retry
  }
  return headers;
}
