// Keys that fail, rest, are found out and come back; on a clock that moves only when told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST, KEYS, MODEL, NOON, failure, keyOf, workshop } from './support.js';

const MINUTE = 60_000;

test('an invalid key leaves the rotation, and is back after a good test (R93, R80)', async (t) => {
  const { api, mock, ask, tried } = workshop(t);
  mock.breakKey('key-2');
  for (let call = 0; call < 5; call += 1) assert.equal((await ask()).status, 200);
  assert.equal(tried().filter((key) => key === 'key-2').length, 1, 'tried once');
  assert.equal(keyOf(api, 'key-2').health, 'invalid');
  const bad = await api.testKey('key-2', { model: MODEL });
  assert.deepEqual({ ...bad, latencyMs: 0 }, { id: 'key-2', ok: false, status: 400, latencyMs: 0, verdict: 'invalid-key', message: bad.message });
  assert.match(bad.message, /not valid/, 'with the reason (R80)');
  mock.repairKey('key-2');
  assert.equal((await api.testKey('key-2', { model: MODEL })).ok, true);
  assert.equal(keyOf(api, 'key-2').health, 'available');
  await ask();
  await ask();
  await ask();
  assert.ok(tried().slice(-3).includes('key-2'));
});

test('testAllKeys makes one call with each key (W25, M65)', async (t) => {
  const { api, mock, tried } = workshop(t);
  mock.breakKey('key-3', 'expired');
  const results = await api.testAllKeys({ model: MODEL });
  assert.deepEqual(tried(), ['key-1', 'key-2', 'key-3']);
  assert.deepEqual(results.map(({ id, ok, status, verdict }) => [id, ok, status, verdict]), [
    ['key-1', true, 200, 'ok'], ['key-2', true, 200, 'ok'], ['key-3', false, 400, 'invalid-key'],
  ]);
});

test('a rate-limited key returns by itself when its minute is over (C116)', async (t) => {
  const { api, mock, ask, pass, tried } = workshop(t, { strategy: 'failover' });
  mock.exhaust('project-1', 'minute');
  await ask();
  assert.deepEqual(tried(), ['key-1', 'key-2']);
  assert.equal(keyOf(api, 'key-1').health, 'rate-limited');
  const back = keyOf(api, 'key-1').availableAt - NOON;
  assert.ok(back >= MINUTE && back <= MINUTE + 10_000, `back after ${back} ms`);
  await pass(MINUTE + 10_000);
  assert.equal(keyOf(api, 'key-1').availableAt, null);
  api.switchToKey('key-1');
  assert.equal((await ask()).status, 200);
  assert.equal(tried().at(-1), 'key-1');
  assert.equal(keyOf(api, 'key-1').health, 'available');
});

test('a daily quota is told from a short hint: the key rests to the end of the day, the others serve', async (t) => {
  const { api, mock, ask, tried } = workshop(t);
  mock.exhaust('project-1', 'day');
  for (let call = 0; call < 6; call += 1) assert.equal((await ask()).status, 200);
  assert.equal(tried().filter((key) => key === 'key-1').length, 1);
  const { health, availableAt } = keyOf(api, 'key-1');
  assert.equal(health, 'quota-exhausted');
  assert.ok(availableAt >= NOON + 12 * 60 * MINUTE);
});

test('the third error in a row rests a key for 30 s, and a success starts the count anew (C118, C117)', async (t) => {
  const { api, mock, ask, pass } = workshop(t, { preset: 'quest' });
  const fail = async (times) => {
    for (let time = 0; time < times; time += 1) {
      mock.script([{ status: 500 }]);
      await ask({ quota: { session: '0', maxRetries: 1 } }).catch(() => {});
    }
  };
  await fail(2);
  assert.equal(keyOf(api, 'key-1').consecutiveErrors, 2);
  await ask({ quota: { session: '0' } });
  assert.equal(keyOf(api, 'key-1').consecutiveErrors, 0, 'a success resets the count');
  await fail(2);
  assert.equal(keyOf(api, 'key-1').health, 'available');
  await fail(1);
  const { health, availableAt } = keyOf(api, 'key-1');
  assert.equal(health, 'cooling-down');
  assert.equal(availableAt - Date.now(), 30_000);
  assert.equal(keyOf(api, 'key-2').consecutiveErrors, 0, 'counted by key');
  await pass(30_000);
  await ask({ quota: { session: '0' } });
  assert.equal(keyOf(api, 'key-1').health, 'available');
});

test('the preset of the quest sends three times at most (C117)', async (t) => {
  const { mock, ask, pass } = workshop(t, { preset: 'quest' });
  // Not 500: the same words on two projects speak about the request, and no third is tried.
  mock.script(Array(9).fill({ status: 502 }));
  const call = failure(ask());
  await pass(90_000);
  assert.equal((await call).attempts.length, 3);
  assert.equal(mock.log.length, 3);
});

