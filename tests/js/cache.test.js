// Answers that are kept, and calls that are sent once for many. Time is a clock that a test moves; nothing sleeps.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMockProvider } from '../built.js';
import { ENDPOINT, NOON, QuotaAwareAPI, assertIdle, byHand, open, refusal, refused, served, turn, until, watched } from './support.js';

const OPENAI = 'https://api.openai.com/v1/chat/completions';
const MINUTE = 60_000;
const ASK = Object.freeze({ cache: true });

/** An instance over a `fetch` that numbers its answers, and a clock that is moved by hand. */
function counting(options = {}, answer = (n) => served({ n })) {
  const sent = [];
  const time = { at: NOON };
  const fetch = async (url, init) => {
    sent.push({ url, init });
    return answer(sent.length, url, init);
  };
  const api = open({ fetch, now: () => time.at, ...options }, ['fake-key-of-cache']);
  const ask = (body = '{"q":1}', quota = ASK, more = {}) => api.call(ENDPOINT, { method: 'POST', body, ...(quota && { quota }), ...more });
  const told = async (...given) => (await (await ask(...given)).json()).n;
  return { api, sent, time, ask, told };
}

const caching = (api) => api.getStats().cache;

describe('an answer that is kept', () => {
  test('is not, where nobody asks for it', async () => {
    const { api, sent, told } = counting();
    assert.deepEqual([await told('{}', null), await told('{}', null), await told('{}', {}), await told('{}', { cache: null }), await told('{}', { cache: false })], [1, 2, 3, 4, 5]);
    assert.equal(sent.length, 5);
    assert.deepEqual(caching(api), { hits: 0, misses: 0, merged: 0, entries: 0, maxEntries: 1000, bytes: 0, maxBytes: 32 * 1024 * 1024 });
  });

  test('spares a request for fifteen minutes', async () => {
    const { api, sent, time, told } = counting();
    assert.equal(await told(), 1);
    time.at += 15 * MINUTE - 1;
    assert.equal(await told(), 1);
    time.at += 1;
    assert.equal(await told(), 2);
    assert.equal(sent.length, 2);
    const { hits, misses, merged, entries } = caching(api);
    assert.deepEqual([hits, misses, merged, entries], [1, 2, 0, 1]);
    assert.equal(api.getStats().totalRequests, 2);
    assertIdle(api);
  });

  test('looks like the original, each time anew', async () => {
    const bytes = new TextEncoder().encode('{"text":"Grüße 👋"}');
    const { sent, ask } = counting({}, () => {
      const response = new Response(bytes, { status: 201, statusText: 'Made', headers: { 'content-type': 'application/json', 'x-request-id': 'abc', 'set-cookie': 'a=b' } });
      Object.defineProperty(response, 'url', { value: ENDPOINT });
      return response;
    });
    const responses = [await ask(), await ask(), await ask()];
    const looks = ({ status, statusText, ok, headers, url, bodyUsed, redirected }) => ({ status, statusText, ok, headers: [...headers], url, bodyUsed, redirected });
    for (const response of responses) {
      assert.ok(response instanceof Response);
      assert.deepEqual(looks(response), looks(responses[0]));
      assert.deepEqual(Object.keys(response), []);
      assert.ok(!('quota' in response));
    }
    assert.equal(responses[0].status, 201);
    const contents = await Promise.all(responses.map((response) => response.arrayBuffer()));
    for (const content of contents) assert.deepEqual(new Uint8Array(content), bytes);
    new Uint8Array(contents[1]).fill(0);
    assert.equal(await (await ask()).text(), new TextDecoder().decode(bytes), 'what one caller does to its copy is its own affair');
    assert.equal(sent.length, 1);
  });

  test('comes from a response that is the host’s own, read by nobody', async () => {
    let original;
    const { ask } = counting({}, () => (original = served({ n: 1 })));
    const response = await ask();
    assert.equal(response, original);
    assert.deepEqual([response.bodyUsed, await response.json()], [false, { n: 1 }]);
  });

  test('may have no body', async () => {
    const { sent, ask } = counting({}, () => new Response(null, { status: 204 }));
    for (let n = 0; n < 2; n += 1) {
      const response = await ask();
      assert.deepEqual([response.status, response.body, await response.text()], [204, null, '']);
    }
    assert.equal(sent.length, 1);
  });

  test('tells whose it was, where a call asks for its account', async () => {
    const { ask, told } = counting();
    const first = await ask('{}', { cache: true, explain: true });
    assert.deepEqual([first.quota.cached, first.quota.key, first.quota.attempts], [false, 'key-1', 1]);
    await first.text();
    const second = await ask('{}', { cache: true, explain: true });
    assert.deepEqual({ ...second.quota, cached: false }, first.quota);
    assert.equal(second.quota.cached, true);
    assert.equal(Object.getOwnPropertyDescriptor(second, 'quota').enumerable, false);
    await told('{"q":2}');
    assert.equal((await ask('{"q":2}', { cache: true, explain: true })).quota, null, 'the call that brought it kept no account');
  });

  test('is counted in tokens once', async () => {
    const { api, ask } = counting({}, () => served({ usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2 } }));
    for (let n = 0; n < 3; n += 1) await (await ask()).json();
    assert.deepEqual(api.getStats().tokens, { input: 5, output: 2, total: 7, cached: 0, thoughts: 0 });
  });

  test('is there when no quota is', async () => {
    const { told } = counting({ limits: { rpm: 1 }, queue: { maxWait: 0 } });
    assert.equal(await told(), 1);
    await assert.rejects(told('{"q":2}'), refusal('EXHAUSTED'));
    assert.equal(await told(), 1);
  });

  test('counts for as long as both calls say, the one that asked first and the one that asks now', async () => {
    const { time, told } = counting();
    assert.equal(await told('{}', { cache: { ttl: 10 * MINUTE } }), 1);
    time.at += 5 * MINUTE;
    assert.equal(await told('{}', { cache: { ttl: 60 * MINUTE } }), 1);
    assert.equal(await told('{}', { cache: { ttl: 5 * MINUTE } }), 2, 'too old for this one; the fresh answer takes its place');
    time.at += 4 * MINUTE;
    assert.equal(await told('{}'), 2);
    time.at += MINUTE;
    assert.equal(await told('{}'), 3, 'the second was kept for five minutes');
    time.at -= 60 * MINUTE;
    assert.equal(await told('{}'), 4, 'a clock that was put back makes nothing younger');
  });

  test('is refused to a call that asks for what can’t be, as a call that is sent would be', async () => {
    const { api, told } = counting();
    await told('{}');
    await assert.rejects(told('{}', { cache: true, sesion: 's' }), refusal('CONFIG_INVALID', /^quota\.sesion: .* did you mean session\?/));
    await assert.rejects(told('{}', { cache: true, priority: 10 }), refusal('CONFIG_INVALID', /^quota\.priority: /));
    const one = told('{"q":2}');
    await assert.rejects(told('{"q":2}', { cache: true, session: 5 }), refusal('CONFIG_INVALID', /^quota\.session: expected a string, got 5/));
    assert.equal(await one, 2);
    assert.equal(caching(api).hits, 0);
  });

  test('is forgotten by clearCache()', async () => {
    const { api, told } = counting();
    await told();
    assert.ok(caching(api).bytes > 0);
    api.clearCache();
    assert.deepEqual([caching(api).entries, caching(api).bytes], [0, 0]);
    assert.equal(await told(), 2);
    assert.equal(await told(), 2);
  });

  test('serves the drop-in fetch and generate() too', async () => {
    const mock = createMockProvider({ projects: [{ keys: ['fake-key-of-cache'] }], latency: 0, chunkDelay: 0 });
    const api = new QuotaAwareAPI(['fake-key-of-cache'], { provider: 'gemini', fetch: mock.fetch, cache: true });
    const question = { method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }) };
    for (let n = 0; n < 2; n += 1) await (await api.fetch(ENDPOINT, question)).text();
    assert.equal(mock.log.length, 1);
    const first = await api.generate('Hi');
    const second = await api.generate('Hi', { quota: { session: 'ada' } });
    assert.deepEqual([first.cached, first.attempts, second.cached, second.attempts, second.waitedMs, second.key, second.text], [false, 1, true, 0, 0, 'key-1', first.text]);
    assert.equal(mock.log.length, 2);
    for (let n = 0; n < 2; n += 1) await api.generate('Hi', { stream: true }).result;
    await api.generate('Hi', { quota: { cache: false } });
    assert.equal(mock.log.length, 5, 'streams never, nor who does not want it');
  });
});

