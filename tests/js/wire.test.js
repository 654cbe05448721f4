// What a server sees of a call, and what a caller sees of its answer: over real HTTP on this machine.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serve } from './http.js';
import { QuotaAwareAPI, assertIdle, refusal, refused, served } from './support.js';

const KEY = 'fake-wire-key-one';
const OTHER = 'fake-wire-key-two';

let server;
let elsewhere;
before(async () => { [server, elsewhere] = await Promise.all([serve(), serve()]); });
after(() => Promise.all([server.close(), elsewhere.close()]));

const connect = (options = {}, keys = [KEY]) => new QuotaAwareAPI(keys, { allowedOrigins: [server.origin], backoff: { base: 0 }, ...options });

/** Makes one call and returns what the server saw of it. */
async function observe(path, init, options) {
  const from = server.seen.length;
  const response = await connect(options).call(typeof path === 'string' ? server.origin + path : path, init);
  assert.equal(response.status, 200);
  assert.equal(server.seen.length, from + 1);
  return server.seen[from];
}

const CREDENTIALS = ['authorization', 'x-goog-api-key', 'x-api-key', 'api-key'];

/** Which of the credential headers arrived, with their values. */
const credentials = ({ headers }) => Object.fromEntries(CREDENTIALS.filter((name) => name in headers).map((name) => [name, headers[name]]));

const saysOf = (error) => [error.message, error.advice, error.toReport(), JSON.stringify(error)].join();

