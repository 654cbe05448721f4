// A camera that is none: frames that the page's own clip paints, written as .y4m, which Chromium takes for a webcam's picture.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../browser/chromium.js';
import { serveSite } from '../browser/site.js';

const FACE = join(import.meta.dirname, '../../www/face');

/** Flags for a browser whose camera shows this file, and that asks nobody for leave. */
export function cameraFlags(file) {
  return ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${file}`];
}

/** Writes scenes, `{ clip, seconds }`: what the clip shows at that second, for so long. Chromium begins again at the end. */
export async function writeCamera(file, scenes) {
  const site = await serveSite({ '/face/': FACE });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${site.origin}/face/main.css`); // any page of that origin will do
    const to = openSync(file, 'w');
    writeSync(to, `YUV4MPEG2 W400 H300 F${RATE}:1 Ip A1:1 C420jpeg\n`);
    for (const { clip, seconds } of scenes) {
      const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.from(await page.evaluate(paint, clip), 'base64')]);
      for (let i = 0; i < seconds * RATE; i += 1) writeSync(to, frame);
    }
    closeSync(to);
  } finally {
    await browser.close();
    await site.close();
  }
}

/** In the page: the clip at a second, as the planes of I420, in base64. */
async function paint(second) {
  const { SIZE: { width, height }, drawClip } = await import('/face/sight/clip.js');
  const portrait = await createImageBitmap(await (await fetch('/face/portrait.jpg')).blob());
  const context = new OffscreenCanvas(width, height).getContext('2d');
  drawClip(context, portrait, second);
  const { data } = context.getImageData(0, 0, width, height);
  const planes = new Uint8Array(width * height * 1.5);
  const u = width * height;
  const v = u * 1.25;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = 4 * (y * width + x);
      const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
      planes[y * width + x] = 0.299 * r + 0.587 * g + 0.114 * b;
      if (x % 2 || y % 2) continue;
      const half = (y / 2) * (width / 2) + x / 2;
      planes[u + half] = 128 - 0.169 * r - 0.331 * g + 0.5 * b;
      planes[v + half] = 128 + 0.5 * r - 0.419 * g - 0.081 * b;
    }
  }
  let text = '';
  for (let from = 0; from < planes.length; from += 0x8000) text += String.fromCharCode(...planes.subarray(from, from + 0x8000));
  return btoa(text);
}

const RATE = 10;
