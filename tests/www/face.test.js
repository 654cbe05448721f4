// The face page in Chromium: with a camera that shows what we want, without one, and by hand.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { MOCK_KEYS, createMockProvider } from '../built.js';
import { pretendAnswers } from '../../www/face/voice/pretend.js';
import { cameraFlags, writeCamera } from './face-camera.js';
import { POLICY, assertAccessible, assertNoSideways, openStage, picture } from './support.js';

const GOOGLE = 'https://generativelanguage.googleapis.com';
const SERVER = 'https://keys.invalid';
/** Until something has come up. The engine, the models and two slow cores take their time. */
const SOON = { timeout: 30_000 };

const mood = (page, name, within = SOON) => page.waitForFunction((text) => document.getElementById('mood').textContent === text, name, within);
const spoken = (page, by = 'gemini') => page.waitForFunction((who) => {
  const line = document.getElementById('line');
  return line.dataset.by === who && line.getAttribute('aria-busy') === 'false';
}, by, SOON);
const described = (page, pattern, within = SOON) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById('pip').getAttribute('aria-label')), pattern.source, within);
const asked = (page, requests) => page.waitForFunction((start) => document.getElementById('cost-asked').textContent.startsWith(start), `${requests} request`, SOON);
const press = (page, name) => page.click(`#moods [data-mood="${name}"]`);
// A camera that is refused gives the choice back at once: no `check`, which wants it to stay.
const choose = (page, value) => page.click(`input[value="${value}"]`, { force: true });

describe('with a camera', () => {
  let folder;
  let stage;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'face-'));
    const file = join(folder, 'camera.y4m');
    await writeCamera(file, [{ clip: 1, seconds: 7 }, { clip: 7, seconds: 5 }, { clip: 28, seconds: 6 }]);
    stage = await openStage('face', { flags: cameraFlags(file) });
  });
  after(async () => {
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a smile is seen, and spoken of; then surprise, then nobody', async () => {
    const { page, complaints, requested, close } = await stage.open();
    await page.selectOption('#language', 'en');
    await choose(page, 'camera');
    await mood(page, 'Happy');
    assert.match(await page.getAttribute('#pip', 'aria-label'), /it sees a smile/);
    await page.waitForFunction(() => /smile|grin|beam/.test(document.getElementById('line').textContent) && document.getElementById('line').dataset.by === 'gemini', undefined, SOON);
    await mood(page, 'Surprised');
    await picture(page, 'camera-surprised');
    await mood(page, 'Nobody there');
    // In a worker: what is drawn does not wait for what is recognised.
    const rates = await page.textContent('#rates');
    assert.match(rates, /^\d+ frames a second · \d+ looks, \d+ ms each$/);
    console.log(`# ${rates}`);
    assert.equal(page.workers().length, 1);
    assert.deepEqual(complaints, []);
    assert.deepEqual(stage.elsewhere(requested), [], 'nothing is fetched from elsewhere, nothing is sent');
    // And off again: no light of a camera may stay on.
    await choose(page, 'hand');
    assert.equal(await page.evaluate(() => document.getElementById('video').srcObject), null);
    await close();
  });

  test('a mirror moves the way people do', async () => {
    const { page, close } = await stage.open();
    await choose(page, 'camera');
    const flipped = () => page.evaluate(() => getComputedStyle(document.getElementById('video')).transform);
    assert.match(await flipped(), /^matrix\(-1/);
    await page.uncheck('#mirror');
    assert.equal(await flipped(), 'none');
    await close();
  });
});

