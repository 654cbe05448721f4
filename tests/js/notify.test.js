// Who is told: functions and webhooks, against a real server and against whatever may go wrong with one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { INDEX as PACKAGE } from '../built.js';
import { serve } from './http.js';
import { ENDPOINT, answering, open, refusal, refused, served, turn, until } from './support.js';

const TOKEN = 'T000-FAKE-webhook-secret';
const invalid = () => new Response('{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}', { status: 400 });

let server;
before(async () => { server = await serve(); });
after(() => server.close());

/** A webhook at the server, and what it has been told. */
function webhook(options) {
  server.seen.length = 0;
  server.answers.length = 0;
  return { url: `${server.origin}/hooks/${TOKEN}`, ...options };
}
const told = () => server.seen.map(({ body }) => JSON.parse(body));
const fail = (api) => assert.rejects(api.call(ENDPOINT));

describe('a webhook', () => {
  test('is told that all keys are down, and that service is restored, in order and with what stands then', async () => {
    const api = open({ fetch: answering(invalid(), invalid()), notify: webhook({ headers: { authorization: 'Bearer fake-token' } }) });
    await fail(api);
    api.resetQuotaFlags();
    await until(() => server.seen.length === 6);
    const notices = told();
    assert.deepEqual(notices.map(({ type, state, keys }) => [type, state, keys.available]), [
      ['state', 'degraded', 1], ['all-keys-down', 'invalid-keys', 0], ['state', 'invalid-keys', 0], ['alert', 'invalid-keys', 0],
      // The reset is one input: each of its events is told as everything stands after it.
      ['service-restored', 'ok', 2], ['state', 'ok', 2],
    ]);
    const [, down, , alert, up] = notices;
    assert.deepEqual(Object.keys(down), ['type', 'at', 'message', 'state', 'keys']);
    assert.deepEqual(down.keys, { total: 2, available: 0 });
    assert.match(down.message, /^No key can serve any more; the first may again at \d{4}-/);
    assert.deepEqual([alert.alert.code, alert.alert.severity, alert.message], ['no-key-available', 'critical', 'Critical: none of 2 keys can serve now.']);
    assert.equal(up.message, 'Service is restored: 2 of 2 keys can serve.');
    const { method, url, headers } = server.seen[0];
    assert.deepEqual([method, url, headers['content-type'], headers.authorization], ['POST', `/hooks/${TOKEN}`, 'application/json', 'Bearer fake-token']);
    await until(() => api.getStats().notifications[0].waiting === 0);
    api.close();
  });

  test('is told what it asks for, in Slack’s words if it likes', async () => {
    const api = open({ fetch: answering(invalid(), invalid()), notify: webhook({ events: ['service-restored'], format: 'slack' }) });
    await fail(api);
    api.resetQuotaFlags();
    await until(() => server.seen.length === 1);
    assert.deepEqual(told(), [{ text: 'quota-aware-api: Service is restored: 2 of 2 keys can serve.' }]);
    api.close();
  });

  test('that answers 500 gets it once more, and then no more; one that answers 400 only once', async () => {
    const api = open({ notify: webhook({ events: ['state'] }) });
    server.answers.push({ status: 500 }, { status: 200 }, { status: 503 }, { status: 503 }, { status: 400 });
    for (let n = 0; n < 2; n += 1) {
      api.disableKey('key-1');
      api.enableKey('key-1');
    }
    await until(() => api.getStats().notifications[0].waiting === 0);
    assert.deepEqual(api.getStats().notifications, [{ to: server.origin, sent: 2, failed: 2, dropped: 0, waiting: 0 }]);
    // Each in its turn: the first twice, the second twice, the others once.
    const [first, again, second] = told();
    assert.deepEqual([first, told().length], [again, 6]);
    assert.notDeepEqual(first, second);
    api.close();
  });

  test('that is not there, that redirects, and a host without fetch harm nothing', async (t) => {
    const strays = [];
    const onStray = (error) => strays.push(error);
    process.on('unhandledRejection', onStray);
    t.after(() => process.off('unhandledRejection', onStray));
    const gone = await serve();
    await gone.close();
    const hooks = webhook({ events: ['state'] });
    server.answers.push({ status: 302, headers: { location: '/elsewhere' } }, { status: 302, headers: { location: '/elsewhere' } });
    const api = open({ notify: [{ url: gone.origin, events: ['state'] }, hooks] });
    api.disableKey('key-1');
    assert.equal((await api.call(ENDPOINT)).status, 200);
    await until(() => api.getStats().notifications.every(({ failed }) => failed === 1));
    assert.ok(server.seen.every(({ url }) => url.startsWith('/hooks/')), 'nothing is sent elsewhere');
    const host = globalThis.fetch;
    t.after(() => { globalThis.fetch = host; });
    globalThis.fetch = undefined;
    api.enableKey('key-1');
    await until(() => api.getStats().notifications.every(({ failed }) => failed === 2));
    await turn();
    assert.deepEqual(strays, []);
    api.close();
  });

  test('that hangs delays no call, is given up after its time, and drops the oldest of more than a hundred', async () => {
    const api = open({ notify: webhook({ events: ['state'], timeout: 60_000 }) });
    server.answers.push(() => { /* never an answer */ });
    for (let n = 0; n < 75; n += 1) {
      api.disableKey('key-1');
      api.enableKey('key-1');
    }
    await until(() => server.seen.length === 1);
    assert.equal((await api.call(ENDPOINT)).status, 200);
    const [{ dropped, waiting }] = api.getStats().notifications;
    assert.ok(dropped >= 49 && waiting <= 101 && dropped + waiting === 150, `${dropped} ${waiting}`);
    api.close();
  });

  test('that takes longer than its time is tried again, and its request ended', async () => {
    const api = open({ notify: webhook({ events: ['state'], timeout: 50 }) });
    let left;
    server.answers.push((request) => { left = once(request.socket, 'close'); });
    api.disableKey('key-1');
    await until(() => api.getStats().notifications[0].sent === 1);
    await left;
    assert.deepEqual(told()[0], told()[1]);
    api.close();
  });

  test('hears nothing after close(), not even what was on its way', async () => {
    const api = open({ notify: webhook({ events: ['state'] }) });
    let left;
    server.answers.push((request) => { left = once(request.socket, 'close'); });
    for (let n = 0; n < 5; n += 1) {
      api.disableKey('key-1');
      api.enableKey('key-1');
    }
    await until(() => left !== undefined);
    api.close();
    await left;
    for (let n = 0; n < 50; n += 1) await turn();
    assert.equal(server.seen.length, 1);
  });

  test('is sent by the host’s fetch: never by the instance, never with a key, also where that is installed and may go there', async () => {
    const sent = [];
    const api = open({ fetch: async (url) => { sent.push(url); return served(); }, allowedOrigins: [server.origin], notify: webhook({ events: ['state'] }) });
    const installed = api.install();
    api.disableKey('key-1');
    await until(() => api.getStats().notifications[0].sent === 1);
    installed.restore();
    assert.deepEqual([sent, server.seen.length], [[], 1]);
    assert.ok(!JSON.stringify(server.seen).includes('fake-key'));
    assert.equal(server.seen[0].headers['x-goog-api-key'], undefined);
    api.close();
  });

  test('is never shown but by its origin', async () => {
    const notify = webhook();
    server.answers.push(...Array(4).fill({ status: 400 }));
    const api = open({ fetch: answering(invalid(), invalid()), notify });
    const error = await api.call(ENDPOINT).catch((each) => each);
    await until(() => api.getStats().notifications[0].failed === 4);
    const all = JSON.stringify([api.getStats(), api.getStatus(), api.explain(10), error, error.toReport(), told()]);
    assert.ok(!all.includes(TOKEN) && all.includes(server.origin));
    api.close();
  });
});

