// Several limiters side by side, one for each project as far as projects are told, and the choice among them.

import { send } from './refusal.mjs';

/**
 * @template L
 * @param {{ key: string, project?: string, rpm?: number }[]} keys
 * @param {{
 *   limiterFor: (rpm: number | undefined) => L,
 *   backlogOf: (limiter: L) => number,
 *   schedule: (limiter: L, send: () => Promise<Response>, signal: AbortSignal) => Promise<Response>,
 * }} library `backlogOf` counts the calls that wait in a limiter or are under way; `schedule` repeats what is worth
 *   repeating with the same key
 */
export function throughLanes(keys, { limiterFor, backlogOf, schedule }) {
  const byProject = new Map();
  for (const { key, project = key, rpm } of keys) {
    if (!byProject.has(project)) byProject.set(project, { limiter: limiterFor(rpm), rpm: rpm ?? 1, keys: [], closedUntil: 0 });
    byProject.get(project).keys.push(key);
  }
  const lanes = [...byProject.values()];
  let turn = 0;

  return { call };

  async function call(url, init) {
    for (;;) {
      const lane = pick();
      if (lane === null) throw new Error('no key is left');
      let key;
      try {
        return await schedule(lane.limiter, () => {
          turn += 1;
          key = lane.keys[turn % lane.keys.length];
          // Dropped while this call waited.
          if (key === undefined) throw new LaneClosed();
          return send(url, init, key);
        }, init.signal);
      } catch (error) {
        if (error.keyInvalid) lane.keys = lane.keys.filter((other) => other !== key);
        else if (error.daily) lane.closedUntil = Date.now() + error.hint;
        else if (!(error instanceof LaneClosed)) throw error;
      }
    }
  }

  /** The lane that gets to a new call first, in turn among equals. Null where none is left. */
  function pick() {
    turn += 1;
    const open = lanes.filter(({ keys, closedUntil }) => keys.length > 0 && closedUntil <= Date.now());
    const inTurn = open.map((_, at) => open[(at + turn) % open.length]);
    return inTurn.reduce((best, lane) => (best === null || loadOf(lane) < loadOf(best) ? lane : best), null);
  }

  function loadOf({ limiter, rpm }) {
    return (backlogOf(limiter) + 1) / rpm;
  }
}

class LaneClosed extends Error {}