describe('the key', () => {
  const dialects = [
    ['Gemini', '/v1beta/models/gemini-fake:generateContent', {}, { 'x-goog-api-key': KEY }],
    ['Gemini by its OpenAI path', '/v1beta/openai/chat/completions', { provider: 'gemini' }, { authorization: `Bearer ${KEY}` }],
    ['Groq', '/openai/v1/chat/completions', { provider: 'groq' }, { authorization: `Bearer ${KEY}` }],
    ['OpenAI', '/v1/chat/completions', { provider: 'openai' }, { authorization: `Bearer ${KEY}` }],
    ['Anthropic', '/v1/messages', {}, { 'x-api-key': KEY }],
    ['any compatible one', '/v1/chat/completions', {}, { authorization: `Bearer ${KEY}` }],
  ];
  for (const [name, path, options, expected] of dialects) {
    test(`goes into the header of ${name}, and the caller’s own credentials go nowhere`, async () => {
      const own = Object.fromEntries(CREDENTIALS.map((header) => [header.toUpperCase(), 'fake-of-the-caller']));
      const seen = await observe(`${path}?key=fake-of-the-caller&alt=sse`, { method: 'POST', headers: own, body: '{}' }, options);
      assert.deepEqual(credentials(seen), expected);
      assert.equal(seen.url, `${path}?alt=sse`);
    });
  }

  test('goes into the header of the real hosts, told by their names', async () => {
    const hosts = {
      'https://generativelanguage.googleapis.com/v1beta/models': ['x-goog-api-key', KEY],
      'https://generativelanguage.googleapis.com/v1beta/openai/models': ['authorization', `Bearer ${KEY}`],
      'https://api.groq.com/openai/v1/models': ['authorization', `Bearer ${KEY}`],
      'https://api.openai.com/v1/models': ['authorization', `Bearer ${KEY}`],
      'https://api.anthropic.com/v1/models': ['x-api-key', KEY],
      'https://mine.openai.azure.com/openai/deployments/x/chat/completions?api-version=1': ['api-key', KEY],
      'https://openrouter.ai/api/v1/models': ['authorization', `Bearer ${KEY}`],
    };
    const sent = [];
    const api = new QuotaAwareAPI([KEY], { fetch: async (url, { headers, redirect }) => { sent.push([url, Object.entries(headers), redirect]); return served(); } });
    for (const url of Object.keys(hosts)) await api.call(url);
    assert.deepEqual(sent, Object.entries(hosts).map(([url, header]) => [url, [header], 'manual']));
  });

  test('is never sent to where a redirect leads, and one attempt tells that', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      for (const [redirect, place] of [['follow', elsewhere.origin], ['error', elsewhere.origin], [undefined, elsewhere.origin], ['follow', server.origin]]) {
        const from = server.seen.length;
        server.answers.push({ status, headers: { location: `${place}/steal` } });
        const api = connect({}, [KEY, OTHER]);
        await assert.rejects(api.call(`${server.origin}/v1/messages`, { method: 'POST', body: '{}', redirect }), (error) => {
          refusal('REDIRECTED', new RegExp(`redirect \\(${status}\\)`))(error);
          assert.deepEqual([error.response.status, error.response.headers.get('location')], [status, `${place}/steal`]);
          return !saysOf(error).includes(place);
        });
        assert.deepEqual(server.seen.slice(from).map(({ url }) => url), ['/v1/messages']);
        assert.deepEqual(api.getStatus().keys.map(({ health }) => health), ['available', 'available']);
        assertIdle(api);
      }
      server.answers.push({ status, headers: { location: `${elsewhere.origin}/steal` } });
      await assert.rejects(connect().fetch(`${server.origin}/v1/models`), refusal('REDIRECTED'));
    }
    assert.deepEqual(elsewhere.seen, []);
  });

  test('would be sent there by a plain fetch, which takes out but one of the headers', async () => {
    server.answers.push({ status: 307, headers: { location: `${elsewhere.origin}/steal` } });
    const headers = Object.fromEntries(CREDENTIALS.map((name) => [name, 'fake-of-the-caller']));
    await fetch(`${server.origin}/v1/messages`, { method: 'POST', headers, body: '{}' });
    assert.deepEqual(Object.keys(credentials(elsewhere.seen.pop())), CREDENTIALS.slice(1));
  });

  test('goes no further where the caller wants to see the redirect itself', async () => {
    server.answers.push({ status: 302, headers: { location: `${elsewhere.origin}/steal` } });
    const from = server.seen.length;
    const response = await connect({}, [KEY, OTHER]).call(`${server.origin}/v1/models`, { redirect: 'manual' });
    assert.deepEqual([response.status, response.headers.get('location'), server.seen.length - from], [302, `${elsewhere.origin}/steal`, 1]);
    assert.deepEqual(elsewhere.seen, []);
  });

  test('is not followed after a refusal either, and 304 is no redirect', async () => {
    server.answers.push({ status: 429, body: await refused(30).text() }, { status: 308, headers: { location: `${elsewhere.origin}/steal` } });
    const api = connect({}, [KEY, OTHER]);
    await assert.rejects(api.call(`${server.origin}/v1beta/models/gemini-fake:generateContent`), refusal('REDIRECTED'));
    server.answers.push({ status: 304, headers: {}, body: '' });
    assert.equal((await connect().call(`${server.origin}/v1/models`, { headers: { 'if-none-match': '"x"' } })).status, 304);
    assert.deepEqual(elsewhere.seen, []);
  });

  test('of a key test is not followed either: the result says so', async () => {
    server.answers.push({ status: 302, headers: { location: `${elsewhere.origin}/steal` } });
    const [result] = await connect({ provider: 'openai', baseURL: server.origin }).testAllKeys({ model: 'm' });
    assert.deepEqual([result.ok, result.status], [false, 302]);
    assert.deepEqual(elsewhere.seen, []);
  });

  test('stays with its own request when calls go out side by side', async () => {
    const from = server.seen.length;
    const api = connect({}, [KEY, OTHER]);
    await Promise.all(Array.from({ length: 40 }, (_, n) => api.call(`${server.origin}/v1/models?n=${n}`)));
    const keys = server.seen.slice(from).map(({ headers }) => headers.authorization);
    assert.deepEqual([keys.filter((key) => key === `Bearer ${KEY}`).length, keys.filter((key) => key === `Bearer ${OTHER}`).length], [20, 20]);
  });
});

