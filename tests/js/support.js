// What the files of this room share. They test the built package, in this process, and never reach for a network.
import assert from 'node:assert/strict';
import { QuotaAwareAPI, QuotaAwareError } from '../built.js';

export { QuotaAwareAPI, QuotaAwareError };

export const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';
export const KEYS = ['fake-key-one', 'fake-key-two'];

/** An instance over a `fetch` that serves everything, unless the options bring another. */
export function open(options = {}, keys = KEYS) {
  return new QuotaAwareAPI(keys, { fetch: async () => served(), ...options });
}

export function served(body = { ok: true }) {
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
}

/** A per-minute refusal in Gemini's words. */
export function refused(seconds = 30) {
  const details = [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', quotaValue: '15' }] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` },
  ];
  return new Response(JSON.stringify({ error: { code: 429, message: 'You exceeded your current quota.', status: 'RESOURCE_EXHAUSTED', details } }), { status: 429 });
}

/** A `fetch` that answers with these, one after the other, and serves from then on. An error is thrown. */
export function answering(...answers) {
  return async () => {
    const answer = answers.shift() ?? served();
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

/** A `fetch` whose answers are given by hand: `requests[n].answer(response)`. It honours signals, as it must. */
export function byHand() {
  const requests = [];
  const fetch = (url, init) => new Promise((answer, fail) => {
    requests.push({ url, init, answer, fail });
    init.signal.addEventListener('abort', () => fail(init.signal.reason));
  });
  return { fetch, requests };
}

/** For `assert.throws` and `assert.rejects`: an error of ours, with this code, that says this. */
export function refusal(code, words = /./) {
  return (error) => {
    assert.ok(error instanceof QuotaAwareError, `expected a QuotaAwareError, got ${error?.stack ?? JSON.stringify(error)}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  };
}

/** What a caller sends to Gemini, or elsewhere to a model of this name. */
export function question(model, more = {}) {
  const body = model === undefined ? { contents: [{ parts: [{ text: 'Hi' }] }] } : { model, messages: [{ role: 'user', content: 'Hi' }], ...more };
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Gemini's endpoint for a model. */
export const endpointOf = (model) => ENDPOINT.replace('gemini-fake', model);

/** Noon UTC: the next end of a day is twelve hours away. */
export const NOON = Date.UTC(2026, 9, 7, 12);

/** A clock that runs, from noon: for words that are others an hour before a day ends. */
export function fromNoon() {
  const began = performance.now();
  return () => NOON + performance.now() - began;
}

/**
 * A clock that stands still until `pass(ms)`; timers ring by it. For `options.now`, and for the mock's.
 *
 * @param {import('node:test').TestContext} t
 */
export function clock(t) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOON });
  const pass = async (ms, step = 50) => {
    await turn();
    for (let left = ms; left > 0; left -= step) {
      t.mock.timers.tick(Math.min(step, left));
      // A response is looked at, cloned and read in some turns of the loop.
      for (let round = 0; round < 3; round += 1) await turn();
    }
  };
  return { now: () => Date.now(), pass };
}

/** Everything heard of these types, as `[type, detail]`. */
export function listening(api, ...types) {
  const heard = [];
  for (const type of types) api.addEventListener(type, (event) => heard.push([event.type, event.detail]));
  return heard;
}

/** What a promise has come to so far. */
export function watched(promise) {
  const seen = { state: 'pending', value: undefined, error: undefined };
  promise.then((value) => Object.assign(seen, { state: 'resolved', value }), (error) => Object.assign(seen, { state: 'rejected', error }));
  return seen;
}

/** Nothing waits and nothing is under way: every place and permit is back. */
export function assertIdle(api) {
  assert.deepEqual(api.getStatus().queue, { waiting: 0, inFlight: 0, oldestMs: 0, calls: [] });
}

/** All microtasks so far, and one turn of the event loop. */
export const turn = () => new Promise((resolve) => { setImmediate(resolve); });

/** Turns of the loop until something is so; a test that waits in vain fails by its own time-out. */
export async function until(isSo) {
  while (!isSo()) await turn();
}

/** For tests whose `fetch` opens no connection that would keep Node alive: a call's own time-outs do not, by design. */
export function stayAwake() {
  const timer = setInterval(() => {}, 1000);
  return () => clearInterval(timer);
}