describe('the option', () => {
  const questions = ['https://generativelanguage.googleapis.com/v1beta/models/m:embedContent', 'https://generativelanguage.googleapis.com/v1beta/models/m:countTokens', OPENAI, 'https://api.openai.com/v1/embeddings', 'https://api.anthropic.com/v1/messages', `${ENDPOINT}?a=b`];
  const others = ['https://api.openai.com/v1/files', 'https://api.openai.com/v1/responses', 'https://api.openai.com/v1/batches', 'https://generativelanguage.googleapis.com/v1beta/models/m:batchGenerateContent'];

  test('keeps what is asked of a model, and leaves everything else alone', async () => {
    const { api, sent } = counting({ cache: true });
    const post = { method: 'POST', body: '{"model":"m"}' };
    for (const url of questions) for (let n = 0; n < 2; n += 1) await (await api.call(url, post)).text();
    assert.equal(sent.length, questions.length);
    for (const url of others) for (let n = 0; n < 2; n += 1) await (await api.call(url, post)).text();
    for (let n = 0; n < 2; n += 1) await (await api.call('https://api.openai.com/v1/models')).text();
    assert.equal(sent.length, questions.length + 2 * others.length + 2);
    // A call that asks for it gets it, whatever it is.
    for (let n = 0; n < 2; n += 1) await (await api.call('https://api.openai.com/v1/models', { quota: ASK })).text();
    assert.equal(sent.length, questions.length + 2 * others.length + 3);
  });

  test('gives way to a call that says otherwise', async () => {
    const { told } = counting({ cache: { ttl: MINUTE } });
    assert.deepEqual([await told('{}', null), await told('{}', null), await told('{}', { cache: false }), await told('{}', { cache: null })], [1, 1, 2, 1]);
  });

  test('as false changes nothing for calls that ask', async () => {
    const { told } = counting({ cache: false });
    assert.deepEqual([await told('{}', null), await told('{}', null), await told('{}'), await told('{}')], [1, 2, 3, 3]);
  });

  test('bounds the entries: the least lately used goes first', async () => {
    const { api, told } = counting({ cache: { maxEntries: 2 } });
    const body = (q) => JSON.stringify({ q });
    assert.deepEqual([await told(body('a')), await told(body('b')), await told(body('a'))], [1, 2, 1]);
    await told(body('c'));
    assert.deepEqual([await told(body('a')), await told(body('c'))], [1, 3]);
    assert.equal(caching(api).entries, 2);
    assert.equal(await told(body('b')), 4, 'b was the one that nobody had used');
  });

  test('bounds the bytes, of questions and answers together; one too large is not kept at all', async () => {
    const { api, told } = counting({ cache: { maxBytes: 80_000 } }, (n, _, { body }) => served({ n, pad: 'x'.repeat(JSON.parse(body).size) }));
    const body = (size, q = '') => JSON.stringify({ size, q });
    await told(body(1000));
    const one = caching(api).bytes;
    assert.ok(one > 1000 && one < 2500, `${one} bytes`);
    for (let q = 0; q < 100; q += 1) await told(body(1000, q));
    const { entries, bytes } = caching(api);
    assert.ok(bytes <= 80_000 && bytes > 70_000 && entries > 30 && entries < 80, `${entries} entries, ${bytes} bytes`);
    const before = caching(api);
    const [first, second] = [await told(body(20_000)), await told(body(20_000))];
    assert.equal(second, first + 1);
    assert.equal(caching(api).entries, before.entries, 'and drives nothing out');
    // Too long a question, and one that fits, as its answer does, but not both together.
    for (const large of [body(10, 'x'.repeat(6000)), body(4000, 'x'.repeat(3000))]) assert.equal(await told(large) + 1, await told(large));
  });

  test('does as a plain list would, whatever is asked in whatever order', async (t) => {
    const seed = 1 + Math.floor(Math.random() * 1e9);
    t.diagnostic(`seed ${seed}`);
    let state = seed;
    const random = (below) => (state = (state * 48271) % 2147483647) % below;
    const { api, sent, time, told } = counting({ cache: { maxEntries: 5, ttl: 100 } });
    /** `{ q, n, at, ttl }`, the least lately used first. */
    let list = [];
    let hits = 0;
    for (let round = 0; round < 3000; round += 1) {
      time.at += random(10);
      if (random(200) === 0) {
        api.clearCache();
        list = [];
      }
      const [q, ttl] = [random(9), [100, 100, 20, 300][random(4)]];
      const age = (entry) => time.at - entry.at;
      list = list.filter((entry) => entry.q !== q || age(entry) < entry.ttl);
      let entry = list.find((kept) => kept.q === q && age(kept) < ttl);
      if (entry === undefined) entry = { q, n: sent.length + 1, at: time.at, ttl };
      else hits += 1;
      list = [...list.filter((kept) => kept.q !== q), entry].slice(-5);
      assert.equal(await told(JSON.stringify({ q }), { cache: { ttl } }), entry.n, `round ${round}`);
    }
    assert.equal(caching(api).hits, hits);
    assert.ok(hits > 500 && sent.length > 500);
    assert.equal(caching(api).entries, list.filter((entry) => time.at - entry.at < entry.ttl).length);
  });
});

