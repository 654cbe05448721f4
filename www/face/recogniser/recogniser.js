// Looks at what a camera, a picture or a clip shows: in a worker, and where there is none, in the page, at a slower rhythm.

export class Recogniser {
  /** Whether looks are taken in a worker. */
  apart = false;
  #folder;
  #start;
  #worker;
  #look;
  #canvas;

  /** @param folder URL of the page: `recogniser.worker.js` and `vendor/` are in it */
  constructor(folder) {
    this.#folder = folder;
  }

  /** Loads engine and models, once. Rejects where that fails; the next call tries again. */
  ready() {
    this.#start ??= this.#load().catch((error) => {
      this.#start = undefined;
      throw error;
    });
    return this.#start;
  }

  /**
   * Takes one look. To be called again when it is over, not before.
   * @param source what can be drawn on a canvas @param size `{ width, height }` of it
   * @returns `{ faces, size, took }`: `size` that in which faces are told, `took` in milliseconds
   */
  async look(source, { width, height }) {
    const scale = Math.min(1, WIDTH / width);
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    if (!this.apart) {
      const pixels = this.#pixels(source, size);
      const began = performance.now();
      return { faces: await this.#look(pixels), size, took: performance.now() - began };
    }
    const bitmaps = typeof createImageBitmap === 'function' && typeof OffscreenCanvas === 'function';
    const picture = bitmaps ? await createImageBitmap(source) : this.#pixels(source, size);
    const { faces, took } = await this.#ask({ picture, ...size }, [bitmaps ? picture : picture.data.buffer]);
    return { faces, size, took };
  }

  async #load() {
    const vendor = new URL('vendor/', this.#folder).href;
    try {
      this.#worker = new Worker(new URL('recogniser.worker.js', this.#folder), { type: 'module', name: 'recogniser' });
      await this.#ask({ vendor });
      this.apart = true;
    } catch {
      // No module workers, or none that get at WebAssembly: then here. What is really missing fails here again, and is told.
      this.#worker?.terminate();
      const { load } = await import('./faces.js');
      this.#look = await load(vendor);
    }
  }

  #ask(message, transfer = []) {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data) : reject(new Error(data.error)));
      worker.onerror = (event) => reject(new Error(event.message || 'the worker does not start'));
      worker.postMessage(message, transfer);
    });
  }

  #pixels(source, { width, height }) {
    this.#canvas ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    Object.assign(this.#canvas.canvas, { width, height });
    this.#canvas.drawImage(source, 0, 0, width, height);
    return this.#canvas.getImageData(0, 0, width, height);
  }
}

/** Faces are read at 112 pixels: a picture of 400 has them that large for somebody at arm's length. */
const WIDTH = 400;