describe('the request', () => {
  const forms = {
    'a plain object': { 'X-Mine': 'yes', accept: 'text/plain' },
    'Headers': new Headers({ 'x-mine': 'yes', accept: 'text/plain' }),
    'pairs': [['x-mine', 'yes'], ['accept', 'text/plain']],
    'a Map': new Map([['x-mine', 'yes'], ['accept', 'text/plain']]),
  };
  for (const [name, headers] of Object.entries(forms)) {
    test(`keeps headers that come as ${name}`, async () => {
      const seen = await observe('/v1/models', { headers });
      assert.deepEqual([seen.headers['x-mine'], seen.headers.accept], ['yes', 'text/plain']);
    });
  }

  test('has no header but the caller’s, the key’s and the host’s', async () => {
    const names = ({ rawHeaders }) => rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()).sort();
    const from = server.seen.length;
    await fetch(`${server.origin}/v1/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    const ours = await observe('/v1/messages', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    assert.deepEqual(names(ours), [...names(server.seen[from]), 'x-api-key'].sort());
  });

  test('does not carry what headers ask of the scheduler', async () => {
    const headers = { 'x-quota-session': 'anna', 'X-Quota-Priority': '1', 'x-quota-tokens': '12', 'x-quota-deadline': '5000' };
    const seen = await observe('/v1/models', { headers });
    assert.deepEqual(Object.keys(seen.headers).filter((name) => name.startsWith('x-quota')), []);
  });

  test('has the body that was given, byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    const bodies = [['{"a": "\\u00e9 é"}\n', Buffer.from('{"a": "\\u00e9 é"}\n')], [bytes, Buffer.from(bytes)], [bytes.buffer, Buffer.from(bytes)], [new Blob([bytes]), Buffer.from(bytes)], [new URLSearchParams({ a: 'b c' }), Buffer.from('a=b+c')]];
    for (const [body, expected] of bodies) assert.deepEqual((await observe('/v1/x', { method: 'POST', body })).body, expected);
    const stream = new Blob([bytes]).stream();
    assert.deepEqual((await observe('/v1/x', { method: 'PUT', body: stream, duplex: 'half' })).body, Buffer.from(bytes));
  });

  test('is sent again with the same body and headers, and the other key', async () => {
    const from = server.seen.length;
    server.answers.push({ status: 429, body: await refused(30).text() });
    const response = await connect({}, [KEY, OTHER]).call(`${server.origin}/v1beta/models/gemini-fake:generateContent`, { method: 'POST', headers: { 'x-mine': 'yes' }, body: '{"a":1}' });
    assert.equal(response.status, 200);
    const [first, second] = server.seen.slice(from);
    assert.deepEqual([first.headers['x-goog-api-key'], second.headers['x-goog-api-key']], [KEY, OTHER]);
    for (const { method, headers, body } of [first, second]) assert.deepEqual([method, headers['x-mine'], String(body)], ['POST', 'yes', '{"a":1}']);
  });

  test('may be a Request, and an init beside it wins', async () => {
    const make = () => new Request(`${server.origin}/v1/x?key=fake-of-the-caller`, { method: 'POST', headers: { 'x-mine': 'yes', authorization: 'Bearer fake-of-the-caller' }, body: 'hello' });
    const plain = await observe(make());
    assert.deepEqual([plain.method, plain.url, plain.headers['x-mine'], plain.headers.authorization, String(plain.body)], ['POST', '/v1/x', 'yes', `Bearer ${KEY}`, 'hello']);
    const changed = await observe(make(), { method: 'PUT', body: 'other' });
    assert.deepEqual([changed.method, String(changed.body)], ['PUT', 'other']);
    const patience = new AbortController();
    patience.abort('enough');
    await assert.rejects(connect().call(new Request(server.origin, { signal: patience.signal })), (reason) => reason === 'enough');
  });

  test('may be a URL, or a path under baseURL', async () => {
    assert.equal((await observe(new URL('/v1/y?a=1', server.origin))).url, '/v1/y?a=1');
    const api = new QuotaAwareAPI([KEY], { baseURL: `${server.origin}/openai/v1/` });
    await api.call('models');
    assert.equal(server.seen.at(-1).url, '/openai/v1/models');
    await api.call('/v1/models');
    assert.equal(server.seen.at(-1).url, '/v1/models');
  });

  test('has no key in its URL, however that is written', async () => {
    const queries = {
      '?key=k': '', '?KEY=k&a=1': '?a=1', '?a=1&%6bey=k': '?a=1', '?a=1&key=k&b=x%20y&key=l&Key': '?a=1&b=x%20y', '?key=k#key=k': '',
      '?%4B%45%59=k&$filter=a%20b&plus=1+2': '?$filter=a%20b&plus=1+2', '?keys=1&monkey=2&key%20=3': '?keys=1&monkey=2&key%20=3',
    };
    for (const [query, left] of Object.entries(queries)) assert.equal((await observe(`/v1/models${query}`)).url, `/v1/models${left}`);
    const sent = [];
    const api = new QuotaAwareAPI([KEY], { fetch: async (url) => { sent.push(url); return served(); } });
    await api.call('https://generativelanguage.googleapis.com/v1beta/models?access_token=a&api_key=b&api-key=c&apikey=d&oauth_token=e&alt=sse');
    assert.deepEqual(sent, ['https://generativelanguage.googleapis.com/v1beta/models?alt=sse']);
  });

  test('keeps its query as it was written', async () => {
    const query = '?$filter=a%20b&empty&tilde=~x&plus=1+2';
    assert.equal((await observe(`/v1/models${query}`)).url, `/v1/models${query}`);
  });
});

describe('the answer', () => {
  test('is the host’s own Response, untouched', async () => {
    server.answers.push({ status: 201, headers: { 'x-theirs': 'yes', 'content-type': 'text/plain' }, body: 'as it is' });
    const response = await connect().call(`${server.origin}/v1/models`);
    assert.ok(response instanceof Response);
    assert.deepEqual([response.status, response.headers.get('x-theirs'), response.bodyUsed, response.url], [201, 'yes', false, `${server.origin}/v1/models`]);
    assert.equal(await response.clone().text(), 'as it is');
    assert.equal(await response.text(), 'as it is');
  });

  test('of a refusal that no other key would change comes back after one attempt, its body unread', async () => {
    for (const status of [400, 404, 413, 422]) {
      const from = server.seen.length;
      server.answers.push({ status, body: `{"error":{"message":"as it is"}}` });
      const response = await connect({}, [KEY, OTHER]).call(`${server.origin}/v1/models`);
      assert.deepEqual([response.status, await response.json(), server.seen.length - from], [status, { error: { message: 'as it is' } }, 1]);
    }
  });
});

describe('the drop-in fetch', () => {
  const unlucky = async (times) => { for (let n = 0; n < times; n += 1) server.answers.push({ status: 429, headers: { 'content-type': 'application/json', 'retry-after': '40' }, body: await refused(40).text() }); };

  test('is bound, and takes what fetch takes', async () => {
    const { fetch } = connect();
    for (const input of [`${server.origin}/v1/models`, new URL(`${server.origin}/v1/models`), new Request(`${server.origin}/v1/models`)]) {
      assert.equal((await fetch(input, null)).status, 200);
      assert.equal((await fetch(input)).status, 200);
    }
  });

  test('resolves to a 429 that says when, and that retrying has been done', async () => {
    server.answers.length = 0;
    await unlucky(2);
    const api = connect({ queue: { maxWait: 1 } }, [KEY, OTHER]);
    const response = await api.fetch(`${server.origin}/v1beta/models/gemini-fake:generateContent`);
    server.answers.length = 0;
    assert.deepEqual([response.status, response.statusText], [429, 'Too Many Requests']);
    assert.equal(response.headers.get('x-should-retry'), 'false');
    const seconds = Number(response.headers.get('retry-after'));
    assert.ok(seconds >= 40 && seconds < 90, String(seconds));
    assert.equal(Math.ceil(Number(response.headers.get('retry-after-ms')) / 1000), seconds);
    assert.equal((await response.json()).error.status, 'RESOURCE_EXHAUSTED');
    // The next one is not even sent, and is told the same.
    const from = server.seen.length;
    const unsent = await api.fetch(`${server.origin}/v1beta/models/gemini-fake:generateContent`);
    assert.deepEqual([unsent.status, unsent.headers.get('x-should-retry'), server.seen.length - from], [429, 'false', 0]);
    assert.match((await unsent.json()).error.message, /2 keys/);
    assertIdle(api);
  });

  test('passes on the provider’s own refusals and failures', async () => {
    server.answers.push({ status: 400, body: '{"error":"theirs"}' });
    assert.deepEqual(await (await connect().fetch(`${server.origin}/v1/models`)).json(), { error: 'theirs' });
    server.answers.push(...Array(3).fill({ status: 503, body: '{"error":"busy"}' }));
    const busy = await connect({ maxRetries: 2 }).fetch(`${server.origin}/v1/models`);
    server.answers.length = 0;
    assert.deepEqual([busy.status, await busy.json()], [503, { error: 'busy' }]);
  });

  test('rejects as fetch does where there is no server', async () => {
    const nowhere = await serve();
    await nowhere.close();
    const api = connect({ allowedOrigins: [nowhere.origin], maxRetries: 2 });
    await assert.rejects(api.fetch(`${nowhere.origin}/v1/models`), TypeError);
    await assert.rejects(api.call(`${nowhere.origin}/v1/models`), (error) => refusal('EXHAUSTED')(error) && error.cause instanceof TypeError && error.attempts.at(-1).verdict === 'network');
  });

  test('rejects as fetch does when its caller gives up', async () => {
    const patience = new AbortController();
    const call = connect().fetch(`${server.origin}/v1/models`, { signal: patience.signal });
    patience.abort();
    await assert.rejects(call, { name: 'AbortError' });
  });
});

describe('a key test', () => {
  test('never sends a key to another provider than its own', async () => {
    const sent = [];
    const keys = [{ key: 'fake-of-gemini', id: 'gemini', provider: 'gemini' }, { key: 'fake-of-groq', id: 'groq', provider: 'groq' }, { key: 'fake-of-claude', id: 'claude', provider: 'anthropic' }];
    const api = new QuotaAwareAPI(keys, { fetch: async (url, { headers }) => { sent.push(`${new URL(url).host} ${Object.values(headers).join()}`); return served(); } });
    for (const url of ['https://api.groq.com/openai/v1/chat/completions', 'https://generativelanguage.googleapis.com/v1beta/models/x:generateContent', 'https://api.anthropic.com/v1/messages']) {
      await api.call(url, { method: 'POST', body: '{"model":"m"}' });
      const from = sent.length;
      await api.testAllKeys();
      assert.deepEqual(sent.slice(from).map((each) => /(\S+) .*fake-of-(\w+)/.exec(each).slice(1).join()), ['generativelanguage.googleapis.com,gemini', 'api.groq.com,groq', 'api.anthropic.com,claude']);
    }
  });

  test('of a compatible key goes nowhere before anybody has said where', async () => {
    const api = new QuotaAwareAPI([{ key: KEY, provider: 'openai-compatible' }], { fetch: () => assert.fail('sent') });
    await assert.rejects(api.testKey('key-1'), refusal('CONFIG_INVALID', /^options\.baseURL: /));
  });

  test('goes where the calls go, with their model', async () => {
    const api = connect({ provider: 'groq' });
    await api.call(`${server.origin}/openai/v1/chat/completions`, { method: 'POST', body: '{"model":"llama-fake"}' });
    assert.deepEqual({ ...await api.testKey('key-1'), latencyMs: 0 }, { id: 'key-1', ok: true, status: 200, latencyMs: 0, verdict: 'ok', message: null });
    assert.equal(server.seen.at(-1).url, '/openai/v1/chat/completions');
    assert.equal(JSON.parse(server.seen.at(-1).body).model, 'llama-fake');
  });
});
