// The rooms of the dashboard that need no page: what the sentence says, how quota is read, how time is counted, how a stream is read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { DASHBOARD } from '../built.js';
import { EventStreamReader } from '../../pkg-template/dashboard/event-stream.js';
import { formatOf } from '../../pkg-template/dashboard/format.js';
import { Memory } from '../../pkg-template/dashboard/memory.js';
import { Moves } from '../../pkg-template/dashboard/moves.js';
import { quotaByProject, readyKeys, shownHealth } from '../../pkg-template/dashboard/quota.js';
import { sentenceOf } from '../../pkg-template/dashboard/sentence-words.js';
import { RANGES, Series } from '../../pkg-template/dashboard/series.js';
import { Tally } from '../../pkg-template/dashboard/tally.js';
import { MESSAGES, mergedTexts } from '../../pkg-template/dashboard/texts.js';

const NOW = Date.UTC(2026, 2, 3, 10, 0, 0);
const key = (id, health = 'available') => ({ id, health, project: id, availableAt: null });
const pool = (project, used, limit, more = {}) => ({
  project, limits: { rpm: limit, rpd: 100 }, remaining: { rpm: limit - used, tpm: null, rpd: 90 }, used: { requests: used, tokens: 0, requestsToday: 10 },
  resetsAt: { minute: NOW + 4_000, day: NOW + 3_600_000 }, ...more,
});
const waiting = (startsAt, session = null) => ({ startsAt, session });
const status = (more = {}) => ({ state: 'ok', keys: [key('a'), key('b'), key('c')], pools: [], queue: { waiting: 0, calls: [] }, pace: { signal: 'go', waitMs: null, used: 0 }, nextAvailableAt: null, ...more });
const say = (more, rest = {}) => {
  const { headline, detail, tone } = sentenceOf({ status: status(more), closed: false, ...rest }, NOW, MESSAGES, formatOf('en'));
  return `${tone}: ${headline}. ${detail}`;
};

describe('the sentence', () => {
  test('counts down to the soonest promise, and counts people where every call says whose it is', () => {
    const calls = [waiting(NOW + 9_000, 'anna'), waiting(NOW + 3_200, 'ben'), waiting(null, 'anna')];
    assert.equal(say({ queue: { waiting: 3, calls } }), 'wait: Next free place in 4 s. 2 people wait. All 3 keys are ready.');
  });

  test('counts calls where some are nobody’s, or not all are known', () => {
    const calls = [waiting(NOW + 1, 'anna'), waiting(NOW + 1)];
    assert.match(say({ queue: { waiting: 2, calls } }), /in 1 s\. 2 calls wait/);
    assert.match(say({ queue: { waiting: 130, calls: [waiting(NOW - 5, 'anna')] } }), /A place is free now\. 130 calls wait/);
    assert.match(say({ queue: { waiting: 1, calls: [waiting(null, 'anna')] } }), /No place free at present\. 1 person waits/);
  });

  test('says when nobody waits and nobody could go', () => {
    assert.equal(say({ state: 'exhausted', nextAvailableAt: NOW + 250_000, keys: [key('a', 'rate-limited')] }), 'bad: No key is free for 4 min 10 s. Nobody waits. No key has room.');
    assert.equal(say({ state: 'invalid-keys' }).startsWith('bad: No key is accepted.'), true);
    assert.match(say({ pace: { signal: 'wait', waitMs: 61_000, used: 1 } }), /^wait: Whoever asks now waits 1 min 1 s/);
    assert.match(say({ pace: { signal: 'slow', waitMs: null, used: 0.85 } }), /^busy: Busy: 85% of the quota is in use/);
    assert.match(say({}), /^good: Ready for everybody\. Nobody waits\. All 3 keys are ready\.$/);
    assert.match(say({}, { closed: true }), /^bad: The service has been closed/);
    assert.match(say({}, { status: undefined }), /^none: Nothing to show yet/);
  });

  test('stays the same thing for a screen reader while only time passes', () => {
    const kind = (after) => sentenceOf({ status: status({ queue: { waiting: 1, calls: [waiting(NOW + 60_000, 'a')] } }) }, NOW + after, MESSAGES, formatOf('en')).kind;
    assert.equal(kind(0), kind(30_000));
  });

  test('is of another language where texts are', () => {
    const texts = mergedTexts({ sentence: { nextPlace: (ms) => `Nächster Platz in ${Math.ceil(ms / 1000)} s` } });
    const { headline, detail } = sentenceOf({ status: status({ queue: { waiting: 1, calls: [waiting(NOW + 4_000, 'a')] } }) }, NOW, texts, formatOf('de'));
    assert.deepEqual([headline, detail], ['Nächster Platz in 4 s', '1 person waits. All 3 keys are ready.']);
  });
});