describe('the same call', () => {
  /** Whether the second of two calls is answered by the first. */
  async function same(first, second) {
    const { api, sent } = counting();
    for (const [url, { quota = ASK, ...init }] of [first, second]) await (await api.call(url, { ...init, quota })).text();
    return sent.length === 1;
  }
  const post = (body, more = {}) => ({ method: 'POST', body, ...more });

  test('is the same method, URL, body and headers', async () => {
    const one = [OPENAI, post('{"model":"m","messages":[]}', { headers: { 'content-type': 'application/json', 'anthropic-beta': 'x' } })];
    const [url, init] = one;
    assert.equal(await same(one, [url, { ...init }]), true);
    assert.equal(await same(one, [url, { ...init, body: '{"model":"n","messages":[]}' }]), false);
    assert.equal(await same(one, [`${url}?a=1`, init]), false);
    assert.equal(await same(one, [url, { ...init, method: 'PUT' }]), false);
    assert.equal(await same(one, [url, { ...init, headers: { ...init.headers, 'anthropic-beta': 'y' } }]), false);
    assert.equal(await same(one, [url, { ...init, headers: { accept: 'text/plain', ...init.headers } }]), false);
    // Nothing in a header can look like a part of a body.
    assert.equal(await same([url, post('b', { headers: { a: 'x' } })], [url, post('x"]]]\nb', { headers: { a: '' } })]), false);
  });

  test('is so in other letters and orders of headers, with the SDK’s own, with other credentials and wishes', async () => {
    const one = [`${ENDPOINT}?key=fake-one`, post('{}', { headers: { Accept: 'a', 'x-b': 'c' } })];
    assert.equal(await same(one, [ENDPOINT, post('{}', { headers: { 'X-B': 'c', accept: ' a ' } })]), true);
    const noise = { accept: 'a', 'x-b': 'c', 'user-agent': 'u', 'x-stainless-retry-count': '1', traceparent: 't', 'x-request-id': 'r', authorization: 'Bearer fake', 'x-quota-session': 's' };
    assert.equal(await same(one, [ENDPOINT, post('{}', { headers: noise })]), true);
    assert.equal(await same(one, [ENDPOINT, { ...one[1], quota: { cache: true, priority: 0, session: 'ada', tokens: 5, explain: true } }]), true);
  });

  test('may have its body as bytes, or as a Request', async () => {
    const text = '{"q":"Grüße"}';
    const bytes = new TextEncoder().encode(text);
    const padded = new Uint8Array([0, ...bytes, 0]);
    for (const body of [bytes, bytes.buffer, padded.subarray(1, -1), new DataView(padded.buffer, 1, bytes.length)]) {
      assert.equal(await same([ENDPOINT, post(text)], [ENDPOINT, post(body)]), true);
    }
    const request = () => new Request(ENDPOINT, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } });
    assert.equal(await same([request(), {}], [request(), {}]), true);
    // A mark at the beginning is a part of what is sent.
    assert.equal(await same([ENDPOINT, post(text)], [ENDPOINT, post(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes]))]), false);
    // What changes after it was given is not what was asked.
    const { api, sent } = counting();
    const changing = bytes.slice();
    for (let n = 0; n < 2; n += 1) {
      await (await api.call(ENDPOINT, post(changing, { quota: ASK }))).text();
      changing[changing.length - 3] += 1;
    }
    assert.equal(sent.length, 2);
  });

  test('is never one whose body can’t be looked at', async () => {
    const form = () => { const data = new FormData(); data.set('a', 'b'); return data; };
    for (const body of [form, () => new URLSearchParams('a=b'), () => new Blob(['x']), () => new Uint8Array([0xff, 0xfe])]) {
      const { api, sent } = counting();
      for (let n = 0; n < 2; n += 1) await api.call(ENDPOINT, post(body(), { quota: ASK }));
      assert.equal(sent.length, 2);
      assert.equal(caching(api).misses, 0);
    }
  });
});

