// The workshop's own plan: the class, its options and its manners. Letters and numbers in the names of this room's tests
// are those of the list of capabilities: W the workshop, M the multi-key service, R the rotation report, C the quest app.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, QuotaAwareAPI, QuotaAwareError, ENDPOINT, failure, printed, question, turn, watched, workshop } from './support.js';

test('the class is a named export and needs nothing but keys (W1, W2)', () => {
  const api = new QuotaAwareAPI(['fake-a', 'fake-b']);
  assert.equal(api.getStats().totalKeys, 2);
  api.close();
});

test('empty keys are dropped (W3)', () => {
  const api = new QuotaAwareAPI(['fake-a', '', null, undefined, false, 'fake-b']);
  assert.equal(api.getStats().totalKeys, 2);
  api.close();
});

test('counters of the minute clear after resetInterval, 60 s by default (W4)', async (t) => {
  const { api, ask, pass } = workshop(t);
  const used = () => api.getStatus().pools.reduce((sum, pool) => sum + pool.used.requests, 0);
  await ask();
  await pass(59_000);
  assert.equal(used(), 1);
  await pass(2000);
  assert.equal(used(), 0);
});

test('a shorter resetInterval is kept to (W4)', async (t) => {
  const { api, ask, pass } = workshop(t, { resetInterval: 5000 });
  await ask();
  await pass(4000);
  assert.equal(api.getStatus().pools[0].used.requests, 1);
  await pass(2000);
  assert.equal(api.getStatus().pools[0].used.requests, 0);
});

test('three keys that all answer 429 are tried exactly three times under the preset of the workshop (W5, W12)', async (t) => {
  const { mock, ask, pass, tried } = workshop(t, { preset: 'workshop' });
  for (const project of ['project-1', 'project-2', 'project-3']) mock.exhaust(project, 'minute');
  const call = failure(ask());
  await pass(5000);
  const error = await call;
  assert.deepEqual(tried(), ['key-1', 'key-2', 'key-3']);
  const [first, second, third] = mock.log.map(({ at }) => at);
  assert.deepEqual([second - first, third - second], [100, 200], 'the waits between keys are 100 and 200 ms');
  assert.ok(error instanceof QuotaAwareError);
});

test('the final error names how many keys and attempts there were, and is typed (W14)', async (t) => {
  const { mock, ask, pass } = workshop(t, { preset: 'workshop' });
  for (const project of ['project-1', 'project-2', 'project-3']) mock.exhaust(project, 'minute');
  const call = failure(ask());
  await pass(5000);
  const error = await call;
  assert.equal(error.name, 'QuotaAwareError');
  assert.match(error.message, /\b3 keys\b/);
  assert.match(error.message, /\b3 attempts\b/);
  assert.equal(error.attempts.length, 3);
  assert.deepEqual(error.attempts.map(({ status }) => status), [429, 429, 429]);
});

test('six successes over three keys are two each (W9)', async (t) => {
  const { api, ask, tried } = workshop(t);
  for (let call = 0; call < 6; call += 1) assert.equal((await ask()).status, 200);
  assert.deepEqual(api.getStats().requestCounts, [2, 2, 2]);
  assert.deepEqual(tried(), ['key-1', 'key-2', 'key-3', 'key-1', 'key-2', 'key-3']);
});

test('after a 429 the next key serves, and the caller sees its 200 (W10)', async (t) => {
  const { api, mock, ask, tried } = workshop(t);
  mock.exhaust('project-1', 'minute');
  assert.equal((await ask()).status, 200);
  assert.deepEqual(tried(), ['key-1', 'key-2']);
  assert.deepEqual(api.getStats().errorCounts, [1, 0, 0]);
});

test('a network error counts against the key, and the next one serves (W11)', async (t) => {
  const { api, mock, ask } = workshop(t);
  mock.script([{ connection: true }]);
  assert.equal((await ask()).status, 200);
  assert.deepEqual(api.getStats().errorCounts, [1, 0, 0]);
  assert.deepEqual(api.getStats().requestCounts, [1, 1, 0]);
});

test('other statuses reach the caller after one attempt, untouched (W13)', async (t) => {
  for (const status of [400, 404, 413]) {
    await t.test(String(status), async (t) => {
      const { mock, ask } = workshop(t);
      mock.script([{ status, body: { error: { code: status, message: 'as sent', status: 'X' } } }]);
      const response = await ask();
      assert.equal(response.status, status);
      assert.equal((await response.json()).error.message, 'as sent');
      assert.equal(mock.log.length, 1);
    });
  }
});

test('backoff(attempt) waits 100, 200, 400 … 2,000 ms under the preset of the workshop (W12, W16)', async (t) => {
  const { api, pass } = workshop(t, { preset: 'workshop' });
  for (const [attempt, wait] of [100, 200, 400, 800, 1600, 2000, 2000].entries()) {
    const seen = watched(api.backoff(attempt));
    await pass(wait - 1, wait - 1);
    assert.equal(seen.state, 'pending', `attempt ${attempt} before ${wait} ms`);
    await pass(1, 1);
    assert.equal(seen.state, 'resolved', `attempt ${attempt} at ${wait} ms`);
  }
});

