// Goodput over real HTTP in real time: what share of the quota becomes answers, and at what price.
//
//   npm run bench:goodput -- [--profile a,b] [--only ours] [--seconds N] [--seed S] [--jobs N] [--pkg folder] [--json file]
//
// Each run has a provider process and a client process. Tables go to stdout, progress to stderr.

import { fork } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { idealOf, measure } from './measure.mjs';
import { PROFILE_NAMES, profileOf } from './profiles.mjs';
import { table } from './table.mjs';

const here = import.meta.dirname;
const TOLERABLE_LAG = 200;
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
    next.row = measure(next.profile, await run(next));
    const results = runs.filter(({ profile }) => profile === next.profile);
    if (results.every(({ row }) => row !== null)) console.log(table(next.profile, results, idealOf(next.profile)));
  }
}));
if (given.json) {
  writeFileSync(given.json, `${JSON.stringify(runs.map(({ profile, contender, row }) => ({ profile: profile.name, seed: profile.seed, contender, ...row })), null, 2)}\n`);
}

async function run({ profile, contender }) {
  const title = `${profile.name} / ${contender}`;
  const provider = child('emulator.mjs');
  const client = child('client.mjs');
  try {
    provider.send({ profile });
    const { url, path } = await heard(provider, 'url');
    client.send({ profile, contender, url, path, pkg: resolve(given.pkg) });
    await heard(client, 'ready');
    const began = performance.now();
    client.on('message', ({ progress }) => {
      if (progress) console.error(`${title}, ${Math.round((performance.now() - began) / 1000)} s: ${progress}`);
    });
    const over = heard(client, 'asks');
    provider.send('start');
    client.send('start');
    const { asks, cpuMs, lagMs: clientLagMs } = await over;
    provider.send('finish');
    const { log, lagMs } = await heard(provider, 'log');
    // The provider counts at arrival: one that is late to look has judged by the wrong instant.
    if (lagMs > TOLERABLE_LAG) console.error(`${title}: the machine was busy, the provider up to ${Math.round(lagMs)} ms late; run it again with fewer --jobs`);
    return { asks, log, cpuMs, lagMs, clientLagMs };
  } finally {
    provider.kill();
    client.kill();
  }
}

/** Ended by us, never by itself: a long last message may be on its way for longer than the news of an end. */
function child(file) {
  return fork(join(here, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** The next message that has this field; fails where the process ends before. */
function heard(child, field) {
  return new Promise((resolve, reject) => {
    const onMessage = (message) => {
      if (message[field] === undefined) return;
      child.off('message', onMessage).off('exit', onExit);
      resolve(message);
    };
    const onExit = (code) => reject(new Error(`${child.spawnargs.at(-1)} ended with ${code}`));
    child.on('message', onMessage).once('exit', onExit);
  });
}