describe('what is never kept', () => {
  const events = (text) => new Response(text, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
  const table = {
    'a refusal of the provider’s': () => new Response('{"error":{"code":404}}', { status: 404 }),
    'an error under a status of success': () => served({ error: { code: 503, message: 'overloaded' } }),
    'a blocked answer': () => served({ promptFeedback: { blockReason: 'SAFETY' } }),
    'a stream': () => events('data: {}\n\n'),
    'a list of lines that comes bit by bit': () => new Response('{}\n', { headers: { 'content-type': 'application/x-ndjson' } }),
    'a body that breaks off': () => new Response(new ReadableStream({ start(controller) { controller.enqueue(new Uint8Array([123])); controller.error(new TypeError('terminated')); } })),
    'a body without end': () => new Response(new ReadableStream({ pull(controller) { controller.enqueue(new Uint8Array(1_000_000)); } })),
    'a stub that can’t be copied': () => ({ status: 200, ok: true, headers: new Headers(), text: async () => '{}' }),
    'one of which nothing can be made': () => ({ status: 200, ok: true, headers: new Headers(), clone: () => new Response('{}', { status: 200 }), statusText: 'a\nb', url: '' }),
  };
  for (const [name, answer] of Object.entries(table)) {
    test(`is ${name}`, async () => {
      const { api, sent, ask } = counting({}, answer);
      await ask();
      await until(() => caching(api).entries === 0);
      for (let n = 0; n < 10; n += 1) await turn();
      await ask();
      assert.equal(sent.length, 2);
      assert.equal(caching(api).entries, 0);
    });
  }

  test('is an error', async () => {
    const { api, sent, ask } = counting({}, () => refused(600));
    await assert.rejects(ask(), refusal('QUOTA_EXCEEDED'));
    await assert.rejects(ask(), refusal('QUOTA_EXCEEDED'));
    assert.deepEqual([sent.length, caching(api).misses, caching(api).entries], [1, 2, 0]);
    const aborted = new AbortController();
    aborted.abort(new Error('enough'));
    await assert.rejects(ask('{}', ASK, { signal: aborted.signal }), /enough/);
    assert.equal(caching(api).misses, 2);
  });

  test('is a call for a stream: it is not even looked at', async () => {
    const { api, sent } = counting();
    const post = (body) => ({ method: 'POST', body, quota: ASK });
    for (let n = 0; n < 2; n += 1) {
      await api.call(ENDPOINT.replace(':generateContent', ':streamGenerateContent'), post('{}'));
      await api.call(`${ENDPOINT.replace(':generateContent', ':streamGenerateContent')}?alt=sse`, post('{}'));
      await api.call(OPENAI, post('{"stream": true}'));
    }
    assert.deepEqual([sent.length, caching(api).misses], [6, 0]);
  });

  test('is a stream’s untouched way: its pieces come as they come', async () => {
    let more;
    const { ask } = counting({}, () => new Response(new ReadableStream({ start(controller) { more = controller; } }), { headers: { 'content-type': 'text/event-stream' } }));
    const piece = (text) => more.enqueue(new TextEncoder().encode(`data: ${text}\n\n`));
    const asked = ask();
    await new Promise(setImmediate);
    piece('a');
    const reader = (await asked).body.getReader();
    for (const text of ['a', 'b']) {
      if (text === 'b') piece(text);
      assert.equal(new TextDecoder().decode((await reader.read()).value), `data: ${text}\n\n`);
    }
    piece('[DONE]');
    await reader.read();
    more.close();
    assert.equal((await reader.read()).done, true);
  });

  test('is anybody’s secret: not in what is kept, nor in what it is kept under', async () => {
    const { api, told } = counting();
    await api.call(`${ENDPOINT}?key=fake-secret-in-url`, { method: 'POST', body: '{"q":1}', headers: { authorization: 'Bearer fake-secret' }, quota: { cache: true, session: 'ada' } });
    assert.equal(await told('{"q":1}', { cache: true, session: 'bob' }), 1);
    assert.ok(!JSON.stringify(api.getStats()).includes('fake'));
  });
});

describe('equal calls at once', () => {
  /** An instance whose answers are given by hand, and a way to ask the same. */
  function merging(options = {}) {
    const { fetch, requests } = byHand();
    const api = open({ fetch, now: () => NOON, ...options }, ['fake-key-of-cache']);
    const ask = (quota = ASK, signal = undefined) => watched(api.call(ENDPOINT, { method: 'POST', body: '{"q":1}', quota, ...(signal && { signal }) }));
    return { api, requests, ask };
  }
  const settle = async () => { for (let n = 0; n < 10; n += 1) await turn(); };

  test('are sent once, and each has a Response of its own', async () => {
    const { api, requests, ask } = merging();
    const calls = Array.from({ length: 40 }, (_, at) => ask({ cache: true, session: `person-${at}` }));
    assert.equal(requests.length, 1);
    requests[0].answer(served({ n: 1 }));
    await settle();
    assert.ok(calls.every(({ state }) => state === 'resolved'));
    assert.equal(new Set(calls.map(({ value }) => value)).size, 40);
    for (const { value } of calls) assert.deepEqual(await value.json(), { n: 1 });
    const { hits, misses, merged } = caching(api);
    assert.deepEqual([hits, misses, merged, api.getStats().totalRequests], [0, 1, 39, 1]);
    assertIdle(api);
  });

  test('are not merged where they want different things', async () => {
    const { requests, ask } = merging();
    const wishes = [ASK, { cache: true, deadline: 1000 }, { cache: true, priority: 1 }, { cache: true, explain: true }, { cache: false }, {}, { cache: { ttl: 5 } }, { cache: true, session: 's', priority: undefined }];
    wishes.map((quota) => ask(quota));
    // The last two want what the first wants.
    assert.equal(requests.length, 6);
  });

  test('don’t hurt each other by giving up, whoever it is', async () => {
    for (const leaver of [0, 1, 2]) {
      const { api, requests, ask } = merging();
      const patience = [0, 1, 2].map(() => new AbortController());
      const calls = patience.map(({ signal }) => ask(ASK, signal));
      const reason = new Error('enough');
      patience[leaver].abort(reason);
      await settle();
      assert.deepEqual([calls[leaver].state, calls[leaver].error], ['rejected', reason]);
      assert.equal(requests[0].init.signal.aborted, false);
      requests[0].answer(served({ n: 1 }));
      await settle();
      for (const [at, call] of calls.entries()) if (at !== leaver) assert.deepEqual(await call.value.json(), { n: 1 });
      assert.deepEqual([requests.length, caching(api).entries], [1, 1]);
      assertIdle(api);
    }
  });

  test('are aborted where all of them give up, and the next asks anew', async () => {
    const { api, requests, ask } = merging();
    const patience = [new AbortController(), new AbortController()];
    const calls = patience.map(({ signal }) => ask(ASK, signal));
    patience[0].abort(new Error('one'));
    assert.equal(requests[0].init.signal.aborted, false);
    patience[1].abort(new Error('other'));
    assert.equal(requests[0].init.signal.aborted, true);
    const next = ask();
    await settle();
    assert.deepEqual(calls.map(({ error }) => error.message), ['one', 'other']);
    assert.equal(requests.length, 2);
    requests[1].answer(served({ n: 2 }));
    await settle();
    assert.deepEqual(await next.value.json(), { n: 2 });
    assert.equal(caching(api).entries, 1);
    assertIdle(api);
  });

  test('share the refusal of a provider, and an error', async () => {
    const { requests, ask } = merging();
    const calls = [ask(), ask()];
    requests[0].answer(new Response('{"error":{"code":404}}', { status: 404 }));
    await settle();
    for (const { value } of calls) assert.deepEqual([value.status, await value.json()], [404, { error: { code: 404 } }]);
    const more = merging();
    const failed = [1, 2].map(() => more.ask({ cache: true, maxRetries: 1 }));
    more.requests[0].answer(new Response('', { status: 500 }));
    await until(() => failed.every(({ state }) => state === 'rejected'));
    for (const { error } of failed) refusal('EXHAUSTED')(error);
    assert.equal(more.requests.length, 1);
  });

  test('don’t share what is about who asks: the next goes for the others', async () => {
    const { requests, ask, api } = merging({ sessionRate: { perSecond: 1, burst: 1 } });
    watched(api.call(ENDPOINT, { method: 'POST', body: '{"q":0}', quota: { session: 'greedy' } }));
    const calls = ['greedy', 'ada', 'bob'].map((session) => ask({ cache: true, session }));
    await settle();
    refusal('SESSION_LIMIT')(calls[0].error);
    assert.equal(requests.length, 2);
    requests[1].answer(served({ n: 1 }));
    await settle();
    for (const { value } of calls.slice(1)) assert.deepEqual(await value.json(), { n: 1 });
  });

  test('go their own ways where the answer is a stream after all, or breaks off', async () => {
    const bodies = {
      stream: () => new Response('data: {}\n\n', { headers: { 'content-type': 'text/event-stream' } }),
      broken: () => new Response(new ReadableStream({ start(controller) { controller.error(new TypeError('terminated')); } })),
    };
    for (const body of Object.values(bodies)) {
      const { api, requests, ask } = merging();
      const calls = [ask(), ask(), ask()];
      requests[0].answer(body());
      await settle();
      assert.equal(requests.length, 3);
      for (const request of requests.slice(1)) request.answer(served({ own: true }));
      await settle();
      for (const { value } of calls.slice(1)) assert.deepEqual(await value.json(), { own: true });
      assertIdle(api);
    }
  });

  test('let one join while the body is still coming', async () => {
    const { requests, ask } = merging();
    let more;
    const body = new ReadableStream({ start(controller) { more = controller; } });
    const first = ask();
    requests[0].answer(new Response(body, { headers: { 'content-type': 'application/json' } }));
    await settle();
    assert.equal(first.state, 'resolved');
    more.enqueue(new TextEncoder().encode('{"n":'));
    const second = ask();
    await settle();
    assert.deepEqual([requests.length, second.state], [1, 'pending']);
    more.enqueue(new TextEncoder().encode('1}'));
    more.close();
    await settle();
    assert.deepEqual([await first.value.json(), await second.value.json()], [{ n: 1 }, { n: 1 }]);
  });

  test('end a body that only one still wants with that one', async () => {
    for (const type of ['application/json', 'text/event-stream']) {
      const { api, requests, ask } = merging();
      const patience = new AbortController();
      const call = ask(ASK, patience.signal);
      requests[0].answer(new Response(new ReadableStream({}), { headers: { 'content-type': type } }));
      await settle();
      // A stream is held back until it has begun.
      assert.equal(call.state, type === 'text/event-stream' ? 'pending' : 'resolved');
      patience.abort(new Error('enough'));
      assert.equal(requests[0].init.signal.aborted, true, type);
      assert.equal(caching(api).entries, 0);
    }
  });

  test('keep no listener on signals that outlive them', async () => {
    let listeners = 0;
    const { signal } = new AbortController();
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...given) => { listeners += 1; add(...given); };
    signal.removeEventListener = (...given) => { listeners -= 1; remove(...given); };
    const { requests, ask } = merging();
    const calls = [ask(ASK, signal), ask(ASK, signal)];
    requests[0].answer(served());
    await settle();
    assert.deepEqual(calls.map(({ state }) => state), ['resolved', 'resolved']);
    ask(ASK, signal);
    await settle();
    assert.equal(listeners, 0);
  });

  test('that were asked before clearCache() are answered, and kept no more', async () => {
    const { api, requests, ask } = merging();
    const before = ask();
    api.clearCache();
    const after = ask();
    assert.equal(requests.length, 2);
    requests[0].answer(served({ n: 0 }));
    await settle();
    const third = ask();
    assert.deepEqual([requests.length, after.state], [2, 'pending']);
    requests[1].answer(served({ n: 1 }));
    await settle();
    const fourth = ask();
    await settle();
    assert.deepEqual(await Promise.all([before, after, third, fourth].map(async ({ value }) => (await value.json()).n)), [0, 1, 1, 1]);
  });

  test('end with close(), all of them', async () => {
    const { api, ask } = merging();
    const calls = [ask(), ask()];
    api.close();
    await settle();
    for (const { error } of calls) refusal('CLOSED')(error);
    await assert.rejects(api.call(ENDPOINT, { quota: ASK }), refusal('CLOSED'));
  });
});
