// Will the keys last? The workshop's answer, with no key and no network: the engine plays the day that is to come.
// Exits with 1 where the plan does not hold.
import { parseArgs } from 'node:util';

import { QuotaAwareError, plan, printPlan } from './package.mjs';

const USAGE = `Usage: node examples/plan.mjs [options]

  --people 40           how many
  --hours 3.5           for how long
  --calls 16            calls of one person in an hour
  --burst 90:40:10      at minute 90, 40 people within 10 seconds; may be given again
  --keys 3              how many keys
  --projects 3          of how many projects; quota belongs to projects (default: one for each key)
  --model NAME          gemini-3.5-flash-lite, gemini-3.5-flash, …
  --rpm 15  --rpd 500   what one project is allowed of it (default: what is known of the free tier)
  --window rolling      how the provider counts a minute: rolling, fixed, refill
  --patience 10         seconds that people wait without complaint
  --seed 1              another day of the same kind
  --json                the data instead of the text

Without any option: the workshop of 40 people and three keys, by its own sum and with today's daily quotas.`;

const OPTIONS = {
  people: { type: 'string' }, hours: { type: 'string' }, calls: { type: 'string' }, burst: { type: 'string', multiple: true },
  keys: { type: 'string' }, projects: { type: 'string' }, model: { type: 'string' }, rpm: { type: 'string' }, rpd: { type: 'string' },
  window: { type: 'string' }, patience: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
};

/** The questions that the workshop has to answer, in the order in which people come upon them. */
const WORKSHOP = [
  ['The sum of the workshop\'s plan: three projects, 15 requests a minute each, nothing said of days', { limits: { rpm: 15 } }],
  ['The same, and at minute 90 everybody tries it within ten seconds', { limits: { rpm: 15 }, bursts: [{ at: 90 * 60_000 }] }],
  ['With today\'s daily quota of gemini-3.5-flash: three projects', { models: 'gemini-3.5-flash' }],
  ['The same with three keys of one project', { models: 'gemini-3.5-flash', projects: 1 }],
  ['With gemini-3.5-flash-lite', { models: 'gemini-3.5-flash-lite' }],
];

process.exitCode = main();

function main() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (values.help) return show(USAGE);
    if (Object.keys(values).length === 0) return workshop();
    const report = plan(scenarioOf(values));
    if (values.json) show(JSON.stringify(report, null, 2));
    else printPlan(report);
    return report.holds ? 0 : 1;
  } catch (error) {
    // A mistake of whoever typed it; anything else is one of ours, and its stack is worth having.
    if (!(error instanceof QuotaAwareError) && error.code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

function workshop() {
  for (const [title, scenario] of WORKSHOP) {
    show(`\n=== ${title}\n`);
    printPlan(plan(scenario));
  }
  show('');
  return 0;
}

/** What is not given stays away: the package knows the defaults. */
function scenarioOf({ people, hours, calls, burst, keys, projects, model, rpm, rpd, window, patience, seed }) {
  const limits = given({ rpm: number(rpm), rpd: number(rpd) });
  return given({
    people: number(people),
    hours: number(hours),
    callsPerHour: number(calls),
    bursts: burst?.map(burstOf),
    keys: number(keys),
    projects: number(projects),
    models: model,
    limits: Object.keys(limits).length > 0 ? limits : undefined,
    window,
    patience: patience === undefined ? undefined : number(patience) * 1000,
    seed: number(seed),
  });
}

function burstOf(text) {
  const [minute, people, seconds] = text.split(':').map(number);
  return given({ at: minute * 60_000, people, within: seconds === undefined ? undefined : seconds * 1000 });
}

function given(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** What is no number becomes NaN, which the package refuses by its place. */
function number(text) {
  return text === undefined ? undefined : Number(text);
}

function show(text) {
  console.log(text);
  return 0;
}
