// What a caller may send, and that a second attempt sends the same again: over real HTTP on this machine.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { ENDPOINT, QuotaAwareAPI, open, refusal, refused, served } from './support.js';

const KEYS = ['fake-body-key-one', 'fake-body-key-two'];
const seen = [];
let server;
let origin;
/** How many requests are refused before one is served. */
let refusals = 0;

before(async () => {
  server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    seen.push({ method: request.method, type: request.headers['content-type'], body: Buffer.concat(pieces) });
    const fails = refusals > 0;
    refusals -= 1;
    response.writeHead(fails ? 503 : 200, { 'content-type': 'application/json' }).end(fails ? '{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}' : '{}');
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => { server.closeAllConnections(); server.close(); });

const connect = () => new QuotaAwareAPI(KEYS, { allowedOrigins: [origin], backoff: { base: 0 } });

/** What the server saw of each attempt of a call whose first ones are refused. */
async function attempts(input, init, fails = 2) {
  const from = seen.length;
  refusals = fails;
  const response = await connect().call(input ?? `${origin}/v1/x`, init);
  assert.equal(response.status, 200);
  return seen.slice(from);
}

const BYTES = Uint8Array.from({ length: 50_000 }, (_, at) => (at * 7) % 256);
const text = 'Grüße, 世界 \u0000 \u2028';

describe('a body is sent again as it was:', () => {
  const bodies = {
    'a string': [() => text, Buffer.from(text)],
    'an ArrayBuffer': [() => BYTES.slice().buffer, Buffer.from(BYTES)],
    'a part of a typed array': [() => BYTES.subarray(100, 2000), Buffer.from(BYTES.subarray(100, 2000))],
    'an array of larger numbers': [() => new Uint16Array([1, 258]), Buffer.from([1, 0, 2, 1])],
    'a DataView': [() => new DataView(BYTES.buffer, 10, 20), Buffer.from(BYTES.subarray(10, 30))],
    'a Blob': [() => new Blob([BYTES, text]), Buffer.concat([BYTES, Buffer.from(text)])],
    'a File': [() => new File([text], 'a.txt', { type: 'text/x-fake' }), Buffer.from(text)],
    'a form in a URL': [() => new URLSearchParams({ a: 'b c', 'ä': '&' }), Buffer.from('a=b+c&%C3%A4=%26')],
    'nothing': [() => null, Buffer.alloc(0)],
  };
  for (const [name, [make, expected]] of Object.entries(bodies)) {
    test(name, async () => {
      const tries = await attempts(undefined, { method: 'POST', body: make() });
      assert.equal(tries.length, 3);
      for (const { method, body, type } of tries) assert.deepEqual([method, body, type], ['POST', expected, tries[0].type]);
    });
  }

  test('a form with files', async () => {
    const form = new FormData();
    form.set('purpose', text);
    form.set('file', new File([BYTES], 'ä.bin'));
    const tries = await attempts(undefined, { method: 'POST', body: form });
    assert.equal(tries.length, 3);
    for (const { body, type } of tries) {
      const read = await new Response(body, { headers: { 'content-type': type } }).formData();
      assert.equal(read.get('purpose').replaceAll('\r\n', '\n'), text);
      assert.deepEqual(new Uint8Array(await read.get('file').arrayBuffer()), BYTES);
    }
  });

  test('that of a Request, even one that came as a stream', async () => {
    const plain = await attempts(new Request(`${origin}/v1/x`, { method: 'PUT', body: text }));
    const stream = await attempts(new Request(`${origin}/v1/x`, { method: 'PUT', body: new Blob([BYTES]).stream(), duplex: 'half' }));
    assert.deepEqual(plain.map(({ method, body }) => [method, String(body)]), Array(3).fill(['PUT', text]));
    assert.deepEqual(stream.map(({ body }) => body), Array(3).fill(Buffer.from(BYTES)));
  });
});

describe('a body that is read as it is sent', () => {
  async function* pieces() { yield BYTES.subarray(0, 100); yield BYTES.subarray(100); }
  const streams = { 'a ReadableStream': () => new Blob([BYTES]).stream(), 'an async iterable': pieces };

  for (const [name, make] of Object.entries(streams)) {
    test(`${name}: goes without the caller saying duplex`, async () => {
      const [{ body }] = await attempts(undefined, { method: 'POST', body: make() }, 0);
      assert.deepEqual(body, Buffer.from(BYTES));
    });

    test(`${name}: has one attempt, and then a clear error`, async () => {
      const from = seen.length;
      await assert.rejects(attempts(undefined, { method: 'POST', body: make() }, 1), refusal('BODY_NOT_REPLAYABLE', /stream/));
      assert.equal(seen.length - from, 1);
    });
  }

  test('a Request whose body was used already is refused before anything is sent', async () => {
    const request = new Request(`${origin}/v1/x`, { method: 'POST', body: text });
    await request.text();
    const from = seen.length;
    await assert.rejects(connect().call(request), refusal('CONFIG_INVALID', /endpoint.*body.*read/));
    assert.equal(seen.length, from);
    // One beside it in the init is as good as any.
    assert.equal(String((await attempts(request, { body: 'other' }, 0))[0].body), 'other');
  });
});

describe('a request', () => {
  test('that may not be sent twice is not, where the provider may have acted', async () => {
    const failure = () => new Response('{"error":{"code":500,"status":"INTERNAL","message":"oops"}}', { status: 500 });
    for (const [first, most] of [[failure, 1], [() => { throw new TypeError('fetch failed'); }, 1], [() => refused(30), 2]]) {
      let sent = 0;
      const api = open({ fetch: async () => { sent += 1; return sent === 1 ? first() : served(); }, backoff: { base: 0 } });
      await api.call(ENDPOINT, { method: 'POST', body: '{}', quota: { idempotent: false } }).catch(() => {});
      assert.equal(sent, most);
    }
  });

  test('that is a stream’s and may not be sent twice is not, once its headers came', async () => {
    let sent = 0;
    const cut = () => new Response(new ReadableStream({ pull(controller) { controller.error(new TypeError('terminated')); } }), { headers: { 'content-type': 'text/event-stream' } });
    const api = open({ fetch: async () => { sent += 1; return cut(); }, backoff: { base: 0 } });
    await assert.rejects(api.call(ENDPOINT, { method: 'POST', body: '{}', quota: { idempotent: false } }), refusal('EXHAUSTED'));
    assert.equal(sent, 1);
  });

  test('keeps all that fetch knows, at every attempt', async () => {
    const own = { method: 'patch', body: '{}', credentials: 'include', cache: 'no-store', keepalive: true, mode: 'cors', referrerPolicy: 'no-referrer', integrity: 'sha256-x', priority: 'low', duplex: 'half' };
    const inits = [];
    const api = open({ fetch: async (url, init) => { inits.push({ ...init }); return inits.length === 1 ? refused(1) : served(); } });
    await api.call(ENDPOINT, own);
    assert.equal(inits.length, 2);
    for (const init of inits) for (const [name, value] of Object.entries(own)) assert.equal(init[name], value, name);
  });
});
