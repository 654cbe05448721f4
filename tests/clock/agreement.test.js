// Plans against the clock: the same day once in virtual time, by `plan()`, and once in real time, by the class in front of
// the mock. A minute of the quota lasts five seconds in both; all else is as it comes. What agrees is the engine under two
// hosts, before two providers that were written apart. Full minutes: `npm run bench:agreement`.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMockProvider, plan } from '../built.js';
import { QuotaAwareAPI, endpointOf, question, stayAwake } from '../js/support.js';

const MODEL = 'gemini-fake';
const MINUTE = 5000;
const SPAN = 4 * MINUTE;
const PEOPLE = 40;
/** Of each project. */
const LIMITS = { rpm: 15 };
const LATENCY = { min: MINUTE / 100, max: MINUTE / 25 };
/** After an error people read it before they ask again: as long as a plan has them do so. */
const DISMAY = 5000;
/** Another number is another day; plan and reality share it. */
const SEED = 7;

/**
 * What may lie between the two, and why no less. Of twenty runs, ten of them beside two endless loops on two cores, none had
 * another answer or refusal than planned, and waits lay 1.1 % of a minute from the plan's at the most.
 */
const TOLERANCE = {
  // Of the answers planned. All that are asked for come in the end, so two days differ by those that are asked for in the
  // last moment; one place a minute less for each project would be 5.7 %.
  answers: 0.03,
  // For each answer: five or so. To find out how the minute runs the engine spends two at the most, when its dice say so.
  refusals: 0.02,
  // Median and 95th percentile of waits, in minutes of the quota: 200 ms, which timers are late only where a machine stands.
  wait: 0.04,
  // The share of calls that wait longer than half a minute.
  late: 0.04,
};

describe('a planned day and the same day in real time agree', { concurrency: true, timeout: 60_000 }, () => {
  test('forty people who always ask, and four projects: all that the quota gives, and most have to wait', async (t) => {
    const day = { keys: 4, thinkTime: 0 };
    const [planned, lived] = agreeing(t, scenario(day), await live(day.keys, asking));
    for (const { answers, wait } of [planned, lived]) {
      // Sixty at once and in each later minute, and those who still waited.
      assert.ok(answers >= 60 * 4, `${answers} answers`);
      assert.ok(wait.p50 > 0.5, 'the quota is what they wait for');
    }
  });

  test('half of what three projects give, and everybody at once after a minute: quiet but for the rush', async (t) => {
    const trace = arrivals();
    const [planned, lived] = agreeing(t, scenario({ keys: 3, trace }), await live(3, (ask) => replaying(trace, ask)));
    for (const { answers, wait } of [planned, lived]) {
      assert.equal(answers, trace.length);
      assert.ok(wait.p50 < 0.1 && wait.p95 > 0.3, 'only the rush has to wait');
    }
  });
});

/** Holds a day against its plan, and returns the figures of both. In neither does anybody see an error. */
function agreeing(t, scenario, lived) {
  const planned = planFigures(plan(scenario));
  t.diagnostic(`planned ${JSON.stringify(planned)}`);
  t.diagnostic(`lived   ${JSON.stringify(lived)}`);
  assert.deepEqual([planned.errors, lived.errors], [{}, {}]);
  const within = (name, most, here, there) => assert.ok(Math.abs(here - there) <= most, `${name}: planned ${here}, lived ${there}, which is more than ${most} apart`);
  within('answers', TOLERANCE.answers * planned.answers, planned.answers, lived.answers);
  within('refusals for each answer', TOLERANCE.refusals, planned.refusals, lived.refusals);
  within('median wait in minutes', TOLERANCE.wait, planned.wait.p50, lived.wait.p50);
  within('95th percentile of waits in minutes', TOLERANCE.wait, planned.wait.p95, lived.wait.p95);
  within('share that waited half a minute', TOLERANCE.late, planned.late, lived.late);
  return [planned, lived];
}

// ---------------------------------------------------------------- in virtual time

