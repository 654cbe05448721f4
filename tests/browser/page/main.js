// What the test drives: the package and the mock, imported as they lie on the server.
import { QuotaAwareAPI, QuotaAwareError } from '/dist/index.js';
import { MOCK_KEYS, createMockProvider } from '/dist/mock.js';

const PATH = '/v1beta/models/gemini-flash-lite-latest:generateContent';
const GEMINI = `https://generativelanguage.googleapis.com${PATH}`;
const say = (text) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ parts: [{ text }] }] }) });

/** Six calls, printed as a person would see them. */
async function six() {
  const mock = createMockProvider({ latency: 0 });
  const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: mock.fetch });
  const lines = [];
  for (let n = 0; n < 6; n += 1) await api.call(GEMINI, say(`call ${n}`));
  api.printStats((line) => lines.push(line));
  document.querySelector('#stats').textContent = lines.join('\n');
  return api.getStats().requestCounts;
}

/** One refusal on the first key; what the call went through. */
async function rotation() {
  const mock = createMockProvider({ latency: 0 });
  mock.exhaust(MOCK_KEYS[0], 'minute');
  const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: mock.fetch });
  const verdicts = [];
  api.addEventListener('settled', ({ detail }) => verdicts.push(`${detail.key} ${detail.verdict}`));
  const { status } = await api.call(GEMINI, say('hello'));
  return { status, verdicts };
}

/** A caller who leaves while the answer is on its way. */
async function abort() {
  const mock = createMockProvider({ latency: 60_000 });
  const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: mock.fetch });
  const patience = new AbortController();
  const call = api.call(GEMINI, { ...say('hello'), signal: patience.signal });
  patience.abort();
  const name = await call.then(() => 'served', (error) => error.name);
  return { name, queue: api.getStatus().queue };
}

/** No key is any good: what the page shows. */
async function failure() {
  const mock = createMockProvider({ latency: 0 });
  for (const key of MOCK_KEYS) mock.breakKey(key);
  const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: mock.fetch });
  const error = await api.call(GEMINI, say('hello')).catch((reason) => reason);
  document.querySelector('#error').textContent = `${error.message} ${error.advice}`;
  return { ours: error instanceof QuotaAwareError, code: error.code };
}

/** What becomes of a key in a custom header when a server redirects. */
async function plainly(origin, key) {
  const headers = { 'x-goog-api-key': key, 'content-type': 'application/json' };
  return (await fetch(`${origin}${PATH}`, { method: 'POST', headers, body: '{}' })).status;
}

async function redirected(origin) {
  const api = new QuotaAwareAPI([MOCK_KEYS[0]], { allowedOrigins: [origin], maxRetries: 1 });
  return api.call(`${origin}${PATH}`, { ...say('hello'), redirect: 'follow' }).then(() => 'served', ({ code }) => code);
}

/** One stream that fails before its content and is served by the next key; one that is cut in its middle. */
async function streams() {
  const url = `${GEMINI.replace(':generateContent', ':streamGenerateContent')}?alt=sse`;
  const options = { latency: 0, chunkDelay: 0, answer: () => 'Grüße '.repeat(40) };
  const plain = await (await createMockProvider(options).fetch(url, { ...say('hello'), headers: { 'x-goog-api-key': MOCK_KEYS[0] } })).text();
  const mock = createMockProvider(options);
  let failed = false;
  const fetch = async (...given) => {
    if (failed) return mock.fetch(...given);
    failed = true;
    return new Response('{"error":{"code":503,"status":"UNAVAILABLE"}}', { headers: { 'content-type': 'text/event-stream' } });
  };
  const api = new QuotaAwareAPI(MOCK_KEYS, { fetch, backoff: { base: 0 } });
  const keys = [];
  api.addEventListener('settled', ({ detail }) => { if (detail.verdict === 'ok') keys.push(detail.key); });
  const response = await api.call(url, say('hello'));
  const text = await response.text();
  mock.script([{ cut: 2 }]);
  const cut = (await api.call(url, say('hello'))).body.getReader();
  let broken;
  // Not `text()`: Chromium has a TypeError of its own for every body that breaks.
  while (broken === undefined) broken = await cut.read().then(({ done }) => (done ? {} : undefined), (error) => error);
  const words = (body) => [...body.matchAll(/"text":"([^"]*)"/g)].map(([, each]) => each).join('');
  return { same: words(text) === words(plain), key: keys[0], code: broken.code, url: typeof response.url === 'string' };
}

/** Over HTTP, to a server of another origin. */
async function http(origin) {
  const api = new QuotaAwareAPI(MOCK_KEYS, { allowedOrigins: [origin] });
  const answers = [];
  for (let n = 0; n < 6; n += 1) {
    const response = await api.call(`${origin}${PATH}`, say(`call ${n}`));
    answers.push((await response.json()).candidates.length);
  }
  const headers = { 'x-quota-session': 'anna', authorization: 'Bearer fake-of-the-caller', 'content-type': 'application/json' };
  const { status } = await api.fetch(`${origin}${PATH}`, { ...say('hello'), headers });
  return { answers, status, counts: api.getStats().requestCounts, tokens: api.getStats().tokens.total > 0 };
}

/** The six calls of a module worker. */
function worker() {
  return new Promise((resolve, reject) => {
    const own = new Worker('/page/worker.js', { type: 'module' });
    own.onmessage = ({ data }) => resolve(data);
    own.onerror = ({ message }) => reject(new Error(message));
  });
}

/** `new` needs no await. */
function synchronously() {
  const api = new QuotaAwareAPI(MOCK_KEYS);
  return api.getStats().totalKeys;
}

window.page = { plainly, redirected, streams, six, rotation, abort, failure, http, worker, synchronously };
