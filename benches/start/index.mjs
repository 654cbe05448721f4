// How long a program waits for us before its first call: importing, and from there to the first request on its way.
//
//   npm run bench:start -- [--rounds 21] [--pkg folder] [--json file]
//
// Each sample is a process of its own, and importing the `openai` SDK in the same round is the yardstick.
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values: given } = parseArgs({
  options: { rounds: { type: 'string', default: '21' }, pkg: { type: 'string', default: join(here, '../../pkg') }, json: { type: 'string' } },
});
const rounds = Number(given.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError(`--rounds: expected a whole number from 1, got ${given.rounds}`);

const file = (path) => pathToFileURL(resolve(path)).href;
const SUBJECTS = {
  'openai, import': { module: file(join(here, '../../tests/sdk/node_modules/openai/index.mjs')), measures: 'imported' },
  'ours, import': { module: file(join(given.pkg, 'dist/index.js')), measures: 'imported' },
  'ours, import to first request': { module: file(join(given.pkg, 'dist/index.js')), measures: 'sent' },
};

const times = Object.fromEntries(Object.keys(SUBJECTS).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, { module, measures }] of Object.entries(SUBJECTS)) times[name].push((await sample(module))[measures]);
}

const rows = Object.entries(times).map(([name, taken]) => {
  const sorted = taken.toSorted((a, b) => a - b);
  return { name, least: sorted[0], median: sorted[Math.floor(sorted.length / 2)] };
});
console.log(`Node ${process.versions.node}, ${rounds} rounds, ms               least   median   of openai's (least, median)`);
for (const { name, least, median } of rows) {
  console.log(name.padEnd(42) + [least, median].map((ms) => ms.toFixed(1).padStart(9)).join('') + [least / rows[0].least, median / rows[0].median].map((ratio) => ratio.toFixed(2).padStart(9)).join(''));
}
if (given.json) writeFileSync(given.json, `${JSON.stringify(rows, null, 2)}\n`);

function sample(module) {
  return new Promise((resolved, rejected) => {
    const child = fork(join(here, 'sample.mjs'), [module]);
    child.once('message', resolved);
    child.once('exit', (code) => { if (code !== 0) rejected(new Error(`${module} ended with exit code ${code}`)); });
  });
}
