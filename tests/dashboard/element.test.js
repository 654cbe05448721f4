// The element in a page: what it shows, how soon, what its buttons do, and what it leaves behind.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { stage } from './stage.js';

let theatre;
let page;
let complaints;
before(async () => { theatre = await stage(); });
after(() => theatre?.close());
beforeEach(async (t) => {
  ({ page, complaints } = await theatre.open());
  t.after?.(() => page.close());
});

/** What a part of the only element says. */
const says = (selector, nth = 0) => page.evaluate(([wanted, at]) => document.querySelector('quota-dashboard').shadowRoot.querySelectorAll(wanted)[at]?.textContent ?? null, [selector, nth]);
const until = (check, given) => page.waitForFunction(check, given, { timeout: 5_000, polling: 20 });
const button = (name) => page.getByRole('button', { name, exact: true });

describe('it shows', () => {
  test('a call within a second, under a policy that allows neither styles nor markup', async () => {
    const took = await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance();
      const element = dash.show({ api });
      await dash.drawn();
      const requests = () => dash.text(element, '.figure-requests .value');
      const before = requests();
      const began = performance.now();
      await dash.call(api);
      while (requests() === before && performance.now() - began < 5_000) await new Promise((resolve) => { setTimeout(resolve, 5); });
      return { before, now: requests(), took: performance.now() - began };
    });
    assert.deepEqual([took.before, took.now], ['0', '1']);
    assert.ok(took.took < 1_000, `${took.took} ms`);
    console.log(`shown after ${Math.round(took.took)} ms`);
    assert.equal(await says('.headline'), 'Ready for everybody');
    assert.ok(await page.evaluate(() => getComputedStyle(document.querySelector('quota-dashboard').shadowRoot.querySelector('.dashboard')).display === 'grid'), 'it is styled');
    assert.deepEqual(complaints, []);
  });

  test('who waits, and counts down', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance([{ key: 'fake-one', limits: { rpm: 2 } }]);
      dash.show({ api });
      for (const session of ['anna', 'anna', 'ben', 'carla']) dash.call(api, { session }).catch(() => {});
      await dash.drawn();
    });
    await until(() => /^Next free place in \d+ s$/.test(document.querySelector('quota-dashboard').shadowRoot.querySelector('.headline').textContent));
    assert.match(await says('.detail'), /^2 people wait\. No key has room\.$/);
    const seconds = async () => Number(/\d+/.exec(await says('.headline'))[0]);
    const first = await seconds();
    assert.ok(first > 50 && first <= 60);
    await until((before) => Number(/\d+/.exec(document.querySelector('quota-dashboard').shadowRoot.querySelector('.headline').textContent)[0]) < before, first);
    assert.deepEqual(await page.evaluate(() => [...document.querySelector('quota-dashboard').shadowRoot.querySelectorAll('.queue tbody tr')].map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent))), [['1', 'ben', '5'], ['2', 'carla', '5']]);
    assert.match(await says('.queue .c-starts .main'), /^in \d+ s$/);
    assert.equal(await says('.keys .health .word'), 'No room');
    assert.equal(await says('.keys .c-minute .sub'), '2 / 2');
  });

  test('moves, failures, alerts and the state of every key', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      const { api, mock } = dash.instance();
      dash.show({ api });
      mock.breakKey(dash.MOCK_KEYS[0]);
      mock.exhaust(dash.MOCK_KEYS[1], 'day');
      await dash.call(api);
      await dash.call(api);
      await dash.drawn();
    });
    const words = await page.evaluate(() => [...document.querySelector('quota-dashboard').shadowRoot.querySelectorAll('.keys .word')].map(({ textContent }) => textContent));
    assert.deepEqual(words, ['Not accepted', 'Day used up', 'Ready']);
    assert.equal(await says('.state span'), 'Partly working');
    // What came while others were drawn is drawn soon after.
    await until(() => document.querySelector('quota-dashboard').shadowRoot.querySelector('.history tbody .c-from')?.textContent === 'key-2');
    // By the events, which are counted on top of the last report of use.
    await until(() => document.querySelector('quota-dashboard').shadowRoot.querySelector('.errors tbody .c-kind')?.textContent === 'Key not accepted');
    assert.match(await says('.alerts'), /Warning.*quota/);
    assert.equal(await says('.keys .c-switches .main'), '1');
  });

  test('other people’s words as words', async () => {
    const hostile = '<img src=x onerror="window.hit = true">';
    await page.evaluate(async (name) => {
      const { dash } = window;
      const { api, mock } = dash.instance([{ key: 'fake-one', id: name, limits: { rpm: 1 } }, { key: 'fake-two', id: `${name}2`, limits: { rpm: 1 } }]);
      dash.show({ api });
      mock.breakKey('fake-two');
      for (let n = 0; n < 5; n += 1) dash.call(api, { session: name }).catch(() => {});
      await dash.drawn();
    }, hostile);
    await until((name) => document.querySelector('quota-dashboard').shadowRoot.querySelector('.queue .id')?.textContent === name, hostile);
    assert.equal(await says('.keys .id'), hostile);
    assert.deepEqual(await page.evaluate(() => [document.querySelector('quota-dashboard').shadowRoot.querySelectorAll('img').length, window.hit]), [0, undefined]);
    assert.deepEqual(complaints, []);
  });

  test('no secret', async () => {
    const shown = await page.evaluate(async () => {
      const { dash } = window;
      const { api, mock } = dash.instance();
      const element = dash.show({ api });
      mock.breakKey(dash.MOCK_KEYS[0], 'suspended');
      for (let n = 0; n < 4; n += 1) await dash.call(api);
      await dash.drawn();
      return { html: element.shadowRoot.innerHTML + element.outerHTML, keys: dash.MOCK_KEYS };
    });
    assert.match(shown.html, /key-1/);
    for (const key of shown.keys) assert.ok(!shown.html.includes(key));
  });

  test('texts of another language, numbers as that writes them, and goes back', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance([{ key: 'fake-one', limits: { rpd: 12_345 } }]);
      const element = dash.show({ api, messages: { title: 'Schlüssel', sentence: { ready: 'Bereit' } } }, { lang: 'de' });
      await dash.call(api);
      await dash.drawn();
      window.element = element;
    });
    assert.deepEqual([await says('h1'), await says('.headline'), await says('.c-day .sub')], ['Schlüssel', 'Bereit', '1 / 12.345']);
    await page.evaluate(async () => { window.element.messages = null; await window.dash.drawn(); });
    assert.equal(await says('h1'), 'API keys');
  });

  test('the day from a report of use, where the instance makes one', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      await import('/page/lively.js');
      const { api } = dash.instance();
      api.getUsage = async () => window.lively.usage(Date.now(), ['key-1', 'key-2', 'key-3']);
      dash.show({ api });
      await dash.drawn();
    });
    await until(() => document.querySelector('quota-dashboard').shadowRoot.querySelector('.errors tbody tr') !== null);
    assert.match(await says('.panel-pattern > .sub'), /^Busiest: \d\d:00, [\d,]+ requests$/);
    const all = await says('.panel-pattern > .sub');
    await page.locator('quota-dashboard select').selectOption({ label: 'key-3' });
    await until((before) => document.querySelector('quota-dashboard').shadowRoot.querySelector('.panel-pattern > .sub').textContent !== before, all);
    await page.getByRole('radio', { name: '1 h' }).check();
    await page.getByText('The same as a table').click();
    await until(() => document.querySelector('quota-dashboard').shadowRoot.querySelectorAll('.told tbody tr').length === 12);
    const painted = await page.evaluate(() => {
      const canvas = document.querySelector('quota-dashboard').shadowRoot.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let blue = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at + 2] > 180 && data[at] < 90 && data[at + 3] > 200) blue += 1;
      return blue;
    });
    assert.ok(painted > 2_000, `${painted} pixels of bars`);
    assert.deepEqual(complaints, []);
  });
});

