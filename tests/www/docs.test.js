// The documents as pages: all of them there, linked to each other, and readable.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, assertNoSideways, openStage, picture } from './support.js';

let stage;
before(async () => { stage = await openStage('docs'); });
after(() => stage?.close());

test('no link leads nowhere, and nothing in a document is markup of its own', () => {
  const folder = join(stage.out, 'docs');
  const pages = readdirSync(folder).filter((name) => name.endsWith('.html'));
  assert.ok(pages.length >= 5);
  for (const page of pages) {
    const html = readFileSync(join(folder, page), 'utf8');
    for (const [, href] of /<main[^]*<\/main>/.exec(html)[0].matchAll(/<a href="([^"#:]+)"/g)) assert.ok(pages.includes(href), `${page}: ${href}`);
    assert.doesNotMatch(html, /<!-- (?:list|document) -->|\{title\}| style="/);
  }
});

test('everybody can read them, light and dark', async () => {
  for (const dark of [false, true]) {
    for (const screen of ['phone', 'desktop']) {
      const { page, complaints, requested, close } = await stage.open({ dark, screen });
      for (const name of [undefined, 'Setting up keys']) {
        if (name !== undefined) await page.getByRole('navigation', { name: 'Documents' }).getByRole('link', { name }).click();
        await page.waitForSelector('h1');
        await assertAccessible(page);
        await assertNoSideways(page);
      }
      await picture(page, `${screen}-${dark ? 'dark' : 'light'}`);
      assert.deepEqual(complaints, []);
      assert.deepEqual(stage.elsewhere(requested), []);
      await close();
    }
  }
});
