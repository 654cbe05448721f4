// Everybody can use it: axe-core finds nothing, in any dress and at any width, full and empty.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { stage, violations } from './stage.js';

let theatre;
before(async () => { theatre = await stage(); });
after(() => theatre?.close());

const DRESSES = [
  { name: 'light', colorScheme: 'light', width: 1280 },
  { name: 'dark', colorScheme: 'dark', width: 1280 },
  { name: 'dark by attribute on a light page', colorScheme: 'light', width: 900, attributes: { theme: 'dark' } },
  { name: 'a phone', colorScheme: 'light', width: 360 },
  { name: 'a dark phone', colorScheme: 'dark', width: 360 },
  { name: 'a projector', colorScheme: 'light', width: 1600, attributes: { projector: '' } },
  { name: 'a dark projector', colorScheme: 'dark', width: 1600, attributes: { projector: '' } },
];

describe('axe-core finds nothing in', () => {
  for (const { name, colorScheme, width, attributes = {} } of DRESSES) {
    test(name, async (t) => {
      const { page } = await theatre.open({ colorScheme, viewport: { width, height: 900 } });
      t.after(() => page.close());
      for (const what of ['nothing', 'calm', 'workshop']) {
        await page.evaluate(async ([kind, given]) => {
          await import('/page/lively.js');
          window.dash.main.replaceChildren();
          if (kind === 'nothing') window.dash.show({}, given);
          else await window.lively[kind]((api) => window.dash.show({ api }, given));
          window.dash.main.querySelector('quota-dashboard').shadowRoot.querySelector('details').open = true;
          await window.dash.drawn();
        }, [what, attributes]);
        assert.deepEqual(await violations(page), [], what);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${what}: ${overflow} pixels too wide`);
      }
    });
  }
});

test('nothing moves where people don’t want it', async (t) => {
  const { page } = await theatre.open({ reducedMotion: 'reduce' });
  t.after(() => page.close());
  const moving = await page.evaluate(async () => {
    const element = window.dash.show({ api: window.dash.instance().api });
    await window.dash.drawn();
    return [...element.shadowRoot.querySelectorAll('*')].filter((node) => getComputedStyle(node).transitionDuration !== '0s' || getComputedStyle(node).animationName !== 'none').length;
  });
  assert.equal(moving, 0);
});