test('it draws its chart also in a browser of no language that Intl knows', async (t) => {
  const before = () => Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C' });
  const other = await theatre.open({ before });
  t.after(() => other.page.close());
  const seen = await other.page.evaluate(async () => {
    const { dash } = window;
    await import('/page/lively.js');
    const { api } = dash.instance();
    api.getUsage = async () => window.lively.usage(Date.now(), ['key-1']);
    const element = dash.show({ api });
    await dash.until(element, '.errors .c-kind .main', 'Limit of the minute');
    const canvas = element.shadowRoot.querySelector('canvas');
    const painted = canvas?.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0) ?? false;
    return { language: navigator.language, painted };
  });
  assert.deepEqual(seen, { language: 'C', painted: true });
  assert.deepEqual(other.complaints, []);
});

describe('its buttons', () => {
  test('reset, test, and where the instance can: disable and enable', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      const { api, mock } = dash.instance();
      window.mock = mock;
      window.done = [];
      api.disableKey = (id) => window.done.push(`disable ${id}`);
      api.enableKey = (id) => window.done.push(`enable ${id}`);
      mock.breakKey(dash.MOCK_KEYS[0]);
      await dash.call(api);
      dash.show({ api });
      await dash.drawn();
    });
    assert.equal(await says('.keys .word'), 'Not accepted');
    await button('Test key-1').click();
    await until(() => /was not served/.test(document.querySelector('quota-dashboard').shadowRoot.querySelector('.result').textContent));
    await button('Reset key-1').click();
    await until(() => document.querySelector('quota-dashboard').shadowRoot.querySelector('.keys .word').textContent === 'Ready');
    await button('Test key-2').click();
    await until(() => /key-2 has answered in/.test(document.querySelector('quota-dashboard').shadowRoot.querySelector('.result').textContent));
    await button('Disable key-3').click();
    await until(() => window.done.length === 1);
    assert.deepEqual(await page.evaluate(() => window.done), ['disable key-3']);
    assert.equal(await button('Enable key-3').count(), 0);
    await button('Reset all').click();
    await until(() => /Reset all/.test(document.querySelector('quota-dashboard').shadowRoot.querySelector('.result').textContent));
  });

  test('are not there where the instance can’t, and are reached by the keyboard in the order of reading', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance([{ key: 'fake-one', id: 'one' }, { key: 'fake-two', id: 'two' }]);
      api.disableKey = undefined;
      dash.show({ api });
      await dash.drawn();
    });
    assert.equal(await button('Disable one').count(), 0);
    const order = [];
    for (let n = 0; n < 7; n += 1) {
      await page.keyboard.press('Tab');
      order.push(await page.evaluate(() => {
        const { activeElement: at } = document.querySelector('quota-dashboard').shadowRoot;
        const outlined = at.matches(':focus-visible') && getComputedStyle(at.type === 'radio' ? at.parentNode : at).outlineStyle;
        return `${at.getAttribute('aria-label') ?? (at.value || at.textContent)} ${outlined}`;
      }));
    }
    assert.deepEqual(order, ['Reset all', 'Print report', 'Test one', 'Reset one', 'Test two', 'Reset two', 'ten'].map((name) => `${name} solid`));
  });

  test('print: white paper, everything open, and as before afterwards', async () => {
    const seen = await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance();
      const element = dash.show({ api, theme: 'dark' });
      await dash.drawn();
      const look = () => [element.shadowRoot.querySelector('details').open, getComputedStyle(element.shadowRoot.querySelector('.reading')).color];
      const before = look();
      let during;
      window.print = () => {
        dispatchEvent(new Event('beforeprint'));
        during = look();
        dispatchEvent(new Event('afterprint'));
      };
      element.shadowRoot.querySelectorAll('.tools button')[1].click();
      return { before, during, after: look() };
    });
    assert.deepEqual([seen.before[0], seen.during[0]], [false, true]);
    assert.notEqual(seen.during[1], seen.before[1]);
    assert.deepEqual(seen.after, seen.before);
    await page.emulateMedia({ media: 'print' });
    assert.deepEqual(await page.evaluate(() => {
      const root = document.querySelector('quota-dashboard').shadowRoot;
      const style = getComputedStyle(root.querySelector('.dashboard'));
      return [style.backgroundColor, style.color, root.querySelector('.tools button').checkVisibility()];
    }), ['rgb(255, 255, 255)', 'rgb(0, 0, 0)', false]);
  });
});

