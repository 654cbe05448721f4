// A Web Extension (Manifest V3) in Chromium: in its service worker, and in a page of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchWith } from '../../browser/chromium.js';
import { outcomeOf } from '../drivers/outcome.js';
import { seenIn } from '../stage.js';
import { BARE_PAGE, SERVICE_WORKER } from '../starters.js';

const MANIFEST = JSON.stringify({
  manifest_version: 3, name: 'Matrix', version: '1',
  background: { service_worker: 'background.js', type: 'module' },
  content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
  host_permissions: ['http://127.0.0.1/*'],
});

export const extension = {
  name: 'Web Extension', how: "Manifest V3 in Chromium: service worker, page; with `'wasm-unsafe-eval'`",
  version: async (stage) => (await stage.browser('chromium')).version,
  play: async (stage) => {
    const folder = stage.project('extension', { ...BARE_PAGE, ...SERVICE_WORKER, 'manifest.json': MANIFEST });
    stage.copyPackage(folder);
    const profile = mkdtempSync(join(tmpdir(), 'quota-aware-extension-'));
    const context = await launchWith(profile, folder);
    try {
      const worker = context.serviceWorkers()[0] ?? await context.waitForEvent('serviceworker', { timeout: 30_000 });
      const own = `chrome-extension://${new URL(worker.url()).host}`;
      for (const page of ['index.html', 'asking.html']) {
        await stage.play(async (origin) => seenIn(await outcomeOf(await context.newPage(), `${own}/${page}?origin=${encodeURIComponent(origin)}`)));
      }
    } finally {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    }
  },
};
