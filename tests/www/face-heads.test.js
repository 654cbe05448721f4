// How heads are held, and how many there are, in real photographs: those that face-api ships beside its demo, cut to one head each.
// They are read where they are installed, for this test alone; its package (MIT) does not say who took them, so none is ours to show.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { openStage } from './support.js';

const WWW = join(import.meta.dirname, '../../www');
const PHOTOGRAPHS = join(dirname(createRequire(join(WWW, 'package.json')).resolve('@vladmandic/face-api')), '../demo');
/** A part of a photograph: its left, top and width, as shares of the whole; three quarters as high as it is wide. */
const HEADS = {
  front: { file: join(WWW, 'face/portrait.jpg'), part: [0.19, 0.02, 0.52] },
  // Some forty degrees to the side; the eyes look into the camera, but it is the head that is read.
  turned: { file: join(PHOTOGRAPHS, 'sample5.jpg'), part: [0.2, 0.15, 0.35] },
  tilted: { file: join(PHOTOGRAPHS, 'sample1.jpg'), part: [0.72, 0.08, 0.25] },
  profile: { file: join(PHOTOGRAPHS, 'sample2.jpg'), part: [0.05, -0.02, 0.35] },
};
const SOON = { timeout: 30_000 };

/** One page for all: the models are loaded once. */
let stage;
let page;
let complaints;
before(async () => {
  stage = await openStage('face', { folder: 'face-heads' });
  ({ page, complaints } = await stage.open());
});
after(async () => {
  await stage?.close();
  assert.deepEqual(complaints, []);
});

const mood = (name) => page.waitForFunction((text) => document.getElementById('mood').textContent === text, name, SOON);

/** Shows Pip a picture of these heads, side by side. */
async function show(...names) {
  const heads = names.map((name) => ({ data: readFileSync(HEADS[name].file).toString('base64'), part: HEADS[name].part }));
  const bytes = await page.evaluate(async (given) => {
    const canvas = new OffscreenCanvas(400 * given.length, 300);
    for (const [at, { data, part: [x, y, width] }] of given.entries()) {
      const whole = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))]));
      const side = width * whole.width;
      canvas.getContext('2d').drawImage(whole, x * whole.width, y * whole.height, side, side * 0.75, 400 * at, 0, 400, 300);
    }
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  }, heads);
  await page.setInputFiles('#file', { name: 'heads.png', mimeType: 'image/png', buffer: Buffer.from(bytes) });
}

test('a head that is turned looks away, and one that is only tilted does not', async () => {
  await show('front');
  await mood('Happy');
  await show('turned');
  await mood('Looking away');
  assert.match(await page.getAttribute('#pip', 'aria-label'), /Pip waves: you look elsewhere/);
  await page.waitForTimeout(3500);
  assert.equal(await page.textContent('#mood'), 'Looking away', 'somebody is there for as long as they are seen');
  await show('tilted');
  await mood('Happy');
});

test('a profile, in which no face is found, has looked away before nobody is there', async () => {
  await show('front');
  await mood('Happy');
  await show('profile');
  await mood('Looking away');
  await mood('Nobody there');
});

test('two people in one picture are several, and the one who stays is one', async () => {
  await show('front', 'tilted');
  await mood('Several people');
  await show('tilted');
  await mood('Happy');
});
