// When a program ends: promptly when its work is done, never while a call waits for quota; and what becomes of instances
// that nobody closes. Each test is a program of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { INDEX as PACKAGE } from '../built.js';

const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';

/** Far beyond what any of these programs needs, and far below the time-outs that could keep one alive. */
const PATIENCE = 20_000;

/** Runs a program; resolves to how it ended and what it printed. */
function run(program, ...flags) {
  const source = `
    import { QuotaAwareAPI } from ${JSON.stringify(PACKAGE)};
    const ENDPOINT = ${JSON.stringify(ENDPOINT)};
    const served = async () => new Response('{}', { headers: { 'content-type': 'application/json' } });
    const refused = async () => new Response('{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"per minute","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3600s"}]}}', { status: 429 });
    ${program}`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    child.stdout.on('data', (piece) => { printed += piece; });
    child.stderr.on('data', (piece) => { printed += piece; });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, printed: printed.trim() });
    });
  });
}

test('a program ends by itself after its call, though it closes nothing', async () => {
  assert.deepEqual(await run(`
    const api = new QuotaAwareAPI(['fake-one', 'fake-two'], { fetch: served, healthCheck: { interval: 1000 }, printStatsEvery: 100 });
    console.log((await api.call(ENDPOINT)).status);
  `), { code: 0, signal: null, printed: '200' });
});

test('a pool that opens in an hour keeps no program alive', async () => {
  assert.deepEqual(await run(`
    const api = new QuotaAwareAPI(['fake-one', 'fake-two'], { fetch: refused });
    api.addEventListener('key-restored', () => {});
    console.log(await api.call(ENDPOINT).then(({ status }) => status, ({ code, retryAfter }) => code + (retryAfter > 3_000_000)));
  `), { code: 0, signal: null, printed: 'QUOTA_EXCEEDEDtrue' });
});

test('a call that waits for quota keeps its program alive until it is served', async () => {
  const { code, printed } = await run(`
    const api = new QuotaAwareAPI(['fake-one'], { fetch: served, limits: { rpm: 1 }, resetInterval: 500 });
    console.log((await api.call(ENDPOINT)).status);
    console.log((await api.call(ENDPOINT)).status, api.getStats().waited.calls);
  `);
  assert.deepEqual([code, printed], [0, '200\n200 1']);
});

test('a call that waits for its next attempt keeps its program alive', async () => {
  const { code, printed } = await run(`
    let sent = 0;
    const fetch = async () => { sent += 1; if (sent < 3) throw new TypeError('fetch failed'); return served(); };
    const api = new QuotaAwareAPI(['fake-one'], { fetch, backoff: { base: 200, jitter: 'none' } });
    console.log((await api.call(ENDPOINT)).status, sent);
  `);
  assert.deepEqual([code, printed], [0, '200 3']);
});

test('a listener that throws is reported by the host, and harms neither the call nor the counters', async () => {
  const { code, printed } = await run(`
    const reports = [];
    process.on('uncaughtException', (error) => reports.push(error.message));
    const api = new QuotaAwareAPI(['fake-one'], { fetch: served, verbose: () => { throw new Error('full disk'); } });
    api.addEventListener('attempt', () => { throw new Error('bad listener'); });
    console.log((await api.call(ENDPOINT)).status);
    await new Promise((resolve) => setImmediate(resolve));
    console.log(reports.join(), JSON.stringify(api.getStatus().queue), api.getStats().totalRequests, api.getStats().totalErrors);
  `);
  assert.deepEqual([code, printed], [0, '200\nbad listener,full disk {"waiting":0,"inFlight":0,"oldestMs":0,"calls":[]} 1 0']);
});

test('instances that nobody closes are collected', async () => {
  const { code, printed } = await run(`
    let collected = 0;
    const registry = new FinalizationRegistry(() => { collected += 1; });
    for (let n = 0; n < 50; n += 1) {
      const api = new QuotaAwareAPI(['fake-one'], { fetch: served, healthCheck: { interval: 1000 } });
      api.addEventListener('settled', () => {});
      registry.register(api);
      await api.call(ENDPOINT);
      api.install().restore();
    }
    for (let turn = 0; turn < 20 && collected < 45; turn += 1) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log(collected >= 45 ? 'collected' : collected);
  `, '--expose-gc');
  assert.deepEqual([code, printed], [0, 'collected']);
});

test('an instance with a call under way is not collected, even if nothing else refers to it', async () => {
  const { code, printed } = await run(`
    (() => new QuotaAwareAPI(['fake-one'], { fetch: () => new Promise(() => {}), timeout: 300, maxRetries: 1 }).call(ENDPOINT).catch(({ code }) => console.log(code)))();
    for (let turn = 0; turn < 40; turn += 1) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  `, '--expose-gc');
  assert.deepEqual([code, printed], [0, 'TIMEOUT']);
});
