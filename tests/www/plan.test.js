// The planner in a browser: a verdict in words that follows the sliders, advice that can be taken, a link that holds it all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { plan, printPlan } from '../built.js';
import { PRESETS, applied, hashOf, scenarioOf, settingsOf, settingsOfHash } from '../../www/plan/settings.js';
import { cardsOf, verdictOf } from '../../www/plan/verdict.js';
import { assertAccessible, assertNoSideways, openStage, picture } from './support.js';

const printed = (report) => {
  const lines = [];
  printPlan(report, (line) => lines.push(line));
  return lines;
};

describe('its settings', () => {
  test('a link says what differs, and brings it all back', () => {
    assert.equal(hashOf(settingsOf()), '');
    const settings = settingsOf({ people: 90, hours: 2.25, pace: 'think', think: 30, bursts: [{ at: 60, people: null, within: 5 }, { at: 90, people: 10, within: 60 }], keys: 6, projects: 2, models: ['gemini-3.5-flash', 'gemini-2.5-flash'], rpm: 7, window: 'refill', patience: 30, seed: 4 });
    assert.deepEqual(settingsOfHash(hashOf(settings)), settings);
  });

  test('whatever a link says, settings are whole, allowed, and can be planned', () => {
    const links = ['#', '#people=-5&hours=1e99&calls=NaN', '#people=<script>&models=none_../..&bursts=a-b-c_1e9-0-0_-', '#bursts=' + '1-all-1_'.repeat(100), `#${'x'.repeat(5000)}`,
      '#__proto__=1&constructor=2', '#projects=99&keys=2', '#rpm=0&rpd=-1&tpm=1e12', '#%E0%A4%A', '#pace=think&think=0&people=1&hours=0.25'];
    for (const link of links) {
      const settings = settingsOfHash(link);
      assert.deepEqual(settingsOfHash(hashOf(settings)), settings, link);
      assert.equal(plan({ ...scenarioOf(settings), advice: false }).people, settings.people, link);
    }
    assert.equal(settingsOfHash('#projects=99&keys=2').projects, 2);
    assert.deepEqual(settingsOfHash(undefined), settingsOf());
  });

  test('with each advised change applied, the day holds', () => {
    for (const given of [{}, { bursts: [{ at: 90, people: null, within: 10 }], rpm: 15 }, { models: ['gemini-3.5-flash'], people: 12 }]) {
      const settings = settingsOf(given);
      const { holds, advice } = plan(scenarioOf(settings));
      assert.equal(holds, false);
      assert.ok(advice.length >= 2);
      for (const fix of advice) assert.equal(plan({ ...scenarioOf(applied(settings, fix)), advice: false }).holds, true, fix.kind);
    }
  });

  test('each advised change has its words', () => {
    const report = plan({ bursts: [{ at: 90 * 60_000 }], limits: { rpm: 15 } });
    const cards = cardsOf(report, printed(report));
    assert.equal(cards.length, report.advice.length);
    assert.ok(cards.length >= 3);
    for (const { words, title } of cards) assert.match(words, /\(then .*wait.*\)$/, title);
    assert.deepEqual(cards.map(({ title }) => title).slice(0, 2), ['Rushes over 2 min', '4 projects']);
  });

  test('a verdict says what happens, in the words of the terminal', () => {
    const words = (given) => {
      const report = plan(scenarioOf(settingsOf(given)));
      return verdictOf(report, printed(report));
    };
    const workshop = words({});
    assert.equal(workshop.tone, 'bad');
    assert.match(workshop.headline, /quota ends before/);
    assert.equal(workshop.sentence, 'It does not hold: 40 people for 3 h 30 min, 2,240 calls; 1,500 served, 740 not for want of quota.');
    assert.ok(workshop.details.some((line) => /1,500 calls, is used up after 2 h 21 min/.test(line)));
    assert.ok(workshop.details.some((line) => /500 requests a day is felt first/.test(line)));
    assert.deepEqual([words({ keys: 5, projects: 5 }).headline, words({ keys: 5, projects: 5 }).tone], ['It holds.', 'good']);
    assert.match(words({ rpm: 15, bursts: [{ at: 90, people: null, within: 10 }] }).headline, /too many too late/);
  });
});

