// What recognition needs beside its code: face-api as it ships, three of its models, and the engine of TensorFlow.js that computes them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

export function assets() {
  const faceapi = folderOf('@vladmandic/face-api');
  const wasm = folderOf('@tensorflow/tfjs-backend-wasm');
  const models = ['tiny_face_detector_model', 'face_landmark_68_tiny_model', 'face_expression_model'].flatMap((name) => [`${name}-weights_manifest.json`, `${name}.bin`]);
  return [
    [join(faceapi, 'dist/face-api.esm.js'), 'vendor/face-api.esm.js'],
    [join(faceapi, 'LICENSE'), 'vendor/face-api.LICENSE.txt'],
    ...models.map((name) => [join(faceapi, 'model', name), `vendor/${name}`]),
    ...['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'].map((name) => [join(wasm, 'dist', name), `vendor/${name}`]),
    [join(import.meta.dirname, 'CREDITS.md'), 'vendor/CREDITS.txt'],
  ];
}

/** Found by its main file: neither package exports its package.json. */
function folderOf(name) {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      if (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === name) return folder;
    } catch { /* no package.json here: further up */ }
  }
  throw new Error(`${name} is not installed: bash scripts/setup.sh www`);
}
