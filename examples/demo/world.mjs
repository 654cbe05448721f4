// The world of the demo: a provider behind real HTTP, and the clock that everybody in it reads.
import { setTimeout as sleep } from 'node:timers/promises';

import { QuotaAwareAPI, createMockServer } from '../package.mjs';

export const MODEL = 'gemini-3.5-flash-lite';
export const PATH = `/v1beta/models/${MODEL}:generateContent`;

/** What each of the workshop's projects has. */
export const LIMITS = { rpm: 15, rpd: 500 };

/** A minute of the quota lasts this long in here, so that nobody has to wait for real ones. Nothing else is sped up. */
export const MINUTE = 6000;

/** The clock goes as all clocks do, but it starts at noon: else a day's quota could come back in the middle of the show. */
export const clock = {
  shift: new Date().setUTCHours(12, 0, 0, 0) - Date.now(),
  now: () => Date.now() + clock.shift,
  jumpTo: (instant) => { clock.shift += instant - clock.now(); },
  midnight: () => new Date(clock.now()).setUTCHours(24, 0, 0, 0),
};

/** A provider with its own three projects, one key each, and answers that take as long as a small model's. */
export function startProvider() {
  return createMockServer({
    models: { [MODEL]: LIMITS },
    minute: MINUTE,
    latency: { min: 100, max: 500 },
    now: clock.now,
    sleep: (ms, signal) => sleep(ms, undefined, { signal: signal ?? undefined }),
  });
}

/** A client of it. `baseURL`, `now` and `resetInterval` are for the world above; real ones need none of them. */
export function clientOf(provider, keys, options = {}) {
  return new QuotaAwareAPI(keys, { baseURL: provider.url, now: clock.now, resetInterval: MINUTE, ...options });
}

/** What a person sends. */
export function question(text) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ parts: [{ text }] }] }),
  };
}

export function timeOfDay(instant) {
  return `${new Date(instant).toISOString().slice(11, 16)} UTC`;
}

export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