describe('the page', () => {
  let stage;
  before(async () => { stage = await openStage('plan'); });
  after(() => stage?.close());

  const verdict = (page, words) => page.waitForFunction((text) => new RegExp(text).test(document.querySelector('#headline').textContent), words);
  const set = (page, name, value) => page.locator(`#n-${name}`).fill(String(value));

  test('plays the workshop at once, says that it does not hold, and holds with a click', async () => {
    const { page, complaints, requested, close } = await stage.open();
    await verdict(page, 'quota ends before');
    assert.match(await page.textContent('[data-took]'), /^1,500 requests played in \d/);
    assert.match(await page.textContent('[data-model="gemini-3.5-flash-lite"]'), /hearsay, last seen 202615500/);
    assert.match(await page.textContent('[data-model="gemini-3.5-flash"]'), /stated, last seen 2026-10520/);
    assert.match(await page.textContent('[data-sum-note]'), /users’ reports, unverified, last seen 2026/);
    assert.match(await page.textContent('[data-day]'), /day’s quota ends, after 2 h 21 min/);
    await page.getByRole('button', { name: 'Apply: 5 projects' }).click();
    await verdict(page, 'It holds');
    assert.deepEqual([await page.inputValue('#n-keys'), await page.inputValue('#n-projects')], ['5', '5']);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'headline');
    await page.waitForFunction(() => /^It holds\. It holds: 40 people/.test(document.querySelector('[role=status]').textContent));
    await page.waitForFunction(() => location.hash === '#keys=5&projects=5');
    await page.getByRole('button', { name: 'Undo' }).click();
    await verdict(page, 'quota ends before');
    assert.deepEqual(complaints, []);
    assert.deepEqual(stage.elsewhere(requested), []);
    await close();
  });

  test('what is needed before the engine weighs less than 200 KB', async () => {
    const { page, requested, close } = await stage.open();
    await verdict(page, 'quota');
    const first = requested.filter((url) => !url.includes('plan.worker'));
    const bytes = stage.weight(first);
    assert.ok(first.length >= 4 && bytes < 60_000, `${bytes} bytes`);
    await close();
  });

  test('a slider moved fast never waits, and its last word counts', async () => {
    const { page, complaints, close } = await stage.open();
    await verdict(page, 'quota');
    const longest = await page.evaluate(async () => {
      const slider = document.querySelector('[name="people-slider"]');
      let worst = 0;
      for (let people = 5; people <= 120; people += 1) {
        slider.value = String(people);
        const began = performance.now();
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        worst = Math.max(worst, performance.now() - began);
        if (people % 10 === 0) await new Promise(requestAnimationFrame);
      }
      return worst;
    });
    // Of one step, in the page's own thread. A plan of such a day takes longer; this machine may be busy.
    assert.ok(longest < 250, `${longest} ms`);
    await page.waitForFunction(() => /120 people for/.test(document.querySelector('.words').textContent));
    await page.waitForSelector('[data-busy]', { state: 'hidden' });
    assert.deepEqual(complaints, []);
    await close();
  });

  test('an older day that takes seconds does not keep the newest waiting', async () => {
    const { page, close } = await stage.open();
    await verdict(page, 'quota');
    await set(page, 'people', 7);
    await set(page, 'hours', 24);
    await set(page, 'calls', 40);
    await set(page, 'keys', 100);
    await set(page, 'projects', 100);
    await page.waitForFunction(() => /7 people for 24 h/.test(document.querySelector('.words').textContent) && document.querySelector('[data-busy]').hidden);
    // Nearly a million calls over a hundred keys: half a minute on a fast machine, and more than this test waits.
    await set(page, 'people', 1000);
    await page.waitForSelector('[data-busy]:not([hidden])');
    await page.waitForTimeout(1000);
    await set(page, 'people', 7);
    await set(page, 'hours', 12);
    await page.waitForFunction(() => /^It .*: 7 people for 12 h/.test(document.querySelector('.words').textContent));
    await page.waitForSelector('[data-busy]', { state: 'hidden' });
    await close();
  });

  test('a link opens as it was, rushes and all; back and forward too', async () => {
    const { page, complaints, close } = await stage.open({ hash: '#people=20&hours=1&bursts=30-all-10&keys=2&projects=1&rpm=9' });
    await page.waitForFunction(() => /20 people for 1 h/.test(document.querySelector('.words').textContent));
    assert.deepEqual(await page.locator('.burst input').evaluateAll((fields) => fields.map(({ value }) => value)), ['30', '', '10']);
    assert.equal(await page.isVisible('[data-shared]'), true);
    await page.evaluate(() => { location.hash = '#people=3'; });
    await page.waitForFunction(() => /3 people for 3 h/.test(document.querySelector('.words').textContent));
    assert.equal(await page.locator('.burst').count(), 0);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('presets are days of different ends', async () => {
    const { page, complaints, close } = await stage.open();
    for (const [id, { name, settings }] of Object.entries(PRESETS)) {
      await page.click(`[data-preset="${id}"]`);
      const { people } = settingsOf(settings);
      await page.waitForFunction((count) => document.querySelector('.words').textContent.includes(`${count} people for`), people);
      assert.equal(await page.getAttribute(`[data-preset="${id}"]`, 'aria-pressed'), 'true', name);
      await picture(page, `preset-${id}`, { fullPage: true });
    }
    assert.deepEqual(complaints, []);
    await close();
  });

  test('by the keyboard alone: a rush is added, set and removed, and focus is never lost', async () => {
    const { page, close } = await stage.open();
    await verdict(page, 'quota');
    await page.focus('[data-add-burst]');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.closest('.burst') !== null), true);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('30');
    await page.waitForFunction(() => location.hash.includes('bursts=30-all-10'));
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.burst').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.hasAttribute('data-add-burst')), true);
    await close();
  });

  test('everybody can use it, light and dark, on a phone and on a projector', async () => {
    for (const dark of [false, true]) {
      for (const screen of ['phone', 'desktop', 'projector']) {
        const { page, complaints, close } = await stage.open({ dark, screen });
        await verdict(page, 'quota');
        await page.waitForSelector('.cards .card');
        if (screen !== 'projector') {
          for (const summary of await page.locator('summary').all()) await summary.click();
          await assertAccessible(page);
          for (const summary of await page.locator('summary').all()) await summary.click();
        }
        await assertNoSideways(page);
        await page.evaluate(() => window.scrollTo(0, 0));
        await picture(page, `${screen}-${dark ? 'dark' : 'light'}`, { fullPage: screen !== 'projector' });
        assert.deepEqual(complaints, []);
        await close();
      }
    }
  });
});
