// Providers that repeat a key: anywhere in an answer, whole or in part, in the manner of URLs, JSON, HTML or base64. Random,
// but by a seed that a failure names.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, test } from 'node:test';
import { chance as runs } from './chance.js';
import { ENDPOINT, QuotaAwareAPI, served, turn } from './support.js';

const PLAIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
const ODD = `${PLAIN}/+="&<>'%~!é`;

/** Some are as providers make them, some have all that a header can carry. */
function secretOf(chance) {
  const letters = chance.one([PLAIN, PLAIN, ODD]);
  return `${chance.one(['AIzaFAKE', 'gsk_FAKE', 'sk-FAKE-', 'fake'])}${Array.from({ length: 12 + chance.below(60) }, () => letters[chance.below(letters.length)]).join('')}x`;
}

const html = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const json = (text) => JSON.stringify(text).slice(1, -1);
const base64 = (text) => Buffer.from(text).toString('base64');

/** How a secret is repeated. Each goes with what would give it away. */
const MANNERS = [
  (secret) => secret, (secret) => `Bearer ${secret}`, encodeURIComponent, json, html, base64, (secret) => base64(`x${secret}`), (secret) => base64(`Bearer ${secret}`),
  (secret) => Buffer.from(`user:${secret}`).toString('base64url'),
  (secret, chance) => secret.slice(0, 12 + chance.below(secret.length - 11)), (secret, chance) => secret.slice(chance.below(secret.length - 11)),
];

/** Everything of which twelve characters in a row may not be found. */
function formsOf(secret) {
  return [secret, encodeURIComponent(secret), json(secret), html(secret), base64(secret).slice(0, -4), base64(`x${secret}`).slice(2, -4), base64(`xy${secret}`).slice(3, -4)];
}

function leaks(words, secrets) {
  for (const form of secrets.flatMap(formsOf)) {
    for (let at = 0; at + 12 <= form.length; at += 1) if (words.includes(form.slice(at, at + 12))) return form.slice(at, at + 12);
  }
  return undefined;
}

/** An answer in some dialect, with echoes in places drawn at random. */
function answerOf(chance, echo) {
  const words = (usual) => chance.one([usual, echo(), `${usual}: ${echo()}, ${echo()}`, `${'x'.repeat(chance.below(2000))}${echo()}`]);
  const status = chance.one([200, 400, 401, 402, 403, 404, 408, 413, 429, 429, 429, 500, 502, 503, 503, 529]);
  const google = () => ({ error: { code: status, status: chance.one(['RESOURCE_EXHAUSTED', 'PERMISSION_DENIED', 'UNAVAILABLE', 'INVALID_ARGUMENT', words('X')]), message: words(chance.one(['API key not valid', 'Quota exceeded', 'The model is overloaded', 'Please retry in 2s'])), details: [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: chance.one(['API_KEY_INVALID', 'CONSUMER_SUSPENDED', words('X')]), domain: words('x'), metadata: { consumer: words('projects/1'), [echo()]: echo() } },
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: words('generate_requests'), quotaId: chance.one(['GenerateRequestsPerDayPerProjectPerModel-FreeTier', 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', words('Id')]), quotaDimensions: { model: words('gemini-x'), location: words('global') }, quotaValue: chance.one(['20', '0', echo()]) }] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: chance.one(['2s', echo()]) },
  ] } });
  const openai = () => ({ error: { message: words(`Rate limit reached for model \`${echo()}\` in organization \`${echo()}\` on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.`), type: words('tokens'), code: chance.one(['rate_limit_exceeded', 'insufficient_quota', 'invalid_api_key', echo()]), param: words('x') } });
  const good = () => ({ modelVersion: words('gemini-x'), model: words('gemini-x'), usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 }, candidates: [{ content: { parts: [{ text: words('hi') }] }, finishReason: words('STOP') }], id: words('x') });
  const body = status === 200 ? JSON.stringify(good()) : chance.one([() => JSON.stringify(google()), () => JSON.stringify([google()]), () => JSON.stringify(openai()), () => words('upstream said'), () => `<h1>${words('Bad gateway')}</h1>`])();
  const headers = { 'content-type': chance.one(['application/json', 'text/html']) };
  for (const name of ['retry-after', 'x-ratelimit-limit-requests', 'x-ratelimit-reset-requests', 'x-request-id', 'x-should-retry']) {
    const value = chance.maybe(0.3, () => chance.one(['2', '5s', echo()]));
    if (value !== undefined && !/[^\x20-\xff]/.test(value)) headers[name] = value;
  }
  return new Response(body, { status, headers });
}

