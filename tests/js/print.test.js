// The table of `printStats`: for people in a terminal, in plain lines for everybody else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { isTerminal } from '../../pkg-template/api/print/style.js';
import { INDEX } from '../built.js';
import { ENDPOINT, answering, clock, open, question, refusal, refused } from './support.js';

const keys = (count) => Array.from({ length: count }, (_, at) => `fake-key-${at + 1}`);
const seen = (line) => line.replace(/\u001b\[\d+m/g, '');

/** What is printed, and by which way: to a function in plain lines, or as in a terminal. */
function printed(api, options) {
  const lines = [];
  api.printStats((line) => lines.push(line), options);
  return lines;
}

/** An instance that has had these calls. */
async function used(t, { count = 3, calls = 4, answers = [], ...options } = {}) {
  const { pass } = clock(t);
  const api = open({ fetch: answering(...answers), limits: { rpm: 10, rpd: 100 }, minute: 'rolling', now: () => Date.now(), ...options }, keys(count));
  t.after(() => api.close());
  for (let call = 0; call < calls; call += 1) await api.call(ENDPOINT, question());
  return { api, pass };
}

describe('in plain lines', () => {
  test('are the figures of all, and a line for each key', async (t) => {
    const { api, pass } = await used(t, { answers: [refused(30)] });
    await pass(2000);
    const lines = printed(api);
    assert.deepEqual(lines.slice(0, 5), ['Current key:  1/3', 'Requests:     5', 'Errors:       1', 'Success rate: 80.0%', 'Uptime:       2s']);
    assert.match(lines[5], /^Latency: {6}p50 \d+ ms, p95 \d+ ms$/);
    assert.deepEqual(lines.slice(6, 10), ['Tokens:       0 in, 0 out', 'Waits:        0 calls, 0 s in all', 'Queue:        0 waiting, 0 under way', 'Alerts:       none']);
    assert.equal(lines.length, 13);
    assert.match(lines[10], /^Key 1\/3 {2}key-1 {2}rate-limited {2}\[[#.]+\] {1,3}\d+% rp[md] {2}1 requests {2}1 errors {4}0\.0% {2}back in \d+ s$/);
    assert.match(lines[11], /^Key 2\/3 {2}key-2 {2}available {5}\[#+\.+\] +80% rpm {2}2 requests {2}0 errors {2}100\.0% {2}resets in \d+ s$/);
  });

  test('is ASCII, without colours, a line each, whatever ids are like', async (t) => {
    const api = open({}, [{ key: 'fake-a', id: 'an id that is long enough to be longer than everything else that is in its line' }, { key: 'fake-b', id: 'b\u202ex' }]);
    t.after(() => api.close());
    const lines = printed(api).slice(-2);
    for (const line of lines) assert.match(line, /^[ -~]+$/);
    assert.match(lines[0], /an id that is long enough to be longer than everything else that is in its line/);
    assert.match(lines[1], /^Key 2\/2 {2}b\?x/);
  });

  test('of a key whose limits nobody knows say so', async (t) => {
    const { api } = await used(t, { limits: undefined });
    for (const line of printed(api).slice(-3)) assert.match(line, / {2}available {2}unknown +\d+ requests/);
  });

  test('show the tightest limit, and never nothing where something is left', async (t) => {
    const { api } = await used(t, { count: 1, calls: 9, limits: { rpm: 1000, rpd: 10 } });
    assert.match(printed(api).at(-1), /\[#\.{4}\] {2}10% rpd .* resets in \d+ h \d+ min$/);
    await api.call(ENDPOINT, question());
    assert.match(printed(api).at(-1), /\[\.{5}\] {3}0% rpd/);
  });

  test('tell of fallbacks and of alerts', async (t) => {
    const api = open({ fallback: [{ model: 'gemini-other' }] });
    t.after(() => api.close());
    assert.ok(printed(api).includes('Fallback 1:   gemini-other: 0 tried, 0 served'));
    const invalid = () => new Response(JSON.stringify({ error: { code: 400, message: 'API key not valid.', details: [{ reason: 'API_KEY_INVALID' }] } }), { status: 400 });
    const broken = open({ fetch: async () => invalid() }, keys(2));
    t.after(() => broken.close());
    await broken.call(ENDPOINT, question()).catch(() => {});
    const alerts = printed(broken).filter((line) => line.startsWith('Alert:'));
    assert.match(alerts[0], /^Alert: {8}critical: /);
    assert.match(printed(broken).at(-1), /^Key 2\/2 {2}key-2 {2}invalid/);
  });

  test('count a success rate from 0 % to 100 % of what is over, however many fail', async (t) => {
    const api = open({ fetch: async () => new Response('', { status: 500 }), maxRetries: 1 });
    t.after(() => api.close());
    const rate = () => printed(api).find((line) => line.startsWith('Success rate:'));
    assert.equal(rate(), 'Success rate: N/A');
    for (let call = 0; call < 4; call += 1) {
      const failed = api.call(ENDPOINT, question()).catch(() => {});
      assert.match(rate(), /: (?:N\/A|0\.0%)$/);
      await failed;
      assert.equal(rate(), 'Success rate: 0.0%');
    }
    for (const line of printed(api)) assert.doesNotMatch(line, /[^y]-\d/);
  });
});

describe('in a terminal', () => {
  test('have heads, colours and bars; lines are as wide as it is, and keys are told apart', async (t) => {
    const { api } = await used(t, { count: 60, calls: 90, answers: [refused(30)] });
    for (const width of [80, 100, 140]) {
      const lines = printed(api, { color: true, width });
      assert.equal(lines.length, 71);
      assert.match(seen(lines[10]), /^Key +id +health +left +sent +err +ok +again in$/);
      for (const line of lines.slice(10)) assert.ok(seen(line).length <= width, `${seen(line).length} of ${width}: ${seen(line)}`);
      // One column under the other.
      const at = seen(lines[10]).indexOf('health');
      for (const line of lines.slice(11)) assert.match(seen(line).slice(at), /^(?:available|rate-limited) /);
    }
    const [first] = printed(api, { color: true, width: 100 }).slice(11);
    assert.match(first, /\u001b\[33mrate-limited\u001b\[0m/);
    assert.match(first, /█|░/);
  });

  test('are cut where they are too long for it, the bar first', async (t) => {
    const api = open({ limits: { rpm: 5 } }, [{ key: 'fake-a', id: 'a-key-with-a-very-long-name' }]);
    t.after(() => api.close());
    await api.call(ENDPOINT, question());
    for (const width of [1, 20, 60]) assert.match(seen(printed(api, { color: true, width }).at(-1)), /^Key 1\/1 {2}a-key[a-z-]*~ /);
    assert.match(seen(printed(api, { color: true, width: 120 }).at(-1)), /a-key-with-a-very-long-name .*█+░+ +80% rpm/);
  });

  test('is whatever has colours, unless the environment says otherwise', () => {
    const tty = (env) => isTerminal({ env, stdout: { isTTY: true } });
    const pipe = (env) => isTerminal({ env, stdout: {} });
    assert.deepEqual([tty({}), tty({ TERM: 'xterm' }), tty({ TERM: 'dumb' }), tty({ NO_COLOR: '1' }), tty({ NO_COLOR: '' }), tty({ FORCE_COLOR: '0' })], [true, true, false, false, true, false]);
    assert.deepEqual([pipe({}), pipe({ FORCE_COLOR: '1' }), pipe({ FORCE_COLOR: '' }), pipe({ FORCE_COLOR: '0' }), pipe({ FORCE_COLOR: '1', NO_COLOR: '1' })], [false, true, true, false, true]);
    assert.equal(isTerminal(undefined), false);
    assert.equal(isTerminal({ get env() { throw new Error('not allowed'); }, stdout: { isTTY: true } }), true);
  });

  test('is not a pipe: what a script reads is plain', () => {
    const program = `import { QuotaAwareAPI } from ${JSON.stringify(INDEX)}; const api = new QuotaAwareAPI(['fake-a', 'fake-b']); api.printStats(); api.close();`;
    const run = (env) => spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: undefined, ...env } }).stdout;
    assert.match(run({}), /^Current key: {2}1\/2\n[ -~\n]+\nKey 2\/2 {2}key-2 {2}available {2}unknown +0 requests {2}0 errors {2}N\/A\n$/);
    assert.match(run({ FORCE_COLOR: '1' }), /\u001b\[32mavailable\u001b\[0m/);
  });
});

test('a wrong argument is refused by its name', async (t) => {
  const api = open();
  t.after(() => api.close());
  assert.throws(() => api.printStats(5), refusal('CONFIG_INVALID', /^log: expected a function, got 5$/));
  assert.throws(() => api.printStats(() => {}, { color: 'red' }), refusal('CONFIG_INVALID', /^options\.color: expected true or false, got string$/));
  for (const width of [0, -1, 1.5, NaN, '80']) assert.throws(() => api.printStats(() => {}, { width }), refusal('CONFIG_INVALID', /^options\.width: expected a whole number of columns from 1/));
  for (const options of [null, {}, { color: null, width: null }]) api.printStats(() => {}, options);
});
