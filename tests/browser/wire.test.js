// What leaves a page: redirects between two servers, preflights, bodies. Over HTTP on this machine, in a real browser.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { launch } from './chromium.js';
import { serveSite } from './site.js';

const ROOT = join(import.meta.dirname, '../..');
const KEY = 'fake-page-key-one';
const OTHER = 'fake-page-key-two';
const PATH = '/v1beta/models/gemini-fake:generateContent';

/** A server that lets pages of any origin in, keeps what it sees, and answers as it is told. Preflights are apart. */
async function serve() {
  const seen = [];
  const preflights = [];
  const answers = [];
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const cors = { 'access-control-allow-origin': request.headers.origin ?? '*', 'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*', 'access-control-allow-methods': '*' };
    if (request.method === 'OPTIONS') {
      preflights.push(request.headers);
      return response.writeHead(204, cors).end();
    }
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces) });
    const { status = 200, headers = {}, body = '{"ok":true}' } = answers.shift() ?? {};
    return response.writeHead(status, { ...cors, 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => { server.close(resolve); });
  };
  return { seen, preflights, answers, origin: `http://127.0.0.1:${server.address().port}`, close };
}

let browser;
let site;
let provider;
let elsewhere;
before(async () => {
  [browser, site, provider, elsewhere] = await Promise.all([
    launch(), serveSite({ '/dist/': join(ROOT, 'pkg/dist'), '/page/': join(import.meta.dirname, 'page') }), serve(), serve(),
  ]);
});
after(() => Promise.all([browser?.close(), site?.close(), provider?.close(), elsewhere?.close()]));

describe('from a page', () => {
  let page;
  let said;
  beforeEach(async (t) => {
    for (const list of [provider.seen, provider.preflights, provider.answers, elsewhere.seen, elsewhere.preflights]) list.length = 0;
    page = await browser.newPage();
    said = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${site.origin}/page/wire.html`);
    await page.waitForFunction(() => window.wire !== undefined);
    t.after?.(() => page.close());
  });

  const run = (name, ...given) => page.evaluate(([member, values]) => window.wire[member](...values), [name, given]);
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };

  test('no redirect is followed, and one attempt tells so', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      for (const place of [elsewhere, provider]) {
        provider.seen.length = 0;
        provider.answers.push({ status, headers: { location: `${place.origin}/steal` } });
        const { message, ...came } = await run('call', provider.origin, PATH, post);
        assert.deepEqual(came, { code: 'REDIRECTED', attempts: 0, health: ['available', 'available'] });
        assert.match(message, /redirect, which is not followed/);
        assert.deepEqual(provider.seen.map(({ url }) => url), [PATH]);
      }
    }
    assert.deepEqual([elsewhere.seen, elsewhere.preflights], [[], []]);
  });

  test('a plain fetch carries a key header over to another origin', async () => {
    provider.answers.push({ status: 307, headers: { location: `${elsewhere.origin}/steal` } });
    await run('plain', provider.origin, PATH, { ...post, headers: { ...post.headers, 'x-goog-api-key': KEY } });
    assert.deepEqual(elsewhere.seen.map(({ headers }) => headers['x-goog-api-key']), [KEY]);
  });

  test('a caller who wants to see redirects gets what a page may see of one', async () => {
    provider.answers.push({ status: 302, headers: { location: `${elsewhere.origin}/steal` } });
    assert.deepEqual(await run('call', provider.origin, PATH, { ...post, redirect: 'manual' }), { status: 0, type: 'opaqueredirect', text: '' });
    assert.deepEqual([provider.seen.length, elsewhere.seen.length], [1, 0]);
  });

  test('the preflight asks for the key’s header and the content type, and for nothing else', async () => {
    const headers = { ...post.headers, 'x-quota-session': 'anna', 'X-Quota-Priority': '1', authorization: 'Bearer fake', 'X-Goog-Api-Key': 'fake', 'x-api-key': 'fake', 'api-key': 'fake' };
    for (const [path, header] of [[PATH, 'x-goog-api-key'], ['/v1/chat/completions', 'authorization'], ['/v1/messages', 'x-api-key']]) {
      provider.preflights.length = 0;
      assert.equal((await run('call', provider.origin, `${path}?key=fake`, { ...post, headers })).status, 200);
      assert.deepEqual(provider.preflights.map((each) => each['access-control-request-headers']), [[header, 'content-type'].sort().join(',')]);
      assert.equal(provider.seen.at(-1).url, path);
    }
  });

  test('and the request has what a plain fetch has, and the key', async () => {
    await run('plain', provider.origin, PATH, post);
    await run('call', provider.origin, PATH, post);
    const [plain, ours] = provider.seen.map(({ headers }) => headers);
    const { 'x-goog-api-key': key, ...rest } = ours;
    assert.deepEqual([key, rest], [KEY, plain]);
  });

  test('bodies of every form are sent again, byte for byte', async () => {
    const bytes = Buffer.from(Uint8Array.from({ length: 5000 }, (_, at) => at % 256));
    const expected = [Buffer.from('text'), bytes, bytes, bytes.subarray(3, 1002), bytes, bytes, Buffer.from('a=b+c'), bytes];
    const refusal = { status: 429, body: '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota."}}' };
    provider.answers.push(...expected.flatMap(() => [refusal, {}]));
    assert.deepEqual(await run('bodies', provider.origin, PATH), expected.map(() => 200));
    assert.deepEqual(provider.seen.map(({ body }) => body), expected.flatMap((body) => [body, body]));
    assert.deepEqual(provider.seen.map(({ headers }) => headers['x-goog-api-key']), expected.flatMap(() => [KEY, OTHER]));
  });

  test('an instance that is shown shows no key', async () => {
    const words = [await run('shown'), ...said].join();
    assert.ok(words.length > 200 && !words.includes(KEY.slice(0, 12)), words);
  });
});