describe('keys that providers repeat', () => {
  test('come out nowhere: errors, logs, events, status, accounts, however they are printed', async (t) => {
    const heard = [];
    let redacted = 0;
    const note = (what, ...things) => heard.push([what, things.map((thing) => (typeof thing === 'string' ? thing : `${inspect(thing, { depth: Infinity, showHidden: false })} ${JSON.stringify(thing)}`)).join(' ')]);
    for (const method of ['log', 'warn', 'error', 'info', 'debug']) t.mock.method(console, method, (...words) => note(`console.${method}`, ...words));
    const work = [];
    runs(60, (chance, seed) => work.push([chance, seed]));
    for (const [chance, seed] of work) {
      heard.length = 0;
      const secrets = Array.from({ length: 1 + chance.below(3) }, () => secretOf(chance));
      const echo = () => chance.one(MANNERS)(chance.one(secrets), chance);
      const bodies = [];
      const provider = chance.one(['gemini', 'gemini', 'openai', 'groq', 'anthropic']);
      const endpoint = provider === 'gemini' ? ENDPOINT : { openai: 'https://api.openai.com/v1/chat/completions', groq: 'https://api.groq.com/openai/v1/chat/completions', anthropic: 'https://api.anthropic.com/v1/messages' }[provider];
      const api = new QuotaAwareAPI(secrets.map((key, at) => ({ key, provider, project: `project-${at}` })), {
        fetch: async () => { const answer = answerOf(chance, echo); bodies.push(await answer.clone().text()); return answer; },
        verbose: true, printStatsEvery: 1, backoff: { base: 0, max: 1 }, queue: { maxWait: 1 }, maxRetries: 3, warnAt: 0.01,
      });
      for (const type of ['attempt', 'settled', 'rotate', 'rate-limited', 'key-down', 'key-restored', 'all-keys-down', 'service-restored', 'quota-warning', 'waiting', 'limit-learned', 'shared-quota-suspected']) {
        api.addEventListener(type, ({ detail }) => note(`event ${type}`, detail));
      }
      const tell = (error) => {
        note('error', error, error.stack, error.toReport?.() ?? '', error.toJSON?.() ?? '', error.attempts, error.advice, error.trace, { ...error }, error.answer ?? null);
        redacted += Number(error.toReport?.().includes('[key]') ?? 0);
      };
      const body = JSON.stringify({ model: 'gemini-fake', contents: [], messages: [] });
      for (let n = 0; n < 3; n += 1) {
        // The response is the caller's, as it came.
        await api.call(endpoint, { method: 'POST', body, quota: { explain: true } }).then(async (response) => {
          note('account', response.quota);
          assert.ok(bodies.includes(await response.text()));
        }, tell);
      }
      await api.fetch(`${endpoint}?key=${encodeURIComponent(secrets[0])}`, { method: 'POST', body }).catch(tell);
      await api.generate('hi', { model: 'gemini-fake', provider }).then(({ text: _, raw: __, ...rest }) => note('generated', Object.keys(rest).join()), tell);
      note('testAllKeys', await api.testAllKeys({ model: 'gemini-fake' }).catch((error) => { tell(error); return []; }));
      note('status', api.getStatus(), api.getStats(), api.getRotationHistory(), api.explain(100));
      api.printStats();
      note('itself', api, String(api), inspect(api, { showHidden: true, depth: Infinity }), Object.getOwnPropertyDescriptors(api));
      assert.throws(() => structuredClone(api), (error) => { note('clone', error.message); return true; });
      api.close();
      await turn();
      for (const [what, words] of heard) {
        const leak = leaks(words, secrets);
        assert.equal(leak, undefined, `with SEED=${seed}: ${what} says ${leak}: ${words.slice(Math.max(0, words.indexOf(leak) - 150), words.indexOf(leak) + 80)}`);
      }
    }
    // Were nothing repeated, nothing would be shown.
    assert.ok(redacted > 15, `only ${redacted} errors had something to cut out`);
  });

  test('stay in the response, which is the caller’s', async () => {
    const secret = 'fake-secret-of-a-caller';
    const body = JSON.stringify({ error: { code: 400, message: `bad ${secret}` } });
    const api = new QuotaAwareAPI([secret], { fetch: async () => new Response(body, { status: 400, headers: { 'x-key': secret } }) });
    const response = await api.call(ENDPOINT);
    assert.deepEqual([await response.text(), response.headers.get('x-key')], [body, secret]);
    assert.equal((await new QuotaAwareAPI([secret], { fetch: async () => served() }).call(ENDPOINT)).status, 200);
  });
});
