// A hostile run: providers that repeat the key in their words, errors that carry it, secrets in the wrong places. Of all
// that this package says afterwards, on whatever way, nothing contains one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, QuotaAwareAPI, served, turn } from './support.js';

// Made up, and visibly so; of the shapes that people mistake for something else.
const SECRETS = [
  `AIza${'FAKE-do-not-use-0123456789-abcdefgh'}`,
  `gsk_${'FAKEdonotuse0123456789abcdefghijklm'}`,
  'fake-secret-without-any-prefix-42',
];

/** What is long enough to be of use to a thief; the status shows the last three characters and nothing more. */
const PIECES = SECRETS.flatMap((secret) => [secret.slice(0, 12), secret.slice(4, 16), secret.slice(-8)]);

const isLeaky = (words) => PIECES.some((piece) => words.includes(piece));

/** All that an error says by itself. Its `cause` and its `response` are the host's and the provider's. */
function saying(error) {
  const properties = Object.fromEntries(Object.entries(error).filter(([name]) => name !== 'cause'));
  return [JSON.stringify(error.trace), error.message, error.stack, JSON.stringify(error), JSON.stringify(properties), error.toReport?.(), JSON.stringify(error.toJSON?.()), String(error)].join('\n');
}

const keyOf = ({ headers }) => headers['x-goog-api-key'] ?? headers.authorization?.replace('Bearer ', '');

const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** Answers that repeat the key, in every verdict. */
const ECHOES = {
  suspended: (key) => json(403, { error: {
    code: 403, status: 'PERMISSION_DENIED', message: `Permission denied: Consumer 'api_key:${key}' has been suspended.`,
    details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'CONSUMER_SUSPENDED', metadata: { containerInfo: `api_key:${key}` } }],
  } }),
  invalid: (key) => json(401, { error: { message: `Incorrect API key provided: ${key}.`, type: 'invalid_request_error', code: 'invalid_api_key' } }),
  minute: (key) => json(429, { error: { code: 429, message: `Rate limit reached for ${key}. Please try again in 20s.`, status: 'RESOURCE_EXHAUSTED' } }, { 'retry-after': '20', 'x-key': key }),
  day: (key) => json(429, { error: { code: 429, message: `Quota of ${key} exceeded`, status: 'RESOURCE_EXHAUSTED', details: [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: key, quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaDimensions: { model: key }, quotaValue: '20' }] },
  ] } }),
  credit: (key) => json(429, { error: { message: `You exceeded your current quota, ${key}`, type: 'insufficient_quota', code: 'insufficient_quota' } }),
  overloaded: (key) => json(503, { error: { code: 503, message: `The model is overloaded, ${key}`, status: 'UNAVAILABLE' } }),
  model: (key) => json(200, { modelVersion: key, usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } }),
  text: (key) => new Response(`upstream said: ${key}`, { status: 502 }),
  html: (key) => new Response(`<h1>${key}</h1>`, { status: 500, headers: { 'content-type': 'text/html' } }),
  connection: (key) => { throw new TypeError(`could not send ${key}`); },
  hanging: () => new Promise(() => {}),
};

describe('a hostile run', () => {
  test('says no secret, anywhere', async (t) => {
    const heard = [];
    for (const method of ['log', 'warn', 'error', 'info', 'debug']) t.mock.method(console, method, (...words) => heard.push([`console.${method}`, words.map(String).join(' ')]));
    const alive = setInterval(() => {}, 1000);
    for (const [name, echo] of Object.entries(ECHOES)) {
      const api = new QuotaAwareAPI(SECRETS.map((key, at) => ({ key, provider: 'gemini', project: `project-${at}` })), {
        fetch: async (url, init) => echo(keyOf(init)),
        verbose: true, printStatsEvery: 1, timeout: 20, backoff: { base: 1, max: 2 }, queue: { maxWait: 5 }, warnAt: 0.01, limits: { rpm: 20 },
      });
      for (const type of ['attempt', 'settled', 'rotate', 'rate-limited', 'key-down', 'key-restored', 'all-keys-down', 'service-restored', 'quota-warning', 'waiting', 'limit-learned', 'shared-quota-suspected']) {
        api.addEventListener(type, ({ detail }) => heard.push([`${name}: event ${type}`, JSON.stringify(detail)]));
      }
      const told = (what, error) => heard.push([`${name}: ${what}`, saying(error)]);
      await api.call(`${ENDPOINT}?key=${SECRETS[0]}`, { headers: { authorization: `Bearer ${SECRETS[1]}` }, quota: { explain: true } }).then(async (response) => {
        await response.text();
        heard.push([`${name}: account`, JSON.stringify(response.quota)]);
      }).catch((error) => told('call', error));
      // Where there was no response, the drop-in fetch throws what the host's fetch threw: the host's words.
      const answer = await api.fetch(ENDPOINT).catch((error) => { if (error.name === 'QuotaAwareError') told('fetch', error); });
      // The provider's own answer is passed on as it came; one of ours says nothing of keys.
      if (answer?.headers.get('x-should-retry') === 'false' && name === 'hanging') heard.push([`${name}: body`, await answer.text()]);
      const tests = await api.testAllKeys().catch((error) => { told('testAllKeys', error); return []; });
      heard.push([`${name}: testAllKeys`, JSON.stringify(tests)]);
      heard.push([`${name}: status`, JSON.stringify(api.getStatus())], [`${name}: stats`, JSON.stringify(api.getStats())], [`${name}: history`, JSON.stringify(api.getRotationHistory())]);
      heard.push([`${name}: accounts`, JSON.stringify(api.explain(100))]);
      api.printStats();
      api.printStats((line) => heard.push([`${name}: printStats`, line]));
      heard.push([`${name}: itself`, JSON.stringify(api) + String(api)]);
      api.close();
      await turn();
    }
    clearInterval(alive);
    assert.ok(heard.length > 200, `only ${heard.length} sayings were heard`);
    assert.deepEqual(heard.filter(([, words]) => isLeaky(words)).map(([what]) => what), []);
  });

  test('shows at most three characters of a key, as a hint', () => {
    const api = new QuotaAwareAPI(SECRETS, { fetch: served });
    assert.deepEqual(api.getStatus().keys.map(({ hint }) => hint), SECRETS.map((secret) => `…${secret.slice(-3)}`));
    const short = new QuotaAwareAPI(['fake'], { fetch: served });
    assert.ok(!JSON.stringify(short.getStatus()).includes('ake'));
  });
});

