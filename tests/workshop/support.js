// What the files of this room share: a workshop on a clock that moves only when told, or behind real HTTP. They test the
// built package, as users have it, and never reach for the network.
import { QuotaAwareAPI, QuotaAwareError, createMockProvider, createMockServer } from '../built.js';

export { QuotaAwareAPI, QuotaAwareError, createMockProvider, createMockServer };

export const HOST = 'https://generativelanguage.googleapis.com';
export const MODEL = 'gemini-3.5-flash-lite';
export const PATH = `/v1beta/models/${MODEL}:generateContent`;
export const ENDPOINT = HOST + PATH;

/** The three projects of the workshop, a key each. */
export const KEYS = ['fake-mock-key-1', 'fake-mock-key-2', 'fake-mock-key-3'];

/** Noon UTC: the next end of a day is twelve hours away. */
export const NOON = Date.UTC(2026, 9, 7, 12);

/** What a participant sends. */
export function question(text = 'Hello', init = {}) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ parts: [{ text }] }] }),
    ...init,
  };
}

/**
 * A client on a mock in this process, both on a clock that stands still. `pass(ms)` lets time go by; `ask` only asks,
 * `answer` gives the call a tenth of a second, which is what moving to another key may take.
 *
 * @param {import('node:test').TestContext} t
 */
export function workshop(t, { keys = KEYS, mock: mockOptions, ...options } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOON });
  const now = () => Date.now();
  const mock = createMockProvider({ latency: 0, now, ...mockOptions });
  const api = new QuotaAwareAPI(keys, { fetch: mock.fetch, now, ...options });
  t.after(() => api.close());
  const pass = async (ms, step = 50) => {
    await turn();
    for (let left = ms; left > 0; left -= step) {
      t.mock.timers.tick(Math.min(step, left));
      await turn();
    }
  };
  const ask = (init) => api.call(ENDPOINT, question('Hello', init));
  const answer = async (init) => {
    const call = ask(init);
    call.catch(() => {});
    await pass(100);
    return call;
  };
  return { api, mock, pass, ask, answer, tried: () => mock.log.map(({ key }) => key) };
}

/** A client on a mock behind real HTTP. */
export async function served(t, { keys = KEYS, mock: mockOptions, ...options } = {}) {
  const server = await createMockServer({ latency: { min: 1, max: 20 }, ...mockOptions });
  const api = new QuotaAwareAPI(keys, { baseURL: server.url, ...options });
  t.after(async () => {
    api.close();
    await server.close();
  });
  return { api, server, mock: server.provider, ask: (init) => api.call(PATH, question('Hello', init)) };
}

/** Everything that can happen without time going by has happened. */
export async function turn() {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

/** What a promise has come to so far, without waiting for it. */
export function watched(promise) {
  const seen = { state: 'pending', value: undefined, error: undefined };
  promise.then(
    (value) => Object.assign(seen, { state: 'resolved', value }),
    (error) => Object.assign(seen, { state: 'rejected', error }),
  );
  return seen;
}

/** The error that a promise rejects with. */
export function failure(promise) {
  return promise.then(() => { throw new Error('expected a rejection'); }, (error) => error);
}

/** Lines printed from here on. */
export function printed(t, method = 'log') {
  const lines = [];
  t.mock.method(console, method, (line) => lines.push(String(line)));
  return lines;
}

export function keyOf(api, id) {
  return api.getStatus().keys.find((key) => key.id === id);
}

/** A `fetch` that serves everything and remembers what it was sent. */
export function recording() {
  const sent = [];
  const fetch = async (url, init) => {
    sent.push({ url: String(url), headers: new Headers(init.headers), init });
    return Response.json({ ok: true });
  };
  return { sent, fetch };
}
