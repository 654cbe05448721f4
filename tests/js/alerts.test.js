// The state, alerts, notices and keys out by hand, as JavaScript sees them. What they are is tests/engine/alerts.rs's subject.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, KEYS, NOON, answering, assertIdle, byHand, listening, open, refusal, refused, served, turn } from './support.js';

const body = (status, code, message, reason) => new Response(JSON.stringify({ error: { code: status, message, status: code, details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }] } }), { status });
const invalid = () => body(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', 'API_KEY_INVALID');
const leaked = () => body(403, 'PERMISSION_DENIED', 'Your API key was reported as leaked. Please use another API key.', 'API_KEY_INVALID');

/** An instance on a clock that stands still until it is moved. */
function at(options, keys) {
  const clock = { now: NOON };
  const api = open({ now: () => clock.now, ...options }, keys);
  return { api, pass: (ms) => { clock.now += ms; } };
}

describe('the state', () => {
  test('is told once for each transition, with what keeps most keys', async () => {
    const api = open({ fetch: answering(refused(30), invalid()) });
    const heard = listening(api, 'state');
    await assert.rejects(api.call(ENDPOINT, { quota: { deadline: 1000 } }));
    assert.deepEqual(heard.map(([, { from, to, reason }]) => [from, to, reason]), [['ok', 'degraded', 'per-minute quota used up'], ['degraded', 'exhausted', 'per-minute quota used up']]);
    assert.deepEqual(Object.keys(heard[0][1]), ['at', 'from', 'to', 'reason']);
    assert.equal(api.getStatus().state, 'exhausted');
    api.resetQuotaFlags();
    assert.deepEqual(heard.slice(2).map(([, { from, to, reason }]) => [from, to, reason]), [['exhausted', 'ok', null]]);
  });
});

describe('alerts', () => {
  test('are told when they begin and when they are over, and stand in the status meanwhile', async () => {
    const { api, pass } = at({ fetch: answering(leaked()), alerts: { terms: false } });
    const heard = listening(api, 'alert', 'alert-over');
    await api.call(ENDPOINT);
    const alert = { severity: 'critical', type: 'error', code: 'leaked-key', message: 'key-1 was reported as leaked, and its provider has ended it: revoke it, and add a new one', key: 'key-1' };
    assert.deepEqual(heard, [['alert', { at: NOON, since: NOON, ...alert }]]);
    assert.deepEqual(api.getStatus().alerts, [alert]);
    api.removeKey('key-1');
    assert.deepEqual(api.getStatus().alerts, []);
    pass(119_999);
    await api.call(ENDPOINT);
    assert.equal(heard.length, 1);
    pass(1);
    await api.call(ENDPOINT);
    assert.deepEqual(heard.slice(1), [['alert-over', { at: NOON + 120_000, since: NOON, ...alert }]]);
  });

  test('can be switched off', async () => {
    const api = open({ fetch: answering(leaked()), alerts: false }, [{ key: 'AIzaFAKE-one' }, { key: 'AIzaFAKE-two' }]);
    const heard = listening(api, 'alert');
    await api.call(ENDPOINT);
    assert.deepEqual([heard, api.getStatus().alerts, api.getStatus().notices], [[], [], []]);
  });

  test('of limits name what is declared and what is stated', async () => {
    const api = open({ fetch: answering(refused(1)), limits: { rpm: 60 } });
    await api.call(ENDPOINT);
    const [{ code, limit, message }] = api.getStatus().alerts;
    assert.deepEqual([code, limit], ['limit-drift', { project: 'key-1', model: 'gemini-fake', metric: 'requests', window: 'minute', declared: 60, stated: 15, found: null }]);
    assert.match(message, /^60 requests a minute are declared for gemini-fake of key-1, and the provider states 15/);
  });
});

test('notices are calm: several keys of one provider without a project are one, and no alert', () => {
  const keys = [{ key: 'fake-a', provider: 'gemini' }, { key: 'fake-b', provider: 'gemini' }];
  const { alerts, notices } = open({}, keys).getStatus();
  assert.deepEqual([alerts, notices.map(({ severity, code }) => [severity, code])], [[], [['info', 'terms']]]);
  assert.deepEqual(open({ alerts: { terms: false } }, keys).getStatus().notices, []);
  assert.deepEqual(open({}, keys.map((key, n) => ({ ...key, project: `p${n}` }))).getStatus().notices, []);
});

test('quota-warning names each threshold, once a window', async () => {
  const api = open({ limits: { rpm: 10 }, warnAt: [0.9, 0.5] }, ['fake-one']);
  const heard = listening(api, 'quota-warning');
  for (let n = 0; n < 10; n += 1) await api.call(ENDPOINT);
  assert.deepEqual(heard.map(([, { threshold, used }]) => [threshold, used]), [[0.5, 5], [0.9, 9]]);
});

describe('a key that is taken out', () => {
  test('is not used until it is put back, whatever else happens', async () => {
    const sent = [];
    const api = open({ fetch: async (url, { headers }) => { sent.push(headers['x-goog-api-key']); return served(); } });
    const heard = listening(api, 'key-down', 'key-restored');
    assert.deepEqual([api.disableKey('key-1'), api.disableKey('key-1')], [true, false]);
    const { health, reason } = api.getStatus().keys[0];
    assert.deepEqual([health, reason, api.getStatus().state], ['disabled', 'taken out by hand', 'degraded']);
    api.resetQuotaFlags();
    await api.testKey('key-1');
    sent.length = 0;
    for (let n = 0; n < 3; n += 1) await api.call(ENDPOINT);
    assert.deepEqual(sent, [KEYS[1], KEYS[1], KEYS[1]]);
    assert.deepEqual([api.enableKey('key-1'), api.enableKey('key-1')], [true, false]);
    assert.deepEqual(heard.map(([type, { key, reason: why }]) => [type, key, why]), [['key-down', 'key-1', 'taken out by hand'], ['key-restored', 'key-1', undefined]]);
    assert.equal(api.getStatus().state, 'ok');
  });

  test('may be the last: whoever waits is told, whoever is under way is served', async () => {
    const { fetch, requests } = byHand();
    const api = open({ fetch, limits: { rpm: 1 } }, ['fake-one']);
    const heard = listening(api, 'all-keys-down', 'service-restored', 'state');
    const [under, waits] = [api.call(ENDPOINT), api.call(ENDPOINT)];
    api.disableKey('key-1');
    await assert.rejects(waits, refusal('EXHAUSTED'));
    requests[0].answer(served());
    assert.equal((await under).status, 200);
    api.enableKey('key-1');
    assert.deepEqual(heard.map(([type, { to }]) => to ?? type), ['all-keys-down', 'exhausted', 'service-restored', 'ok']);
    assertIdle(api);
  });

  test('has to be one of those that there are', () => {
    const api = open();
    for (const method of ['disableKey', 'enableKey']) {
      assert.throws(() => api[method]('key-9'), refusal('CONFIG_INVALID', /^id: expected the id of a key; there are key-1, key-2/));
      for (const value of [5, undefined, null, {}]) assert.throws(() => api[method](value), refusal('CONFIG_INVALID', /^id: expected a string/));
    }
  });

  test('may be a fallback’s', () => {
    const api = open({ fallback: [{ provider: 'groq', model: 'm', keys: ['gsk_FAKE'] }] });
    assert.equal(api.disableKey('fallback-1-key-1'), true);
    assert.equal(api.getStatus().fallbacks[0].keys[0].health, 'disabled');
    assert.equal(api.enableKey('fallback-1-key-1'), true);
  });
});

describe('health checks', () => {
  /** A `fetch` that refuses some keys, and counts what is sent with each. */
  function provider(bad = {}) {
    const sent = {};
    const fetch = async (url, { headers }) => {
      const key = headers['x-goog-api-key'];
      sent[key] = (sent[key] ?? 0) + 1;
      return bad[key]?.() ?? served();
    };
    return { bad, sent, fetch };
  }
  const timers = (t) => t.mock.timers.enable({ apis: ['setInterval'] });
  const settle = async () => { for (let n = 0; n < 20; n += 1) await turn(); };

  test('restore a key that tests well, and cost one request for each that is down and one for what is up', async (t) => {
    timers(t);
    const { bad, sent, fetch } = provider({ 'fake-a': invalid });
    const api = open({ fetch }, ['fake-a', 'fake-b', 'fake-c']);
    const heard = listening(api, 'key-down', 'key-restored', 'state');
    await api.call(ENDPOINT);
    for (const key of Object.keys(sent)) sent[key] = 0;
    api.startHealthChecks({ interval: 1000 });
    t.mock.timers.tick(1000);
    await settle();
    assert.deepEqual(sent, { 'fake-a': 1, 'fake-b': 1 });
    delete bad['fake-a'];
    t.mock.timers.tick(1000);
    await settle();
    assert.deepEqual(heard.map(([type, { key, to }]) => [type, key ?? to]), [['key-down', 'key-1'], ['state', 'degraded'], ['key-restored', 'key-1'], ['state', 'ok']]);
    assert.deepEqual(sent, { 'fake-a': 2, 'fake-b': 2 });
    api.close();
  });

  test('leave alone what returns by the clock, what has leaked and what was taken out', async (t) => {
    timers(t);
    const { sent, fetch } = provider({ 'fake-a': () => refused(3000), 'fake-b': leaked });
    const api = open({ fetch }, ['fake-a', 'fake-b', 'fake-c', 'fake-d']);
    await api.call(ENDPOINT);
    api.disableKey('key-4');
    for (const key of Object.keys(sent)) sent[key] = 0;
    api.startHealthChecks({ interval: 1000 });
    for (let n = 0; n < 3; n += 1) {
      t.mock.timers.tick(1000);
      await settle();
    }
    assert.deepEqual(sent, { 'fake-a': 0, 'fake-b': 0, 'fake-c': 3 });
    api.close();
  });

  test('are one at a time, started and stopped as often as one likes, and test with the model that was named', async (t) => {
    timers(t);
    const { fetch, requests } = byHand();
    const api = open({ fetch });
    api.startHealthChecks({ interval: 1000 });
    api.startHealthChecks({ interval: 2000, model: 'gemini-other' });
    t.mock.timers.tick(1000);
    await settle();
    assert.equal(requests.length, 0);
    for (let n = 0; n < 3; n += 1) {
      t.mock.timers.tick(2000);
      await settle();
    }
    assert.equal(requests.length, 1);
    assert.match(requests[0].url, /models\/gemini-other:generateContent$/);
    requests[0].answer(served());
    await settle();
    api.stopHealthChecks();
    api.stopHealthChecks();
    t.mock.timers.tick(60_000);
    await settle();
    assert.equal(requests.length, 1);
    api.close();
    assert.throws(() => api.startHealthChecks(), refusal('CLOSED'));
    assert.throws(() => api.stopHealthChecks(), refusal('CLOSED'));
  });

  test('that the option has started can be stopped, and start again at its interval', async (t) => {
    timers(t);
    const { sent, fetch } = provider();
    const api = open({ fetch, healthCheck: { interval: 5000 } }, ['fake-a']);
    api.stopHealthChecks();
    t.mock.timers.tick(20_000);
    await settle();
    assert.deepEqual(sent, {});
    api.startHealthChecks();
    t.mock.timers.tick(4999);
    await settle();
    assert.deepEqual(sent, {});
    t.mock.timers.tick(1);
    await settle();
    assert.deepEqual(sent, { 'fake-a': 1 });
    api.close();
    t.mock.timers.tick(20_000);
    await settle();
    assert.deepEqual(sent, { 'fake-a': 1 });
  });

  test('refuse intervals and models that are none', () => {
    const api = open();
    for (const interval of [0, 999, NaN, Infinity, 1000.5, '5000', 2 ** 31]) assert.throws(() => api.startHealthChecks({ interval }), refusal('CONFIG_INVALID', /^interval: expected a whole number of milliseconds from 1000 to 2147483647, got /));
    assert.throws(() => api.startHealthChecks({ model: 5 }), refusal('CONFIG_INVALID', /^model: expected a string/));
    api.startHealthChecks({ interval: null, model: null });
    api.close();
  });
});