describe('quota', () => {
  test('is that of the tightest known limit, as what is left tells it', () => {
    const tokens = { limits: { rpm: 10, tpm: 1000, rpd: 100 }, remaining: { rpm: 9, tpm: 100, rpd: null }, used: { requests: 1, tokens: 400, requestsToday: 25 } };
    const { minute, day } = quotaByProject([pool('a', 3, 10), pool('a', 0, 0, tokens)]).get('a');
    assert.deepEqual(minute, { used: 900, limit: 1000, share: 0.9, tokens: true });
    assert.deepEqual(day, { used: 25, limit: 100, share: 0.25, tokens: false });
    assert.equal(quotaByProject([pool('b', 3, undefined, { limits: {}, remaining: { rpm: null, tpm: null, rpd: null } })]).get('b').minute, null);
  });

  test('leaves no room where every pool is full, and until the first has some', () => {
    const one = quotaByProject([pool('a', 10, 10), pool('a', 10, 10, { resetsAt: { minute: NOW + 2_000, day: 0 } })]);
    assert.deepEqual(shownHealth(key('a'), one), { health: 'full', until: NOW + 2_000 });
    const other = quotaByProject([pool('a', 10, 10), pool('a', 1, 10)]);
    assert.equal(shownHealth(key('a'), other).health, 'available');
    assert.equal(readyKeys({ keys: [key('a'), key('b'), key('c', 'invalid')], pools: [pool('a', 10, 10)] }), 1);
  });
});

describe('time', () => {
  const sums = (series, range) => series.points(range, NOW).slice(1).map((list) => list.reduce((all, count) => all + count, 0));

  test('is counted at three steps, and forgotten as it goes', () => {
    const series = new Series();
    for (const ago of [0, 5_000, 120_000, 2 * 3_600_000, 30 * 3_600_000]) {
      series.requests(NOW - ago);
      series.failures(NOW - ago);
      series.waits(NOW - ago, 2);
    }
    series.requests(NOW);
    assert.deepEqual([sums(series, 'ten'), sums(series, 'hour'), sums(series, 'day')], [[4, 1, 6], [4, 1, 6], [5, 1, 8]]);
    const [seconds, requests] = series.points('ten', NOW);
    assert.equal(seconds.length, RANGES.ten.slots);
    assert.deepEqual([seconds.at(-1), requests.at(-1), requests.at(-2)], [NOW / 1000, 2, 1]);
    assert.deepEqual(sums(series, 'ten').length, 3);
  });

  test('before us is told by a report, which does not count twice', () => {
    const memory = new Memory();
    const now = Date.now();
    const at = Math.floor(now / 60_000) * 60_000;
    memory.series.requests(at, 3);
    const slot = (minutes, requests) => ({ at: at - minutes * 60_000, requests, failures: 0, waited: 1 });
    const report = { step: 'minute', series: [slot(40, 8), slot(1, 6), slot(0, 3)], pattern: [], errors: [{ verdict: 'timeout', count: 2, keys: { a: 2 } }] };
    memory.use(report);
    memory.use(report);
    const all = memory.series.points('hour', now)[1];
    assert.deepEqual([all.at(-1), all.at(-2), all.at(-41)], [3, 6, 8]);
    assert.deepEqual(memory.errors, report.errors);
  });

  test('of the day is counted by hour and key, and failures by kind', () => {
    const tally = new Tally();
    for (const verdict of ['ok', 'rate-limited', 'rate-limited', 'timeout']) tally.settled({ at: NOW, key: 'a', verdict });
    assert.deepEqual(tally.pattern[new Date(NOW).getHours()], { hour: new Date(NOW).getHours(), requests: 4, keys: { a: 4 } });
    assert.deepEqual(tally.errors, [{ verdict: 'rate-limited', count: 2, keys: { a: 2 } }, { verdict: 'timeout', count: 1, keys: { a: 1 } }]);
  });
});

