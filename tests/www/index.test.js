// The door: the difference is seen in ten seconds, the same each time, and nothing is loaded from anywhere else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertNoSideways, openStage, picture } from './support.js';

/** One with its clock in our hands: stories are played frame by frame, as fast as they can be drawn. */
let stage;
before(async () => { stage = await openStage(''); });
after(() => stage?.close());

const ready = (page) => page.waitForSelector('.live[data-ready]');
const ended = (page) => page.waitForFunction(() => /^\d+ answers/.test(document.querySelector('[data-verdict]').textContent), undefined, { timeout: 60_000 });
const figures = (page, lane) => page.locator(`[data-lane=${lane}] [data-figure]`).allTextContents();

test('it plays by itself: blind rotation shows errors, ours none, and both answer everybody', async () => {
  const { page, complaints, requested, close } = await stage.open();
  await ready(page);
  await ended(page);
  const [blind, ours] = [await figures(page, 'blind'), await figures(page, 'ours')];
  assert.deepEqual([blind[0], ours[0]], ['80', '80']);
  assert.ok(Number(blind[1]) > 50, `${blind[1]} errors`);
  assert.equal(ours[1], '0');
  // Eighty, and one that came early to find out how soon there is quota again.
  assert.ok(Number(ours[2]) <= 82 && Number(blind[2]) > 300, `${ours[2]} and ${blind[2]} requests`);
  assert.equal(await page.locator('[data-lane=blind] .pile i').count(), Number(blind[1]));
  assert.equal(await page.locator('[data-lane=ours] .pile i').count(), 0);
  assert.match(await page.textContent('[role=status]'), /^80 answers on either side\. Blind rotation showed people \d+ errors on the way .* showed none and sent 8\d\./);
  assert.equal(await page.textContent('[data-play]'), 'Play again');
  await picture(page, 'ended');
  assert.deepEqual(complaints, []);
  assert.deepEqual(stage.elsewhere(requested), []);
  await close();
});

test('it is the same story each time, and after playing it again', async () => {
  const stories = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const { page, close } = await stage.open({ still: true });
    await ready(page);
    stories.push(await page.locator('.lanes').innerHTML());
    if (turn === 1) {
      await page.click('[data-play]');
      await ended(page);
      const first = [await figures(page, 'blind'), await page.textContent('[data-verdict]')];
      await page.click('[data-play]');
      await page.waitForFunction(() => document.querySelector('[data-verdict]').textContent === '');
      await ended(page);
      assert.deepEqual([await figures(page, 'blind'), await page.textContent('[data-verdict]')], first);
    }
    await close();
  }
  assert.equal(stories[0], stories[1]);
});

test('who wants no motion gets a still in the middle of the rush, and a button', async () => {
  const { page, close } = await stage.open({ still: true });
  await ready(page);
  const clock = await page.textContent('[data-clock]');
  assert.equal(clock, '0:33');
  assert.ok(await page.locator('[data-lane=blind] [data-state=error]').count() > 10);
  const waiting = await page.locator('[data-lane=ours] [data-state=waiting]').allTextContents();
  assert.ok(waiting.length > 25 && waiting.every((seconds) => Number(seconds) > 0 && Number(seconds) < 60), waiting.join());
  assert.equal(await page.locator('[data-lane=ours] [data-state=error]').count(), 0);
  assert.equal(await page.isEnabled('[data-play]'), true);
  await page.waitForTimeout(300);
  assert.equal(await page.textContent('[data-clock]'), clock);
  await close();
});

test('it can be paused and goes on from there', async () => {
  const { page, close } = await stage.open();
  await ready(page);
  await page.waitForFunction(() => document.querySelector('[data-play]').textContent === 'Pause');
  await page.click('[data-play]');
  const at = await page.textContent('[data-clock]');
  assert.equal(await page.textContent('[data-play]'), 'Go on');
  await page.click('[data-play]');
  await ended(page);
  assert.match(at, /^[01]:\d\d$/);
  await close();
});

test('what is needed before the engine weighs less than 200 KB', async () => {
  const { page, requested, close } = await stage.open();
  await ready(page);
  const first = requested.filter((url) => !url.includes('live.worker'));
  assert.ok(first.length < requested.length);
  const bytes = stage.weight(first);
  assert.ok(first.length >= 4 && bytes < 30_000, `${bytes} bytes`);
  await close();
});

test('the ten lines are ten, and are copied as they are', async () => {
  const { page, close } = await stage.open({ still: true });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.click('[data-copy=code]');
  await page.waitForFunction(() => document.querySelector('[data-copy=code]').textContent === 'Copied');
  const code = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(code, await page.textContent('#code'));
  assert.equal(code.split('\n').filter((line) => line !== '').length, 10);
  await close();
});

test('colours are chosen, and still chosen after a reload', async () => {
  const { page, complaints, close } = await stage.open({ still: true });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.click('[data-theme-switch]');
  await page.click('[data-theme-switch]');
  assert.equal(await page.textContent('[data-theme-name]'), 'dark');
  assert.notEqual(await background(), light);
  await page.reload();
  assert.notEqual(await background(), light);
  assert.deepEqual(complaints, []);
  await close();
});

test('everybody can use it, light and dark, on a phone and on a projector', async () => {
  for (const dark of [false, true]) {
    for (const screen of ['phone', 'desktop', 'projector']) {
      const { page, complaints, close } = await stage.open({ dark, screen, still: true });
      await ready(page);
      if (screen !== 'projector') await assertAccessible(page);
      await assertNoSideways(page);
      await picture(page, `${screen}-${dark ? 'dark' : 'light'}`, { fullPage: screen !== 'projector' });
      assert.deepEqual(complaints, []);
      await close();
    }
  }
});