describe('a function', () => {
  test('is told everything, after the event and in order', async () => {
    const heard = [];
    const api = open({ fetch: answering(invalid(), invalid()), notify: (notice) => heard.push(notice) });
    await fail(api);
    await turn();
    assert.deepEqual(heard.map(({ type }) => type), ['state', 'all-keys-down', 'state', 'alert']);
    assert.ok(heard.every((notice) => Object.isFrozen(notice)));
    api.disableKey('key-1');
    api.close();
    await turn();
    assert.equal(heard.length, 4, 'and nothing after close()');
  });

  test('that throws, rejects or never ends harms nothing', async (t) => {
    const strays = [];
    const onStray = (error) => strays.push(error);
    process.on('unhandledRejection', onStray);
    t.after(() => process.off('unhandledRejection', onStray));
    const hooks = [() => { throw new Error('full'); }, async () => { throw new Error('full'); }, () => new Promise(() => {}), () => {}];
    const api = open({ notify: hooks });
    api.disableKey('key-1');
    assert.equal((await api.call(ENDPOINT)).status, 200);
    await turn();
    assert.deepEqual(api.getStats().notifications.map(({ sent, failed, waiting }) => [sent, failed, waiting]), [[0, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]);
    assert.deepEqual(strays, []);
    api.close();
  });

  test('hears of fallbacks’ alerts too, with whose they are', async () => {
    const heard = [];
    const fetch = async (url) => (url.includes('groq') ? new Response('{"error":{"message":"Invalid API Key","code":"invalid_api_key"}}', { status: 401 }) : refused(3000));
    const api = open({ fetch, fallback: [{ provider: 'groq', model: 'm', keys: ['gsk_FAKE'] }], notify: ({ message, alert }) => { if (alert) heard.push([alert.code, message]); } }, ['fake-one']);
    await assert.rejects(api.call('https://generativelanguage.googleapis.com/v1beta/openai/chat/completions', { method: 'POST', body: JSON.stringify({ model: 'gemini-fake', messages: [{ role: 'user', content: 'Hi' }] }) }));
    await turn();
    assert.deepEqual(heard, [['all-keys-exhausted', 'Critical: the daily quota of the only key is used up.'], ['no-key-available', 'Fallback 1: Critical: the only key can\'t serve now.']]);
    api.close();
  });
});

describe('options.notify', () => {
  const wrong = {
    'a word': ['https://hooks.example', /^options\.notify: expected a function or a webhook, got string$/],
    'nothing among hooks': [[() => {}, null], /^options\.notify\[1\]: expected a function or a webhook, got null/],
    'no URL': [{}, /^options\.notify\.url: expected a URL, got undefined/],
    'a URL that is none': [{ url: `hooks/${TOKEN}` }, /^options\.notify\.url: expected an absolute http or https URL, got none$/],
    'another scheme': [[{ url: `ftp://hooks.example/${TOKEN}` }], /^options\.notify\[0\]\.url: expected an absolute http or https URL, got ftp:$/],
    'credentials in the URL': [{ url: `https://u:${TOKEN}@hooks.example` }, /^options\.notify\.url: expected a URL without a user name or password/],
    'an illegal header': [{ url: 'https://hooks.example', headers: { authorization: `${TOKEN}\n` + 'x: y' } }, /^options\.notify\.headers: expected legal header names and values$/],
    'an unknown event': [{ url: 'https://hooks.example', events: ['state', 'settled'] }, /^options\.notify\.events\[1\]: expected one of state, all-keys-down, /],
    'no events': [{ url: 'https://hooks.example', events: [] }, /^options\.notify\.events: expected an array of some of .* got an empty one/],
    'an unknown format': [{ url: 'https://hooks.example', format: 'xml' }, /^options\.notify\.format: expected json or slack/],
    'a time that is none': [{ url: 'https://hooks.example', timeout: 0 }, /^options\.notify\.timeout: expected a whole number of milliseconds from 1 to 2147483647, got 0/],
    'a stranger': [{ url: 'https://hooks.example', uri: 'x' }, /^options\.notify\.uri: unknown option; known are url, headers/],
  };
  for (const [name, [notify, words]] of Object.entries(wrong)) {
    test(`is refused: ${name}`, () => assert.throws(() => open({ notify }), (error) => refusal('CONFIG_INVALID', words)(error) && !JSON.stringify([error, error.message, error.stack]).includes(TOKEN)));
  }

  test('may be nothing, or none', () => {
    for (const notify of [undefined, null, []]) assert.deepEqual(open({ notify }).getStats().notifications, []);
  });
});

test('a program ends though health checks run and a webhook hangs, once that’s time is up', async () => {
  const { url } = webhook();
  server.answers.push(() => { /* never an answer */ });
  const program = `
    import { QuotaAwareAPI } from ${JSON.stringify(PACKAGE)};
    const api = new QuotaAwareAPI(['fake-one', 'fake-two'], { fetch: async () => new Response('{}'), notify: { url: ${JSON.stringify(url)}, timeout: 2000 } });
    api.startHealthChecks({ interval: 1000 });
    api.disableKey('key-1');
    console.log((await api.call(${JSON.stringify(ENDPOINT)})).status);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (piece) => { printed += piece; });
  const [code] = await once(child, 'close');
  assert.deepEqual([code, printed.trim(), server.seen.length], [0, '200', 1]);
});
