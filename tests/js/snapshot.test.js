// Snapshots, as users have them: state that outlives a process, and what is no snapshot is refused without a trace.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { INDEX, createMockProvider, createMockServer } from '../built.js';
import { ENDPOINT, KEYS, NOON, answering, byHand, clock, endpointOf, open, question, refusal, refused, served, watched } from './support.js';

const SECRETS = ['fake-secret-without-any-prefix-42', 'fake-other-secret-that-is-long-43'];

/** An instance that has been through something, at noon. */
async function seasoned() {
  const api = open({ fetch: answering(served(), refused(30), served()), now: () => NOON, strategy: 'round-robin' });
  for (let n = 0; n < 3; n += 1) await (await api.call(ENDPOINT, question())).text();
  return api;
}

const stored = (snapshot) => JSON.parse(JSON.stringify(snapshot));

/** What people see, but for what is about the process. */
function seen(api) {
  const { uptime, ...stats } = api.getStats();
  const usage = ['minute', 'hour', 'day'].map((step) => api.getUsage({ step }));
  return { stats, status: api.getStatus(), history: api.getRotationHistory(), usage };
}

describe('a snapshot', () => {
  test('goes on in another instance as JSON, and as it is', async () => {
    const before = await seasoned();
    for (const pass of [stored, (snapshot) => snapshot, structuredClone]) {
      const after = open({ now: () => NOON });
      assert.deepEqual(after.restore(pass(before.snapshot())), { keys: 2, pools: 2, ignored: 0 });
      assert.deepEqual(seen(after), seen(before));
      assert.deepEqual(after.snapshot(), before.snapshot());
    }
  });

  test('is plain data: what JSON can write, and nothing that it would lose', async () => {
    const snapshot = (await seasoned()).snapshot();
    assert.deepEqual(stored(snapshot), snapshot);
    assert.deepEqual([snapshot.version, snapshot.at], [2, NOON]);
  });

  test('is of a bounded size, however many calls there were', async () => {
    let now = NOON;
    const api = open({ now: () => (now += 7), limits: { rpm: 100_000 } });
    for (let n = 0; n < 3_000; n += 1) await api.call(ENDPOINT, question());
    const size = JSON.stringify(api.snapshot()).length;
    assert.ok(size < 20_000, `${size} characters`);
  });

  test('has no secret in it, wherever callers put one', async () => {
    const api = open({ fetch: answering(refused(), served()), strategy: 'assigned' }, SECRETS);
    await api.call(ENDPOINT, { ...question(), quota: { session: SECRETS[0] } });
    await api.call('https://api.openai.com/v1/chat/completions', question(SECRETS[1]));
    api.rotateKey(SECRETS[0]);
    api.rotateKey('ann');
    const text = JSON.stringify(api.snapshot());
    for (const secret of SECRETS) {
      for (let at = 0; at + 12 <= secret.length; at += 1) assert.ok(!text.includes(secret.slice(at, at + 12)), text);
    }
    assert.match(text, /ann/);
    open({}, SECRETS).restore(JSON.parse(text));
  });

  test('is known again by ids: another secret takes over quota, not health', () => {
    const options = { now: () => NOON, strategy: 'failover' };
    const snapshot = (shut) => ({ ...open(options, [{ id: 'a', key: 'fake-key-one', project: 'p' }]).snapshot(), keys: [{ id: 'a', hint: 'one', requests: 9, successes: 2, errors: 7, rateLimited: 0, latencyMs: 20, lastUsedAt: NOON, strikes: 7, cooldowns: 3, shut, credit: 0, lately: [0, 0], out: false }] });
    const health = (key) => {
      const api = open(options, [{ id: 'a', key, project: 'p' }]);
      api.restore(snapshot(['invalid', null]));
      const [{ health: word, requests, consecutiveErrors }] = api.getStatus().keys;
      return [word, requests, consecutiveErrors];
    };
    assert.deepEqual(health('fake-key-one'), ['invalid', 9, 7]);
    assert.deepEqual(health('fake-key-two'), ['available', 9, 0]);
  });

  test('of keys that are gone says how many, and the others go on', async () => {
    const api = open({}, ['fake-key-one', { key: 'fake-key-six', id: 'new' }]);
    assert.deepEqual(api.restore((await seasoned()).snapshot()), { keys: 1, pools: 1, ignored: 2 });
  });

  test('holds fallbacks with keys of their own', async () => {
    const fallback = [{ model: 'gemini-other' }, { provider: 'groq', model: 'llama', keys: [{ key: 'fake-groq-one', id: 'g' }] }];
    const before = open({ fallback, now: () => NOON });
    await before.testKey('g', { model: 'llama' });
    const snapshot = stored(before.snapshot());
    assert.deepEqual(snapshot.fallbacks.map((of) => of?.keys[0].requests), [undefined, 1]);
    const after = open({ fallback, now: () => NOON });
    assert.equal(after.restore(snapshot).keys, 3);
    assert.equal(after.getStatus().fallbacks[0].keys[0].requests, 1);
    const damaged = { ...snapshot, fallbacks: [null, { ...snapshot.fallbacks[1], at: 'noon' }] };
    const untouched = seen(after);
    assert.throws(() => after.restore(damaged), refusal('SNAPSHOT_INVALID', /^snapshot\.fallbacks\[1\]\.at: expected a whole number/));
    assert.deepEqual(seen(after), untouched);
    assert.throws(() => after.restore({ ...snapshot, fallbacks: 3 }), refusal('SNAPSHOT_INVALID', /^snapshot\.fallbacks: expected an array, got 3/));
  });
});

