// Plans: the engine plays the day that is to come, on a clock that needs no waiting.
import { core } from './core.js';
import { guarded } from './errors.js';
import { pacificMidnight } from './pacific.js';
import { planLines } from './plan-text.js';

/** Plays a scenario. Synchronous; nothing is sent anywhere. */
export function plan(scenario = {}) {
  const { planRaw } = core();
  return guarded(() => planRaw(scenario, pacificMidnight));
}

/** Prints a plan for people: the answer first, then the sum, a chart, and what would help. */
export function printPlan(report, log = console.log) {
  for (const line of planLines(report)) log(line);
}
