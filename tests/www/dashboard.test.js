// The workshop that can be driven: what is done to it shows on both sides, and in the element.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertNoSideways, openStage, picture } from './support.js';

let stage;
before(async () => { stage = await openStage('dashboard'); });
after(() => stage?.close());

const alive = (page) => page.waitForFunction(() => /Three projects/.test(document.querySelector('[data-note]').textContent));
const figure = (page, lane, name) => page.textContent(`[data-lane=${lane}] [data-figure=${name}]`).then(Number);
const reaches = (page, lane, name, least) => page.waitForFunction(([where, what, count]) => Number(document.querySelector(`[data-lane=${where}] [data-figure=${what}]`).textContent) >= count, [lane, name, least]);
/** Hands on a control as a person has them. */
const slide = (page, name, value) => page.locator(`[name=${name}]`).evaluate((input, to) => {
  input.value = to;
  input.dispatchEvent(new Event('input', { bubbles: true }));
}, String(value));

test('everybody at once, twice: errors on the left, waits with an end on the right', async () => {
  const { page, complaints, requested, close } = await stage.open();
  await alive(page);
  await slide(page, 'think', 180);
  await page.click('[data-now]');
  await reaches(page, 'ours', 'answers', 30);
  await page.click('[data-now]');
  await reaches(page, 'blind', 'errors', 15);
  await page.waitForSelector('[data-lane=ours] [data-state=waiting]');
  await reaches(page, 'ours', 'answers', 60);
  assert.equal(await figure(page, 'ours', 'errors'), 0);
  assert.ok(await figure(page, 'blind', 'requests') > 1.5 * await figure(page, 'ours', 'requests'));
  // It draws nothing while nobody sees it.
  await page.locator('quota-dashboard').scrollIntoViewIfNeeded();
  await page.waitForFunction(() => /key-1[^]*key-2[^]*key-3/.test(document.querySelector('quota-dashboard').shadowRoot.textContent));
  await picture(page, 'board');
  assert.deepEqual(complaints, []);
  assert.deepEqual(stage.elsewhere(requested), []);
  await close();
});

test('a broken key leaves the rotation on the right, and comes back when it is mended', async () => {
  const { page, complaints, close } = await stage.open();
  await alive(page);
  await page.click('[data-break="2"]');
  assert.equal(await page.getAttribute('[data-break="2"]', 'aria-pressed'), 'true');
  await page.click('[data-now]');
  await page.waitForFunction(() => document.querySelector('quota-dashboard').api.getStatus().keys[1].health === 'invalid');
  assert.equal(await figure(page, 'ours', 'errors'), 0);
  await page.click('[data-break="2"]');
  await page.waitForFunction(() => document.querySelector('quota-dashboard').api.getStatus().keys[1].health === 'available');
  assert.deepEqual(complaints, []);
  await close();
});

test('a day used up is told once, and starting over brings it back', async () => {
  const { page, complaints, close } = await stage.open();
  await alive(page);
  await page.click('[data-exhaust="1"]');
  await page.click('[data-now]');
  await page.waitForFunction(() => document.querySelector('quota-dashboard').api.getStatus().keys[0].health === 'quota-exhausted');
  await page.click('[data-exhaust="1"]');
  assert.match(await page.textContent('[data-note]'), /midnight/);
  await page.click('[data-again]');
  assert.equal(await page.getAttribute('[data-exhaust="1"]', 'aria-pressed'), 'false');
  assert.equal(await page.evaluate(() => document.querySelector('quota-dashboard').api.getStatus().keys[0].health), 'available');
  assert.ok(await figure(page, 'ours', 'requests') <= 3);
  assert.deepEqual(complaints, []);
  await close();
});

test('strategy, speed and people change under way; in a pause nobody asks', async () => {
  const { page, complaints, close } = await stage.open();
  await alive(page);
  await page.selectOption('[name=strategy]', 'failover');
  await page.click('[data-now]');
  await reaches(page, 'ours', 'answers', 20);
  assert.equal(await figure(page, 'ours', 'errors'), 0);
  await slide(page, 'people', 5);
  assert.equal(await page.locator('[data-lane=ours] .people i').count(), 5);
  await page.selectOption('[name=minute]', '5000');
  assert.match(await page.textContent('[data-note]'), /12 times as fast/);
  await page.click('[data-pause]');
  await page.click('[data-again]');
  await slide(page, 'think', 5);
  await page.waitForTimeout(2500);
  const before = await figure(page, 'ours', 'requests');
  assert.ok(before <= 5);
  await page.click('[data-now]');
  await reaches(page, 'ours', 'answers', 5);
  assert.deepEqual(complaints, []);
  await close();
});

test('what is needed before the engine weighs less than 200 KB, and no key is anywhere', async () => {
  const { page, requested, close } = await stage.open();
  await alive(page);
  const heavy = (url) => stage.weight([url]) > 100_000;
  const bytes = stage.weight(requested.filter((url) => !heavy(url)));
  assert.ok(requested.some(heavy) && bytes < 120_000, `${bytes} bytes`);
  await page.click('[data-now]');
  await reaches(page, 'ours', 'answers', 5);
  const traces = await page.evaluate(() => document.documentElement.outerHTML + document.querySelector('quota-dashboard').shadowRoot.innerHTML + JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
  assert.doesNotMatch(traces, /fake-mock-key/);
  await close();
});

test('everybody can use it, light and dark, on a phone and on a projector', async () => {
  for (const dark of [false, true]) {
    for (const screen of ['phone', 'desktop', 'projector']) {
      const { page, complaints, close } = await stage.open({ dark, screen });
      await alive(page);
      await page.click('[data-now]');
      await reaches(page, 'ours', 'answers', 10);
      if (screen !== 'projector') await assertAccessible(page);
      await assertNoSideways(page);
      await picture(page, `${screen}-${dark ? 'dark' : 'light'}`, { fullPage: screen !== 'projector' });
      assert.deepEqual(complaints, []);
      await close();
    }
  }
});