describe('usage over time', () => {
  const asked = { ...question(), quota: { session: 'ann', operation: 'text' } };
  const used = async (options) => {
    const api = open({ now: () => NOON, ...options });
    await (await api.call(ENDPOINT, asked)).text();
    return api;
  };

  test('goes on with the keys that are gone, and what was used since', async () => {
    const before = await used({});
    const after = open({ now: () => NOON }, [{ key: 'fake-key-six', id: 'new' }]);
    after.restore(stored(before.snapshot()));
    assert.deepEqual(after.getUsage().keys, before.getUsage().keys);
    assert.deepEqual(after.getUsage().pools.map(({ project, requests }) => [project, requests]), [['key-1', 1]]);
    assert.deepEqual(after.getStatus().pools, []);
    await (await after.call(ENDPOINT, asked)).text();
    const { keys, sessions, totals } = after.getUsage();
    assert.deepEqual(keys.map(({ key, requests }) => [key, requests]), [['new', 1], ['key-1', 1]]);
    assert.deepEqual([sessions.map(({ session, requests }) => [session, requests]), totals.requests], [[['ann', 2]], 2]);
  });

  test('is none where it is switched off, on either side', async () => {
    const silent = await used({ usage: false });
    const snapshot = stored(silent.snapshot());
    assert.equal(snapshot.usage, null);
    const after = open({ now: () => NOON });
    after.restore(snapshot);
    assert.equal(after.getUsage().totals.requests, 0);
    silent.restore(stored((await used({})).snapshot()));
    assert.equal(silent.snapshot().usage, null);
  });
});

