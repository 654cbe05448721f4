// Bodies of every form, over real HTTP: what each attempt carried, byte for byte, and what happens to those that can be sent
// only once.
import assert from 'node:assert/strict';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { MOCK_KEYS, createMockProvider } from '../built.js';
import { serve } from './http.js';
import { ENDPOINT, QuotaAwareAPI, answering, assertIdle, byHand, clock, open, refusal, refused, served, turn } from './support.js';

const KEYS = ['fake-body-key-one', 'fake-body-key-two'];
const PATH = '/v1beta/models/gemini-fake:generateContent';
const BYTES = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256);
const TEXT = '{"a": "\\u00e9 é"}\n';

let server;
let folder;
before(async () => {
  server = await serve();
  folder = await mkdtemp(join(tmpdir(), 'quota-aware-bodies-'));
  await writeFile(join(folder, 'upload'), BYTES);
});
after(() => Promise.all([server.close(), rm(folder, { recursive: true })]));

const connect = (options = {}) => new QuotaAwareAPI(KEYS, { allowedOrigins: [server.origin], backoff: { base: 0, max: 1 }, ...options });
const minute = async () => ({ status: 429, body: await refused(30).text() });
const unavailable = { status: 503, body: '{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}' };

/** Calls, and returns what came of it and what the server saw. */
async function observe(input, init, api = connect()) {
  const from = server.seen.length;
  const result = await api.call(input, init).catch((error) => error);
  server.answers.length = 0;
  assertIdle(api);
  return { result, seen: server.seen.slice(from) };
}

async function* pieces() {
  yield BYTES.subarray(0, 1000);
  yield BYTES.subarray(1000);
}

function form() {
  const data = new FormData();
  data.set('text', 'x\r\ny é');
  data.append('file', new File([BYTES], 'a "b".bin', { type: 'image/png' }));
  return data;
}

describe('a body that can be sent again', () => {
  const forms = {
    'a string': () => TEXT,
    'an empty string': () => '',
    'an ArrayBuffer': () => BYTES.buffer,
    'a typed array': () => new Uint16Array(BYTES.buffer, 4, 30_000),
    'a Buffer': () => Buffer.from(BYTES),
    'a DataView': () => new DataView(BYTES.buffer, 3, 999),
    'a Blob': () => new Blob([BYTES], { type: 'application/pdf' }),
    'a File': () => new File([BYTES], 'a.bin', { type: 'audio/wav' }),
    'a file on disk': () => openAsBlob(join(folder, 'upload')),
    'URLSearchParams': () => new URLSearchParams({ a: 'b c', é: '&' }),
    'FormData': form,
  };
  const withoutBoundary = ({ headers, body }) => {
    const boundary = /boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1] ?? '\0';
    return [headers['content-type']?.replace(boundary, 'X'), headers['content-length'], body.toString('latin1').replaceAll(boundary, 'X')];
  };
  for (const [name, make] of Object.entries(forms)) {
    for (const [refusalName, answer] of [['429', minute], ['503', () => unavailable]]) {
      test(`${name}: each attempt after ${refusalName} has what a plain fetch sends`, async () => {
        const body = await make();
        const from = server.seen.length;
        await fetch(server.origin + PATH, { method: 'POST', body });
        const plain = withoutBoundary(server.seen[from]);
        server.answers.push(await answer());
        const { result, seen } = await observe(server.origin + PATH, { method: 'POST', body });
        assert.equal(result.status, 200);
        assert.deepEqual(seen.map(withoutBoundary), [plain, plain]);
      });
    }
  }

  test('reaches the host’s fetch as it is, uncopied, every time', async () => {
    for (const make of Object.values(forms)) {
      const body = await make();
      const sent = [];
      const answers = answering(refused());
      const api = open({ fetch: (url, init) => { sent.push([init.body, init.duplex]); return answers(); } });
      await api.call(ENDPOINT, { method: 'POST', body });
      assert.equal(sent.length, 2);
      assert.ok(sent.every(([each, duplex]) => each === body && duplex === undefined));
    }
  });

  test('is the caller’s to change: what is in it when it is sent counts', async () => {
    const body = new Uint8Array(12).fill(65);
    server.answers.push(async (_, response) => { body.fill(66); response.writeHead(429).end(await refused(30).text()); });
    const { seen } = await observe(server.origin + PATH, { method: 'POST', body });
    assert.deepEqual(seen.map((each) => String(each.body)), ['A'.repeat(12), 'B'.repeat(12)]);
  });
});