describe('it keeps house', () => {
  test('no look at the instance and no drawing while nobody can see it', async () => {
    const looks = await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance();
      let count = 0;
      const { getStatus } = api;
      api.getStatus = function looked() { count += 1; return getStatus.call(this); };
      dash.main.style.paddingTop = '5000px';
      const element = dash.show({ api });
      await dash.drawn();
      const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
      await pause(200);
      const from = count;
      for (let n = 0; n < 20; n += 1) await dash.call(api);
      await pause(1_500);
      const away = count - from;
      element.scrollIntoView();
      const seen = await dash.until(element, '.figure-requests .value', '20');
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      const before = count;
      await dash.call(api);
      await pause(1_500);
      return { away, seen, hidden: count - before };
    });
    assert.deepEqual(looks, { away: 0, seen: '20', hidden: 0 });
  });

  test('one look a tenth of a second at most, however much happens', async () => {
    const looks = await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance();
      let count = 0;
      const { getStatus } = api;
      api.getStatus = function looked() { count += 1; return getStatus.call(this); };
      dash.show({ api });
      await dash.drawn();
      const from = count;
      const end = performance.now() + 1_000;
      while (performance.now() < end) {
        api.dispatchEvent(new CustomEvent('quota-warning', { detail: { at: Date.now() } }));
        await new Promise((resolve) => { setTimeout(resolve); });
      }
      return count - from;
    });
    assert.ok(looks >= 5 && looks <= 12, `${looks} looks`);
  });

  test('leaves no listener and no timer behind, comes back, and two show the same', async () => {
    const seen = await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance();
      let listeners = 0;
      let count = 0;
      const { addEventListener, getStatus } = api;
      api.getStatus = function looked() { count += 1; return getStatus.call(this); };
      api.addEventListener = function listened(type, listener, options) {
        listeners += 1;
        options.signal.addEventListener('abort', () => { listeners -= 1; });
        addEventListener.call(this, type, listener, options);
      };
      const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
      const [first, second] = [dash.show({ api }, { projector: '' }), dash.show({ api }, { projector: '' })];
      second.scrollIntoView();
      await pause(100);
      const both = listeners;
      second.remove();
      const one = listeners;
      first.remove();
      const none = listeners;
      const from = count;
      await dash.call(api);
      await pause(1_300);
      const idle = count - from;
      dash.main.append(first);
      const back = await dash.until(first, '.figure-requests .value', '1');
      await dash.call(api);
      return { halves: one * 2 === both, none, idle, back, again: await dash.until(first, '.figure-requests .value', '2'), charts: first.shadowRoot.querySelectorAll('canvas').length <= 1 };
    });
    assert.deepEqual(seen, { halves: true, none: 0, idle: 0, back: '1', again: '2', charts: true });
    assert.deepEqual(complaints, []);
  });

  test('says when the instance was closed', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance();
      dash.show({ api });
      await dash.call(api);
      await dash.drawn();
      api.close();
    });
    await until(() => document.querySelector('quota-dashboard').shadowRoot.querySelector('.headline').textContent === 'The service has been closed');
    assert.equal(await says('.figure-requests .value'), '1');
    assert.equal(await page.evaluate(() => [...document.querySelector('quota-dashboard').shadowRoot.querySelectorAll('.keys button')].every((each) => each.disabled)), true);
    assert.deepEqual(complaints, []);
  });

  test('takes what was set before it was known, another instance, and none; refuses what is none', async () => {
    const seen = await page.evaluate(async () => {
      const { dash } = window;
      const [one, two] = [dash.instance(), dash.instance([{ key: 'fake-one', id: 'single' }])];
      const early = document.createElement('early-dashboard');
      early.api = one.api;
      dash.main.append(early);
      customElements.define('early-dashboard', class extends dash.QuotaDashboard {});
      await dash.drawn();
      const ready = () => dash.text(early, '.figure-ready .value');
      const values = [ready()];
      early.api = two.api;
      await dash.drawn();
      values.push(ready());
      early.api = null;
      await dash.drawn();
      values.push(ready());
      let refused = '';
      try { early.api = { key: 'fake' }; } catch (error) { refused = error.message; }
      return { values, refused };
    });
    assert.deepEqual(seen, { values: ['3 / 3', '1 / 1', '–'], refused: 'api: expected a QuotaAwareAPI, or null' });
  });

  test('speaks to screen readers when something else is so, not each second', async () => {
    await page.evaluate(async () => {
      const { dash } = window;
      const { api } = dash.instance([{ key: 'fake-one', limits: { rpm: 1 } }]);
      await dash.call(api);
      dash.call(api, { session: 'anna' }).catch(() => {});
      await new Promise((resolve) => { setTimeout(resolve, 50); });
      const element = dash.show({ api });
      window.spoken = 0;
      const live = element.shadowRoot.querySelector('[aria-live]');
      new MutationObserver(() => { window.spoken += 1; }).observe(live, { childList: true, characterData: true, subtree: true });
      await dash.drawn();
    });
    const first = await says('.headline');
    await until((before) => document.querySelector('quota-dashboard').shadowRoot.querySelector('.headline').textContent !== before, first);
    assert.ok(await page.evaluate(() => window.spoken) <= 1);
    assert.match(await says('[aria-live]'), /^Next free place in (?:\d+ s|1 min)\. 1 person waits/);
  });
});