describe('what is no snapshot is refused by its path, and changes nothing:', () => {
  const deep = () => { let inner = []; for (let n = 0; n < 100; n += 1) inner = [inner]; return inner; };
  const cyclic = {};
  cyclic.self = cyclic;
  const DAMAGED = {
    'nothing': [() => undefined, /^snapshot: expected what snapshot\(\) has returned, an object, got nothing/],
    'a string': [(good) => JSON.stringify(good), /^snapshot: expected what snapshot\(\) has returned, an object, got "/],
    'an array': [() => [], /^snapshot: expected .* an object, got an empty array/],
    'an empty object': [() => ({}), /^snapshot\.version: expected a version from 1 to 2, got nothing/],
    'of a newer version': [(good) => ({ ...good, version: 3 }), /^snapshot\.version: expected a version from 1 to 2, got 3; it was taken by a newer quota-aware-api/],
    'of no version that there was': [(good) => ({ ...good, version: 0 }), /^snapshot\.version: expected a version from 1 to 2, got 0$/],
    'of a version in words': [(good) => ({ ...good, version: '2' }), /^snapshot\.version: .* got "2"/],
    'with cells of too few numbers': [(good) => ({ ...good, usage: { ...good.usage, open: good.usage.open.with(6, [[0, 1]]) } }), /^snapshot\.usage\.open\[6\]\[0\]: expected an array of 7, got an array of 2/],
    'with an unknown part of usage': [(good) => ({ ...good, usage: { ...good.usage, weeks: [] } }), /^snapshot\.usage\.weeks: expected no such field, got one/],
    'of no time': [({ at, ...rest }) => rest, /^snapshot\.at: expected a whole number from 0 to 8640000000000000, got nothing/],
    'of a negative time': [(good) => ({ ...good, at: -1 }), /^snapshot\.at: .* got -1/],
    'without its pools': [({ pools, ...rest }) => rest, /^snapshot\.pools: expected an array of at most 1000, got nothing/],
    'with a stranger': [(good) => ({ ...good, zebra: 1 }), /^snapshot\.zebra: expected no such field, got one/],
    'with NaN': [(good) => ({ ...good, counters: { ...good.counters, served: NaN } }), /^snapshot\.counters\.served: expected a whole number from 0 to 9007199254740991, got NaN/],
    'with a fraction': [(good) => ({ ...good, window: 0.5 }), /^snapshot\.window: .* got a fraction between 0 and 1/],
    'with strings for numbers': [(good) => ({ ...good, keys: good.keys.map((key) => ({ ...key, requests: '3' })) }), /^snapshot\.keys\[0\]\.requests: .* got "3"/],
    'with more served than sent': [(good) => ({ ...good, counters: { ...good.counters, served: 99 } }), /^snapshot\.counters\.attempts: expected no fewer than were served and failed/],
    'with a key of more served than sent': [(good) => ({ ...good, keys: [{ ...good.keys[0], successes: 99 }] }), /^snapshot\.keys\[0\]\.requests: expected no fewer/],
    'with an unknown word': [(good) => ({ ...good, keys: [{ ...good.keys[0], shut: ['tired', null] }] }), /^snapshot\.keys\[0\]\.shut\[0\]: expected one of minute-quota, .*, got "tired"/],
    'closed for ever': [(good) => ({ ...good, keys: [{ ...good.keys[0], shut: ['errors', 9e15] }] }), /^snapshot\.keys\[0\]\.shut\[1\]: expected milliseconds since 1970 from 0 to \d+, which is 31 days after the snapshot/],
    'with a row too short': [(good) => ({ ...good, pools: [{ ...good.pools[0], minute: [[1, 2, 3]] }] }), /^snapshot\.pools\[0\]\.minute\[0\]: expected an array of 4, got an array of 3/],
    'with a million entries': [(good) => ({ ...good, latencies: Array.from({ length: 1_000_000 }, () => [1, 1]) }), /^snapshot\.latencies: expected an array of at most \d+, got an array of 1000000/],
    'with a hint that is longer': [(good) => ({ ...good, keys: [{ ...good.keys[0], hint: 'fake-key-one' }] }), /^snapshot\.keys\[0\]\.hint: expected at most three characters, got a string of 12 characters/],
    'with a secret in it': [(good) => ({ ...good, turn: ['fake-key-one'] }), /^snapshot\.turn: expected a name on one line/],
    'nested deeply': [(good) => ({ ...good, rotations: deep() }), /^snapshot: expected plain data: nested more than 32 levels deep/],
    'a circle': [() => cyclic, /^snapshot: expected plain data: nested more than 32 levels deep/],
    'with a function in it': [(good) => ({ ...good, keys: () => {} }), /^snapshot: expected plain data: a function or a symbol is none/],
  };
  for (const [what, [damage, words]] of Object.entries(DAMAGED)) {
    test(what, async () => {
      const api = await seasoned();
      const before = [api.snapshot(), seen(api)];
      assert.throws(() => api.restore(damage(stored(api.snapshot()))), refusal('SNAPSHOT_INVALID', words));
      assert.deepEqual([api.snapshot(), seen(api)], before);
    });
  }

  test('a secret in it is not repeated', () => {
    const api = open({}, SECRETS);
    const good = stored(api.snapshot());
    for (const damaged of [{ ...good, at: SECRETS[0] }, { ...good, [SECRETS[0]]: 1 }, { ...good, turns: [[SECRETS[1], 'a']] }]) {
      assert.throws(() => api.restore(damaged), (error) => {
        refusal('SNAPSHOT_INVALID')(error);
        const said = `${error.message} ${error.advice} ${JSON.stringify(error)}`;
        for (const secret of SECRETS) assert.ok(!said.includes(secret.slice(0, 14)), said);
        return true;
      });
    }
  });
});

test('configured limits stand above learned ones', async () => {
  const before = open({ fetch: answering(refused()), now: () => NOON }, ['fake-key-one']);
  await before.call(ENDPOINT, { ...question(), quota: { maxRetries: 1 } }).catch(() => {});
  assert.equal(before.getStatus().pools[0].limits.rpm, 15);
  const limits = (options) => {
    const after = open({ now: () => NOON, ...options }, ['fake-key-one']);
    after.restore(before.snapshot());
    return after.getStatus().pools[0].limits;
  };
  assert.deepEqual(limits({}), { rpm: 15, learned: true });
  assert.deepEqual(limits({ limits: { rpm: 40 } }), { rpm: 40, learned: false });
});

test('a clock that was set back closes nothing for longer than it was', async () => {
  let now = NOON;
  const before = open({ fetch: answering(refused(30), refused(30)), now: () => now });
  await before.call(ENDPOINT, { ...question(), quota: { maxRetries: 2, deadline: 1_000 } }).catch(() => {});
  const snapshot = before.snapshot();
  const [{ availableInMs }] = before.getStatus().keys;
  assert.ok(availableInMs > 30_000);
  now = NOON - 400 * 86_400_000;
  const after = open({ now: () => now });
  after.restore(snapshot);
  assert.equal(after.getStatus().keys[0].availableInMs, availableInMs);
  now += 35_000;
  assert.equal(after.getStatus().keys[0].health, 'probing');
});

describe('over a provider that counts, a restart', () => {
  const asked = (api) => api.call(endpointOf('gemini-3.5-flash'), question()).then(({ status }) => status, ({ code }) => code);

  /** A provider, and instances one after the other, on one clock. */
  function stage(t, limits, options = {}) {
    const { now, pass } = clock(t);
    const mock = createMockProvider({ projects: KEYS.map((key) => ({ keys: [key], models: { 'gemini-3.5-flash': limits } })), latency: 0, now });
    let api;
    const born = (snapshot) => {
      api?.close();
      api = open({ fetch: mock.fetch, now, queue: { maxWait: 0 }, minute: 'rolling', ...options });
      if (snapshot !== undefined) api.restore(stored(snapshot));
      return api;
    };
    t.after(() => api.close());
    /** A call, and the time that it takes. */
    const ask = async () => {
      const seen = watched(asked(api));
      while (seen.state === 'pending') await pass(50);
      return seen.value;
    };
    return { mock, pass, born, ask, refused: () => mock.state().totals.refused };
  }

  test('in the middle of a minute sends nothing that would be refused, and goes on when the minute is over', async (t) => {
    const { pass, born, ask, refused: count } = stage(t, { rpm: 3 }, { limits: { rpm: 3 } });
    let api = born();
    for (let n = 0; n < 6; n += 1) assert.equal(await ask(), 200);
    const snapshot = api.snapshot();
    await pass(20_000);
    api = born(snapshot);
    assert.notEqual(await ask(), 200);
    assert.equal(count(), 0);
    assert.equal(api.getStatus().pools[0].used.requests, 3);
    await pass(41_000);
    for (let n = 0; n < 6; n += 1) assert.equal(await ask(), 200);
    assert.equal(count(), 0);
  });

  test('keeps keys cooled down for as long as they were, and the refused day closed', async (t) => {
    const { mock, pass, born, ask, refused: count } = stage(t, { rpm: 3, rpd: 10 });
    let api = born();
    mock.exhaust('project-1', 'day', 'gemini-3.5-flash');
    mock.exhaust('project-2', 'minute', 'gemini-3.5-flash');
    await ask();
    const before = api.getStatus();
    assert.deepEqual(before.keys.map(({ health }) => health), ['quota-exhausted', 'rate-limited']);
    const refusals = count();
    const snapshot = api.snapshot();
    await pass(5_000);
    api = born(snapshot);
    assert.deepEqual(api.getStatus().keys.map(({ availableAt }) => availableAt), before.keys.map(({ availableAt }) => availableAt));
    assert.notEqual(await ask(), 200);
    const [, { availableInMs }] = api.getStatus().keys;
    await pass(availableInMs + 50);
    assert.equal(await ask(), 200);
    assert.deepEqual([count(), api.getStatus().keys[0].health], [refusals, 'quota-exhausted']);
  });

  test('a day later finds everything open, and the counters as they were', async (t) => {
    const { pass, born, ask } = stage(t, { rpm: 3, rpd: 3 }, { limits: { rpm: 3, rpd: 3 } });
    let api = born();
    for (let n = 0; n < 7; n += 1) await ask();
    const snapshot = api.snapshot();
    await pass(86_400_000, 3_600_000);
    api = born(snapshot);
    assert.deepEqual(api.getStatus().keys.map(({ health }) => health), ['available', 'available']);
    assert.equal(api.getStats().totalRequests, 6);
    assert.equal(await ask(), 200);
  });

  test('with calls under way counts them as sent', async (t) => {
    const { now } = clock(t);
    const { fetch } = byHand();
    const before = open({ fetch, now, limits: { rpm: 2 } }, ['fake-key-one']);
    for (let n = 0; n < 3; n += 1) before.call(ENDPOINT, question()).catch(() => {});
    const snapshot = before.snapshot();
    before.close();
    const after = open({ now, limits: { rpm: 2 }, queue: { maxWait: 0 } }, ['fake-key-one']);
    t.after(() => after.close());
    after.restore(snapshot);
    assert.deepEqual([after.getStatus().pools[0].used.requests, after.getStatus().queue.inFlight, after.getStats().totalRequests], [2, 0, 2]);
    await assert.rejects(after.call(ENDPOINT, question()), ({ retryAfter }) => retryAfter > 59_000);
  });

  test('of the process itself: killed, and another goes on from a file', { timeout: 60_000 }, async (t) => {
    const server = await createMockServer({ projects: KEYS.map((key) => ({ keys: [key], models: { 'gemini-3.5-flash': { rpm: 4, rpd: 8 } } })), latency: 5, minute: 3_000 });
    t.after(() => server.close());
    const folder = await mkdtemp(join(tmpdir(), 'quota-aware-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'snapshot.json');
    const program = (then) => `
      import { readFileSync, writeFileSync } from 'node:fs';
      import { QuotaAwareAPI } from ${JSON.stringify(INDEX)};
      const file = ${JSON.stringify(file)};
      const api = new QuotaAwareAPI(${JSON.stringify(KEYS)}, { baseURL: ${JSON.stringify(server.url)}, resetInterval: 3000, minute: 'rolling', limits: { rpm: 4 } });
      const ask = (quota = {}) => api.call('/v1beta/models/gemini-3.5-flash:generateContent', { ...${JSON.stringify(question())}, quota });
      ${then}`;
    // Eight requests fill a minute of both; the first project's day is used up by others.
    server.provider.exhaust('project-1', 'day', 'gemini-3.5-flash');
    const killed = await run(program(`
      await Promise.all(Array.from({ length: 4 }, () => ask()));
      writeFileSync(file, JSON.stringify(api.snapshot()));
      process.kill(process.pid, 'SIGKILL');`));
    assert.equal(killed.signal, 'SIGKILL', killed.printed);
    const refusals = server.provider.state().totals.refused;
    assert.ok(refusals > 0, 'the day of the first project was found to be over');
    const second = await run(program(`
      const restored = api.restore(JSON.parse(readFileSync(file, 'utf8')));
      const code = await ask({ deadline: 100 }).then(() => 'served', ({ code }) => code);
      const health = api.getStatus().keys.map(({ health }) => health);
      const { status } = await ask();
      console.log(JSON.stringify({ restored, code, health, status }));
      api.close();`));
    const { restored, code, health, status } = JSON.parse(second.printed);
    assert.deepEqual(restored, { keys: 2, pools: 2, ignored: 0 });
    assert.equal(code, 'PARTIAL_QUOTA', 'the minute of the second project is in use, and the day of the first');
    assert.equal(health[0], 'quota-exhausted');
    assert.equal(status, 200, 'once it is over');
    assert.equal(server.provider.state().totals.refused, refusals, 'nothing was refused');
  });
});

/** Runs a program; resolves to how it ended and what it printed. */
function run(source) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => { printed += piece; });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, printed: printed.trim() }));
  });
}
