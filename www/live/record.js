// Plays one load through both classes, each with a provider of its own, and keeps what happened. In a worker, on a virtual
// clock: two minutes take a blink, and the same seed gives the same story.
import { QuotaAwareAPI } from 'quota-aware-api';
import { MOCK_KEYS, createMockProvider } from 'quota-aware-api/mock';
import { BlindRotation } from './blind.js';
import { drawing, peopleOf } from './load.js';

const MODEL = 'gemini-3.5-flash-lite';
const URL = `https://generativelanguage.googleapis.com/v1beta/models/${MODEL}:generateContent`;
const NOON = Date.UTC(2026, 10, 2, 12);

/** What is played, unless said otherwise. Refused requests don't count here: the kinder of two providers, and to blind classes above all. */
export const DAY = {
  people: 40, keys: 3, rpm: 15, seed: 7, span: 80_000, tries: 40,
  rushes: [{ at: 500, within: 5000 }, { at: 17_000, within: 6000 }], again: { min: 6000, max: 14_000 },
};

/**
 * @param {import('./virtual-time.js').VirtualTime} time
 * @returns {Promise<{ day: object, events: object[], totals: Record<string, object> }>} events in order: `at`, `lane`, `person`, `kind`
 */
export async function record(time, day = DAY) {
  const events = [];
  const crowd = peopleOf(day);
  const keys = MOCK_KEYS.slice(0, day.keys);
  const providers = { blind: provider(time, day), ours: provider(time, day) };
  const tell = (lane, person, kind, more) => events.push({ at: time.now, lane, person, kind, ...more });
  const counted = (lane) => (...request) => {
    tell(lane, 0, 'sent');
    return providers[lane].fetch(...request);
  };
  const api = new QuotaAwareAPI(keys, { fetch: counted('ours'), limits: { rpm: day.rpm }, random: drawing(day.seed) });
  const lanes = { blind: new BlindRotation(keys, counted('blind')), ours: api };
  const asking = [];
  let calls = 0;
  const send = (lane, person) => {
    if (lane === 'ours') asking[calls++] = person;
    return lanes[lane].call(URL, question(person, lane));
  };
  for (const lane of Object.keys(lanes)) crowd.forEach((one, person) => live(time, day, one, () => send(lane, person), (kind) => tell(lane, person, kind)));
  promises(time, day, api, (person, until) => tell('ours', person, 'promise', { until }), asking);
  await time.run(day.span);
  const totals = Object.fromEntries(Object.entries(providers).map(([lane, each]) => [lane, totalsOf(events, lane, each)]));
  api.close();
  return { day, events, totals };
}

function provider(time, { rpm, seed }) {
  return createMockProvider({
    models: { [MODEL]: { rpm } }, countRefused: false, latency: { min: 600, max: 2400 }, seed,
    now: () => NOON + time.now, sleep: (ms) => time.sleep(ms), answer: () => 'Because short waves scatter most.',
  });
}

/** One person: asks when the time has come, and after an error presses the button again until there is an answer. */
async function live(time, { span, tries }, { asks, pauses }, send, tell) {
  let errors = 0;
  for (const at of asks) {
    await time.sleep(Math.max(0, at - time.now));
    tell('ask');
    while (time.now < span) {
      const served = await send().then((response) => response.ok, () => false);
      if (served) break;
      tell('error');
      await time.sleep(pauses[errors++ % tries]);
      tell('again');
    }
    tell('answer');
  }
}

/** Looks twice a second at what has been promised to those who wait. */
async function promises(time, { span }, api, tell, asking) {
  const told = new Map();
  while (time.now < span) {
    await time.sleep(500);
    for (const { call, startsAt } of api.getStatus().queue.calls) {
      const until = startsAt === null ? null : Math.round(startsAt - NOON);
      if (told.has(call) && near(told.get(call), until)) continue;
      told.set(call, until);
      tell(asking[call - 1], until);
    }
  }
}

function near(one, other) {
  return one === other || (one !== null && other !== null && Math.abs(one - other) < 1000);
}

function totalsOf(events, lane, { state }) {
  const own = events.filter((event) => event.lane === lane);
  const since = new Map();
  let longest = 0;
  for (const { at, person, kind } of own) {
    if (kind === 'ask') since.set(person, at);
    if (kind === 'answer') longest = Math.max(longest, at - since.get(person));
  }
  const { requests, refused } = state().totals;
  return { answers: own.filter(({ kind }) => kind === 'answer').length, errors: own.filter(({ kind }) => kind === 'error').length, requests, refused, longest };
}

function question(person, lane) {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ parts: [{ text: 'Why is the sky blue?' }] }] }), ...(lane === 'ours' ? { quota: { session: `person-${person + 1}` } } : {}) };
}
