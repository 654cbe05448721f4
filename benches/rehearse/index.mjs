// The workshop, rehearsed: 3.5 hours of forty people in 3.5 minutes, over real HTTP, with a key that dies in the middle and a day
// that ends before the workshop does. First it is planned; then it is lived; in the end both are held against each other. Exits
// with 1 where they lie further apart than is tolerable, or where somebody was turned away.
//
//   npm run rehearse -- [--minutes 3.5] [--seed 1] [--no-pages]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { plan, printPlan } from '../../pkg/dist/index.js';
import { HOURS, LATENCY, MINUTE, MODEL, PATIENCE, PEOPLE, PROJECTS, callsOf, scenarioOf } from './day.mjs';
import { openDoor } from './door.mjs';
import { play } from './participant.mjs';

/** Of the forty, so many sit before a page and so many run a script; the rest are in this process, for the sake of the machine. */
const [PAGES, SCRIPTS] = [4, 4];
/** How far apart plan and reality may lie, as shares of the plan's figure. */
const TOLERABLE = 0.1;
/** Waits that differ by less than this, in the day's time, are alike: a machine's own delay, at any speed. */
const BLINK = 2000;
/** Of a minute of quota: a machine that is later than this tells more of itself than of the package. */
const TOLERABLE_LAG = 0.05;

const { values: given } = parseArgs({ options: { minutes: { type: 'string', default: '3.5' }, seed: { type: 'string', default: '1' }, 'no-pages': { type: 'boolean', default: false } } });
const minutes = Number(given.minutes);
// A plan's minute of quota has a second at least; below that, the machine's own delays would be all there is to see.
if (!(minutes >= 3.5 && minutes <= 210)) throw new Error(`--minutes: expected 3.5 to 210, got ${given.minutes}`);
const speed = (HOURS * 60) / minutes;
const calls = callsOf(Number(given.seed));

console.log('The day as it is planned:\n');
printPlan(plan(scenarioOf(calls, 1)));
const planned = plannedFigures(plan(scenarioOf(calls, speed, { travel: { min: 0, max: 1 } })));
console.log(`\nThe same, lived ${speed.toFixed(0)} times as fast, in ${minutes} minutes:\n`);
const lived = await live();
process.exitCode = verdict();

/** The same figures of both: spans in the day's time. */
function plannedFigures({ calls: { served, unserved, failed }, refusals, waits, slices }) {
  return { answers: served, errors: unserved + failed, refusals, late: slices.reduce((sum, { slow }) => sum + slow, 0), p99: waits.p99 * speed, longest: waits.max * speed };
}

async function live() {
  // It starts at eight in the morning of its own clock: no day of quota ends by itself meanwhile.
  const shift = new Date().setUTCHours(8, 0, 0, 0) - Date.now();
  const provider = fork(join(import.meta.dirname, 'provider.mjs'));
  const quick = { min: LATENCY.min / speed, max: LATENCY.max / speed };
  provider.send({ projects: PROJECTS, minute: MINUTE / speed, latency: quick, shift });
  const [{ url: upstream }] = await once(provider, 'message');
  let begins = 0;
  const door = await openDoor({ upstream, speed, shift, onEvent: (name, { key, reason }) => say(begins, [name, key, reason].filter(Boolean).join(': ')) });
  const browser = given['no-pages'] ? undefined : await import('../../tests/browser/chromium.js').then(({ launch }) => launch()).catch((error) => void console.log(`  no pages: ${error.message}`));

  const seats = await Promise.all(Array.from({ length: PEOPLE }, (_, person) => seat(person, door, browser)));
  begins = Date.now() + 500;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const ticker = setInterval(() => say(begins, `${door.waits.length} answered`), (30 * MINUTE) / speed);
  const ends = await Promise.all(seats.map((ask, person) => ask(calls.filter((call) => call.person === person).map(({ at }) => at / speed), begins)));
  clearInterval(ticker);
  delay.disable();
  const told = once(provider, 'message');
  provider.send('finish');
  const [{ totals, served }] = await told;
  await browser?.close();
  door.close();
  provider.disconnect();

  const waits = door.waits.map((wait) => wait * speed).sort((a, b) => a - b);
  // What people saw: a call that never came through the door is an error too.
  const answers = ends.flat().filter((end) => end === 200).length;
  return {
    answers, errors: calls.length - answers, codes: door.errors, refusals: totals.refused, served,
    late: waits.filter((wait) => wait > PATIENCE).length, p99: waits[Math.ceil(waits.length * 0.99) - 1], longest: waits.at(-1),
    lag: delay.max / 1e6,
  };
}

/** Where a participant sits. Resolves to what has it ask. */
async function seat(person, door, browser) {
  const what = (calls, begins) => ({ url: `${door.url}/v1beta/models/${MODEL}:generateContent`, session: `person-${person + 1}`, calls, begins });
  if (person < PAGES && browser) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(door.url);
    return (...when) => page.evaluate(play, what(...when));
  }
  if (person >= PAGES && person < PAGES + SCRIPTS) {
    const script = fork(join(import.meta.dirname, 'participant.mjs'));
    return async (...when) => {
      script.send(what(...when));
      return (await once(script, 'message'))[0];
    };
  }
  return (...when) => play(what(...when));
}

function verdict() {
  const rows = [
    ['answers', planned.answers, lived.answers, alike(planned.answers, lived.answers)],
    ['turned away', planned.errors, lived.errors, planned.errors === lived.errors],
    [`waited longer than ${PATIENCE / 1000} s`, planned.late, lived.late, alike(planned.late, lived.late)],
    ['99 of 100 within', planned.p99, lived.p99, alike(planned.p99, lived.p99, BLINK), span],
    ['the longest wait', planned.longest, lived.longest, alike(planned.longest, lived.longest, BLINK), span],
    // Not compared: what the plan says as a quota is found out by a refusal.
    ['refused by the provider', planned.refusals, lived.refusals, true],
  ];
  console.log(`\n${''.padEnd(26)}${'planned'.padStart(10)}${'lived'.padStart(10)}${'lived/planned'.padStart(16)}`);
  for (const [title, one, other, ok, show = String] of rows) {
    const ratio = one === 0 ? '' : (other / one).toFixed(2);
    console.log(`${title.padEnd(26)}${show(one).padStart(10)}${show(other).padStart(10)}${ratio.padStart(16)}${ok ? '' : '  further apart than 10 %'}`);
  }
  console.log(`\nServed by: ${PROJECTS.map(({ id }) => `${id} ${lived.served[id] ?? 0}`).join(', ')}.`);
  if (lived.lag > (TOLERABLE_LAG * MINUTE) / speed) {
    console.log(`The machine was busy, up to ${Math.round(lived.lag)} ms late where a minute of quota has ${MINUTE / speed}: run it again with less beside it, or slower (--minutes 10).`);
  }
  const agrees = rows.every(([, , , ok]) => ok);
  const all = lived.errors === 0 ? 'Everybody was answered' : `${lived.errors} calls were turned away (${JSON.stringify(lived.codes)})`;
  console.log(`${all}, with a key that died and a day that ended; ${agrees ? 'it went as planned' : 'and it did not go as planned'}.`);
  return agrees && lived.errors === 0 ? 0 : 1;
}

function alike(one, other, blink = 0) {
  return Math.abs(one - other) <= Math.max(TOLERABLE * one, blink);
}

function say(begins, text) {
  const at = Math.max(0, Date.now() - begins) * speed;
  console.log(`  ${String(Math.floor(at / 3_600_000))}:${String(Math.floor((at / MINUTE) % 60)).padStart(2, '0')}  ${text}`);
}

function span(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
