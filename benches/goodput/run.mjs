// One run: a provider process and a client process, and what both have to tell in the end. Progress goes to stderr.

import { fork } from 'node:child_process';
import { join, resolve } from 'node:path';

const TOLERABLE_LAG = 200;

/** @param {{ profile: any, contender: string, pkg: string }} what */
export async function run({ profile, contender, pkg }) {
  const title = `${profile.name} / ${contender}`;
  const provider = child('emulator.mjs');
  const client = child('client.mjs');
  try {
    provider.send({ profile });
    const { url, path } = await heard(provider, 'url');
    client.send({ profile, contender, url, path, pkg: resolve(pkg) });
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
    if (lagMs > TOLERABLE_LAG) console.error(`${title}: the machine was busy, the provider up to ${Math.round(lagMs)} ms late; run it again with less beside it (--jobs)`);
    return { asks, log, cpuMs, lagMs, clientLagMs };
  } finally {
    provider.kill();
    client.kill();
  }
}

/** Ended by us, never by itself: a long last message may be on its way for longer than the news of an end. */
function child(file) {
  return fork(join(import.meta.dirname, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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
