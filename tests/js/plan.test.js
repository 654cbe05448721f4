// Plans through the built package: the workshop's figures, what comes out, mistakes, and that nobody waits long for one.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { plan, printPlan } from '../built.js';
import { refusal } from './support.js';

const EXAMPLE = join(import.meta.dirname, '../../examples/plan.mjs');
const MINUTE = 60_000;

function printed(report) {
  const lines = [];
  printPlan(report, (line) => lines.push(line));
  return lines.join('\n');
}

describe('the workshop', () => {
  test('three keys with 15 a minute are 2,700 an hour, of which 640 are asked for', () => {
    const report = plan({ people: 40, hours: 3.5, keys: 3, limits: { rpm: 15 } });
    assert.equal(report.holds, true);
    const [{ perMinute, perHour, askedPerHour, perDay }] = report.supply;
    assert.deepEqual({ perMinute, perHour, askedPerHour, perDay }, { perMinute: 45, perHour: 2700, askedPerHour: 640, perDay: null });
    assert.deepEqual(report.calls, { asked: 2240, served: 2240, unserved: 0, failed: 0, codes: [] });
    assert.deepEqual([report.refusals, report.firstBreak, report.advice, report.assumed], [0, null, [], []]);
    const text = printed(report);
    assert.match(text, /^It holds: 40 people for 3 h 30 min, 2,240 calls; all served\./);
    assert.match(text, /45 requests, that is 2,700 an hour; asked for 640 an hour/);
  });

  test('the day\'s quota of gemini-3.5-flash is 60 calls for three projects, and is used up in minutes', () => {
    const report = plan({ models: 'gemini-3.5-flash' });
    assert.equal(report.holds, false);
    assert.equal(report.calls.served, 60);
    assert.ok(report.supply[0].dayUsedUpAt < 8 * MINUTE);
    const [first, ...others] = report.advice;
    assert.equal(first.kind, 'other-model');
    assert.deepEqual([first.model, first.projects, first.rpm, first.rpd], ['gemini-3.5-flash-lite', 5, 15, 500]);
    assert.deepEqual(others.map(({ kind }) => kind).sort(), ['fewer-calls', 'higher-limits', 'more-projects']);
    assert.deepEqual(report.assumed.map(({ model, recorded }) => [model, recorded]), [['gemini-3.5-flash', true], ['gemini-3.5-flash-lite', false]]);
    const text = printed(report);
    assert.match(text, /The day's quota, 60 calls, is used up after \d min\./);
    assert.match(text, /What would do: gemini-3\.5-flash-lite with 5 projects/);
    assert.match(text, /112 projects, one key each/);
    assert.match(text, /a paid tier that gives each project/);
    assert.match(text, /gemini-3\.5-flash-lite: 15 a minute, 500 a day \(unverified/);
  });

  test('three keys of one project are 20 calls', () => {
    const report = plan({ models: 'gemini-3.5-flash', projects: 1 });
    assert.equal(report.calls.served, 20);
    const text = printed(report);
    assert.match(text, /3 keys of 1 project\n {2}keys of one project share its quota/);
    assert.match(text, /The day's quota, 20 calls, is used up after \d min\./);
  });

  test('a rush at minute 90 is named with its limit and its time', () => {
    const report = plan({ limits: { rpm: 15 }, bursts: [{ at: 90 * MINUTE, people: 40, within: 10_000 }] });
    assert.equal(report.holds, false);
    assert.deepEqual(report.firstBreak.limit, { metric: 'requests', window: 'minute', limit: 15 });
    assert.equal(Math.floor(report.firstBreak.at / MINUTE), 90);
    assert.equal(report.advice[0].kind, 'spread-bursts');
    const text = printed(report);
    assert.match(text, /all served, but too many too late/);
    assert.match(text, /The limit of 15 requests a minute is felt first, after 1 h 30 min/);
  });
});

describe('what comes out', () => {
  test('is plain data that survives JSON', () => {
    const report = plan({ hours: 0.5, bursts: [{}], faults: { transient: 0.05 } });
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    assert.equal(Object.getPrototypeOf(report), Object.prototype);
  });

  test('adds up', () => {
    const { calls, slices, slice, span, waits } = plan({ limits: { rpm: 5, rpd: 90 }, keys: 2, advice: false });
    assert.equal(calls.served + calls.unserved + calls.failed, calls.asked);
    const sum = (name) => slices.reduce((total, one) => total + one[name], 0);
    assert.deepEqual([sum('asked'), sum('served'), sum('unserved')], [calls.asked, calls.served, calls.unserved]);
    assert.equal(waits.histogram.reduce((total, bar) => total + bar.calls, 0), calls.served);
    assert.deepEqual(slices.map(({ at }) => at), slices.map((_, at) => at * slice));
    assert.equal(slices.length, Math.ceil(span / slice));
  });

  test('is the same for the same scenario, and another day for another seed', () => {
    const scenario = { limits: { rpm: 5 }, bursts: [{ at: 1000 }], window: 'fixed' };
    assert.deepEqual(plan(scenario), plan(scenario));
    assert.notDeepEqual(plan(scenario), plan({ ...scenario, seed: 2 }));
  });

  test('leaves the scenario as it was, and takes a frozen one', () => {
    const scenario = Object.freeze({ models: Object.freeze(['gemini-3.5-flash']), hours: 0.1 });
    plan(scenario);
    assert.deepEqual(scenario, { models: ['gemini-3.5-flash'], hours: 0.1 });
    assert.deepEqual(plan({ people: undefined, hours: null }), plan());
  });

  test('a shorter minute gives more in an hour, and a chart that is drawn by it', () => {
    const minute = 6000;
    const report = plan({ limits: { rpm: 15 }, minute, hours: 0.025, callsPerHour: 300, advice: false });
    assert.deepEqual([report.minute, report.supply[0].perMinute, report.supply[0].perHour], [minute, 45, 27_000]);
    // Some 20 of the 45 a minute; minutes of sixty seconds would be 200.
    assert.match(printed(report), /calls asked for +│[▂▃▄▅▆]{9}│ █ is the quota of 45 a minute/);
  });

  test('no advice where none is wanted', () => {
    const report = plan({ models: 'gemini-3.5-flash', advice: false });
    assert.equal(report.holds, false);
    assert.deepEqual(report.advice, []);
  });

  test('a day by the clock of Los Angeles ends with it', () => {
    // 06:00 UTC on a day of daylight saving: an hour before midnight there, 18 before that of UTC.
    // Undeclared: what the client counts itself may end by another clock.
    const day = { limits: { rpm: 15, rpd: 50 }, declared: false, hours: 2, startsAt: Date.UTC(2026, 6, 1, 6), advice: false };
    assert.equal(plan({ ...day, day: 'utc' }).calls.served, 150);
    // A refusal that counts may cost a place or two of the three hundred.
    assert.ok(plan({ ...day, day: 'pacific' }).calls.served > 290);
  });

  test('every printed line fits on a page and has no trailing blanks', () => {
    for (const scenario of [{}, { limits: { rpm: 1 } }, { people: 1, callsPerHour: 0 }, { limits: { tpm: 9 } }, { hours: 72, people: 2 }]) {
      for (const line of printed(plan(scenario)).split('\n')) {
        assert.ok(line.length <= 170 && line === line.trimEnd(), line);
        assert.doesNotMatch(line, /undefined|NaN|null|\[object/, line);
      }
    }
  });

  test('says nothing of changes that were not looked for', () => {
    const [asked, unasked] = [undefined, false].map((advice) => plan({ models: 'gemini-3.5-flash', hours: 0.5, advice }));
    assert.deepEqual([asked.advised, unasked.advised, unasked.advice], [true, false, []]);
    assert.match(printed(asked), /What would do|None of the changes/);
    assert.doesNotMatch(printed(unasked), /What would do|None of the changes/);
  });

  test('goes to the console where no log is given', (t) => {
    const lines = [];
    t.mock.method(console, 'log', (line) => lines.push(line));
    printPlan(plan({ hours: 0.1 }));
    assert.ok(lines.length > 5);
  });
});

describe('mistakes', () => {
  const wrong = {
    'a misspelt name': [{ peple: 40 }, /^scenario\.peple: unknown option; did you mean people\?/],
    'no object': [[], /^scenario: expected an object, got an empty array/],
    'a person less than one': [{ people: 0 }, /^scenario\.people: expected a whole number from 1 to 10000, got 0/],
    'a minute of a blink': [{ minute: 999 }, /^scenario\.minute: expected a whole number of milliseconds from 1000 to 60000, got 999/],
    'NaN': [{ hours: NaN }, /^scenario\.hours: expected a number of hours/],
    'two ways of asking': [{ trace: [], thinkTime: 0 }, /^scenario\.trace: expected only one of/],
    'a model that nobody knows': [{ models: 'gpt-9' }, /^scenario\.limits: expected limits of "gpt-9"/],
    'an option of the client': [{ options: { deadlin: 1 } }, /^scenario\.options\.deadlin: unknown option; did you mean deadline\?/],
    'a function': [{ people: () => 40 }, /^scenario\.people|^scenario: expected plain data/],
  };
  for (const [title, [scenario, words]] of Object.entries(wrong)) {
    test(title, () => assert.throws(() => plan(scenario), refusal('CONFIG_INVALID', words)));
  }

  test('an object that contains itself', () => {
    const scenario = { options: {} };
    scenario.options.backoff = scenario.options;
    assert.throws(() => plan(scenario), refusal('CONFIG_INVALID', /^scenario/));
  });

  test('a secret in the wrong place is not repeated', () => {
    const secret = ['AIza', 'FakeFakeFakeFakeFakeFakeFakeFakeFake'].join('');
    assert.throws(() => plan({ models: secret, limits: { rpm: 1 } }), (error) => !error.message.includes(secret));
  });
});

// Generous, in milliseconds of the processor's: machines of CI are slow, and others compute there too.
describe('time', () => {
  const measured = (scenario) => {
    const began = process.cpuUsage();
    plan(scenario);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000;
  };

  test('a workshop takes a moment, advice included', () => {
    plan();
    assert.ok(measured({}) < 400);
  });

  test('an 8-hour day of 1,000 people takes seconds', () => {
    assert.ok(measured({ people: 1000, hours: 8, keys: 30, limits: { rpm: 15, rpd: 5000 }, bursts: [{ at: 90 * MINUTE }] }) < 20_000);
  });
});

describe('the example', () => {
  test('answers the workshop without a key', () => {
    const text = execFileSync(process.execPath, [EXAMPLE], { encoding: 'utf8', env: { PATH: process.env.PATH } });
    assert.equal(text.match(/^===/gm).length, 5);
    assert.match(text, /2,700 an hour/);
    assert.match(text, /The day's quota, 60 calls/);
    assert.match(text, /The day's quota, 20 calls/);
  });

  test('takes the day from its arguments, and says by its exit whether it holds', () => {
    const run = (...args) => spawnSync(process.execPath, [EXAMPLE, ...args], { encoding: 'utf8' });
    const good = run('--people', '10', '--rpm', '15', '--burst', '60:10:60', '--json');
    assert.equal(good.status, 0, good.stderr);
    assert.equal(JSON.parse(good.stdout).calls.asked, 10 * 3.5 * 16 + 10);
    assert.equal(run('--model', 'gemini-3.5-flash').status, 1);
    const bad = run('--people', 'many');
    assert.equal(bad.status, 2);
    assert.match(bad.stderr, /^scenario\.people: expected a whole number/);
    assert.equal(run('--peple', '1').status, 2);
  });
});