describe('without a camera', () => {
  let stage;
  before(async () => {
    // Keys and servers are elsewhere: a host that wants them says so in its policy.
    stage = await openStage('face', { policy: `${POLICY}; connect-src 'self' ${GOOGLE} ${SERVER}` });
  });
  after(() => stage?.close());

  test('a refusal is told in a sentence, with what can be done instead', async () => {
    const { page, complaints, close } = await stage.open();
    await choose(page, 'camera');
    await page.waitForFunction(() => /does not let this page use the camera|no camera/.test(document.getElementById('notice').textContent), undefined, SOON);
    assert.match(await page.textContent('#notice'), /picture or the clip/);
    assert.equal(await page.isChecked('input[value="hand"]'), true);
    assert.deepEqual(complaints, []);
    for (const [name, sentence] of [['NotFoundError', /There is no camera/], ['NotReadableError', /in use by another program/], ['NotAllowedError', /does not let this page/]]) {
      await page.evaluate((error) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', error)); }, name);
      await choose(page, 'camera');
      await page.waitForFunction((source) => new RegExp(source).test(document.getElementById('notice').textContent), sentence.source, SOON);
    }
    await close();
  });

  test('the picture is read by the same model, by the keyboard alone', async () => {
    const { page, complaints, close } = await stage.open();
    await page.focus('input[value="hand"]');
    await page.keyboard.press('ArrowLeft'); // the clip
    await page.keyboard.press('ArrowLeft'); // the picture
    assert.equal(await page.isChecked('input[value="picture"]'), true);
    await mood(page, 'Happy');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab'); // past the projector's button: the first mood
    for (const [name, text] of [['happy', 'Happy'], ['surprised', 'Surprised'], ['sad', 'Sad'], ['angry', 'Cross'], ['calm', 'Calm'], ['away', 'Looking away'], ['several', 'Several people'], ['nobody', 'Nobody there']]) {
      assert.equal(await page.evaluate(() => document.activeElement.dataset.mood), name);
      await page.keyboard.press('Space');
      await mood(page, text);
      await page.keyboard.press('Tab');
    }
    assert.equal(await page.isChecked('input[value="hand"]'), true);
    await page.focus('summary');
    await page.keyboard.press('Enter');
    await page.focus('#slide-people');
    await page.keyboard.press('ArrowRight');
    await page.focus('#slide-sad');
    await page.keyboard.press('End');
    await mood(page, 'Sad');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('the clip shows every face, and a picture of one\'s own may show none', async () => {
    const { page, complaints, close } = await stage.open();
    await choose(page, 'clip');
    for (const text of ['Happy', 'Surprised', 'Sad', 'Cross', 'Several people']) await mood(page, text);
    await choose(page, 'hand');
    await press(page, 'calm');
    await mood(page, 'Calm');
    const grey = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(300, 200);
      canvas.getContext('2d').fillRect(0, 0, 300, 200);
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    });
    await page.setInputFiles('#file', { name: 'grey.png', mimeType: 'image/png', buffer: Buffer.from(grey) });
    await mood(page, 'Nobody there');
    await page.setInputFiles('#file', { name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.waitForFunction(() => /no picture that the browser can show/.test(document.getElementById('notice').textContent), undefined, SOON);
    assert.equal(await page.isChecked('input[value="hand"]'), true);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('where there are no workers, the page looks itself', async () => {
    const { page, complaints, close } = await stage.open({ settled: 'commit' });
    await page.addInitScript(() => { delete globalThis.Worker; });
    await page.reload();
    await choose(page, 'picture');
    await mood(page, 'Happy');
    assert.equal(page.workers().length, 0);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('Pip answers before engine and models are there', async () => {
    const { page, close } = await stage.open({ settled: 'commit' });
    let held = 0;
    await page.route(/chunks\/(?:index|mock|pretend)-/, () => { held += 1; }); // they never come
    await page.reload({ waitUntil: 'commit' });
    await press(page, 'sad');
    await mood(page, 'Sad');
    assert.equal(await page.getAttribute('#line', 'data-by'), 'pip');
    assert.ok(held > 0);
    await close();
  });

  test('what has to be loaded first is small', () => {
    const read = (file) => readFileSync(join(stage.out, file));
    const files = new Set(['face/index.html', 'face/main.css', 'common/theme.boot.js', 'common/icon.svg']);
    (function follow(file) {
      files.add(file);
      for (const [, to] of read(file).toString().matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) if (!files.has(join(file, '..', to))) follow(join(file, '..', to));
    })('face/main.js');
    const bytes = [...files].reduce((sum, file) => sum + gzipSync(read(file)).length, 0);
    console.log(`# first load: ${bytes} bytes gzip, ${[...files].join(' ')}`);
    assert.ok(bytes < 60_000, `${bytes} bytes`);
  });

  test('a wait is a sign with a time, many moods are few requests, and words come when promised', async () => {
    const { page, complaints, close } = await stage.open();
    await page.selectOption('#language', 'en');
    await page.selectOption('#talkative', '30');
    await page.selectOption('#pretend-minute', '20000');
    await page.selectOption('#pretend-limit', '2');
    for (const name of ['happy', 'sad']) {
      await press(page, name);
      await spoken(page);
    }
    for (const name of ['angry', 'surprised', 'several', 'away', 'sad', 'surprised', 'angry', 'several', 'surprised', 'angry']) {
      await press(page, name);
      await page.waitForTimeout(350); // for as long as it takes that it counts as a mood
    }
    await described(page, /It holds up a sign: my next words, in \d+ s\./);
    await picture(page, 'sign');
    await asked(page, 2);
    await mood(page, 'Cross');
    await page.waitForFunction(() => /frown|drawing|count to ten/.test(document.getElementById('line').textContent), undefined, SOON);
    await spoken(page);
    await asked(page, 3); // for a dozen moods, and none was refused
    assert.deepEqual(complaints, []);
    await close();
  });

  test('when the day is used up Pip says until when, and comes back by itself', async () => {
    const { page, complaints, close } = await stage.open();
    await page.selectOption('#language', 'en');
    await page.selectOption('#talkative', '30');
    await press(page, 'happy');
    await spoken(page);
    await page.click('#use-up');
    await press(page, 'sad');
    await described(page, /It holds up a sign: all said for today, (?:back at \d\d:\d\d|in \d+ min)/);
    assert.match(await page.textContent('#line'), /all I had to say for today/);
    await page.waitForFunction(() => document.getElementById('cost-day').textContent === '0 requests', undefined, SOON);
    await press(page, 'happy');
    await mood(page, 'Happy');
    assert.equal(await page.getAttribute('#line', 'data-by'), 'pip', 'it still answers faces');
    await page.click('#new-day');
    await spoken(page);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('a key goes to Google in a header, and is found nowhere else', async () => {
    const { page, requested, complaints, close } = await stage.open();
    const key = `AIzaFAKE${'-not-a-key'.repeat(3)}91357`.slice(0, 39).padEnd(39, '7');
    const headers = [];
    await forward(page, `${GOOGLE}/**`, (request) => headers.push(request['x-goog-api-key']));
    await page.selectOption('#talkative', '30');
    await choose(page, 'keys');
    await page.fill('#key', key);
    await page.press('#key', 'Enter');
    assert.equal(await page.inputValue('#key'), '');
    await press(page, 'happy');
    await spoken(page);
    assert.equal(await page.textContent('#by'), 'Gemini’s words');
    assert.deepEqual([...new Set(headers)], [key]);
    const traces = await page.evaluate(async () => JSON.stringify([
      document.documentElement.outerHTML, [...document.querySelectorAll('input, select')].map(({ value }) => value), location.href, history.state, { ...localStorage },
      { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys(), performance.getEntries().map(({ name }) => name),
    ]));
    assert.ok(!traces.includes('not-a-key'));
    assert.ok(requested.every((url) => !url.includes('not-a-key')));
    // Forgotten is forgotten.
    await page.click('#forget');
    await press(page, 'sad');
    await mood(page, 'Sad');
    await spoken(page, 'pip');
    const sent = headers.length;
    await page.waitForTimeout(300);
    assert.equal(headers.length, sent);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('a server that holds the keys is asked without any', async () => {
    const { page, complaints, close } = await stage.open();
    const headers = [];
    await forward(page, `${SERVER}/**`, (request) => headers.push(request['x-goog-api-key']));
    await choose(page, 'server');
    await page.fill('#url', `${SERVER}/`);
    await page.press('#url', 'Enter');
    await press(page, 'happy');
    await spoken(page);
    assert.deepEqual([...new Set(headers)], ['kept-by-the-server']);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('everybody can use it, on every screen, and nothing jumps', async () => {
    for (const screen of ['phone', 'desktop', 'projector']) {
      for (const dark of [false, true]) {
        const { page, complaints, close } = await stage.open({ screen, dark, still: screen === 'phone' && dark });
        await page.evaluate(() => {
          globalThis.shifts = [];
          const moved = ({ hadRecentInput, sources }) => (hadRecentInput ? [] : sources.map(({ node, previousRect: { x, y }, currentRect: to }) => `${node?.id || node?.parentNode?.id || node?.nodeName} from ${x} ${y} to ${to.x} ${to.y}`));
          new PerformanceObserver((list) => { globalThis.shifts.push(...list.getEntries().flatMap(moved)); }).observe({ type: 'layout-shift', buffered: true });
        });
        await press(page, 'happy');
        await spoken(page);
        await page.click('summary');
        await assertAccessible(page);
        await assertNoSideways(page);
        await page.click('summary');
        if (screen === 'projector') {
          await page.click('#projector');
          assert.equal(await page.isVisible('.side'), false);
          await assertAccessible(page);
        }
        await picture(page, `${screen}-${dark ? 'dark' : 'light'}`, { fullPage: screen === 'phone' });
        await page.keyboard.press('Escape');
        assert.equal(await page.isVisible('.side'), true);
        assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
        assert.deepEqual(complaints, []);
        await close();
      }
    }
  });
});

/** Stands in for what is elsewhere: passes requests on to a provider in this process, whatever key they bring. */
async function forward(page, url, seen) {
  const provider = createMockProvider({ latency: 20, chunkDelay: 5, answer: pretendAnswers() });
  await page.route(url, async (route) => {
    const request = route.request();
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*', 'access-control-allow-methods': '*' };
    if (request.method() === 'OPTIONS') return route.fulfill({ status: 204, headers: cors });
    const headers = await request.allHeaders();
    seen(headers);
    const answer = await provider.fetch(request.url(), { method: request.method(), headers: { 'content-type': 'application/json', 'x-goog-api-key': MOCK_KEYS[0] }, body: request.postData() });
    return route.fulfill({ status: answer.status, headers: { ...cors, 'content-type': answer.headers.get('content-type') }, body: await answer.text() });
  });
}
