// Bottleneck, one limiter for each project, with its documented reservoir: as many as the limit, refilled every minute. A
// refused job is tried again by the limiter's own `failed` event, after the refusal's hint.

import Bottleneck from 'bottleneck';

import { throughLanes } from '../peers/lanes.mjs';
import { isPassing } from '../peers/refusal.mjs';

const RETRIES = 10;

export default function create({ keys }, settingsFor = reservoir) {
  return throughLanes(keys, {
    limiterFor: (rpm) => {
      const limiter = new Bottleneck(rpm === undefined ? {} : settingsFor(rpm));
      limiter.on('failed', (error, { retryCount }) => {
        if (!isPassing(error) || retryCount >= RETRIES) return undefined;
        return error.hint ?? Math.random() * Math.min(30_000, 500 * 2 ** retryCount);
      });
      return limiter;
    },
    backlogOf: (limiter) => {
      const { RECEIVED, QUEUED, RUNNING, EXECUTING } = limiter.counts();
      return RECEIVED + QUEUED + RUNNING + EXECUTING;
    },
    schedule: (limiter, send) => limiter.schedule(async () => send()),
  });
}

/** A whole minute's worth may go at once. @param {number} rpm */
function reservoir(rpm) {
  return { reservoir: rpm, reservoirRefreshAmount: rpm, reservoirRefreshInterval: 60_000 };
}
