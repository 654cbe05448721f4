// Recognition away from the page's thread, so that Pip is drawn sixty times a second whatever a look costs.
import { load } from './recogniser/faces.js';

let look;
let canvas;

self.addEventListener('message', async ({ data: { vendor, picture, width, height } }) => {
  try {
    if (vendor !== undefined) {
      look = await load(vendor);
      self.postMessage({ ready: true });
      return;
    }
    const began = performance.now();
    const faces = await look(pixelsOf(picture, width, height));
    self.postMessage({ faces, took: performance.now() - began });
  } catch (error) {
    self.postMessage({ error: error.message });
  }
});

/** An ImageBitmap, made small here; or pixels, from where workers have no canvas. */
function pixelsOf(picture, width, height) {
  if (picture instanceof ImageData) return picture;
  canvas ??= new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  Object.assign(canvas.canvas, { width, height });
  canvas.drawImage(picture, 0, 0, width, height);
  picture.close();
  return canvas.getImageData(0, 0, width, height);
}