test('what ends while a report of use is made, and after it, is counted on top of it, once', () => {
  const memory = new Memory();
  const end = (verdict) => memory.tally.settled({ at: NOW, key: 'a', verdict });
  const hour = new Date(NOW).getHours();
  end('timeout');
  memory.tally.ask();
  end('rate-limited');
  // It knows of the first, and of more that was before us.
  memory.use({ step: 'minute', series: [], pattern: [{ hour, requests: 7, successes: 6, keys: { a: 4, b: 3 } }], errors: [{ verdict: 'timeout', category: 'other', count: 3, keys: { a: 2, b: 1 } }] });
  end('rate-limited');
  end('ok');
  assert.deepEqual(memory.errors, [{ verdict: 'timeout', count: 3, keys: { a: 2, b: 1 } }, { verdict: 'rate-limited', count: 2, keys: { a: 2 } }]);
  assert.deepEqual(memory.tally.pattern[hour], { hour, requests: 10, keys: { a: 7, b: 3 } });
  assert.equal(memory.tally.pattern.length, 24);
});

test('moves that come twice are one, and keys that were left are counted', () => {
  const moves = new Moves();
  const move = (at, from, to) => ({ at, from, to, verdict: 'rate-limited', reason: 'limit' });
  const [first, second, third] = [move(1, 'a', 'b'), move(1, 'b', 'c'), move(2, 'a', 'c')];
  moves.merge([second, first]);
  moves.merge([third, second, first]);
  moves.merge([third, second, first]);
  assert.deepEqual(moves.latest(9).map(({ from, to }) => `${from}${to}`), ['ac', 'bc', 'ab']);
  assert.deepEqual([moves.leaving('a'), moves.leaving('b'), moves.leaving('c')], [2, 1, 0]);
  for (let at = 3; at < 1100; at += 1) moves.add(move(at, 'd', 'e'));
  assert.deepEqual([moves.total, moves.leaving('a'), moves.leaving('d')], [1000, 0, 1000]);
});

test('an event stream is read however it is cut', () => {
  const text = '\uFEFF: hello\r\nretry: 1500\r\nevent: state\r\nid: 7\r\ndata: {"a":\r\ndata:1}\r\n\r\ndata\n\nevent: closed\ndata: {}\n\n';
  const expected = [{ type: 'state', data: '{"a":\n1}' }, { type: 'message', data: '' }, { type: 'closed', data: '{}' }];
  for (const size of [1, 2, 3, 7, text.length]) {
    const reader = new EventStreamReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...reader.take(text.slice(at, at + size)));
    assert.deepEqual(events, expected, `in pieces of ${size}`);
    assert.deepEqual([reader.lastId, reader.retry], ['7', 1500]);
  }
});

test('the entry can be imported where there is no page, or half of one', () => {
  for (const half of ['', 'globalThis.window = globalThis; globalThis.document = {};']) {
    const script = `${half} const { defineDashboard, QuotaDashboard } = await import(${JSON.stringify(DASHBOARD)}); defineDashboard(); console.log(QuotaDashboard.name);`;
    assert.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).trim(), 'QuotaDashboard');
  }
});

test('spans are of two units, rounded up', () => {
  assert.deepEqual([-5, 0, 1, 59_001, 60_000, 250_000, 7_500_000, 7_200_000].map(MESSAGES.span), ['0 s', '0 s', '1 s', '1 min', '1 min', '4 min 10 s', '2 h 5 min', '2 h']);
});