test('rotateKey() gives the turn to the next key, and wraps (W15)', async (t) => {
  const { api } = workshop(t);
  const turns = [];
  for (let step = 0; step < 4; step += 1) {
    turns.push(api.getStats().currentKey);
    api.rotateKey();
  }
  assert.deepEqual(turns, [1, 2, 3, 1]);
});

test('fifty rapid calls over two keys with 15 a minute are all answered, by both keys, with and without declared limits (W26)', async (t) => {
  // Two probes above the limit are spent at the most, to find out whether the minute is fixed; none where it is said to roll.
  for (const [name, options, most] of [['limits unknown', {}, Infinity], ['limits declared', { limits: { rpm: 15 } }, 2], ['and the minute too', { limits: { rpm: 15 }, minute: 'rolling' }, 0]]) {
    await t.test(name, async (t) => {
      const { api, mock, ask, pass } = workshop(t, { keys: KEYS.slice(0, 2), ...options });
      const calls = Array.from({ length: 50 }, () => watched(ask()));
      await turn();
      assert.equal(calls.filter(({ state }) => state === 'resolved').length, 30);
      await pass(90_000);
      assert.deepEqual(calls.map(({ value }) => value?.status), Array(50).fill(200), 'no 429 reaches a caller');
      assert.ok(api.getStatus().keys.every(({ successes }) => successes >= 15));
      if (options.limits === undefined) assert.ok(api.getStats().rotations > 0, 'refused calls moved to the other key');
      assert.ok(mock.state().totals.refused <= most, `${mock.state().totals.refused} refused`);
    });
  }
});

test('with limits and minute declared one early try is refused at the most, although requests take their time to arrive: slowly at first, fast once connected (W26)', async (t) => {
  let travel = 600;
  const { mock, pass, api } = workshop(t, {
    keys: KEYS.slice(0, 2), limits: { rpm: 15 }, minute: 'rolling',
    fetch: async (url, init) => {
      await new Promise((resolve) => { setTimeout(resolve, travel); });
      return mock.fetch(url, init);
    },
  });
  const calls = Array.from({ length: 50 }, () => watched(api.call(ENDPOINT, question())));
  await pass(5000);
  travel = 10;
  await pass(90_000);
  assert.deepEqual(calls.map(({ value }) => value?.status), Array(50).fill(200));
  // One call finds out how soon a place is ours again; the others wait for what it has learned.
  assert.ok(mock.state().totals.refused <= 1, `${mock.state().totals.refused} refused`);
});

test('a call that waits goes on, although its timer rings a millisecond early by the clock', async (t) => {
  let early = 0;
  const { ask, pass } = workshop(t, { keys: [KEYS[0]], limits: { rpm: 1 }, now: () => Date.now() - early });
  await ask();
  const waiting = watched(ask());
  await pass(59_000);
  early = 1;
  await pass(5000, 1);
  assert.equal(waiting.state, 'resolved');
});

test('maxRetries: 0 of one call means one attempt (M76)', async (t) => {
  const { mock, ask, pass } = workshop(t);
  mock.exhaust('project-1', 'minute');
  const call = failure(ask({ quota: { maxRetries: 0 } }));
  await pass(100);
  assert.equal((await call).attempts.length, 1);
  assert.equal(mock.log.length, 1);
});

test('it says nothing unless asked, and verbose logs one line for each attempt: the key by number, never the key (W6, W19)', async (t) => {
  const lines = printed(t);
  const quiet = workshop(t);
  await quiet.ask();
  assert.deepEqual(lines, []);
  const loud = new QuotaAwareAPI(KEYS, { fetch: quiet.mock.fetch, now: () => Date.now(), verbose: true });
  t.after(() => loud.close());
  quiet.mock.exhaust('project-1', 'minute');
  await loud.call(ENDPOINT, question());
  assert.equal(lines.length, 2);
  assert.match(lines[0], /Key 1\/3.*429/);
  assert.match(lines[1], /Key 2\/3.*200/);
  assert.ok(!lines.join('\n').includes('fake-mock-key'));
});

test('a function as verbose gets the lines instead of the console (W6)', async (t) => {
  const onConsole = printed(t);
  const lines = [];
  const { ask } = workshop(t, { verbose: (line) => lines.push(line) });
  await ask();
  assert.equal(lines.length, 1);
  assert.deepEqual(onConsole, []);
});

test('statistics are printed after every tenth attempt where that is asked for (W22)', async (t) => {
  const lines = printed(t);
  const { ask } = workshop(t, { printStatsEvery: 10 });
  const printouts = () => lines.filter((line) => /Success rate/.test(line)).length;
  const counts = [];
  for (let call = 1; call <= 20; call += 1) {
    await ask();
    counts.push(printouts());
  }
  assert.deepEqual([counts[8], counts[9], counts[18], counts[19]], [0, 1, 1, 2]);
});
