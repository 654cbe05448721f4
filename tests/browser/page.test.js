// The package in a real browser: in a page under a strict policy, in a worker, and over HTTP with CORS.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { MOCK_KEYS, createMockServer } from '../built.js';
import { launch } from './chromium.js';
import { serveSite } from './site.js';

const ROOT = join(import.meta.dirname, '../..');

let browser;
let site;
let provider;
before(async () => {
  [browser, site, provider] = await Promise.all([
    launch(),
    serveSite({ '/dist/': join(ROOT, 'pkg/dist'), '/page/': join(import.meta.dirname, 'page') }),
    createMockServer({ latency: 0 }),
  ]);
});
after(() => Promise.all([browser?.close(), site?.close(), provider?.close()]));

describe('in a page', () => {
  let page;
  let complaints;
  let requested;
  beforeEach(async (t) => {
    page = await browser.newPage({ viewport: { width: 900, height: 600 } });
    complaints = [];
    requested = [];
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(`${site.origin}/page/index.html`);
    await page.waitForFunction(() => window.page !== undefined);
    t.after?.(() => page.close());
  });

  const call = (name, ...given) => page.evaluate(([member, values]) => window.page[member](...values), [name, given]);

  test('it is constructed at once, without awaiting anything', async () => {
    assert.equal(await page.evaluate(() => window.page.synchronously()), 3);
  });

  test('six calls take each of three keys twice, and nothing leaves the site', async () => {
    assert.deepEqual(await call('six'), [2, 2, 2]);
    assert.match(await page.textContent('#stats'), /Requests: {5}6\nErrors: {7}0\nSuccess rate: 100\.0%/);
    assert.deepEqual(requested.filter((url) => !url.startsWith(site.origin) && !url.startsWith('data:')), []);
    assert.deepEqual(complaints, []);
  });

  test('a refusal moves the call to another key', async () => {
    assert.deepEqual(await call('rotation'), { status: 200, verdicts: ['key-1 rate-limited', 'key-2 ok'] });
  });

  test('a caller who gives up gets an AbortError, and the place is free', async () => {
    assert.deepEqual(await call('abort'), { name: 'AbortError', queue: { waiting: 0, inFlight: 0, oldestMs: 0, calls: [] } });
  });

  test('an error can be shown to people as it is', async () => {
    assert.deepEqual(await call('failure'), { ours: true, code: 'INVALID_KEYS' });
    const shown = await page.textContent('[role=alert]');
    assert.match(shown, /No key is accepted by the provider/);
    for (const key of MOCK_KEYS) assert.ok(!shown.includes(key));
  });

  test('over HTTP, preflights pass and keys take turns', async () => {
    const from = provider.provider.log.length;
    assert.deepEqual(await call('http', provider.url), { answers: Array(6).fill(1), status: 200, counts: [3, 2, 2], tokens: true });
    assert.deepEqual(provider.provider.log.slice(from).map(({ key }) => key), ['key-1', 'key-2', 'key-3', 'key-1', 'key-2', 'key-3', 'key-1']);
    assert.deepEqual(complaints, []);
  });

  test('a redirect to another origin is refused, where a plain fetch would hand the key over', async (t) => {
    const seen = { first: [], second: [] };
    const serve = (name, answer) => new Promise((resolve) => {
      const server = createServer((request, response) => {
        request.resume();
        const { origin = '*', 'access-control-request-headers': asked } = request.headers;
        seen[name].push({ method: request.method, asked, key: request.headers['x-goog-api-key'] });
        const cors = { 'access-control-allow-origin': origin === 'null' ? '*' : origin, 'access-control-allow-headers': asked ?? '*', 'access-control-allow-methods': '*' };
        if (request.method === 'OPTIONS') response.writeHead(204, cors).end();
        else answer(response, cors);
      });
      server.listen(0, '127.0.0.1', () => resolve({ origin: `http://127.0.0.1:${server.address().port}`, server }));
      t.after(() => { server.closeAllConnections(); server.close(); });
    });
    const second = await serve('second', (response, cors) => response.writeHead(200, cors).end('{}'));
    const first = await serve('first', (response, cors) => response.writeHead(307, { ...cors, location: `${second.origin}/steal` }).end());
    assert.equal(await call('redirected', first.origin), 'REDIRECTED');
    assert.deepEqual(seen.second, []);
    // And the preflight asks for the caller's header and the key's, and for nothing of ours.
    assert.deepEqual(seen.first.map(({ method, asked }) => [method, asked]), [['OPTIONS', 'content-type,x-goog-api-key'], ['POST', undefined]]);
    assert.equal(await call('plainly', first.origin, MOCK_KEYS[0]), 200);
    assert.ok(seen.second.some(({ key }) => key === MOCK_KEYS[0]), 'the danger is real');
  });

  test('a stream comes as it is, breaks with a reason, and is tried elsewhere before it has begun', async () => {
    assert.deepEqual(await call('streams'), { same: true, key: 'key-2', code: 'STREAM_BROKEN', url: true });
    assert.deepEqual(complaints, []);
  });

  test('a module worker does the same', async () => {
    assert.deepEqual(await call('worker'), [2, 2, 2]);
    assert.deepEqual(complaints, []);
  });

  test('no key is left in the document, in a URL or in a storage', async () => {
    await call('six');
    await call('failure');
    await call('http', provider.url);
    const traces = await page.evaluate(async () => JSON.stringify([
      document.documentElement.outerHTML, location.href, { ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys(),
      performance.getEntries().map(({ name }) => name), history.state,
    ]));
    for (const key of MOCK_KEYS) {
      assert.ok(!traces.includes(key));
      assert.ok(requested.every((url) => !url.includes(key)));
    }
  });

  test('it looks as it should (a picture is left for people)', async () => {
    await call('six');
    await call('failure');
    const path = join(tmpdir(), 'quota-aware-api-page.png');
    const picture = await page.screenshot({ path });
    assert.ok(picture.length > 5000);
    console.log(`picture: ${path}`);
  });
});
