// What a call costs over the `fetch` that it makes: nanoseconds for one that is served at once, of ours and of what else
// people put around `fetch`, taken in turns in one run.
//
//   npm run bench:overhead -- [--rounds 21] [--calls 1500] [--only ours,plain] [--pkg folder] [--json file]
//
// The stub answers at once. On a real network nobody would notice a microsecond; a page that draws at 60 frames a second
// and a server with thousands of calls do.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { crowd } from './crowd.mjs';
import { answering } from './stub.mjs';

const here = import.meta.dirname;
const ALL = ['bare', 'plain', 'plain-headers', 'ours', 'unobserved', 'listened', 'recorded', 'observed', 'traced', 'cockatiel', 'p-queue', 'p-retry', 'bottleneck'];
const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    calls: { type: 'string', default: '1500' },
    only: { type: 'string', default: ALL.join(',') },
    pkg: { type: 'string', default: join(here, '../../pkg') },
    json: { type: 'string' },
  },
});
const [rounds, calls] = ['rounds', 'calls'].map((name) => whole(name, given[name]));
const names = given.only.split(',');
for (const name of names) if (!ALL.includes(name)) throw new TypeError(`--only: expected some of ${ALL.join(', ')}, got ${name}`);

const folder = pathToFileURL(`${resolve(given.pkg)}/`);
const pkg = await import(new URL('dist/index.js', folder).href);
const KEYS = Array.from({ length: 8 }, (_, at) => `AIzaFakeOverhead${String(at).padStart(23, '0')}`);
const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent';
const INIT = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ parts: [{ text: 'Why is the sky blue?' }] }] }) };

const contenders = [];
for (const name of names) {
  const { default: create } = await import(`./contenders/${name}.mjs`);
  contenders.push({ name, ...(await create({ keys: KEYS, stub: answering(), pkg, folder })) });
}


const sent = await race(() => undefined);
const read = await race((response) => response.json());
print(`ns for a call, least and median of ${rounds} rounds (Node ${process.versions.node})`, sent);
print('the same, and its JSON read', read);
const crowds = names.includes('ours') ? await crowd(pkg, rounds) : [];
if (crowds.length > 0) {
  console.log('\nat once, over 100 keys      us a call');
  for (const { size, least } of crowds) console.log(`${String(size).padEnd(24)}${least.toFixed(2).padStart(12)}`);
}
for (const { close } of contenders) close?.();
if (given.json) writeFileSync(given.json, `${JSON.stringify({ sent, read, crowds }, null, 2)}\n`);

/** Rounds in turns, so that whatever else the machine does hits all alike. */
async function race(use) {
  const taken = new Map(contenders.map(({ name }) => [name, []]));
  // Three rounds warm up.
  for (let round = -3; round < rounds; round += 1) {
    for (const contender of contenders) {
      const ns = await measured(contender, use);
      if (round >= 0) taken.get(contender.name).push(ns);
    }
  }
  return [...taken].map(([name, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    return { name, least: sorted[0], median: sorted[sorted.length >> 1] };
  });
}

async function measured({ call, share = 1, together = false }, use) {
  const count = Math.ceil(calls * share);
  const began = process.hrtime.bigint();
  if (together) await Promise.all(Array.from({ length: count }, async () => use(await call(ENDPOINT, INIT))));
  else for (let n = 0; n < count; n += 1) await use(await call(ENDPOINT, INIT));
  return Number(process.hrtime.bigint() - began) / count;
}

function print(title, rows) {
  const of = (name) => rows.find((row) => row.name === name);
  const over = ({ least }) => (of('bare') ? least - of('bare').least : NaN);
  const times = (name) => ({ least }) => (of(name) ? (least / of(name).least).toFixed(2) : '');
  console.log(`\n${title}\n${''.padEnd(16)}${'least'.padStart(10)}${'median'.padStart(10)}${'over bare'.padStart(12)}${'x plain-headers'.padStart(17)}${'x unobserved'.padStart(14)}`);
  for (const row of rows) {
    console.log(row.name.padEnd(16) + row.least.toFixed(0).padStart(10) + row.median.toFixed(0).padStart(10) + over(row).toFixed(0).padStart(12) + times('plain-headers')(row).padStart(17) + times('unobserved')(row).padStart(14));
  }
}

function whole(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new TypeError(`--${name}: expected a whole number from 1, got ${text}`);
  return number;
}
