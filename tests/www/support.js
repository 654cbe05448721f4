// The pages in Chromium, as a static host serves them (host.js).
//
//   const stage = await openStage('plan');          // builds www/plan alone
//   const { page, complaints, requested } = await stage.open({ dark: true });
//   assert.deepEqual(complaints, []);
//   await stage.close();
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch } from '../browser/chromium.js';
import { hostPages } from './host.js';

export { POLICY } from './host.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const SCREENS = { phone: { width: 390, height: 844 }, tablet: { width: 768, height: 1024 }, desktop: { width: 1440, height: 900 }, projector: { width: 1920, height: 1080 } };

/**
 * Builds one page ('' is the door), or all with `whole`, serves it, and starts a browser.
 *
 * @param {string} name @param {{ policy?: string, whole?: boolean, flags?: string[] }} [how] flags: of the browser
 */
export async function openStage(name, { flags = [], ...how } = {}) {
  const [host, browser] = await Promise.all([hostPages(name, how), launch(flags)]);

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
    await page.goto(`${host.url}${hash}`, { waitUntil: settled });
    return { page, complaints, requested, close: () => context.close() };
  }

  return { ...host, open, close: () => Promise.all([browser.close(), host.close()]) };
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
