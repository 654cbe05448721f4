// Where keys come from: arrays, objects, the environment, keys.json.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST, KEYS, NOON, QuotaAwareAPI, keyOf, printed, question, recording, workshop } from './support.js';

const ids = (api) => api.getStatus().keys.map(({ id }) => id);

function fromEnv(t, env) {
  const warnings = printed(t, 'warn');
  const api = QuotaAwareAPI.fromEnv(env);
  t.after(() => api.close());
  return { api, warnings };
}

test('GEMINI_KEY_1, 2 and 4 are found, the gap is skipped (W20)', (t) => {
  const { api, warnings } = fromEnv(t, { GEMINI_KEY_4: 'fake-d', GEMINI_KEY_1: 'fake-a', GEMINI_KEY_2: 'fake-b', GEMINI_KEY_3: '', OTHER: 'x' });
  assert.deepEqual(ids(api), ['key-1', 'key-2', 'key-4']);
  assert.deepEqual(warnings, []);
});

test('GEMINI_API_KEY alone is used, with one warning (W21)', (t) => {
  const { api, warnings } = fromEnv(t, { GEMINI_API_KEY: 'fake-only' });
  assert.equal(api.getStats().totalKeys, 1);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /GEMINI_API_KEY/);
});

test('no key in the environment is an error that says what to set', () => {
  assert.throws(() => QuotaAwareAPI.fromEnv({}), { code: 'CONFIG_INVALID', message: /GEMINI_KEY_1/ });
});

test('GOOGLE_AI_API_KEY_1…n are read (M60)', (t) => {
  const { api } = fromEnv(t, { GOOGLE_AI_API_KEY_2: 'fake-b', GOOGLE_AI_API_KEY_1: 'fake-a', GOOGLE_AI_API_KEY_10: 'fake-j' });
  assert.deepEqual(ids(api), ['google-ai-1', 'google-ai-2', 'google-ai-10'], 'in the order of numbers, not of letters');
});

test('with a prefix only its own names are read, by what follows it (M60)', (t) => {
  const env = { GEMINI_KEY_1: 'fake-dev', PRODUCTION_GEMINI_KEY_1: 'fake-prod-1', PRODUCTION_GROQ_API_KEY: 'fake-prod-2' };
  const api = QuotaAwareAPI.fromEnv(env, { envPrefix: 'PRODUCTION_' });
  t.after(() => api.close());
  assert.deepEqual(ids(api), ['key-1', 'groq-1']);
  assert.throws(() => QuotaAwareAPI.fromEnv(env, { envPrefix: 'STAGING_' }), { code: 'CONFIG_INVALID', message: /STAGING_GEMINI_KEY_1/ });
  assert.throws(() => QuotaAwareAPI.fromEnv(env, { envPrefix: 5 }), { code: 'CONFIG_INVALID', message: /options\.envPrefix/ });
});

test('keys of production and development stay apart: fromEnv reads the environment it is given (M60)', (t) => {
  const profiles = { development: { GEMINI_KEY_1: 'fake-dev' }, production: { GEMINI_KEY_1: 'fake-prod-1', GEMINI_KEY_2: 'fake-prod-2' } };
  assert.equal(fromEnv(t, profiles.development).api.getStats().totalKeys, 1);
  assert.equal(fromEnv(t, profiles.production).api.getStats().totalKeys, 2);
});

test('GEMINI_KEY_flash_01 names its key flash_01 (R96)', (t) => {
  const { api } = fromEnv(t, { GEMINI_KEY_flash_01: 'fake-a', GEMINI_KEY_pro_02: 'fake-b' });
  assert.deepEqual(ids(api), ['flash_01', 'pro_02']);
});

test('GROQ_API_KEY and GROQ_API_KEY2…4 are four Groq keys (C112)', (t) => {
  const { api } = fromEnv(t, { GROQ_API_KEY: 'fake-a', GROQ_API_KEY2: 'fake-b', GROQ_API_KEY3: 'fake-c', GROQ_API_KEY4: 'fake-d' });
  assert.deepEqual(api.getStatus().keys.map(({ id, provider }) => `${id} ${provider}`), ['groq-1 groq', 'groq-2 groq', 'groq-3 groq', 'groq-4 groq']);
});

test('a key of unusual form is warned about, never refused (M66)', (t) => {
  const warnings = printed(t, 'warn');
  const cutOff = `AI${'za'}${'fake'.repeat(8)}`;
  const whole = `AI${'za'}${'fake-'.repeat(7)}`;
  const api = new QuotaAwareAPI([{ key: cutOff, provider: 'gemini' }, { key: whole, provider: 'gemini' }]);
  t.after(() => api.close());
  assert.equal(api.getStats().totalKeys, 2);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /key-1/);
  assert.ok(!warnings[0].includes(cutOff));
});

test('no more than three characters of a key are shown anywhere (M67)', async (t) => {
  const secret = 'fake-mock-key-1';
  const { api, mock, ask } = workshop(t, { keys: [secret] });
  mock.breakKey(secret, 'suspended');
  const error = await ask().catch((reason) => reason);
  const hint = api.getStatus().keys[0].hint;
  assert.equal(hint.replace('…', ''), secret.slice(-3));
  const lines = [];
  api.printStats((line) => lines.push(line));
  const all = [JSON.stringify(api.getStatus()), JSON.stringify(api.getStats()), ...lines, error.message, error.stack, JSON.stringify(error), error.toReport()].join('\n');
  assert.ok(!all.includes(secret), 'the provider itself repeats the key of a suspended project');
});

