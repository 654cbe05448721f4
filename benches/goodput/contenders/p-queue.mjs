// p-queue, one queue for each project, in its strict mode (a sliding window, the safer of its two), and p-retry inside it: a
// refused call waits for the refusal's hint, others for p-retry's own back-off.

import { setTimeout as sleep } from 'node:timers/promises';

import PQueue from 'p-queue';
import pRetry from 'p-retry';

import { throughLanes } from '../peers/lanes.mjs';
import { isPassing } from '../peers/refusal.mjs';

export default function create({ keys }) {
  return throughLanes(keys, {
    limiterFor: (rpm) => new PQueue(rpm === undefined ? {} : { interval: 60_000, intervalCap: rpm, strict: true }),
    backlogOf: (queue) => queue.size + queue.pending,
    schedule: (queue, send, signal) => queue.add(() => pRetry(send, {
      signal,
      minTimeout: 500,
      maxTimeout: 30_000,
      randomize: true,
      shouldRetry: ({ error }) => isPassing(error),
      onFailedAttempt: async ({ error }) => {
        if (isPassing(error) && error.hint) await sleep(error.hint, undefined, { signal });
      },
    }), { signal }),
  });
}
