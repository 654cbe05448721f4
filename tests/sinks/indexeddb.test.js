// Records in a page's IndexedDB, in Chromium and in Firefox: written by an instance, and asked in the same page.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { launch } from '../browser/chromium.js';
import { serveSite } from '../browser/site.js';
import { INDEX, subpath } from '../built.js';
import { openFirefox } from '../matrix/drivers/firefox.js';
import { outcomeOf } from '../matrix/drivers/outcome.js';

const { indexedDbSink } = await import(subpath('sink-indexeddb'));

const BROWSERS = {
  chromium: async () => {
    const browser = await launch();
    return { visit: async (address) => outcomeOf(await browser.newPage(), address), close: () => browser.close() };
  },
  firefox: () => openFirefox({ load: async (name) => import(name) }),
};

for (const [name, open] of Object.entries(BROWSERS)) {
  describe(`in ${name}`, () => {
    let browser;
    let site;
    let outcome;
    before(async () => {
      [browser, site] = await Promise.all([open(), serveSite({ '/dist/': dirname(fileURLToPath(INDEX)), '/page/': join(import.meta.dirname, 'page') })]);
      outcome = await browser.visit(`${site.origin}/page/index.html`);
      assert.equal(outcome.error, undefined, outcome.error);
    });
    after(() => Promise.all([browser?.close(), site?.close()]));

    test('an instance’s attempts are kept, and told as the engine tells them', () => {
      const { flushed, engine, own, shape, ben, later } = outcome.instance;
      assert.deepEqual(own, engine);
      assert.deepEqual(shape[0], shape[1]);
      assert.deepEqual([flushed, own.totals.requests, own.totals.calls, own.totals.failures, own.totals.cachedTokens, ben, later], [true, 4, 3, 1, 180, 1, 4]);
    });

    test('writers are told apart, a second record replaces the first, and a batch is written whole or not at all', () => {
      assert.deepEqual(outcome.writes, { requests: 3, successes: 2, calls: 3, refused: 'DataCloneError', after: 3 });
    });

    test('what is too old, or too many, goes', () => {
      const { old, left } = outcome.retention;
      assert.equal(old, 1);
      assert.ok(left >= 1_500 && left <= 2_500, String(left));
    });

    test('a host that has no database to give loses records, and no call', () => {
      assert.deepEqual(outcome.broken, { status: 200, records: { written: 0, dropped: 0, failed: 1 } });
    });
  });
}

test('mistakes are told where they are made', () => {
  assert.throws(() => indexedDbSink(), { name: 'TypeError', message: /^indexedDbSink options\.indexedDB: expected a host that has IndexedDB/ });
  const indexedDB = { open() {} };
  assert.throws(() => indexedDbSink({ indexedDB, name: '' }), /options\.name: expected the name of a database, got an empty string/);
  assert.throws(() => indexedDbSink({ indexedDB, maxRecords: 1.5 }), /options\.maxRecords: expected a whole number from 1, or Infinity, got 1\.5/);
  assert.throws(() => indexedDbSink({ indexedDB, maxage: 5 }), /options\.maxage: unknown option/);
});