function scenario(day) {
  return {
    ...day, people: PEOPLE, hours: SPAN / 3_600_000, minute: MINUTE, models: MODEL, limits: LIMITS, latency: LATENCY, travel: 0,
    // Whoever waits longer than this is counted as slow.
    patience: MINUTE / 2, seed: SEED, advice: false,
  };
}

function planFigures({ calls, refusals, waits, slices }) {
  const slow = slices.reduce((sum, slice) => sum + slice.slow, 0);
  return {
    answers: calls.served,
    errors: Object.fromEntries(calls.codes.map(({ code, calls }) => [code, calls])),
    refusals: rounded(refusals / calls.served),
    wait: { p50: rounded(waits.p50 / MINUTE), p95: rounded(waits.p95 / MINUTE) },
    late: rounded(slow / calls.served),
  };
}

// ---------------------------------------------------------------- in real time

/**
 * Plays a day on projects of one key each. Like a plan's, it ends when the last call that was made in its span is over, and
 * a wait is what comes before the send that was answered.
 *
 * @param {(ask: (person: number) => Promise<boolean>) => Promise<unknown>} playing `ask` tells whether there was an answer
 */
async function live(projects, playing) {
  const keys = Array.from({ length: projects }, (_, at) => `fake-key-${at + 1}`);
  const mock = createMockProvider({ projects: keys.map((key) => ({ keys: [key] })), models: { [MODEL]: LIMITS }, minute: MINUTE, latency: LATENCY });
  const sends = new Map();
  // The address says which call it is, which nobody else has to read.
  const fetch = (url, init) => {
    sends.set(new URL(url).searchParams.get('call'), performance.now());
    return mock.fetch(url, init);
  };
  const api = new QuotaAwareAPI(keys, { fetch, limits: LIMITS, resetInterval: MINUTE });
  const waits = [];
  const errors = {};
  let calls = 0;
  const ask = async (person) => {
    const call = String(calls += 1);
    const asked = performance.now();
    const sent = api.call(`${endpointOf(MODEL)}?call=${call}`, { ...question(), quota: { session: `person-${person}` } });
    const end = await sent.then(({ ok, status }) => (ok ? null : status), ({ code, message }) => code ?? message);
    if (end === null) waits.push(sends.get(call) - asked);
    else errors[end] = (errors[end] ?? 0) + 1;
    return end === null;
  };
  const rest = stayAwake();
  await playing(ask);
  rest();
  api.close();
  const { refused } = mock.state().totals;
  waits.sort((a, b) => a - b);
  const percentile = (percent) => rounded(waits[Math.ceil((waits.length * percent) / 100) - 1] / MINUTE);
  return {
    answers: waits.length,
    errors,
    refusals: rounded(refused / waits.length),
    wait: { p50: percentile(50), p95: percentile(95) },
    late: rounded(waits.filter((wait) => wait > MINUTE / 2).length / waits.length),
  };
}

/** Everybody asks again as soon as they are answered. */
async function asking(ask) {
  const began = performance.now();
  await Promise.all(Array.from({ length: PEOPLE }, async (_, person) => {
    while (performance.now() - began < SPAN) if (!await ask(person)) await sleep(DISMAY);
  }));
}

/** Everybody asks when it is written down, one person after the other. */
async function replaying(trace, ask) {
  const began = performance.now();
  await Promise.all(trace.map(async (at, call) => {
    await sleep(Math.max(0, at - (performance.now() - began)));
    await ask(call % PEOPLE);
  }));
}

/** Half of the three projects' quota, at random instants, and after one minute a call of everybody within a sixth of one. */
function arrivals() {
  const random = dice(SEED);
  const calls = (3 * LIMITS.rpm * SPAN) / MINUTE / 2;
  const quiet = Array.from({ length: calls }, () => random() * SPAN);
  const rush = Array.from({ length: PEOPLE }, () => MINUTE + (random() * MINUTE) / 6);
  return [...quiet, ...rush].map(Math.floor).sort((a, b) => a - b);
}

/** mulberry32: numbers from 0 to 1. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

function rounded(number) {
  return Number(number.toFixed(4));
}
