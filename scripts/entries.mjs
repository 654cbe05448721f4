// Bundles the entries of the package: files that need nothing beside them, but for the .wasm of the edge's.
import { join } from 'node:path';
import { build } from 'esbuild';
import { encode } from '../pkg-template/api/wasm-text.js';

/** What wasm-bindgen made of the crate: generated, looked at by nobody. */
export const SCRATCH = 'target/wasm-pack';

const COMMON = { bundle: true, platform: 'neutral', target: 'es2022', legalComments: 'none', logLevel: 'warning', metafile: true };
// Whoever takes the entry without a bundler gets what a bundler would make of it. The mock is for reading and debugging.
const SMALL = { ...COMMON, minify: true };
const MOCK = { ...COMMON, external: ['node:*'] };

/** Subpaths that are small, and the same everywhere. */
const SMALL_SUBPATHS = ['sink-file', 'sink-sqlite', 'sink-indexeddb', 'otel'];

/** What has types. */
export const TYPED = ['index', 'mock', ...SMALL_SUBPATHS];

/** Every entry: its file, what it is made from, and how. */
export const ENTRIES = [
  { file: 'index.js', from: 'entry/index.js', format: 'esm', ...SMALL },
  { file: 'index.cjs', from: 'entry/index.js', format: 'cjs', ...SMALL },
  { file: 'workerd.js', from: 'entry/workerd.js', format: 'esm', ...SMALL },
  { file: 'edge-light.js', from: 'entry/edge-light.js', format: 'esm', ...SMALL },
  { file: 'mock.js', from: 'mock.js', format: 'esm', ...MOCK },
  { file: 'mock.cjs', from: 'mock.js', format: 'cjs', ...MOCK },
  ...SMALL_SUBPATHS.flatMap((name) => [
    { file: `${name}.js`, from: `${name}.js`, format: 'esm', ...SMALL },
    { file: `${name}.cjs`, from: `${name}.js`, format: 'cjs', ...SMALL },
  ]),
];

/** Writes all entries into a folder. */
export async function bundleEntries(wasm, folder) {
  await Promise.all(ENTRIES.map((entry) => bundle(entry, wasm, { outfile: join(folder, entry.file) })));
}

/** Bytes of each source file in an entry. */
export async function sourcesOf(file, wasm) {
  const { metafile } = await bundle(ENTRIES.find((entry) => entry.file === file), wasm, { outfile: file, write: false });
  return Object.entries(metafile.outputs[file].inputs).map(([source, { bytesInOutput }]) => ({ source, bytes: bytesInOutput }));
}

function bundle({ file, from, ...options }, wasm, where) {
  return build({ ...options, ...where, entryPoints: [join('pkg-template', from)], plugins: [{ name: 'own', setup: (building) => resolveOwn(building, wasm) }] });
}

/** `#core` is the generated glue, `#wasm-text` the module as text; the .wasm of the edge entries stays a file. */
function resolveOwn(building, wasm) {
  building.onResolve({ filter: /^#core$/ }, () => ({ path: join(process.cwd(), SCRATCH, 'core.js') }));
  building.onResolve({ filter: /^#wasm-text$/ }, () => ({ path: 'wasm', namespace: 'text' }));
  building.onLoad({ filter: /.*/, namespace: 'text' }, () => ({ contents: `export default ${JSON.stringify(encode(wasm))}` }));
  building.onResolve({ filter: /core_bg\.wasm/ }, ({ path }) => ({ path, external: true }));
}