test('a key serves its own models only (R90)', async (t) => {
  const { sent, fetch } = recording();
  const api = new QuotaAwareAPI([{ key: 'fake-flash', models: ['gemini-fake-flash'] }, { key: 'fake-pro', models: ['gemini-fake-pro'] }], { fetch });
  t.after(() => api.close());
  for (const model of ['gemini-fake-pro', 'gemini-fake-flash', 'gemini-fake-pro']) await api.call(`${HOST}/v1beta/models/${model}:generateContent`, question());
  assert.deepEqual(sent.map(({ headers }) => headers.get('x-goog-api-key')), ['fake-pro', 'fake-flash', 'fake-pro']);
  assert.equal(api.hasAvailableKeys('gemini-fake-ultra'), false);
});

test('keys of several providers go to their own, each in its own header (R91)', async (t) => {
  const { sent, fetch } = recording();
  const api = new QuotaAwareAPI(['gemini', 'groq', 'openai', 'anthropic'].map((provider) => ({ key: `fake-${provider}`, provider })), { fetch });
  t.after(() => api.close());
  const json = (model) => ({ method: 'POST', body: JSON.stringify({ model, messages: [] }) });
  await api.call('https://api.anthropic.com/v1/messages', json('claude-fake'));
  await api.call('https://api.openai.com/v1/chat/completions', json('gpt-fake'));
  await api.call('https://api.groq.com/openai/v1/chat/completions', json('llama-fake'));
  await api.call(`${HOST}/v1beta/models/gemini-fake:generateContent`, question());
  const seen = sent.map(({ headers }) => headers.get('x-api-key') ?? headers.get('authorization') ?? headers.get('x-goog-api-key'));
  assert.deepEqual(seen, ['fake-anthropic', 'Bearer fake-openai', 'Bearer fake-groq', 'fake-gemini']);
});

test('keys.json of exactly the fields of the rotation report loads as it is (R86)', (t) => {
  const file = {
    keys: [
      { key_id: 'flash_01', model_name: 'gemini-fake-flash', provider: 'gemini', rpm: 15, tpm: 250000, burst_capacity: 5, priority: 1, workload_type: 'light' },
      { key_id: 'pro_01', model_name: 'gemini-fake-pro', provider: 'gemini', rpm: 60, tpm: 1000000, burst_capacity: 20, priority: 2, workload_type: 'heavy' },
    ],
    fallback_order: ['pro_01', 'flash_01'],
    rotation_strategy: 'smart',
    health_check_interval: 300,
    quota_warning_threshold: 0.8,
  };
  for (const { key_id: id } of file.keys) process.env[`GEMINI_KEY_${id}`] = `fake-${id}`;
  t.after(() => file.keys.forEach(({ key_id: id }) => { delete process.env[`GEMINI_KEY_${id}`]; }));
  const api = new QuotaAwareAPI(JSON.parse(JSON.stringify(file)));
  t.after(() => api.close());
  assert.deepEqual(ids(api), ['pro_01', 'flash_01'], 'in the fallback order');
  assert.equal(api.getNextAvailableKey('gemini-fake-flash'), 'flash_01');
  assert.equal(api.getNextAvailableKey('gemini-fake-pro'), 'pro_01');
});

test('enableRotation: false uses the first key alone (R94)', async (t) => {
  const { ask, tried, api } = workshop(t, { enableRotation: false });
  for (let call = 0; call < 4; call += 1) await ask();
  assert.deepEqual(tried(), Array(4).fill('key-1'));
  assert.equal(api.getStats().totalKeys, 1);
});

test('a wrong configuration runs on one key with a warning, where onBadConfig says so, and is an error elsewhere (R94)', (t) => {
  const warnings = printed(t, 'warn');
  const wrong = { maxRetries: 'many', strategy: 'failover' };
  assert.throws(() => new QuotaAwareAPI(KEYS, wrong), { code: 'CONFIG_INVALID', message: /maxRetries/ });
  const api = new QuotaAwareAPI(KEYS, { ...wrong, onBadConfig: 'single-key' });
  t.after(() => api.close());
  assert.equal(api.getStats().totalKeys, 1);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /one key.*maxRetries/);
});

test('a key is added without any code around it, and serves at once, also those who wait (C127)', async (t) => {
  const { api, ask, mock, pass } = workshop(t, { keys: [KEYS[0]], limits: { rpm: 1 } });
  await ask();
  const waiting = ask();
  await pass(100);
  assert.equal(api.getStatus().queue.waiting, 1);
  const id = api.addKey(KEYS[1]);
  assert.equal((await waiting).status, 200);
  assert.equal(Date.now() - NOON, 100, 'it did not wait any longer');
  assert.equal(keyOf(api, id).successes, 1);
  assert.deepEqual(mock.log.map(({ key }) => key), ['key-1', 'key-2']);
});

test('the last key can not be removed', (t) => {
  const { api } = workshop(t, { keys: [KEYS[0]] });
  assert.throws(() => api.removeKey('key-1'), { code: 'CONFIG_INVALID' });
});
