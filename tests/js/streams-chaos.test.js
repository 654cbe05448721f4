// Chaos: a stream of any dialect, cut into any pieces, broken at any byte. What its reader got is a beginning of what was
// sent, and the ending is right: whole if it was whole, else an error.
//
//   STREAM_CASES=20000 STREAM_SEED=7 node --test tests/js/streams-chaos.test.js
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chance } from './chance.js';
import { ENDPOINT, KEYS, QuotaAwareError, assertIdle, open } from './support.js';
import { MOCK_KEYS, createMockProvider } from '../built.js';

const CASES = Number(process.env.STREAM_CASES ?? 400);
const SEED = Number(process.env.STREAM_SEED ?? 1);
const GEMINI = ENDPOINT.replace(':generateContent', ':streamGenerateContent').replace('gemini-fake', 'gemini-flash-lite-latest');
const chat = JSON.stringify({ model: 'gpt-5-mini', stream: true, stream_options: { include_usage: true }, max_tokens: 500, messages: [{ role: 'user', content: 'Hi' }] });

/** A whole number below a bound, the same ones for the same seed. */
function random(seed) {
  const chance = new Chance(seed);
  return (below) => Math.floor(chance.next() * below);
}

const ERROR = '{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}';
const event = (type, more) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const part = (text, finishReason) => ({ candidates: [{ content: { parts: [{ text }] }, ...(finishReason && { finishReason }) }], usageMetadata: { promptTokenCount: 1 } });
const text = 'Grüße 🌍 "\\ {[';
/** `ended`: what stands at the very end, after which nothing can be missing. */
const DIALECTS = [
  { url: `${GEMINI}?alt=sse`, pieces: [': hi\r\n\r\n', ...[part(text), part(text), part('', 'STOP')].map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`)], ended: '"STOP"', error: `\n${ERROR}\n` },
  { url: GEMINI, pieces: ['[', JSON.stringify(part(text), null, 2), `,\r\n${JSON.stringify(part(text), null, 2)}\n`, `,\r\n${JSON.stringify(part('', 'STOP'))}`, ']'], ended: ']', error: `,${ERROR}` },
  { url: 'https://api.openai.com/v1/chat/completions', body: chat, pieces: [{ role: 'assistant', content: '' }, { content: text }, { content: text }, {}].map((delta, at) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: at === 3 ? 'stop' : null }] })}\n\n`).concat('data: [DONE]\n\n'), ended: '[DONE]', error: `data: ${ERROR}\n\n` },
  { url: 'https://api.anthropic.com/v1/messages', body: chat, pieces: [event('message_start', { message: {} }), event('ping', {}), event('content_block_delta', { delta: { text } }), event('content_block_delta', { delta: { text } }), event('message_delta', { delta: { stop_reason: 'end_turn' } }), event('message_stop', {})], ended: '"message_stop"}', error: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }) },
];

/** Bytes in pieces of any length, some with a pause before them; then an end, a failure, or silence. */
function body(bytes, draw, end) {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      if (draw(4) === 0) await new Promise((resolve) => { setImmediate(resolve); });
      if (at === bytes.length) {
        if (end === 'fails') controller.error(new TypeError('terminated'));
        else controller.close();
        return;
      }
      const length = [1, 2, 5, 40, 400, bytes.length][draw(6)];
      controller.enqueue(bytes.slice(at, at + length));
      at = Math.min(at + length, bytes.length);
    },
  }, { highWaterMark: 0 });
}

async function read(response) {
  const pieces = [];
  const reader = response.body.getReader();
  for (;;) {
    try {
      const { done, value } = await reader.read();
      if (done) return { bytes: Buffer.concat(pieces), error: undefined };
      pieces.push(value);
    } catch (error) {
      return { bytes: Buffer.concat(pieces), error };
    }
  }
}

test(`${CASES} streams, seed ${SEED}: a beginning of what was sent, and the right ending`, { timeout: 300_000 }, async () => {
  const draw = random(SEED);
  for (let n = 0; n < CASES; n += 1) {
    const { url, body: asked = '{}', pieces, ended, error: told } = DIALECTS[draw(DIALECTS.length)];
    const whole = pieces.join('');
    const bytes = Buffer.from(whole);
    const kind = ['whole', 'ends', 'fails', 'error'][draw(4)];
    // An error stands between two events, anything else may happen at any byte.
    const cut = kind === 'whole' ? bytes.length : kind === 'error' ? Buffer.byteLength(pieces.slice(0, draw(pieces.length - 1)).join('')) : draw(bytes.length + 1);
    const sent = kind === 'error' ? Buffer.concat([bytes.subarray(0, cut), Buffer.from(told)]) : bytes.subarray(0, cut);
    let attempts = 0;
    const fetch = async () => {
      attempts += 1;
      return new Response(attempts === 1 ? body(sent, draw, kind) : body(bytes, draw, 'whole'), { headers: { 'content-type': 'text/event-stream' } });
    };
    const api = open({ fetch, backoff: { base: 0 }, limits: { concurrency: 1 } }, KEYS);
    const seen = await read(await api.call(url, { method: 'POST', body: asked }));
    const story = `seed ${SEED}, case ${n}: ${url}, ${kind} at ${cut} of ${bytes.length}, ${attempts} attempts`;
    if (attempts > 1) {
      // Unseen: another one's whole answer, and nothing of the first. That never happens to a stream that was whole.
      assert.deepEqual([seen.bytes.equals(bytes), seen.error, kind === 'whole'], [true, undefined, false], story);
    } else {
      assert.ok(seen.bytes.equals(sent), `${story}: ${seen.bytes}`);
      const marked = sent.includes(ended);
      const finished = /"STOP"|"end_turn"|"finish_reason":"stop"/.test(String(sent));
      if (kind === 'whole' || (kind === 'fails' && marked && cut === bytes.length)) assert.equal(seen.error, undefined, story);
      if (kind === 'error' || !finished) assert.ok(seen.error instanceof QuotaAwareError && seen.error.code === 'STREAM_BROKEN', `${story}: ${seen.error}`);
      if (kind === 'fails' && !marked) assert.equal(seen.error?.code, 'STREAM_BROKEN', story);
    }
    assertIdle(api);
    api.close();
  }
});

test('the mock’s own streams, with every chance of a fault: people see whole answers or errors, and never a 429', async () => {
  let whole = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const mock = createMockProvider({ seed, latency: 0, chunkDelay: 0, answer: () => 'word '.repeat(60), faults: { cut: 0.2, streamError: 0.2, connection: 0.1 } });
    const api = open({ fetch: mock.fetch, backoff: { base: 0 } }, MOCK_KEYS);
    const response = await api.call(`${GEMINI}?alt=sse`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }) }).catch((error) => error);
    if (response instanceof Error) continue;
    assert.equal(response.status, 200);
    const { bytes, error } = await read(response);
    if (error === undefined) whole += 1;
    else assert.equal(error.code, 'STREAM_BROKEN', `seed ${seed}`);
    assert.equal(error === undefined, String(bytes).includes('finishReason') && !String(bytes).includes('"error"'), `seed ${seed}`);
  }
  assert.ok(whole > 10, String(whole));
});
