// What it costs to pass a stream on.
import { gauge } from './gauge.mjs';

const URL = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake';
const encoder = new TextEncoder();
const piece = (text, finishReason) => encoder.encode(`data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, finishReason }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } })}\n\n`);
const megabytes = (bytes) => (bytes / 1e6).toFixed(2);

/** Time to the first byte of a stream, beside the host's own. */
export async function firstByte({ QuotaAwareAPI }) {
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

/** Memory over one long stream, beside the host's own. */
export async function flatness({ QuotaAwareAPI }, total) {
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
    const { heap: before } = await gauge();
    const began = performance.now();
    const reader = (await (ours ? api.call(`${URL}:streamGenerateContent?alt=sse`, { method: 'POST', body: '{}' }) : fetch())).body.getReader();
    let most = 0;
    for (let read = 0, marks = 0; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      read += value.length;
      if (read > (marks + 1) * (total / 10)) { marks += 1; most = Math.max(most, (await gauge()).heap - before); }
    }
    console.log(`${total / 1e6} MB in pieces of ${text.length} bytes, ${ours ? 'ours' : 'host'}: ${((performance.now() - began) / 1000).toFixed(2)} s, heap at most ${megabytes(most)} MB above the start`);
    api.close();
  }
}
