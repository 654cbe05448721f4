// The provider: the package's mock behind HTTP, in a process of its own. A key that has a `last` call dies after it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createMockServer } from '../../pkg/dist/mock.js';
import { MODEL } from './day.mjs';

process.once('message', async ({ projects, minute, latency, shift }) => {
  const served = new Map();
  const server = await createMockServer({
    projects: projects.map(({ id, key, rpm, rpd }) => ({ id, keys: [key], models: { [MODEL]: { rpm, ...(rpd !== null && { rpd }) } } })),
    minute,
    latency,
    now: () => Date.now() + shift,
    sleep: (ms, signal) => sleep(ms, undefined, { signal: signal ?? undefined }),
    // Asked once for each call that is served: the one place where it is known which was the last.
    answer: (_, { project: id }) => {
      served.set(id, (served.get(id) ?? 0) + 1);
      const { last, key } = projects.find((project) => project.id === id);
      if (served.get(id) === last) server.provider.breakKey(key, 'leaked');
      return 'Yes.';
    },
  });
  process.on('message', (message) => {
    if (message === 'finish') process.send({ totals: server.provider.state().totals, served: Object.fromEntries(served) });
  });
  process.send({ url: server.url });
});
process.on('disconnect', () => process.exit());
