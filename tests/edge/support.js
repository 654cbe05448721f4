// workerd itself, by miniflare, with the built package in it, and a provider whose answers the test gives by hand.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { Log, LogLevel, Miniflare, Response } from 'miniflare';
import { WASM } from '../built.js';

export { Response };

const DIST = dirname(WASM);
const MODELS = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake';

/** Whether a promise's continuations run in the request that made it (workerd's rule since 2024-10-14), or in the one that
 *  settles it, as many programs still ask for. */
export const MANNERS = {
  'continuations at home': [],
  'continuations where settled': ['no_handle_cross_request_promise_resolution'],
};

/** A worker with one instance, `api`, at its global scope. `/call?…` makes a call and does some I/O of its own after it; its
 *  parameters: `name` (goes with the request), `quota` (JSON), `stream`, `abort` (after so many ms), `signal` (hand over that of
 *  the request). */
const PROGRAM = `
const QUESTION = JSON.stringify({ contents: [{ parts: [{ text: 'Why is the sky blue?' }] }] });
const answers = {
  async '/call'(request, asked) {
    const own = new AbortController();
    if (asked.has('abort')) setTimeout(() => own.abort(new Error('had enough')), Number(asked.get('abort')));
    const signal = asked.has('signal') ? request.signal : own.signal;
    const quota = asked.has('quota') ? JSON.parse(asked.get('quota')) : undefined;
    const headers = asked.has('name') ? { 'x-name': asked.get('name') } : {};
    const response = await api.call('${MODELS}:' + (asked.has('stream') ? 'streamGenerateContent?alt=sse' : 'generateContent'), { method: 'POST', body: QUESTION, headers, signal, quota });
    if (asked.has('stream')) return response;
    const text = await response.text();
    await new Promise((done) => { setTimeout(done, 1); });
    return new Response(text, response);
  },
  '/status': () => Response.json({ ...api.getStatus(), stats: api.getStats() }),
  '/snapshot': () => Response.json(api.snapshot()),
  '/restore': async (request) => Response.json(api.restore(await request.json())),
  '/drain': async (request, asked) => Response.json(await api.drain(Number(asked.get('timeout') ?? 20_000))),
  '/close': () => { api.close(); return Response.json('closed'); },
};
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      return await answers[pathname](request, searchParams);
    } catch (error) {
      return Response.json({ name: error.name, code: error.code, message: error.message }, { status: 500 });
    }
  },
};`;

/**
 * @param {import('node:test').TestContext} t
 * @param given `{ options, keys, flags, date, provider }`: the instance's options as JavaScript, workerd's rules, and what answers its
 *   requests: `(request) => Response | Promise<Response>`
 */
export async function worker(t, { program = PROGRAM, options = '{}', keys = ['fake-key-one'], flags = [], date = '2026-04-01', provider }) {
  const words = [];
  const workerd = new Miniflare({
    modules: [
      { type: 'ESModule', path: 'main.js', contents: `import { QuotaAwareAPI } from './workerd.js';\nconst api = new QuotaAwareAPI(${JSON.stringify(keys)}, ${options});\n${program}` },
      { type: 'ESModule', path: 'workerd.js', contents: readFileSync(join(DIST, 'workerd.js'), 'utf8') },
      { type: 'CompiledWasm', path: 'core_bg.wasm', contents: readFileSync(WASM) },
    ],
    compatibilityDate: date,
    compatibilityFlags: flags,
    outboundService: provider,
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: (out, err) => {
      for (const stream of [out, err]) stream.on('data', (piece) => words.push(String(piece)));
    },
  });
  t.after(() => workerd.dispose());
  const url = await workerd.ready;
  const ask = (path, init) => workerd.dispatchFetch(`http://worker${path}`, init);
  const told = async (path, init) => {
    const response = await ask(path, init);
    return { status: response.status, body: await response.json() };
  };
  /** Once the instance's status is so; a test that waits in vain fails by its own time-out. */
  const until = async (isSo) => {
    for (;;) {
      const { body } = await told('/status');
      if (isSo(body)) return body;
      await new Promise((done) => { setTimeout(done, 20); });
    }
  };
  /** A client that can `leave`. By a reset of its connection, which is what workerd notices: `fetch` only ends its own half. */
  const visit = (path) => {
    const socket = connect(Number(url.port), url.hostname).on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nhost: worker\r\n\r\n`);
    return { leave: () => socket.resetAndDestroy(), begun: new Promise((resolve) => { socket.once('data', resolve); }) };
  };
  return { ask, told, visit, until, words };
}

export const isWaiting = (count) => ({ queue }) => queue.waiting === count;
export const isUnderWay = (count) => ({ queue }) => queue.inFlight === count;

/** A provider whose answers are given by hand: `(await arrived(1)).answer(body, init)` answers the first request. */
export function byHand() {
  const requests = [];
  const watchers = [];
  const provider = (request) => new Promise((settle) => {
    const answer = (body = { ok: true }, init = {}) => settle(new Response(typeof body === 'object' && !(body instanceof ReadableStream) ? JSON.stringify(body) : body, { headers: { 'content-type': 'application/json' }, ...init }));
    requests.push({ name: request.headers.get('x-name'), key: request.headers.get('x-goog-api-key'), answer });
    for (const watcher of watchers.splice(0)) watcher();
  });
  const arrived = async (count) => {
    while (requests.length < count) await new Promise((resolve) => { watchers.push(resolve); });
    return requests[count - 1];
  };
  return { provider, requests, arrived };
}

/** A stream of Gemini's, piece by piece. */
export function stream() {
  let controller;
  const body = new ReadableStream({ start: (own) => { controller = own; } });
  const piece = (text, finishReason) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, finishReason }] })}\n\n`));
  return { body, piece, end: () => controller.close(), init: { headers: { 'content-type': 'text/event-stream' } } };
}
