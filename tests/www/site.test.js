// All pages together, as they are hosted: what they share is shared, and no link leads nowhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStage } from './support.js';

let stage;
before(async () => { stage = await openStage('', { whole: true }); });
after(() => stage?.close());

const linksOf = (page) => page.locator('a[href]').evaluateAll((links) => links.map(({ href }) => href.replace(/#.*/, '')));

test('every page is reached from the door, loads, and complains of nothing', async () => {
  const { page, complaints, requested, close } = await stage.open({ still: true });
  const missing = [];
  page.on('response', (response) => { if (response.status() >= 400) missing.push(response.url()); });
  const seen = new Set([page.url()]);
  const next = await linksOf(page);
  while (next.length > 0) {
    const url = next.shift();
    // Links that lead out are for people to follow.
    if (seen.has(url) || !url.startsWith(stage.url)) continue;
    seen.add(url);
    await page.goto(url);
    next.push(...await linksOf(page));
  }
  for (const name of ['plan/index.html', 'dashboard/index.html', 'face/index.html', 'docs/index.html', 'docs/options.html']) assert.ok(seen.has(`${stage.url}${name}`), name);
  assert.deepEqual(missing, []);
  assert.deepEqual(complaints, []);
  assert.deepEqual(stage.elsewhere(requested), []);
  await close();
});

test('with the engine shared by pages and workers, each still starts', async () => {
  const { page, complaints, close } = await stage.open({ still: true });
  await page.waitForSelector('.live[data-ready]');
  await page.goto(`${stage.url}plan/index.html`);
  await page.waitForFunction(() => /quota ends before/.test(document.querySelector('#headline').textContent));
  await page.goto(`${stage.url}dashboard/index.html`);
  await page.waitForFunction(() => /Three projects/.test(document.querySelector('[data-note]').textContent));
  await page.goto(`${stage.url}face/index.html`);
  await page.click('#moods [data-mood="happy"]');
  await page.waitForFunction(() => document.getElementById('line').dataset.by === 'gemini');
  assert.deepEqual(complaints, []);
  await close();
});
