// A page with the dashboard in it, in Chromium, under a strict policy.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { launch } from '../browser/chromium.js';
import { serveSite } from '../browser/site.js';

const ROOT = join(import.meta.dirname, '../..');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The package's files and our pages, under one address. */
export function serve() {
  const dist = join(process.env.QUOTA_AWARE_PACKAGE ?? join(ROOT, 'pkg'), 'dist');
  return serveSite({ '/dist/': dist, '/page/': join(import.meta.dirname, 'page') });
}

/**
 * A browser, and pages of it: `open(options)` resolves to `{ page, complaints }`, where `complaints` is what the page's console has to
 * say. `before`, a function, is run in the page before anything else.
 */
export async function stage() {
  const [browser, site] = await Promise.all([launch(), serve()]);
  const open = async ({ before, ...options } = {}) => {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
    const complaints = [];
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(error.stack));
    if (before) await page.addInitScript(before);
    await page.goto(`${site.origin}/page/index.html`);
    await page.waitForFunction(() => window.dash !== undefined);
    return { page, complaints };
  };
  return { open, origin: site.origin, close: () => Promise.all([browser.close(), site.close()]) };
}

/** What axe-core finds wrong in a page, in a line each. */
export async function violations(page) {
  // By the debugger, since the page's policy lets no script of ours in.
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(' ')} ${failureSummary}`));
}