describe('a secret in the wrong place', () => {
  const [secret, other] = SECRETS;
  const slips = {
    'is the only argument': () => new QuotaAwareAPI(secret),
    'is an id': () => new QuotaAwareAPI([{ key: secret, id: secret }]),
    'is the id of another': () => new QuotaAwareAPI([{ key: other, id: secret }, secret]),
    'is a project': () => new QuotaAwareAPI([{ key: secret, project: secret }]),
    'is a provider': () => new QuotaAwareAPI([{ key: other, provider: secret }]),
    'is a strategy': () => new QuotaAwareAPI([other], { strategy: secret }),
    'is an option': () => new QuotaAwareAPI([other], { [secret]: true }),
    'is a limit': () => new QuotaAwareAPI([other], { limits: { [secret]: 5 } }),
    'is an origin': () => new QuotaAwareAPI([other], { allowedOrigins: [secret] }),
    'is a base URL': () => new QuotaAwareAPI([other], { baseURL: secret }),
    'is given twice': () => new QuotaAwareAPI([secret, secret]),
    'is broken by a line': () => new QuotaAwareAPI([`${secret}\n${other}`]),
    'is a time-out': () => new QuotaAwareAPI([other], { timeout: secret }),
    'is an endpoint': () => new QuotaAwareAPI([other]).call(secret),
    'is in another origin’s URL': () => new QuotaAwareAPI([other]).call(`https://attacker.example/?key=${secret}`),
    'is in a URL as a password': () => new QuotaAwareAPI([other]).call(`https://user:${secret}@api.groq.com/`),
    'is a session, of a wrong call': () => new QuotaAwareAPI([other]).call(ENDPOINT, { quota: { session: secret, priority: 99 } }),
    'is a header’s illegal value': () => new QuotaAwareAPI([other]).call(ENDPOINT, { headers: [['x-mine', `${secret}\n${secret}`]] }),
    'is a header’s illegal value in an object': () => new QuotaAwareAPI([other]).call(ENDPOINT, { headers: { 'x-mine': `${secret}\n${secret}` } }),
    'is a header’s illegal name': () => new QuotaAwareAPI([other]).call(ENDPOINT, { headers: { [`${secret} x`]: 'x' } }),
    'is a method': () => new QuotaAwareAPI([other]).call(ENDPOINT, { method: `${secret} x` }),
    'is a priority header': () => new QuotaAwareAPI([other]).call(ENDPOINT, { headers: { 'x-quota-priority': secret } }),
    'is an id that is looked for': () => new QuotaAwareAPI([other]).switchToKey(secret),
    'is an id to test': () => new QuotaAwareAPI([other]).testKey(secret),
    'is an id to reset': () => new QuotaAwareAPI([other]).resetQuotaFlags(secret),
    'is added twice': () => new QuotaAwareAPI([other]).addKey(other),
  };
  for (const [name, slip] of Object.entries(slips)) {
    test(`is not repeated: it ${name}`, async () => {
      await assert.rejects(async () => slip(), (error) => {
        assert.equal(error.name, 'QuotaAwareError', error.stack);
        assert.ok(!isLeaky(saying(error)), error.code);
        return true;
      });
    });
  }
});
