// Nothing jumps: on each page, from the first byte through its main use, what people see stays where it is unless they moved it.
// Measured as browsers do, by their layout shifts; one that follows somebody's own input within half a second is not counted.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage } from './support.js';

/** Google calls 0.1 good. A line of text that moves everything below it by its own height is 0.02 or more. */
const MOST = 0.01;

/** Each page's main use, until what it shows has been shown. Inputs are real ones, so that only what follows by itself counts. */
const USES = {
  '': async (page) => {
    await page.waitForSelector('.live[data-ready]');
    await page.locator('.lanes').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => /^\d+ answers/.test(document.querySelector('[data-verdict]').textContent), undefined, { timeout: 40_000 });
  },
  plan: async (page) => {
    await page.waitForFunction(() => /quota ends before/.test(document.querySelector('#headline').textContent) && document.querySelector('[data-busy]').hidden);
    await page.focus('[name="people-slider"]');
    for (let press = 0; press < 4; press += 1) await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => /36 people for/.test(document.querySelector('.words').textContent));
  },
  dashboard: async (page) => {
    await page.waitForFunction(() => /Three projects/.test(document.querySelector('[data-note]').textContent));
    await page.click('[data-now]');
    await page.waitForFunction(() => Number(document.querySelector('[data-lane=ours] [data-figure=answers]').textContent) >= 30);
    await page.click('[data-now]');
    await page.waitForSelector('[data-lane=ours] [data-state=waiting]');
    await page.locator('.lanes').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => Number(document.querySelector('[data-lane=blind] [data-figure=errors]').textContent) >= 40);
  },
  docs: async (page) => {
    await page.mouse.wheel(0, 1500);
    await page.waitForTimeout(500);
  },
  face: async (page) => {
    await page.click('input[value="picture"]', { force: true });
    await page.waitForFunction(() => document.getElementById('mood').textContent === 'Happy');
    await page.waitForFunction(() => document.getElementById('line').dataset.by === 'gemini' && document.getElementById('line').getAttribute('aria-busy') === 'false');
    await page.click('input[value="clip"]', { force: true });
    await page.waitForFunction(() => document.getElementById('mood').textContent === 'Surprised', undefined, { timeout: 40_000 });
    await page.waitForTimeout(500);
  },
};

let stage;
before(async () => { stage = await openStage('', { whole: true, folder: 'steady' }); });
after(() => stage?.close());

for (const [name, use] of Object.entries(USES)) {
  // At the same time: mostly they wait for what is shown.
  describe(name || 'the door', { concurrency: true }, () => {
    for (const screen of ['phone', 'tablet', 'desktop']) {
      test(`on a ${screen}`, async () => {
        const { page, close } = await stage.open({ screen, settled: 'commit' });
        await page.addInitScript(observe);
        await page.goto(`${stage.url}${name === '' ? '' : `${name}/`}index.html`);
        await use(page);
        const shifts = await page.evaluate(() => globalThis.shifts);
        const sum = shifts.reduce((all, { value }) => all + value, 0);
        console.log(`# ${name || 'door'}, ${screen}: ${sum.toFixed(4)}`);
        assert.ok(sum < MOST, `${sum.toFixed(4)}: ${shifts.map(({ value, moved }) => `${value.toFixed(4)} ${moved.join(', ')}`).join('; ')}`);
        await close();
      });
    }
  });
}

/** In the page, before anything else. */
function observe() {
  globalThis.shifts = [];
  const named = (node) => node?.id || node?.className?.baseVal || node?.className || node?.parentNode?.id || node?.nodeName;
  const told = ({ node, previousRect: from, currentRect: to }) => `${named(node)} ${from.x},${from.y} ${from.width}x${from.height} to ${to.x},${to.y} ${to.width}x${to.height}`;
  const take = (list) => list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput);
  new PerformanceObserver((list) => globalThis.shifts.push(...take(list).map(({ value, sources }) => ({ value, moved: sources.map(told) })))).observe({ type: 'layout-shift', buffered: true });
}
