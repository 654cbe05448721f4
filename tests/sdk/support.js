// What the files of this room share: a provider of three projects with little quota each, an instance over their keys, and
// two witnesses: what the SDK was answered, and what reached the provider. The packages are those of this folder's own lock.
import assert from 'node:assert/strict';
import { QuotaAwareAPI, createMockProvider } from '../built.js';

export { QuotaAwareAPI };

/** What SDKs are given where they insist on a key. It must never arrive anywhere. */
export const CALLER_KEY = 'fake-of-the-caller';

export const TOOL = 'get_weather';
export const ASK = 'Use get_weather for Paris';
/** In a word that no dialect of JSON Schema disagrees about. */
export const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };

const CREDENTIALS = ['authorization', 'x-goog-api-key', 'x-api-key', 'api-key'];

/** What every provider allows here: two calls a minute for each project, and a day's end where there is one. */
const LIMITS = { gemini: { rpm: 2, rpd: 50 }, groq: { rpm: 2, rpd: 50 }, openai: { rpm: 2, rpd: 50 }, anthropic: { rpm: 2 } };

/** Three projects of a provider, one key each, and an instance that has all of them. */
export function room(t, provider, options = {}, world = {}) {
  const projects = [1, 2, 3].map((n) => ({ id: `project-${n}`, provider, keys: [`fake-${provider}-${n}`], models: { '*': LIMITS[provider] } }));
  const mock = createMockProvider({ latency: 0, chunkDelay: 0, projects, ...world });
  const sent = [];
  const keys = projects.map(({ keys: [key] }) => key);
  const api = new QuotaAwareAPI(keys, { provider, fetch: noting(sent, mock.fetch), ...options });
  t.after(() => api.close());
  const seen = [];
  return { t, mock, api, keys, sent, seen, fetch: noting(seen, api.fetch) };
}

/** The same projects with quota enough. */
export const roomy = (provider) => [1, 2, 3].map((n) => ({ id: `project-${n}`, provider, keys: [`fake-${provider}-${n}`] }));

/** Puts the room's instance in the place of the global `fetch` until the end of the test, with a witness on top of it. */
export function install(scene) {
  const installation = scene.api.install();
  const patch = globalThis.fetch;
  const witness = noting(scene.seen, patch);
  globalThis.fetch = witness;
  scene.restore = () => {
    if (globalThis.fetch === witness) globalThis.fetch = patch;
    installation.restore();
  };
  scene.t.after(scene.restore);
}

/** A `fetch` that notes what it is asked and what it answers. */
function noting(list, fetch) {
  return async (input, init) => {
    const headers = new Headers(init?.headers ?? input.headers);
    const entry = { url: String(input?.url ?? input), headers: Object.fromEntries(headers), status: null, retryAfter: null };
    list.push(entry);
    const response = await fetch(input, init);
    Object.assign(entry, { status: response.status, retryAfter: response.headers.get('retry-after') });
    return response;
  };
}

/** The first project has nothing left this minute: whoever takes its key first is refused, and goes on with another. */
export function tight(t, provider, options, world) {
  const scene = room(t, provider, options, world);
  scene.mock.exhaust('project-1', 'minute');
  return scene;
}

/** The SDK was answered and never refused, more than one key served, one at least refused, and nothing went out that must not. */
export function assertServed({ mock, seen, sent, keys }, served) {
  assert.deepEqual(seen.map(({ status }) => status), Array(seen.length).fill(200), 'what the SDK saw');
  const answers = mock.log.filter(({ status }) => status === 200);
  if (served !== undefined) assert.equal(answers.length, served);
  assert.ok(answers.length > 1 ? new Set(answers.map(({ key }) => key)).size > 1 : true, 'keys took turns');
  assert.ok(mock.log.some(({ status }) => status === 429), 'a refusal was met on the way');
  assertClean({ seen, sent, keys });
}

/** What arrived has one credential, a key of ours, and no header that the SDK has not set, nor one meant for us: a page's
 *  preflight would fail. */
export function assertClean({ seen, sent, keys }) {
  const given = new Set(seen.flatMap(({ headers }) => Object.keys(headers)));
  for (const { url, headers } of sent) {
    const credentials = CREDENTIALS.filter((name) => name in headers);
    assert.equal(credentials.length, 1, `one credential: ${credentials}`);
    assert.ok(keys.includes(headers[credentials[0]].replace('Bearer ', '')), 'a key of ours');
    assert.ok(!`${url} ${JSON.stringify(headers)}`.includes(CALLER_KEY), 'nothing of the caller’s key');
    for (const name of Object.keys(headers)) assert.ok((given.has(name) && !name.startsWith('x-quota-')) || CREDENTIALS.includes(name), `a header too many: ${name}`);
  }
}

/** Nobody has any quota left: for some seconds, or until the day ends. The instance says so at once, unless told otherwise. */
export function exhausted(t, provider, window = 'minute', options = { queue: { maxWait: 1 } }) {
  const scene = room(t, provider, options);
  if (window === 'day' && provider === 'anthropic') {
    scene.mock.script(Array(3).fill({ status: 429, headers: { 'retry-after': '3600' } }));
  } else {
    for (const n of [1, 2, 3]) scene.mock.exhaust(`project-${n}`, window);
  }
  return scene;
}

/** An SDK was told 429 once, did not come back for more, and nothing but the first attempts has reached the provider. */
export function assertToldOnce({ mock, seen }, times = 1) {
  assert.deepEqual(seen.map(({ status }) => status), Array(times).fill(429));
  assert.ok(mock.log.length <= 3, `${mock.log.length} attempts`);
}

/** Seconds until the next try, as a 429 of these tests may say: a minute, and what a hint is padded by; or more, up to a day. */
export function assertSeconds(value, window) {
  const seconds = Number(value);
  assert.ok(window === 'minute' ? seconds > 0 && seconds <= 75 : seconds > 60 && seconds <= 86_400, `Retry-After: ${value}`);
}

/** Nobody is waiting and nothing is under way, as soon as those who gave up have been heard. */
export async function idle({ api }) {
  const busy = () => { const { waiting, inFlight } = api.getStatus().queue; return waiting + inFlight > 0; };
  for (let turn = 0; turn < 400 && busy(); turn += 1) await new Promise((resolve) => { setTimeout(resolve, 5); });
  assert.equal(busy(), false);
}

export async function collect(stream) {
  const list = [];
  for await (const each of stream) list.push(each);
  return list;
}

/** The answer of the mock to this question. */
export const answerTo = (question) => new RegExp(`^Hello from the mock .*You said: "${question}"\\. No model was asked and nothing left this machine\\.$`);

/** A world whose streams never end, and whose answers take long: for those who give up. */
export const SLOW = { latency: 60_000 };
export const DRIPPING = { chunkDelay: { min: 20, max: 20 } };
