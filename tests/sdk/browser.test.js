// The SDKs in a real page: their headers and ours pass the providers' preflights, and streams arrive piece by piece.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launch } from '../browser/chromium.js';
import { serveSite } from '../browser/site.js';
import { INDEX, createMockServer } from '../built.js';
import { answerTo } from './support.js';

const KEYS = ['fake-page-1', 'fake-page-2'];
const folder = mkdtempSync(join(tmpdir(), 'quota-aware-sdk-page-'));

let browser;
let site;
before(async () => {
  cpSync(join(import.meta.dirname, 'page/index.html'), join(folder, 'index.html'));
  await build({
    entryPoints: [join(import.meta.dirname, 'page/main.js')], outfile: join(folder, 'main.js'), bundle: true, format: 'esm', platform: 'browser', logLevel: 'warning',
    alias: { 'quota-aware-api': fileURLToPath(INDEX) },
  });
  [browser, site] = await Promise.all([launch(), serveSite({ '/': folder })]);
});
after(async () => {
  await Promise.all([browser?.close(), site?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs one of the page's functions against a provider whose first project has nothing left this minute. */
async function inPage(t, name, provider) {
  const server = await createMockServer({ latency: 0, chunkDelay: 40, provider, projects: KEYS.map((key) => ({ keys: [key], models: { '*': { rpm: 2 } } })) });
  t.after(() => server.close());
  server.provider.exhaust('project-1', 'minute');
  const page = await browser.newPage();
  t.after(() => page.close());
  const complaints = [];
  // A refused preflight is an error there; the 429 that is met on the way is one too, in Chromium's eyes.
  page.on('console', (message) => { if (message.type() === 'error' && !message.text().includes('429')) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${site.origin}/index.html`);
  await page.waitForFunction(() => window.page !== undefined);
  // Whatever a page lets go of is collected while its streams come.
  const devtools = await page.context().newCDPSession(page);
  const collecting = setInterval(() => { devtools.send('HeapProfiler.collectGarbage').catch(() => {}); }, 15);
  t.after(() => clearInterval(collecting));
  const result = await page.evaluate(([member, ...given]) => window.page[member](...given), [name, KEYS, server.url, provider]);
  assert.deepEqual(complaints, []);
  assert.deepEqual(server.provider.log.map(({ key, status }) => `${key} ${status}`), ['key-1 429', 'key-2 200', 'key-2 200']);
  return result;
}

test('openai, by its fetch option', { timeout: 60_000 }, async (t) => {
  const { whole, pieces } = await inPage(t, 'openai', 'openai');
  assert.match(whole, answerTo('Hi'));
  assert.equal(pieces.text, whole);
  assert.ok(pieces.chunks > 5);
});

test('@google/genai, by install()', { timeout: 60_000 }, async (t) => {
  const { whole, pieces, own, restored } = await inPage(t, 'google', 'gemini');
  assert.match(whole, answerTo('Hi'));
  assert.equal(pieces.text, whole);
  assert.ok(pieces.chunks > 2);
  assert.deepEqual([own, restored], [200, true]);
});

for (const [title, name, provider] of [
  ['groq-sdk', 'groq', 'groq'], ['@anthropic-ai/sdk', 'anthropic', 'anthropic'],
  ['ai with @ai-sdk/google', 'ai', 'gemini'], ['ai with @ai-sdk/openai', 'ai', 'openai'], ['ai with @ai-sdk/groq', 'ai', 'groq'],
  ['@langchain/openai', 'langchain', 'openai'], ['@langchain/google-genai, by install()', 'langchain', 'gemini'],
]) {
  test(title, { timeout: 60_000 }, async (t) => {
    const { whole, pieces } = await inPage(t, name, provider);
    assert.match(whole, answerTo('Hi'));
    assert.equal(pieces.text, whole);
    assert.ok(pieces.chunks > 2, `${pieces.chunks} pieces`);
  });
}