describe('a body that can be sent once', () => {
  const streams = {
    'a ReadableStream': () => new Blob([BYTES]).stream(),
    'an async iterable': () => pieces(),
    'a stream of Node': () => Readable.from(pieces()),
  };
  for (const [name, make] of Object.entries(streams)) {
    test(`${name}: goes out whole, with duplex where it lacked`, async () => {
      for (const duplex of [{}, { duplex: 'half' }]) {
        const { result, seen } = await observe(server.origin + PATH, { method: 'POST', body: make(), ...duplex });
        assert.equal(result.status, 200, result.cause?.stack);
        assert.deepEqual(seen.map(({ body }) => body), [Buffer.from(BYTES)]);
      }
    });

    test(`${name}: is tried once, and the error says why and what the provider said`, async () => {
      for (const [answer, status] of [[await minute(), 429], [unavailable, 503], [{ status: 500, body: '{}' }, 500]]) {
        server.answers.push(answer);
        const { result, seen } = await observe(server.origin + PATH, { method: 'POST', body: make() });
        refusal('BODY_NOT_REPLAYABLE', /a body that is a stream can't be sent twice \(2 keys, 1 attempt\)/)(result);
        assert.deepEqual([result.response.status, await result.response.text(), result.attempts.length, seen.length], [status, answer.body, 1, 1]);
        assert.match(result.advice, /string, as bytes or as a Blob/);
      }
    });
  }

  test('waits for its turn like any other, unread', async (t) => {
    const { now, pass } = clock(t);
    let read = 0;
    async function* source() { read += 1; yield 'x'; }
    const sent = [];
    const api = open({ now, limits: { rpm: 1 }, pacing: 'burst', fetch: async (url, { body }) => { sent.push(body); for await (const _ of body ?? []); return served(); } }, ['fake-key-one']);
    await api.call(ENDPOINT);
    const call = api.call(ENDPOINT, { method: 'POST', body: source() });
    await turn();
    assert.deepEqual([api.getStatus().queue.waiting, read, sent.length], [1, 0, 1]);
    await pass(62_000, 500);
    assert.equal((await call).status, 200);
    assert.deepEqual([read, sent.length], [1, 2]);
  });

  test('is not blamed where nothing was sent, no key is left, or nothing would have been sent twice', async () => {
    const body = () => new Blob(['x']).stream();
    const post = (more) => ({ method: 'POST', body: body(), ...more });
    const dead = open({ fetch: async () => new Response('{"error":{"code":401,"status":"UNAUTHENTICATED","message":"API key not valid."}}', { status: 401 }) }, ['fake-key-one']);
    await assert.rejects(dead.call(ENDPOINT, post()), refusal('INVALID_KEYS'));
    await assert.rejects(dead.call(ENDPOINT, post()), (error) => refusal('INVALID_KEYS')(error) && error.attempts.length === 0);
    const busy = open({ fetch: async () => refused(40), queue: { maxWait: 1 } }, ['fake-key-one']);
    await busy.call(ENDPOINT).catch(() => {});
    await assert.rejects(busy.call(ENDPOINT, post()), (error) => refusal('EXHAUSTED')(error) && error.attempts.length === 0);
    const once = open({ fetch: async () => refused(40) });
    await assert.rejects(once.call(ENDPOINT, post({ quota: { maxRetries: 1 } })), refusal('EXHAUSTED'));
    const never = open({ fetch: async () => refused(40), maxRetries: 1 });
    await assert.rejects(never.call(ENDPOINT, post()), refusal('EXHAUSTED'));
    const acted = open({ fetch: async () => { throw new TypeError('fetch failed'); } });
    await assert.rejects(acted.call(ENDPOINT, post({ quota: { idempotent: false } })), refusal('EXHAUSTED'));
    await assert.rejects(acted.call(ENDPOINT, post()), (error) => refusal('BODY_NOT_REPLAYABLE')(error) && error.cause instanceof TypeError);
    await assert.rejects(once.call(ENDPOINT, post({ quota: { maxRetries: '3' } })), refusal('CONFIG_INVALID', /^quota\.maxRetries: /));
  });

  test('and a refusal of it is a 429 to the drop-in fetch, as it would be to any', async () => {
    const api = open({ fetch: async () => refused(40) });
    const response = await api.fetch(ENDPOINT, { method: 'POST', body: new Blob(['x']).stream() });
    assert.deepEqual([response.status, response.headers.get('x-should-retry')], [429, 'false']);
  });
});

describe('a body that no fetch can send', () => {
  const used = async () => { const stream = Readable.from(['x']); await stream.toArray(); return stream; };
  const locked = () => { const stream = new Blob(['x']).stream(); stream.getReader(); return stream; };
  const wrong = {
    'a plain object': [() => ({ contents: [] }), /plain object; JSON\.stringify it/],
    'an array': [() => [1, 2], /an array; JSON\.stringify it/],
    'shared memory': [() => new SharedArrayBuffer(8), /shared memory; copy it/],
    'a view of shared memory': [() => new Uint8Array(new SharedArrayBuffer(8)), /shared memory; copy it/],
    'a stream that has a reader': [locked, /somebody reads or has read/],
    'a stream of Node that was read': [used, /somebody reads or has read/],
  };
  for (const [name, [make, words]] of Object.entries(wrong)) {
    test(`is refused, and nothing is sent: ${name}`, async () => {
      const api = open({ fetch: () => assert.fail('sent') });
      await assert.rejects(api.call(ENDPOINT, { method: 'POST', body: await make() }), refusal('CONFIG_INVALID', new RegExp(`^init\\.body: .*${words.source}`)));
      assert.equal(api.getStats().totalRequests, 0);
    });
  }

  test('so are a mode without the key, and keepalive with a stream', async () => {
    const api = open({ fetch: () => assert.fail('sent') });
    await assert.rejects(api.call(ENDPOINT, { mode: 'no-cors' }), refusal('CONFIG_INVALID', /^init\.mode: .* no-cors/));
    await assert.rejects(api.call(ENDPOINT, { method: 'POST', keepalive: true, body: pieces() }), refusal('CONFIG_INVALID', /^init\.keepalive: /));
  });
});

describe('a Request', () => {
  const make = (body, more) => new Request(server.origin + PATH, { method: 'POST', body, duplex: 'half', ...more });
  for (const [name, body] of Object.entries({ 'a string': () => TEXT, bytes: () => BYTES, 'a Blob': () => new Blob([BYTES], { type: 'image/png' }), 'a form': form, 'a stream': () => new Blob([BYTES]).stream() })) {
    test(`over ${name} is sent again with the same bytes and type`, async () => {
      const request = make(body());
      const twin = request.clone();
      server.answers.push(await minute());
      const { result, seen } = await observe(request);
      assert.equal(result.status, 200);
      const bytes = Buffer.from(await twin.arrayBuffer());
      const type = twin.headers.get('content-type') ?? undefined;
      assert.deepEqual(seen.map((each) => [each.headers['content-type'], each.body]), [[type, bytes], [type, bytes]]);
      assert.ok(request.bodyUsed);
    });
  }

  test('that was read already is refused, unless an init beside it has a body; a clone will do', async () => {
    const request = make('x');
    const twin = request.clone();
    await request.text();
    refusal('CONFIG_INVALID', /^endpoint: expected a Request whose body nobody has read/)((await observe(request)).result);
    assert.equal(String((await observe(request, { body: 'other' })).seen[0].body), 'other');
    assert.equal(String((await observe(twin)).seen[0].body), 'x');
  });

  test('that may not be sent stays unread', async () => {
    const request = new Request('https://attacker.example/', { method: 'POST', body: 'x' });
    await assert.rejects(connect().call(request), refusal('ORIGIN_NOT_ALLOWED'));
    assert.equal(request.bodyUsed, false);
  });

  test('over a stream that never ends is left as soon as its caller gives up', async () => {
    const patience = new AbortController();
    const call = connect().call(make(new ReadableStream({}), { signal: patience.signal }));
    patience.abort();
    await assert.rejects(call, { name: 'AbortError' });
    const own = new AbortController();
    const other = connect().call(make(new ReadableStream({})), { signal: own.signal });
    own.abort('enough');
    await assert.rejects(other, (reason) => reason === 'enough');
  });

  test('keeps what it says where the init beside it says undefined, as with fetch', async () => {
    const init = { method: undefined, headers: undefined, body: undefined, signal: undefined };
    const { seen } = await observe(make('x', { headers: { 'x-mine': 'yes' } }), init);
    const body = (await observe(make('x'), { body: null })).seen[0];
    assert.deepEqual([seen[0].method, seen[0].headers['x-mine'], String(seen[0].body), String(body.body)], ['POST', 'yes', 'x', 'x']);
  });

  test('may be an init, which is sent once', async () => {
    const init = new Request('https://ignored.example/', { method: 'PUT', headers: { 'x-mine': 'yes' }, body: 'x' });
    const { seen } = await observe(server.origin + PATH, init);
    assert.deepEqual(seen.map(({ method, headers, body }) => [method, headers['x-mine'], String(body)]), [['PUT', 'yes', 'x']]);
  });
});

describe('what goes with it', () => {
  test('reaches fetch untouched, known to us or not, in every attempt', async () => {
    const given = {
      method: 'pAtCh', credentials: 'include', cache: 'no-store', duplex: 'half', keepalive: true, mode: 'cors', referrer: 'https://a.example/x', referrerPolicy: 'origin',
      integrity: 'sha256-x', priority: 'low', window: null, dispatcher: { mine: true }, cf: { cacheTtl: 5 }, next: { revalidate: 0 }, client: {}, body: '{}',
    };
    const sent = [];
    const answers = answering(refused());
    await open({ fetch: (url, init) => { sent.push(init); return answers(); } }).call(ENDPOINT, { ...given, quota: { priority: 1 } });
    assert.equal(sent.length, 2);
    for (const init of sent) {
      for (const [name, value] of Object.entries(given)) assert.equal(init[name], value, name);
      assert.deepEqual(Object.keys(init).sort(), [...Object.keys(given), 'headers', 'redirect', 'signal'].sort());
    }
  });

  test('is what a plain fetch would have sent: methods and headers of every form', async () => {
    const inits = [
      { method: 'post', body: 'x' }, { method: 'DELETE' }, { method: 'head' }, { method: 'PROPFIND' }, {},
      { headers: [['x-mine', 'a'], ['X-Mine', 'b'], ['x-mine', ' c ']] }, { headers: { 'x-mine': 'a', 'X-MINE': 'b' } }, { headers: { 'x-number': 5, 'x-latin': 'é' } },
      { headers: new Headers([['x-mine', 'a'], ['x-mine', 'b']]) }, { headers: Object.assign(Object.create(null), { 'x-mine': 'a' }) }, { headers: new Map([['x-mine', 'a']]) },
      { referrer: 'about:client', referrerPolicy: 'no-referrer', cache: 'no-cache' }, { method: 'POST', body: 'x', headers: { 'content-type': 'text/x' } },
    ];
    for (const init of inits) {
      const from = server.seen.length;
      await fetch(server.origin + PATH, init);
      const { seen } = await observe(server.origin + PATH, init);
      const pairs = ({ rawHeaders }) => rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[at + 1]}`] : [])).sort();
      assert.equal(seen.length, 1, `one request of ${JSON.stringify(init)}`);
      const plain = server.seen[from];
      assert.deepEqual([seen[0].method, ...pairs(seen[0]).filter((line) => !line.startsWith('x-goog-api-key'))], [plain.method, ...pairs(plain)]);
      assert.equal(pairs(seen[0]).length, pairs(plain).length + 1);
    }
  });
});

describe('a call that is not idempotent', () => {
  const once = { method: 'POST', body: '{}', quota: { idempotent: false } };
  const status = (code, body = '{}') => new Response(body, { status: code });
  const over = {
    'a connection that broke': () => new TypeError('fetch failed'),
    'a 500': () => status(500),
    'a 502': () => status(502),
    'a 504': () => status(504),
    'a 408': () => status(408),
  };
  for (const [name, make] of Object.entries(over)) {
    test(`is over after ${name}: the provider may have acted`, async () => {
      let sent = 0;
      const answers = answering(make());
      const api = open({ fetch: () => { sent += 1; return answers(); }, backoff: { base: 0 } });
      await assert.rejects(api.call(ENDPOINT, once), refusal('EXHAUSTED'));
      assert.equal(sent, 1);
      // Another call that does not mind goes on.
      const free = answering(make());
      let tried = 0;
      const other = open({ fetch: () => { tried += 1; return free(); }, backoff: { base: 0 } });
      assert.equal((await other.call(ENDPOINT, { method: 'POST', body: '{}' })).status, 200);
      assert.equal(tried, 2);
    });
  }

  test('is over after a time-out', async (t) => {
    const { now, pass } = clock(t);
    const { fetch, requests } = byHand();
    const call = assert.rejects(open({ now, fetch }).call(ENDPOINT, { ...once, quota: { ...once.quota, timeout: 500 } }), refusal('TIMEOUT'));
    await pass(1000);
    await call;
    assert.equal(requests.length, 1);
  });

  test('among many at a bad provider: nothing is sent after what may have been acted on, and refusals go on', async () => {
    const mock = createMockProvider({ seed: 7, latency: 0, projects: MOCK_KEYS.map((key) => ({ keys: [key], models: { '*': {} } })), faults: { internal: 0.1, timeout: 0.1, connection: 0.1, overloaded: 0.1 } });
    const ends = new Map();
    const fetch = async (url, init) => {
      const came = ends.get(init.body) ?? [];
      ends.set(init.body, came);
      const response = await mock.fetch(url, init).catch((error) => { came.push('lost'); throw error; });
      came.push(response.status);
      return response;
    };
    const api = new QuotaAwareAPI(MOCK_KEYS, { fetch, backoff: { base: 0, max: 1 }, cooldown: { error: 1, rateLimit: 1 }, retryBudget: false });
    const url = ENDPOINT.replace('gemini-fake', 'gemini-flash-lite-latest');
    const results = await Promise.all(Array.from({ length: 300 }, (_, n) => api.call(url, { ...once, body: JSON.stringify({ contents: [{ parts: [{ text: `call ${n}` }] }] }) }).then(({ status }) => status, ({ code }) => code)));
    const acted = [500, 504, 'lost'];
    for (const came of ends.values()) assert.ok(came.slice(0, -1).every((end) => !acted.includes(end)), came.join());
    const lasts = [...ends.values()].map((came) => came.at(-1));
    assert.ok(acted.every((end) => lasts.includes(end)) && [...ends.values()].some((came) => came.length > 1 && came.at(-1) === 200));
    assert.ok(results.filter((status) => status === 200).length > 150);
    assertIdle(api);
  });

  const refusals = {
    'a quota’s refusal': () => refused(30),
    'a dead key': () => status(401, '{"error":{"code":401,"status":"UNAUTHENTICATED","message":"API key not valid."}}'),
    'an overload': () => status(503, unavailable.body),
  };
  for (const [name, make] of Object.entries(refusals)) {
    test(`goes on after ${name}: nothing was done`, async () => {
      const keys = [];
      const answers = answering(make());
      const api = open({ fetch: (url, { headers }) => { keys.push(headers['x-goog-api-key']); return answers(); }, backoff: { base: 0, max: 1 } });
      assert.equal((await api.call(ENDPOINT, once)).status, 200);
      assert.equal(keys.length, 2);
    });
  }
});
