// Plans against the clock, in full minutes: what people see in three of them over HTTP, what `plan()` says of the same three,
// and what it says of an hour of the kind. Exits with 1 where they lie further apart than is tolerable.
//
//   npm run bench:agreement -- [--profile a,b] [--minutes N] [--seed S] [--pkg folder] [--json file]

import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

import { quantiles } from './measure.mjs';
import { arrivalsOf } from './people.mjs';
import { LATENCY, MINUTE, MODEL, profileOf } from './profiles.mjs';
import { run } from './run.mjs';
import { inWords } from './table.mjs';

/** Those that a plan can say in its own words, and for which it draws the same provider. */
const PROFILES = ['saturate', 'saturate-counting', 'workshop'];
const HOUR = 3_600_000;

/**
 * What is held against one another, how many percent apart two may be, and why no less. Waits are not taken as shares of one
 * another but of the minute, which is what people wait for: a median of nothing and one of a blink are no difference.
 */
const ROWS = [
  // One place a minute less for each project would be 6.7 %.
  { title: 'answers a minute', show: ({ answers }) => answers.toFixed(1), apart: (one, other) => 100 * Math.abs(one.answers / other.answers - 1), most: 3 },
  // Two of a hundred or so: the engine may send two to find out how the minute runs, once, and an hour's are lost among the rest.
  { title: 'refusals per 100', show: ({ refusals }) => (100 * refusals).toFixed(2), apart: (one, other) => 100 * Math.abs(one.refusals - other.refusals), most: 2 },
  { title: 'errors shown', show: ({ errors }) => String(errors), apart: (one, other) => 100 * Math.abs(one.errors - other.errors), most: 0 },
  // Three seconds of sixty.
  { title: 'median wait', show: ({ p50 }) => ms(p50), apart: (one, other) => (100 * Math.abs(one.p50 - other.p50)) / MINUTE, most: 5 },
  { title: '95 of 100 within', show: ({ p95 }) => ms(p95), apart: (one, other) => (100 * Math.abs(one.p95 - other.p95)) / MINUTE, most: 5 },
];

const { values: given } = parseArgs({
  options: {
    profile: { type: 'string', default: 'saturate,workshop' },
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    pkg: { type: 'string', default: join(import.meta.dirname, '../../pkg') },
    json: { type: 'string' },
  },
});
const [minutes, seed] = [Number(given.minutes), Number(given.seed)];
// The first is no measure, see `countedFrom`, and a part of one has another rate than an hour.
if (!Number.isInteger(minutes) || minutes < 2) throw new Error(`--minutes: expected a whole number from 2, got ${given.minutes}`);
const names = given.profile.split(',');
for (const name of names) if (!PROFILES.includes(name)) throw new Error(`no plan for "${name}"; there are plans for ${PROFILES.join(', ')}`);
const { plan } = await import(pathToFileURL(join(resolve(given.pkg), 'dist/index.js')).href);

const results = await Promise.all(names.map(async (name) => {
  const profile = asPlanned(profileOf(name, { seconds: 60 * minutes, seed }));
  const lived = livedFigures(profile, await run({ profile, contender: 'ours', pkg: given.pkg }));
  const planned = plannedFigures(profile, plan(scenarioOf(profile, 1)));
  const hour = plannedFigures(profile, plan(scenarioOf(profile, Math.max(1, Math.round(HOUR / MINUTE / minutes)))));
  return { profile, lived, planned, hour };
}));

for (const result of results) console.log(table(result));
if (given.json) writeFileSync(given.json, `${JSON.stringify(results.map(({ profile, ...figures }) => ({ profile: profile.name, seed, minutes, ...figures })), null, 2)}\n`);
process.exitCode = results.every(({ lived, planned, hour }) => [planned, hour].every((other) => ROWS.every((row) => row.apart(lived, other) <= row.most))) ? 0 : 1;

/** What plans take for granted: a closed loop ends with the last answer, and a trace is asked by one person after the other. */
function asPlanned(profile) {
  const { workload } = profile;
  if (workload.kind === 'closed') workload.grace = 2 * MINUTE;
  // Who asks matters: where turns are fair, whoever has asked twice goes after those who have asked once.
  else workload.arrivals = arrivalsOf(profile).map((ask, call) => ({ ...ask, session: `person-${(call % workload.people) + 1}` }));
  return profile;
}

/** The profile as a plan: a closed loop goes on for so many times its length, an open stream comes again with its rush. */
function scenarioOf(profile, times) {
  const { workload, projects, server, seed } = profile;
  const span = workload.seconds * 1000;
  const round = (number) => arrivalsOf(profile).map(({ at }) => Math.floor(at + number * span));
  return {
    people: workload.people,
    hours: (times * span) / HOUR,
    ...(workload.kind === 'closed' ? { thinkTime: 0 } : { trace: Array.from({ length: times }, (_, number) => round(number)).flat() }),
    keys: projects.length,
    limits: { rpm: projects[0].rpm },
    models: MODEL,
    countRefused: server.refusedCount,
    // A plan knows even spreads only: this one has the provider's mean, and half of its deviation.
    latency: { min: Math.round(LATENCY.median / 2), max: Math.round(LATENCY.p95 * 0.7) },
    travel: { min: 0, max: 1 },
    // As `contenders/ours.mjs` is patient.
    options: { queue: { maxWait: 600_000, maxSize: 10_000 }, deadline: 900_000 },
    seed,
    advice: false,
  };
}

function plannedFigures({ workload }, { calls, refusals, waits: { p50, p95 }, slices, span }) {
  const counted = slices.filter(({ at }) => at >= countedFrom(workload));
  return {
    answers: counted.reduce((sum, { served }) => sum + served, 0) / ((span - counted[0].at) / MINUTE),
    refusals: refusals / calls.served,
    errors: calls.unserved + calls.failed,
    p50, p95,
  };
}

/**
 * From when on answers are counted, by when they were asked for. Those who always ask use up a whole minute at once and then
 * live on what comes back: that first minute would be a third of three and a sixtieth of an hour.
 */
function countedFrom({ kind }) {
  return kind === 'closed' ? MINUTE : 0;
}

/** The same of what people saw and the provider logged. */
function livedFigures({ workload }, { asks, log }) {
  const answered = asks.filter(({ ended, failure }) => ended !== null && failure === null);
  const counted = answered.filter(({ at }) => at >= countedFrom(workload));
  const { p50, p95 } = quantiles(answered.map(({ at, ended, took }) => ended - at - took));
  return {
    answers: counted.length / (workload.seconds - countedFrom(workload) / 1000) * 60,
    refusals: log.filter(([, , status]) => status === 429).length / answered.length,
    errors: asks.length - answered.length,
    p50, p95,
  };
}

function table({ profile, lived, planned, hour }) {
  const line = (...cells) => cells.map((cell, at) => (at === 0 ? cell.padEnd(20) : cell.padStart(11))).join('').trimEnd();
  const difference = (row, other) => `${row.apart(lived, other).toFixed(1)}%${row.apart(lived, other) <= row.most ? ' ' : '!'}`;
  return [
    `${profile.name}: ${inWords(profile)}`,
    line('', 'real time', 'planned', 'apart', 'an hour', 'apart', 'at most'),
    ...ROWS.map((row) => line(row.title, row.show(lived), row.show(planned), difference(row, planned), row.show(hour), difference(row, hour), `${row.most}%`)),
    '',
  ].join('\n');
}

function ms(span) {
  return `${(span / 1000).toFixed(2)}s`;
}
