// One contender before one provider: a process of its own.

import { monitorEventLoopDelay } from 'node:perf_hooks';

import { ask } from './people.mjs';

const BODY = JSON.stringify({ contents: [{ parts: [{ text: 'May I ask?' }] }] });

process.once('message', async ({ profile, contender, url, path, pkg }) => {
  const { default: create } = await import(`./contenders/${contender}.mjs`);
  const client = await create({ keys: profile.told, origin: url, pkg });
  process.once('message', async () => {
    const call = ({ session, signal }) => client.call(url + path, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: BODY, session, signal,
    });
    const used = process.cpuUsage();
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const asks = await ask(profile, call, (asks) => process.send({ progress: summary(asks) }));
    const { user, system } = process.cpuUsage(used);
    client.close?.();
    process.send({ asks, cpuMs: (user + system) / 1000, lagMs: delay.max / 1e6 });
  });
  process.send({ ready: true });
});
process.on('disconnect', () => process.exit());

function summary(asks) {
  const open = asks.filter(({ ended }) => ended === null).length;
  const failed = asks.filter(({ failure }) => failure !== null).length;
  return `${asks.length - open - failed} answered, ${failed} failed, ${open} open`;
}
