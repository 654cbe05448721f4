// workerd itself, by miniflare, with the built package in it, and a provider whose answers the test gives by hand.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Log, LogLevel, Miniflare, Response } from 'miniflare';
import { WASM } from '../built.js';

export { Response };

const DIST = dirname(WASM);
export const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';

/** Whether a promise's continuations run in the request that made it (workerd's rule since 2024-10-14), or in the one that
 *  settles it, as many programs still ask for. */
export const MANNERS = {
  'continuations at home': [],
  'continuations where they are settled': ['no_handle_cross_request_promise_resolution'],
};

/**
 * A worker with one instance at its global scope.
 *
 * @param {import('node:test').TestContext} t
 * @param given `{ program, options, keys, flags, provider }`: the module's text after the instance `api` was made, its options and
 *   keys, compatibility flags, and what answers its requests: `(request) => Response | Promise<Response>`
 */
export async function worker(t, { program, options = '{}', keys = ['fake-key-one'], flags = [], date = '2026-04-01', provider }) {
  const text = `import { QuotaAwareAPI } from './workerd.js';\nconst api = new QuotaAwareAPI(${JSON.stringify(keys)}, ${options});\n${program}`;
  const lines = [];
  const workerd = new Miniflare({
    modules: [
      { type: 'ESModule', path: 'main.js', contents: text },
      { type: 'ESModule', path: 'workerd.js', contents: readFileSync(join(DIST, 'workerd.js'), 'utf8') },
      { type: 'CompiledWasm', path: 'core_bg.wasm', contents: readFileSync(WASM) },
    ],
    compatibilityDate: date,
    compatibilityFlags: flags,
    outboundService: provider,
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: (out, err) => {
      for (const stream of [out, err]) stream.on('data', (piece) => lines.push(...String(piece).split('\n').filter(Boolean)));
    },
  });
  t.after(() => workerd.dispose());
  await workerd.ready;
  const ask = (path, init) => workerd.dispatchFetch(`http://worker${path}`, init);
  return { ask, lines, workerd };
}

/** A provider whose answers are given by hand: `requests[n].answer()`. */
export function byHand() {
  const requests = [];
  const arrivals = [];
  const provider = (request) => new Promise((answer) => {
    requests.push({ request, answer: (body = { ok: true }, init = {}) => answer(new Response(typeof body === 'string' ? body : JSON.stringify(body), { headers: { 'content-type': 'application/json' }, ...init })) });
    for (const arrival of arrivals.splice(0)) arrival();
  });
  /** Once there are as many requests. */
  const arrived = async (count) => {
    while (requests.length < count) await new Promise((resolve) => { arrivals.push(resolve); });
    return requests[count - 1];
  };
  return { provider, requests, arrived };
}
