// What is done over and over. Each round says what it leaves behind at most, in bytes an item: a leak is more than that, be
// it one entry of a map (some 40 bytes) or one number in a list; noise is less.
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const MODELS = 'https://generativelanguage.googleapis.com/v1beta/models';
const KEYS = ['fake-one', 'fake-two', 'fake-three'];
const json = { 'content-type': 'application/json' };
const encoder = new TextEncoder();
const piece = (text, finishReason) => encoder.encode(`data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, finishReason }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } })}\n\n`);
const turn = () => new Promise((done) => { setImmediate(done); });

/** Calls of every fate, a hundred at once: served, streamed, left half way, broken, refused and sent again, answered from
 *  memory; and one in ten aborted, be it sent or waiting. Thirty people, and as many again whom nobody has seen before. A
 *  second passes with each hundred: what is counted for a minute is forgotten in time. Usage over time is a history, which grows up
 *  to its bound (2 MB by default): here that is reached at once, so that nothing hides behind it. */
export function calls({ QuotaAwareAPI }) {
  const tried = new Map();
  const start = Date.UTC(2026, 9, 7);
  let skipped = 0;
  const api = new QuotaAwareAPI(KEYS, {
    fetch: (url, init) => answer(url, init, tried), backoff: { base: 0 }, cooldown: { error: 1 }, retryBudget: false, limits: { full: { concurrency: 1 }, '*': { rpm: 1_000_000 } }, usage: { minutes: 2, maxCells: 100 }, now: () => start + performance.now() + skipped,
  });
  const run = async (from, to) => {
    const patience = new AbortController();
    const each = Array.from({ length: to - from }, (_, n) => one(api, from + n, patience.signal));
    for (let n = 0; n < 5; n += 1) await turn();
    patience.abort('enough');
    await Promise.all(each);
    tried.clear();
    skipped += 1000;
  };
  const close = () => {
    const { queue } = api.getStatus();
    if (queue.inFlight + queue.waiting > 0) throw new Error(`${queue.inFlight} calls are still under way, ${queue.waiting} wait`);
    api.close();
  };
  return { run, close, batch: 100, most: { heap: 8, wasm: 1 } };
}

/** One in twenty each. Streams are few: they cost Node ten times what a call does. */
const FATES = [
  'plain', 'plain', 'cached', 'plain', 'plain', 'busy', 'full', 'plain', 'plain', 'stream',
  'plain', 'plain', 'cached', 'plain', 'plain', 'lost', 'full', 'plain', 'left', 'broken',
];

async function one(api, n, patience) {
  const fate = FATES[n % FATES.length];
  const streams = fate === 'stream' || fate === 'left' || fate === 'broken';
  const init = {
    method: 'POST', headers: { ...json, 'x-number': `${n}` }, body: JSON.stringify({ contents: [{ parts: [{ text: `${n % 5000}` }] }] }),
    quota: { session: n % 2 === 0 ? `s${n % 30}` : `new-${n}`, explain: n % 7 === 0, cache: fate === 'cached' || undefined },
    ...(fate === 'full' && { signal: patience }),
  };
  try {
    const response = await api.call(`${MODELS}/${fate}:${streams ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, init);
    await (fate === 'left' ? response.body.cancel() : response.text());
  } catch (error) {
    if (fate !== 'full' && fate !== 'broken') throw error;
  }
}

async function answer(url, { headers, signal }, tried) {
  if (url.includes('/full:')) return new Promise((_, fail) => { signal.addEventListener('abort', () => fail(signal.reason), { once: true }); });
  const number = headers['x-number'];
  const first = !tried.has(number);
  tried.set(number, true);
  if (url.includes('/busy:') && first) return new Response('{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}', { status: 503, headers: json });
  if (url.includes('/lost:') && first) throw new TypeError('fetch failed');
  if (!url.includes('stream')) return new Response('{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":1}}', { headers: json });
  const pieces = [piece('Hi'), piece('there', url.includes('/broken:') ? undefined : 'STOP')];
  const body = new ReadableStream({ pull(controller) { if (pieces.length > 0) controller.enqueue(pieces.shift()); else controller.close(); } }, { highWaterMark: 0 });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** Instances that are made, used and closed: one in four with a call under way, one in four with one that waits as well. */
export function closed({ QuotaAwareAPI }) {
  const run = async (from, to) => {
    for (let n = from; n < to; n += 1) {
      const api = new QuotaAwareAPI(KEYS.slice(0, 1), { fetch: (url, init) => answer(url, init, new Map()), limits: { full: { concurrency: 1 } } });
      await (await api.call(`${MODELS}/plain:generateContent`, { method: 'POST', headers: { 'x-number': '1' }, body: '{}' })).text();
      const rest = Array.from({ length: n % 4 === 1 ? 1 : n % 4 === 2 ? 2 : 0 }, () => api.call(`${MODELS}/full:generateContent`, { method: 'POST', headers: {}, body: '{}' }).catch(({ code }) => code));
      api.close();
      if ((await Promise.all(rest)).some((code) => code !== 'CLOSED')) throw new Error('a call has outlived its instance');
    }
  };
  return { run, close() {}, batch: 50, most: { heap: 256, wasm: 64 } };
}

/** Instances that are made, used and forgotten: their memory is freed once the collector finds them. */
export function dropped({ QuotaAwareAPI }) {
  const run = async (from, to) => {
    for (let n = from; n < to; n += 1) {
      const api = new QuotaAwareAPI(KEYS, { fetch: (url, init) => answer(url, init, new Map()), healthCheck: { interval: 60_000 } });
      api.addEventListener('settled', () => api.getStats());
      if (n % 2 === 0) await (await api.call(`${MODELS}/plain:generateContent`, { method: 'POST', headers: { 'x-number': '1' }, body: '{}' })).text();
    }
    await turn();
  };
  return { run, close() {}, batch: 50, most: { heap: 256, wasm: 64 } };
}

/** Threads with an instance of their own, which end by themselves or are ended in the middle of a call. */
export function workers({ index }) {
  const run = async (from, to) => {
    await Promise.all(Array.from({ length: to - from }, (_, n) => thread(index, (from + n) % 2 === 0)));
  };
  return { run, close() {}, batch: 2, most: { heap: 16_000, rss: 400_000 } };
}

async function thread(index, ends) {
  const worker = new Worker(fileURLToPath(import.meta.resolve('./worker.mjs')), { workerData: { index, ends } });
  const over = new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  if (!ends) await worker.terminate();
  await over;
}
