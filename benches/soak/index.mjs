// A long run: 100,000 calls, unary and streamed, served, refused, broken and aborted, and what of the heap is kept; then
// what passing a stream on costs: time to its first byte beside the host's own, and memory over 100 MB of it.
//
//   npm run soak -- [--calls 100000] [--pkg folder]
import { resolve, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const { values: given } = parseArgs({ options: { calls: { type: 'string', default: '100000' }, pkg: { type: 'string', default: join(import.meta.dirname, '../../pkg') } } });
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const { QuotaAwareAPI } = await import(pathToFileURL(join(resolve(given.pkg), 'dist/index.js')));

const URL = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake';
const encoder = new TextEncoder();
const piece = (text, finishReason) => encoder.encode(`data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, finishReason }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } })}\n\n`);
const turn = () => new Promise((done) => { setImmediate(done); });
const megabytes = (bytes) => (bytes / 1e6).toFixed(2);

await soak(Number(given.calls));
await firstByte();
await flatness(100e6);

async function heap() {
  for (let n = 0; n < 5; n += 1) { collect(); await turn(); }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function soak(calls) {
  let sent = 0;
  const fetch = (url, { signal }) => new Promise((answer, fail) => {
    sent += 1;
    if (sent % 5 === 4) return signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    if (sent % 20 === 0) return fail(new TypeError('fetch failed'));
    if (sent % 20 === 10) return answer(new Response('{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}', { status: 503 }));
    if (!url.includes('stream')) return answer(new Response('{"usageMetadata":{"promptTokenCount":1}}', { headers: { 'content-type': 'application/json' } }));
    const broken = sent % 7 === 0;
    const pieces = [piece('Hi'), piece('there', broken ? undefined : 'STOP')];
    const body = new ReadableStream({ pull(controller) { if (pieces.length > 0) controller.enqueue(pieces.shift()); else controller.close(); } }, { highWaterMark: 0 });
    return answer(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  });
  const api = new QuotaAwareAPI(['fake-one', 'fake-two', 'fake-three'], { fetch, backoff: { base: 0 }, cooldown: { error: 1 }, retryBudget: false });
  const one = async (n) => {
    const patience = new AbortController();
    const call = api.call(`${URL}:${n % 2 ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, { method: 'POST', body: '{}', signal: patience.signal, quota: { session: `s${n % 30}` } });
    const rest = call.then((response) => (n % 11 === 0 ? response.body?.cancel() : response.text())).catch(() => {});
    // Whoever hangs gives up in the end; so do some who do not.
    setImmediate(() => setImmediate(() => setImmediate(() => patience.abort('enough'))));
    await rest;
  };
  const marks = [];
  const began = performance.now();
  for (let done = 0; done < calls;) {
    for (const stop = Math.min(done + calls / 10, calls); done < stop; done += 100) await Promise.all(Array.from({ length: 100 }, (_, n) => one(done + n)));
    marks.push(await heap());
  }
  const { queue } = api.getStatus();
  console.log(`soak: ${calls} calls in ${((performance.now() - began) / 1000).toFixed(1)} s, ${sent} requests; heap in MB after each tenth: ${marks.map(megabytes).join(' ')}; under way ${queue.inFlight}, waiting ${queue.waiting}`);
  api.close();
}

async function firstByte() {
  const fetch = async () => new Response(new ReadableStream({ pull(controller) { controller.enqueue(piece('Hi')); } }, { highWaterMark: 0 }), { headers: { 'content-type': 'text/event-stream' } });
  const api = new QuotaAwareAPI(['fake-one'], { fetch });
  const timed = async (call) => {
    const began = performance.now();
    const reader = (await call()).body.getReader();
    await reader.read();
    const took = performance.now() - began;
    await reader.cancel();
    return took;
  };
  const rows = { host: [], ours: [] };
  for (let n = 0; n < 600; n += 1) {
    rows.host.push(await timed(() => fetch()));
    rows.ours.push(await timed(() => api.call(`${URL}:streamGenerateContent?alt=sse`, { method: 'POST', body: '{}' })));
  }
  const at = (row, share) => row.slice(100).sort((a, b) => a - b)[Math.floor(500 * share)].toFixed(3);
  console.log(`first byte in ms, median and 99th percentile: host ${at(rows.host, 0.5)} ${at(rows.host, 0.99)}, ours ${at(rows.ours, 0.5)} ${at(rows.ours, 0.99)}`);
  api.close();
}

async function flatness(total) {
  const text = piece('x'.repeat(1000));
  for (const ours of [false, true]) {
    let left = total;
    const fetch = async () => new Response(new ReadableStream({
      pull(controller) {
        if (left > 0) controller.enqueue(text.slice());
        else { controller.enqueue(piece('', 'STOP')); controller.close(); }
        left -= text.length;
      },
    }, { highWaterMark: 0 }), { headers: { 'content-type': 'text/event-stream' } });
    const api = new QuotaAwareAPI(['fake-one'], { fetch });
    const before = await heap();
    const began = performance.now();
    const reader = (await (ours ? api.call(`${URL}:streamGenerateContent?alt=sse`, { method: 'POST', body: '{}' }) : fetch())).body.getReader();
    let most = 0;
    for (let read = 0, marks = 0; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      read += value.length;
      if (read > (marks + 1) * (total / 10)) { marks += 1; most = Math.max(most, (await heap()) - before); }
    }
    console.log(`${total / 1e6} MB in pieces of ${text.length} bytes, ${ours ? 'ours' : 'host'}: ${((performance.now() - began) / 1000).toFixed(2)} s, heap at most ${megabytes(most)} MB above the start`);
    api.close();
  }
}
