// From what the provider logged and the people saw to the figures of a row.

import { arrivalsOf } from './people.mjs';
import { LATENCY, MINUTE, offsetOf } from './profiles.mjs';
import { capacityOf, idealAdmissions } from './quota.mjs';
import { lognormal, stream } from './random.mjs';

/** @param {any} profile @param {{ log: any[], asks: any[], cpuMs: number, lagMs: number, clientLagMs: number }} run */
export function measure(profile, { log, asks, ...costs }) {
  const { workload, seed } = profile;
  const end = workload.kind === 'closed' ? workload.seconds * 1000 : Infinity;
  const within = log.filter(([, , , ended]) => ended !== null && ended <= end);
  const count = (status) => within.filter(([, , got]) => got === status).length;
  const answered = asks.filter(({ ended, failure }) => ended !== null && failure === null);
  const answers = count(200);
  const row = {
    answers,
    refusals: count(429),
    refusalsPerAnswer: count(429) / answers,
    refusalsByMinute: byMinute(within.filter(([, , got]) => got === 429)),
    invalid: count(400),
    overloaded: count(503),
    resets: count(0),
    abandoned: count(499),
    other: within.filter(([, , got]) => ![0, 200, 400, 429, 499, 503].includes(got)).length,
    failures: tally(asks.filter(({ failure }) => failure !== null).map(({ failure }) => failure)),
    unanswered: asks.filter(({ ended }) => ended === null).length,
    wait: quantiles(answered.map(waitOf)),
    ...costs,
  };
  if (workload.kind === 'closed') return { ...row, ...ofClosed(profile, row, asks, log) };
  if (workload.kind === 'open') return { ...row, asked: asks.length, rush: quantiles(answered.filter(({ rush }) => rush).map(waitOf)) };
  const makespan = answered.length === asks.length ? Math.max(...answered.map(({ ended }) => ended)) : null;
  return { ...row, asked: asks.length, makespan, makespanRatio: makespan === null ? null : makespan / idealOf(profile).makespan };
}

function waitOf({ at, ended }) {
  return ended - at;
}

/**
 * Goodput is the share of what could have been answered. Calls that the provider counted and then failed by itself are
 * out of anybody's reach, so they are taken off the capacity: no contender can have more than 100 %.
 */
function ofClosed(profile, { answers }, asks, log) {
  const capacity = capacityOf(profile, profile.workload.seconds * 1000, offsetOf(profile.seed));
  const lost = log.filter(([, , status, , counted]) => counted && (status === 0 || status === 503)).length;
  const bySession = new Map();
  for (const { session, ended, failure } of asks) {
    bySession.set(session, (bySession.get(session) ?? 0) + (ended !== null && failure === null ? 1 : 0));
  }
  return { capacity, lost, goodput: answers / (capacity - lost), jain: jain([...bySession.values()]) };
}

/** What somebody who knows every count would reach; null where the question is capacity. @param {any} profile */
export function idealOf(profile) {
  const { workload, seed } = profile;
  if (workload.kind === 'closed') return null;
  const asks = workload.kind === 'batch' ? Array(workload.calls).fill(0) : arrivalsOf(profile).map(({ at }) => at);
  const latency = lognormal(stream(seed, 'latency'), LATENCY);
  const ends = idealAdmissions(asks, profile, offsetOf(seed)).map((at) => at + latency());
  const waits = ends.map((end, at) => end - asks[at]);
  const rush = workload.kind === 'open' ? quantiles(waits.filter((_, at) => arrivalsOf(profile)[at].rush)) : null;
  return { answers: ends.length, wait: quantiles(waits), rush, makespan: Math.max(...ends) };
}

/** @param {number[]} values */
export function quantiles(values) {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) };
}

/** 1 where all have the same, 1/n where one has all. */
function jain(values) {
  const sum = values.reduce((a, b) => a + b, 0);
  return sum ** 2 / (values.length * values.reduce((a, b) => a + b * b, 0));
}

/** When the provider saw them: what is learnt stops being asked. */
function byMinute(entries) {
  const minutes = [];
  for (const [at] of entries) minutes[Math.floor(at / MINUTE)] = (minutes[Math.floor(at / MINUTE)] ?? 0) + 1;
  return Array.from(minutes, (n) => n ?? 0);
}

function tally(words) {
  const counts = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
