// What is run: who asks, whose keys they have, what the provider allows, and what the client is told of it.
//
// Every project has one model. `told` is what a contender learns before the run; where `project` or `rpm` is missing from
// it, the contender has to find out.

import { stream } from './random.mjs';

export const MODEL = 'gemini-3.5-flash-lite';
export const MINUTE = 60_000;
/** What a small model takes, in milliseconds. */
export const LATENCY = { median: 900, p95: 2500 };

/** Where fixed minutes begin. Ten seconds from the ends of a run, so that its first and last window are of use. */
export function offsetOf(seed) {
  return 10_000 + stream(seed, 'offset')() * 40_000;
}

/** @param {string} name @param {{ seconds?: number, seed: number }} options */
export function profileOf(name, { seconds, seed }) {
  const make = PROFILES[name];
  if (!make) throw new Error(`no profile "${name}"; there are ${PROFILE_NAMES.join(', ')}`);
  const { workload, projects, told = toldOf(projects), server = {} } = make();
  if (seconds !== undefined && workload.kind !== 'batch') workload.seconds = seconds;
  return { name, seed, workload, projects, told, server: { window: 'rolling', refusedCount: false, ...server } };
}

/** Forty people who ask again as soon as they are answered; three minutes are enough to see every kind of boundary three times. */
function saturated(seconds = 180) {
  return { kind: 'closed', people: 40, seconds };
}

/** @type {Record<string, () => { workload: any, projects: any[], told?: any[], server?: any }>} */
const PROFILES = {
  saturate: () => ({ workload: saturated(), projects: alike(8, 15) }),
  'saturate-fixed': () => ({ workload: saturated(), projects: alike(8, 15), server: { window: 'fixed' } }),
  'saturate-counting': () => ({ workload: saturated(), projects: alike(8, 15), server: { refusedCount: true } }),
  // Requests overtake each other on the way: what was sent 60 s apart may arrive 59.9 s apart.
  'saturate-far': () => ({ workload: saturated(), projects: alike(8, 15), server: { transit: { median: 40, p95: 120 } } }),
  workshop: () => ({ workload: { kind: 'open', people: 40, load: 0.5, seconds: 300, rush: { at: 60_000, within: 10_000 } }, projects: alike(3, 15) }),
  batch: () => ({ workload: { kind: 'batch', calls: 300, patience: 600 }, projects: uneven() }),
  'batch-fixed': () => ({ workload: { kind: 'batch', calls: 300, patience: 600 }, projects: uneven(), server: { window: 'fixed' } }),
  faults: () => {
    const projects = alike(8, 15);
    projects[2].keys[0].invalid = true;
    projects[5].day = { limit: 500, used: 490 };
    return { workload: saturated(), projects, server: { overloaded: 0.05, resets: 0.01 } };
  },
  'shared-project': () => ({ workload: saturated(), projects: alike(2, 15, 3) }),
  'shared-untold': () => {
    const projects = alike(2, 15, 3);
    const told = toldOf(projects).map(({ key }, at) => ({ key, project: `own-${at + 1}`, rpm: 15 }));
    return { workload: saturated(), projects, told };
  },
  plain: () => {
    const projects = alike(8, 15);
    return { workload: saturated(), projects, told: toldOf(projects).map(({ key }) => ({ key })) };
  },
};

export const PROFILE_NAMES = Object.keys(PROFILES);

function alike(count, rpm, keys = 1) {
  return Array.from({ length: count }, (_, at) => project(at, rpm, keys));
}

function uneven() {
  return [15, 15, 60, 60].map((rpm, at) => project(at, rpm, 1));
}

function project(at, rpm, keys) {
  return {
    id: `project-${at + 1}`,
    rpm,
    day: null,
    keys: Array.from({ length: keys }, (_, number) => ({ key: `bench-${at + 1}-${number + 1}`, invalid: false })),
  };
}

function toldOf(projects) {
  return projects.flatMap(({ id, rpm, keys }) => keys.map(({ key }) => ({ key, project: id, rpm })));
}