test('the preset of the quest rests 60 s after a refusal that names no time (C117)', async (t) => {
  const { api, mock, answer, pass } = workshop(t, { preset: 'quest' });
  const violations = [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', quotaValue: '15' }];
  const details = [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations }];
  await answer({ quota: { session: '0' } });
  await pass(10_000);
  // The window that was observed ends sooner: by default the key would rest until then.
  mock.script([{ status: 429, body: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded.', details } } }]);
  const began = Date.now();
  await answer({ quota: { session: '0' } });
  assert.equal(keyOf(api, 'key-1').health, 'rate-limited');
  assert.equal(keyOf(api, 'key-1').availableAt - began, 60_000);
});

test('resetQuotaFlags() clears refusals and invalidity at once (M64)', async (t) => {
  const { api, mock, answer } = workshop(t);
  mock.exhaust('project-1', 'day');
  mock.breakKey('key-2');
  await answer();
  await answer();
  assert.deepEqual(api.getStatus().keys.map(({ health }) => health), ['quota-exhausted', 'invalid', 'available']);
  api.resetQuotaFlags('key-1');
  assert.equal(keyOf(api, 'key-1').health, 'available');
  assert.equal(keyOf(api, 'key-2').health, 'invalid', 'of that key alone');
  api.resetQuotaFlags();
  assert.deepEqual(api.getStatus().keys.map(({ health }) => health), ['available', 'available', 'available']);
});

test('when every key is out for its minute, the error says how long (W30)', async (t) => {
  const { mock, answer } = workshop(t, { queue: { maxWait: 0 } });
  for (const project of ['project-1', 'project-2', 'project-3']) mock.exhaust(project, 'minute');
  const error = await failure(answer());
  assert.ok(error.retryAfter >= MINUTE - 1000 && error.retryAfter <= MINUTE + 10_000, String(error.retryAfter));
  assert.match(error.message, /Try again in \d+ s|Try again in 1 min/);
  assert.match(error.toReport(), /Wait: +/);
});

test('the time to the reset is told, to programs and to people (M68)', async (t) => {
  const { api, mock, answer, pass } = workshop(t);
  for (const project of ['project-1', 'project-2', 'project-3']) mock.exhaust(project, 'day');
  const error = await failure(answer());
  const left = api.getStatus().nextAvailableAt - Date.now();
  assert.ok(Math.abs(left - 12 * 60 * MINUTE) < 5000);
  assert.match(error.message, /Try again in (12 h 0|11 h 59) min/);
  await pass(60 * MINUTE, 60_000);
  assert.ok(Math.abs(api.getStatus().nextAvailableAt - Date.now() - (left - 60 * MINUTE)) < 1000);
  const [key] = api.getStatus().keys;
  assert.equal(key.availableAt - Date.now(), key.availableInMs);
  assert.match(key.availableIn, /^(11 h 0|10 h 59) min$/);
});

test('what failed, by provider: quota, key, rate, overload, other (M55)', async (t) => {
  const { classify, createMockProvider } = await import('../built.js');
  const chat = (base) => ({ url: `${base}/chat/completions`, header: 'authorization', body: { model: 'm', messages: [{ role: 'user', content: 'Hi' }] } });
  const calls = {
    gemini: { url: `${HOST}/v1beta/models/${MODEL}:generateContent`, header: 'x-goog-api-key', body: { contents: [{ parts: [{ text: 'Hi' }] }] } },
    groq: chat('https://api.groq.com/openai/v1'),
    openai: chat('https://api.openai.com/v1'),
    anthropic: { url: 'https://api.anthropic.com/v1/messages', header: 'x-api-key', body: { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] } },
  };
  for (const [provider, { url, header, body }] of Object.entries(calls)) {
    const limits = { rpm: 100, tpm: 1_000_000, ...(provider === 'anthropic' ? {} : { rpd: 100 }) };
    const verdict = async (prepare, sent = body) => {
      const mock = createMockProvider({ latency: 0, projects: [{ id: 'p', provider, keys: ['fake-key'], models: { '*': limits } }] });
      prepare(mock);
      const key = header === 'authorization' ? 'Bearer fake-key' : 'fake-key';
      const response = await mock.fetch(url, { method: 'POST', headers: { [header]: key, 'anthropic-version': '2023-06-01' }, body: JSON.stringify(sent) });
      return classify({ provider, status: response.status, headers: response.headers, body: await response.text() }).verdict;
    };
    await t.test(provider, async () => {
      assert.equal(await verdict(() => {}), 'ok');
      assert.equal(await verdict((mock) => mock.breakKey('fake-key', 'invalid')), 'invalid-key');
      // Groq has no word for it.
      if (provider !== 'groq') assert.equal(await verdict((mock) => mock.breakKey('fake-key', 'no-credit')), 'out-of-credit');
      assert.equal(await verdict((mock) => mock.exhaust('p', 'minute', provider === 'gemini' ? MODEL : 'm')), 'rate-limited');
      if (provider !== 'anthropic') assert.equal(await verdict((mock) => mock.exhaust('p', 'day', provider === 'gemini' ? MODEL : 'm')), 'quota-exhausted');
      assert.match(await verdict((mock) => mock.overload(provider === 'gemini' ? MODEL : 'm')), /^(overloaded|transient)$/);
      assert.equal(await verdict(() => {}, {}), 'bad-request');
    });
  }
});
