// What the peers' users write around any limiter: a failed response as an error that says what to do about it.

/** A response that is no answer. */
export class Refusal extends Error {
  /** @param {Response} response @param {string} text its body */
  constructor(response, text) {
    super(`${response.status} ${text.slice(0, 200)}`);
    this.status = response.status;
    this.keyInvalid = response.status === 400 && text.includes('API_KEY_INVALID');
    this.daily = response.status === 429 && text.includes('PerDay');
    /** Milliseconds, from "Please retry in 9h54m3.1s."; null where nothing is said. */
    this.hint = hintOf(text);
  }
}

/** Sends once with this key. @throws Refusal */
export async function send(url, { headers, session: _, ...init }, key) {
  const response = await fetch(url, { ...init, headers: { ...headers, 'x-goog-api-key': key } });
  if (response.ok) return response;
  throw new Refusal(response, await response.text());
}

/** Whether the same key may do better in a moment: a minute's quota, an overloaded server, a lost connection. */
export function isPassing(error) {
  if (error instanceof Refusal) return !error.daily && (error.status === 429 || error.status >= 500);
  return error instanceof TypeError; // what `fetch` rejects with
}

const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function hintOf(text) {
  const [, words] = /retry in ((?:\d+(?:\.\d+)?(?:h|ms|m|s))+)/i.exec(text) ?? [];
  if (words === undefined) return null;
  let sum = 0;
  for (const [, number, unit] of words.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) sum += Number(number) * UNITS[unit];
  return Math.ceil(sum);
}
