// Bundles the entries of the package: files that need nothing beside them, but for the .wasm of the edge's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { encode } from '../pkg-template/api/wasm-text.js';
import { chartLibrary, chartStyle } from './uplot.mjs';

/** What wasm-bindgen made of the crate: generated, looked at by nobody. */
export const SCRATCH = 'target/wasm-pack';

const COMMON = { bundle: true, platform: 'neutral', target: 'es2022', legalComments: 'none', logLevel: 'warning', metafile: true };
// Whoever takes the entry without a bundler gets what a bundler would make of it. The mock is for reading and debugging.
const SMALL = { ...COMMON, minify: true };
const MOCK = { ...COMMON, external: ['node:*'] };
// The chart library is inside; its licence lies beside (build.mjs).
const DASHBOARD = { ...SMALL, charset: 'utf8', banner: { js: '/*! With uPlot, (c) Leon Sorokin, MIT License: see dashboard.LICENSE.txt, https://github.com/leeoniya/uPlot */' } };

/** Subpaths that are small, and the same everywhere. */
const SMALL_SUBPATHS = ['dashboard-server', 'sink-file', 'sink-sqlite', 'sink-indexeddb', 'otel'];

/** What has types. */
export const TYPED = ['index', 'mock', 'dashboard', ...SMALL_SUBPATHS];

/** Every entry: its file, what it is made from, and how. */
export const ENTRIES = [
  { file: 'index.js', from: 'entry/index.js', format: 'esm', ...SMALL },
  { file: 'index.cjs', from: 'entry/index.js', format: 'cjs', ...SMALL },
  { file: 'workerd.js', from: 'entry/workerd.js', format: 'esm', ...SMALL },
  { file: 'edge-light.js', from: 'entry/edge-light.js', format: 'esm', ...SMALL },
  { file: 'mock.js', from: 'mock.js', format: 'esm', ...MOCK },
  { file: 'mock.cjs', from: 'mock.js', format: 'cjs', ...MOCK },
  { file: 'dashboard.js', from: 'dashboard.js', format: 'esm', ...DASHBOARD },
  { file: 'dashboard.cjs', from: 'dashboard.js', format: 'cjs', ...DASHBOARD },
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

/** `#core` is the generated glue, `#wasm-text` the module as text; the .wasm of the edge entries stays a file. Style is text, minified. `#uplot` is the
 *  chart library. */
function resolveOwn(building, wasm) {
  building.onResolve({ filter: /^#core$/ }, () => ({ path: join(process.cwd(), SCRATCH, 'core.js') }));
  building.onResolve({ filter: /^#wasm-text$/ }, () => ({ path: 'wasm', namespace: 'text' }));
  building.onLoad({ filter: /.*/, namespace: 'text' }, () => ({ contents: `export default ${JSON.stringify(encode(wasm))}` }));
  building.onResolve({ filter: /^#uplot$/ }, () => ({ path: 'uplot', namespace: 'uplot' }));
  building.onLoad({ filter: /.*/, namespace: 'uplot' }, () => ({ contents: chartLibrary() }));
  building.onResolve({ filter: /^#uplot-style$/ }, () => ({ path: 'uplot', namespace: 'uplot-style' }));
  building.onLoad({ filter: /.*/, namespace: 'uplot-style' }, async () => ({ contents: await minified(chartStyle()), loader: 'text' }));
  building.onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: await minified(readFileSync(path, 'utf8')), loader: 'text' }));
  building.onResolve({ filter: /core_bg\.wasm/ }, ({ path }) => ({ path, external: true }));
}

/** Style for browsers that know `light-dark()`, as the dashboard needs it. */
async function minified(style) {
  return (await transform(style, { loader: 'css', minify: true, target: 'chrome123' })).code.trim();
}
