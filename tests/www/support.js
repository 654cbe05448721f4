// The pages as a static host serves them: built into a folder of the test's own, under a path, with a strict policy, in Chromium.
//
//   const stage = await openStage('plan');          // builds www/plan alone
//   const { page, complaints, requested } = await stage.open({ dark: true });
//   assert.deepEqual(complaints, []);
//   await stage.close();
import assert from 'node:assert/strict';
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPages } from '../../scripts/www.mjs';
import { launch } from '../browser/chromium.js';

const ROOT = join(import.meta.dirname, '../..');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm', '.png': 'image/png', '.webp': 'image/webp', '.jpg': 'image/jpeg', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8' };
/** No page may need more than this. A page that talks to a provider passes a `connect-src` of its own. */
export const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
/** No page may know where it lies. */
const PREFIX = '/some/where/';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const SCREENS = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 }, projector: { width: 1920, height: 1080 } };

/**
 * Builds one page ('' is the door), or all with `whole`, serves it, and starts a browser.
 *
 * @param {string} name @param {{ policy?: string, whole?: boolean, flags?: string[] }} [how] flags: of the browser
 */
export async function openStage(name, { policy = POLICY, whole = false, flags = [] } = {}) {
  const out = join(ROOT, 'target/www-tests', whole ? 'whole' : name === '' ? 'door' : name);
  await buildPages({ out, pages: whole ? undefined : [name] });
  const [site, browser] = await Promise.all([serve(out, policy), launch(flags)]);
  const url = `${site.origin}${PREFIX}${name === '' ? '' : `${name}/`}`;

  /** A page in a context of its own, and what it complained about and asked for. `hash`: with what is behind the #. */
  async function open({ dark = false, still = false, screen = 'desktop', hash = '', settled = 'load' } = {}) {
    const context = await browser.newContext({ viewport: SCREENS[screen], colorScheme: dark ? 'dark' : 'light', reducedMotion: still ? 'reduce' : 'no-preference', locale: 'de-DE' });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const complaints = [];
    const requested = [];
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(`${url}${hash}`, { waitUntil: settled });
    return { page, complaints, requested, close: () => context.close() };
  }

  return {
    url, open, out,
    close: () => Promise.all([browser.close(), site.close()]),
    /** Of what was asked for, what is not ours. */
    elsewhere: (requested) => requested.filter((each) => !each.startsWith(`${site.origin}${PREFIX}`) && !/^(?:data|blob):/.test(each)),
    /** Bytes of what was asked for, compressed as servers do. */
    weight: (requested) => weightOf(out, [...new Set(requested)].map((each) => new URL(each).pathname.slice(PREFIX.length))),
  };
}

/** Fails where axe finds anything, and says what and where. */
export async function assertAccessible(page) {
  // Past the policy, as an extension would be: by the debugger, not by a script element.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join('; ')}`), []);
}

/** A picture for people, in the folder that SHOTS names; without it none is taken. */
export async function picture(page, name, options = {}) {
  const folder = process.env.SHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), ...options });
}

/** Fails where a page can be moved sideways. */
export async function assertNoSideways(page) {
  const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= seen, `${wide} px wide on a screen of ${seen}`);
}

function weightOf(out, files) {
  return files.map((file) => (file === '' || file.endsWith('/') ? `${file}index.html` : file))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(out, file))).length, 0);
}

async function serve(folder, policy) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://site.invalid');
    const path = normalize(decodeURIComponent(pathname)).replace(/\/$/, '/index.html');
    const file = path.startsWith(PREFIX) ? join(folder, path.slice(PREFIX.length)) : undefined;
    if (file === undefined || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => { server.close(resolve); });
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}
