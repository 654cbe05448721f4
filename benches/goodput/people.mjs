// Those who ask: a closed loop, an open stream with a rush in it, or a batch. Each ask ends as answered, as failed (what
// the caller was shown), or unanswered when the run ended.

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { MINUTE } from './profiles.mjs';
import { poisson, stream } from './random.mjs';

/** After an error a person reads it before asking again. */
const DISMAY = 1000;
/** Who asked in the last minute of an open stream may still be answered in the next. */
const GRACE = MINUTE;

/**
 * @param {any} profile @param {(ask: { session?: string, signal: AbortSignal }) => Promise<Response>} call
 * @param {(asks: Ask[]) => void} progress called every now and then
 * @returns {Promise<Ask[]>}
 *
 * @typedef {{ session: string | null, rush: boolean, at: number, ended: number | null, took: number, failure: string | null }} Ask
 *   times in milliseconds since the start; of what lies between, the last answer took `took` by the provider's own account
 */
export async function ask(profile, call, progress) {
  const began = performance.now();
  const now = () => performance.now() - began;
  const over = new AbortController();
  setMaxListeners(0, over.signal); // everybody waits for the same end
  // Not every limiter lets go of a call that is aborted while it waits.
  const gone = new Promise((_, reject) => over.signal.addEventListener('abort', () => reject(over.signal.reason)));
  gone.catch(() => {});
  /** @type {Ask[]} */ const asks = [];
  const ticker = setInterval(() => progress(asks), 10_000);

  const once = async (session, rush = false) => {
    /** @type {Ask} */ const entry = { session, rush, at: now(), ended: null, took: 0, failure: null };
    asks.push(entry);
    try {
      const response = await Promise.race([call({ session: session ?? undefined, signal: over.signal }), gone]);
      await response.text();
      entry.took = Number(/dur=(\d+)/.exec(response.headers.get('server-timing') ?? '')?.[1] ?? 0);
      if (!response.ok) entry.failure = String(response.status);
    } catch (error) {
      if (over.signal.aborted) return entry;
      entry.failure = String(error.code ?? error.status ?? error.name);
    }
    entry.ended = now();
    return entry;
  };

  await WORKLOADS[profile.workload.kind](profile, { once, now, over });
  clearInterval(ticker);
  return asks;
}

const WORKLOADS = {
  async closed({ workload: { people, seconds, grace = 0 } }, { once, now, over }) {
    const end = seconds * 1000;
    const stop = setTimeout(() => over.abort(), end + grace);
    await Promise.all(Array.from({ length: people }, async (_, person) => {
      while (now() < end) {
        const { failure } = await once(`person-${person + 1}`);
        if (failure !== null) await sleep(DISMAY);
      }
    }));
    clearTimeout(stop);
  },

  async open(profile, { once, now, over }) {
    const all = arrivalsOf(profile).map(async ({ at, session, rush }) => {
      await sleep(Math.max(0, at - now()));
      await once(session, rush);
    });
    const stop = setTimeout(() => over.abort(), profile.workload.seconds * 1000 + GRACE);
    await Promise.all(all);
    clearTimeout(stop);
  },

  async batch({ workload: { calls, patience } }, { once, over }) {
    const stop = setTimeout(() => over.abort(), patience * 1000);
    await Promise.all(Array.from({ length: calls }, () => once(null)));
    clearTimeout(stop);
  },
};

/** The open stream, in order; drawn, unless the workload brings it along. @param {any} profile */
export function arrivalsOf({ workload: { people, load, seconds, rush, arrivals: given }, projects, seed }) {
  if (given) return given;
  const perMs = (load * projects.reduce((sum, { rpm }) => sum + rpm, 0)) / MINUTE;
  const random = stream(seed, 'arrivals');
  const arrivals = poisson(random, perMs, seconds * 1000).map((at, n) => ({ at, session: `person-${(n % people) + 1}`, rush: false }));
  const go = stream(seed, 'go');
  for (let person = 1; person <= people; person += 1) arrivals.push({ at: rush.at + go() * rush.within, session: `person-${person}`, rush: true });
  return arrivals.sort((a, b) => a.at - b.at);
}
