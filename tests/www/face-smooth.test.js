// Drawing while recognition runs: frames keep coming, since looks are taken in a worker. How many come depends on what else the
// machine does; the time of the page's own thread does not, and it is what a frame may cost. Both are printed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStage } from './support.js';

let stage;
before(async () => { stage = await openStage('face', { folder: 'face-smooth' }); });
after(() => stage?.close());

/** How long it is measured, in milliseconds. QUOTA_AWARE_SMOOTH makes it longer, for a figure to be told. */
const SPAN = Number(process.env.QUOTA_AWARE_SMOOTH ?? 4_000);

for (const screen of ['phone', 'desktop']) {
  test(`Pip is drawn between two frames, on a ${screen}, while faces are read`, async () => {
    const { page, complaints, close } = await stage.open({ screen });
    await page.click('input[value="clip"]', { force: true });
    await page.waitForFunction(() => document.getElementById('mood').textContent === 'Happy');
    const debug = await page.context().newCDPSession(page);
    await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
    const spent = async () => Object.fromEntries((await debug.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value * 1000]));
    const before = await spent();
    const frames = await page.evaluate(watchFrames, SPAN);
    const now = await spent();
    const thread = Math.round(now.ThreadTime - before.ThreadTime);
    const { looks, took } = (await page.textContent('#rates')).match(/· (?<looks>\d+) looks, (?<took>\d+) ms each/).groups;
    console.log(`# ${screen}: ${JSON.stringify({ ...frames, threadMs: thread, threadMsPerFrame: Number((thread / frames.frames).toFixed(1)), looks: Number(looks), tookMs: Number(took) })}`);
    assert.equal(page.workers().length, 1);
    assert.ok(Number(looks) >= 1, 'it looks meanwhile');
    assert.ok(thread / frames.frames < 10, `${thread} ms of the page's thread for ${frames.frames} frames`);
    assert.deepEqual(complaints, []);
    await close();
  });
}

/** In the page: how far frames are apart, for so long. Late is what missed a frame of sixty a second. */
async function watchFrames(span) {
  const gaps = [];
  let last = performance.now();
  const end = last + span;
  while (last < end) {
    const now = await new Promise((resolve) => { requestAnimationFrame(resolve); });
    gaps.push(now - last);
    last = now;
  }
  gaps.sort((one, other) => one - other);
  const at = (share) => Number(gaps[Math.floor((gaps.length - 1) * share)].toFixed(1));
  return { frames: gaps.length, perSecond: Math.round(gaps.length / span * 1000), p50: at(0.5), p95: at(0.95), max: at(1), late: gaps.filter((each) => each > 25).length };
}
