// Every page in Firefox, as a host serves it: what it is there for happens, nothing is complained of, and nothing is kept from it
// by the policy. What the pages do in detail is tested in Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchFirefox } from '../matrix/drivers/firefox.js';
import { hostPages } from './host.js';

const PATIENCE = { timeout: 20_000 };
/** What violates the policy is reported in a moment of its own, behind what it broke. */
const REPORTED = 150;

let host;
let firefox;
before(async () => { [host, firefox] = await Promise.all([hostPages('', { whole: true, folder: 'firefox' }), launchFirefox()]); });
after(() => Promise.all([firefox?.close(), host?.close()]));

/** Opens a page, hands it to `use`, and fails on whatever the browser has to say. */
async function visit(name, use) {
  const page = await firefox.newPage();
  const complaints = [];
  page.on('console', (message) => { if (['error', 'warn'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  host.violations.length = 0;
  try {
    await page.setViewport({ width: 1280, height: 800 });
    await page.goto(`${host.url}${name}index.html`);
    await use(page);
    await new Promise((resolve) => { setTimeout(resolve, REPORTED); });
    assert.deepEqual([...complaints, ...host.violations], []);
  } catch (error) {
    error.message += `\n${[...complaints, ...host.violations].join('\n')}`;
    throw error;
  } finally {
    await page.close();
  }
}

const figure = (page, lane, name) => page.$eval(`[data-lane=${lane}] [data-figure=${name}]`, ({ textContent }) => Number(textContent));
const reaches = (page, lane, name, least) => page.waitForFunction((where, what, count) => Number(document.querySelector(`[data-lane=${where}] [data-figure=${what}]`).textContent) >= count, PATIENCE, lane, name, least);
const reads = (page, selector, pattern) => page.waitForFunction((where, source) => new RegExp(source).test(document.querySelector(where)?.textContent), PATIENCE, selector, pattern.source);
const chosen = (page, selector) => page.$eval(selector, (input) => input.click());

test('the door: two lanes run, and ours shows nobody an error', () => visit('', async (page) => {
  await page.waitForSelector('.live[data-ready]', PATIENCE);
  await page.$eval('.lanes', (lanes) => lanes.scrollIntoView());
  await reaches(page, 'blind', 'errors', 20);
  await page.waitForSelector('[data-lane=ours] [data-state=waiting]', PATIENCE);
  assert.ok(await figure(page, 'ours', 'answers') >= 40);
  assert.equal(await figure(page, 'ours', 'errors'), 0);
}));

test('the plan: a verdict comes, and follows a slider', () => visit('plan/', async (page) => {
  await reads(page, '#headline', /quota ends before/);
  await page.$eval('[name="people-slider"]', (slider) => {
    slider.value = '5';
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await reads(page, '#headline', /It holds/);
  await reads(page, '.words', /5 people for/);
  assert.ok(await page.$eval('[data-chart=calls] canvas', ({ width }) => width) > 200);
}));

test('the dashboard: the workshop runs, and its board counts', () => visit('dashboard/', async (page) => {
  await reads(page, '[data-note]', /Three projects/);
  await page.click('[data-now]');
  await reaches(page, 'ours', 'answers', 10);
  const before = await figure(page, 'ours', 'answers');
  await reaches(page, 'ours', 'answers', before + 10);
  assert.equal(await figure(page, 'ours', 'errors'), 0);
  await page.$eval('quota-dashboard', (board) => board.scrollIntoView());
  await page.waitForFunction(() => /key-1[^]*key-2[^]*key-3/.test(document.querySelector('quota-dashboard').shadowRoot.textContent), PATIENCE);
}));

test('the documents: each is there', () => visit('docs/', async (page) => {
  await reads(page, 'h1', /quota-aware-api/);
  const pages = await page.$$eval('.list a', (links) => links.map(({ href }) => href));
  assert.ok(pages.length >= 5);
  for (const address of pages) {
    await page.goto(address);
    await page.waitForSelector('main h1', PATIENCE);
  }
}));

test('the face: a smile in the picture is seen in a worker, and spoken of', () => visit('face/', async (page) => {
  await page.select('#language', 'en');
  await chosen(page, 'input[value="picture"]');
  await reads(page, '#mood', /^Happy$/);
  await page.waitForFunction(() => document.getElementById('line').dataset.by === 'gemini' && /smile|grin|beam/.test(document.getElementById('line').textContent), PATIENCE);
  await reads(page, '#rates', /^\d+ frames a second · \d+ looks/);
  console.log(`# ${await page.$eval('#rates', ({ textContent }) => textContent)}`);
}));

test('the face: by hand every mood is answered, and the words of one come piece by piece', () => visit('face/', async (page) => {
  await page.select('#language', 'en');
  await page.select('#talkative', '30');
  await page.evaluate(() => {
    globalThis.lengths = [];
    new MutationObserver(() => {
      const { dataset, textContent } = document.getElementById('line');
      if (dataset.by === 'gemini') globalThis.lengths.push(textContent.length);
    }).observe(document.getElementById('line'), { childList: true });
  });
  for (const [mood, name] of [['surprised', 'Surprised'], ['sad', 'Sad'], ['angry', 'Cross'], ['calm', 'Calm'], ['away', 'Looking away'], ['several', 'Several people'], ['nobody', 'Nobody there'], ['happy', 'Happy']]) {
    await chosen(page, `#moods [data-mood="${mood}"]`);
    await reads(page, '#mood', new RegExp(`^${name}`));
  }
  await page.waitForFunction(() => document.getElementById('line').dataset.by === 'gemini' && document.getElementById('line').getAttribute('aria-busy') === 'false', PATIENCE);
  const grown = await page.evaluate(() => globalThis.lengths);
  assert.ok(new Set(grown).size >= 4, `it came in pieces: ${grown}`);
}));
