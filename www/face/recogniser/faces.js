// Finding faces and reading them, with face-api (TensorFlow.js, its WebAssembly backend). The same in a worker and in a page.
// Its environment is set by hand: it would look for a document, which workers lack, and all it gets here are pixels.

/**
 * @param vendor URL of the folder with face-api, the models and the backend's .wasm files
 * @returns a function that looks at pixels (`ImageData`) and tells the faces in them, as reading.js takes them
 */
export async function load(vendor) {
  const faceapi = await import(new URL('face-api.esm.js', vendor).href);
  const { tf, env, nets } = faceapi;
  const nothing = class {};
  env.setEnv({
    Canvas: globalThis.OffscreenCanvas ?? nothing, CanvasRenderingContext2D: globalThis.OffscreenCanvasRenderingContext2D ?? nothing, ImageData,
    Image: nothing, Video: nothing, fetch: (...request) => fetch(...request),
    createCanvasElement: unused, createImageElement: unused, createVideoElement: unused, readFile: unused,
  });
  // Its threads would need a cross-origin isolated page, and workers made of text, which a strict policy forbids.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  tf.setWasmPaths(vendor);
  await tf.setBackend('wasm');
  await tf.ready();
  await Promise.all([nets.tinyFaceDetector, nets.faceLandmark68TinyNet, nets.faceExpressionNet].map((net) => net.loadFromUri(vendor)));
  const options = new faceapi.TinyFaceDetectorOptions({ inputSize: INPUT, scoreThreshold: SURE });

  return async (pixels) => {
    const picture = tf.browser.fromPixels(pixels, 3);
    try {
      const found = await faceapi.detectAllFaces(picture, options).withFaceLandmarks(true).withFaceExpressions();
      return found.map(({ detection: { box, score }, expressions, landmarks }) => ({
        box: { x: box.x, y: box.y, width: box.width, height: box.height },
        score,
        expressions: { ...expressions },
        points: landmarks.positions.map(({ x, y }) => [x, y]),
      }));
    } finally {
      picture.dispose();
    }
  };
}

function unused() {
  throw new Error('face-api is given pixels, and asked for an element');
}

/** The side of the square that the detector looks at. At 224 it finds faces from a tenth of the picture's height; at 128 it is twice as fast and misses many. */
const INPUT = 224;
const SURE = 0.45;
