// The element far from the instance: a server of node:http sends the states, loses the line, refuses, and takes orders.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { after, before, beforeEach, test } from 'node:test';
import { MOCK_KEYS, QuotaAwareAPI, SERVER, createMockProvider } from '../built.js';
import { stage } from './stage.js';

const { performOrder, statusEvents } = await import(SERVER);
const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent';
const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization, content-type, last-event-id' };
const ask = (api) => api.call(GEMINI, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"contents":[{"parts":[{"text":"Hi"}]}]}' });

/** A server as anybody would build it; `seen` is what has come to it. */
async function serve(api) {
  const seen = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'OPTIONS') return response.writeHead(204, CORS).end();
    seen.push({ path: request.url, last: request.headers['last-event-id'] ?? null });
    if (request.headers.authorization !== 'Bearer right') return response.writeHead(401, CORS).end();
    if (request.url === '/orders') {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      const answer = await performOrder(api, JSON.parse(Buffer.concat(pieces))).then((result) => [200, result], ({ message }) => [400, { message }]);
      return response.writeHead(answer[0], CORS).end(JSON.stringify(answer[1]));
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const events = statusEvents(api, { signal: gone.signal });
    response.writeHead(200, { ...CORS, ...Object.fromEntries(events.headers) });
    return Readable.fromWeb(events.body).on('error', () => {}).pipe(response);
  });
  const listen = (port) => new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  await listen(0);
  const { port } = server.address();
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => { server.close(resolve); });
  };
  return { seen, stop, again: () => listen(port), url: `http://127.0.0.1:${port}` };
}

let theatre;
let page;
let complaints;
let api;
let mock;
let server;
before(async () => { theatre = await stage(); });
after(() => theatre?.close());
beforeEach(async (t) => {
  mock = createMockProvider({ latency: 0 });
  api = new QuotaAwareAPI(MOCK_KEYS, { fetch: mock.fetch });
  server = await serve(api);
  ({ page, complaints } = await theatre.open());
  t.after?.(async () => {
    await page.close();
    api.close();
    await server.stop().catch(() => {});
  });
});

const show = (properties) => page.evaluate((given) => { window.element = window.dash.show(given); }, properties);
/** Waits until a part says something that fits. */
const says = (selector, pattern) => page.waitForFunction(([wanted, source]) => {
  const node = window.element.shadowRoot.querySelector(wanted);
  return node !== null && new RegExp(source).test(node.textContent) && node.checkVisibility();
}, [selector, pattern], { timeout: 8_000, polling: 20 });

test('what happens at the server shows within a second, with the moves; no button that could not work', async () => {
  await show({ url: `${server.url}/status`, token: 'right' });
  await says('.figure-ready .value', '^3 / 3$');
  mock.exhaust(MOCK_KEYS[0], 'minute');
  const began = performance.now();
  await ask(api);
  await says('.figure-requests .value', '^2$');
  const took = performance.now() - began;
  assert.ok(took < 1_000, `${took} ms`);
  console.log(`shown after ${Math.round(took)} ms`);
  await says('.history tbody .c-from', '^key-1$');
  assert.equal(await page.getByRole('button', { name: 'Test key-1' }).count(), 0);
  assert.deepEqual(complaints, []);
});

test('what went wrong shows within a second, between two reports of use, as the instance counts it', async () => {
  let reports = 0;
  const { getUsage } = api;
  api.getUsage = function reported(query) { reports += 1; return getUsage.call(this, query); };
  await show({ url: `${server.url}/status`, token: 'right' });
  await says('.panel-errors .empty', '^No failure so far\\.$');
  const wrong = () => getUsage.call(api).errors.map(({ count, keys }) => `${count} ${Object.keys(keys).sort()}`).join();
  const kinds = [
    [() => mock.breakKey(MOCK_KEYS[0]), '1 key-1'],
    [() => MOCK_KEYS.slice(1).forEach((key) => mock.exhaust(key, 'minute')), '2 key-2,key-3,1 key-1'],
  ];
  for (const [fail, wanted] of kinds) {
    fail();
    // The second one waits for the next minute.
    ask(api).catch(() => {});
    while (wrong() !== wanted) await new Promise((resolve) => { setTimeout(resolve, 5); });
    const began = performance.now();
    await page.waitForFunction((expected) => {
      const rows = [...window.element.shadowRoot.querySelectorAll('.errors tbody tr')];
      return rows.map(({ children: [, count, keys] }) => `${count.textContent} ${keys.textContent.match(/key-\d/g).sort()}`).join() === expected;
    }, wanted, { timeout: 8_000, polling: 20 });
    const took = performance.now() - began;
    assert.ok(took < 1_000, `${took} ms`);
  }
  assert.equal(reports, 1);
  assert.deepEqual(complaints, []);
});

test('a lost line is told, counted down and mended, and the figures stay', async () => {
  await show({ url: `${server.url}/status`, token: 'right' });
  await ask(api);
  await says('.figure-requests .value', '^1$');
  await server.stop();
  await says('.connection', '^Connection lost, trying again in \\d s · Last figures: ');
  await says('.figure-requests .value', '^1$');
  await ask(api);
  await server.again();
  await says('.figure-requests .value', '^2$');
  await page.waitForFunction(() => window.element.shadowRoot.querySelector('.connection').hidden);
  assert.match(server.seen.at(-1).last, /^\d+$/);
});

test('a wrong token is told, and not tried again until it is another', async () => {
  await show({ url: `${server.url}/status`, token: 'wrong' });
  await says('.connection', 'The server refuses \\(401\\)\\. Check the token\\.');
  await new Promise((resolve) => { setTimeout(resolve, 1_500); });
  assert.equal(server.seen.length, 1);
  await page.evaluate(() => { window.element.token = 'right'; });
  await says('.figure-ready .value', '^3 / 3$');
});

test('the end of the instance is told', async () => {
  await show({ url: `${server.url}/status`, token: 'right' });
  await says('.figure-ready .value', '^3 / 3$');
  api.close();
  await says('.headline', '^The service has been closed$');
});

test('orders go to where they are taken, and what comes of them is told', async () => {
  await show({ url: `${server.url}/status`, token: 'right', actions: `${server.url}/orders` });
  await says('.figure-ready .value', '^3 / 3$');
  await page.getByRole('button', { name: 'Test key-2' }).click();
  await says('.result', '^key-2 has answered in ');
  await page.getByRole('button', { name: 'Disable key-2' }).click();
  await says('.result', typeof api.disableKey === 'function' ? '^Done: ' : '^Disable did not work: action: expected');
  await page.evaluate(() => window.element.remove());
  const from = server.seen.length;
  await new Promise((resolve) => { setTimeout(resolve, 1_500); });
  assert.equal(server.seen.length, from);
});
