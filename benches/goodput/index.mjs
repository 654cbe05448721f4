// Goodput over real HTTP in real time: what share of the quota becomes answers, and at what price.
//
//   npm run bench:goodput -- [--profile a,b] [--only ours] [--seconds N] [--seed S] [--jobs N] [--pkg folder] [--json file]
//
// Tables go to stdout, progress to stderr.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { idealOf, measure } from './measure.mjs';
import { PROFILE_NAMES, profileOf } from './profiles.mjs';
import { run } from './run.mjs';
import { table } from './table.mjs';

const here = import.meta.dirname;
const CONTENDERS = ['ours', 'blind', 'bottleneck', 'bottleneck-paced', 'p-queue'];

const { values: given } = parseArgs({
  options: {
    profile: { type: 'string', default: PROFILE_NAMES.join(',') },
    only: { type: 'string', default: CONTENDERS.join(',') },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    // Each run is two processes, mostly idle: two cores carry four without the timers running late.
    jobs: { type: 'string', default: '4' },
    pkg: { type: 'string', default: join(here, '../../pkg') },
    json: { type: 'string' },
  },
});

const options = { seed: Number(given.seed), seconds: given.seconds === undefined ? undefined : Number(given.seconds) };
const profiles = given.profile.split(',').map((name) => profileOf(name, options));
const known = readdirSync(join(here, 'contenders')).filter((name) => name.endsWith('.mjs')).map((name) => name.slice(0, -4));
const contenders = given.only.split(',');
for (const name of contenders) if (!known.includes(name)) throw new Error(`no contender "${name}"; there are ${known.join(', ')}`);

const runs = profiles.flatMap((profile) => contenders.map((contender) => ({ profile, contender, row: null })));
const queue = [...runs];
await Promise.all(Array.from({ length: Number(given.jobs) }, async () => {
  for (let next = queue.shift(); next; next = queue.shift()) {
    next.row = measure(next.profile, await run({ ...next, pkg: given.pkg }));
    const results = runs.filter(({ profile }) => profile === next.profile);
    if (results.every(({ row }) => row !== null)) console.log(table(next.profile, results, idealOf(next.profile)));
  }
}));
if (given.json) {
  writeFileSync(given.json, `${JSON.stringify(runs.map(({ profile, contender, row }) => ({ profile: profile.name, seed: profile.seed, contender, ...row })), null, 2)}\n`);
}
