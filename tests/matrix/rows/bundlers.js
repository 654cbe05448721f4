// What bundlers make of the scenario, run where it is meant to run.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED, HANDING_OVER, PAGE, PROGRAM, REQUIRING } from '../starters.js';

export const bundlers = [
  { name: 'esbuild', how: 'ESM and IIFE for pages, ESM and CommonJS for Node', quick: true, version: (stage) => stage.version('esbuild'), play: esbuild },
  { name: 'Rollup', how: 'ESM for pages, ESM and CommonJS for Node', quick: true, version: (stage) => stage.version('rollup'), play: rollup },
  { name: 'Vite', how: 'build, `core.wasm?url`, dev server, SSR (external, bundled, dev)', quick: true, version: (stage) => stage.version('vite'), play: vite },
  { name: 'webpack', how: 'targets web and node', version: (stage) => stage.version('webpack'), play: webpack },
  { name: 'Parcel', how: 'build', version: (stage) => stage.version('parcel'), play: parcel },
];

async function esbuild(stage) {
  const { build } = await stage.load('esbuild');
  const folder = stage.project('esbuild', { ...PAGE, ...PROGRAM });
  const bundle = (entry, outfile, options) => build({ absWorkingDir: folder, entryPoints: [entry], outfile, bundle: true, minify: true, logLevel: 'silent', ...options });
  await page(stage, folder, 'esm', (file) => bundle('main.js', file, { format: 'esm', platform: 'browser' }));
  await page(stage, folder, 'iife', (file) => bundle('main.js', file, { format: 'iife', platform: 'browser' }), 'text/javascript');
  await program(stage, folder, 'node.mjs', (file) => bundle('start.js', file, { format: 'esm', platform: 'node' }));
  await program(stage, folder, 'node.cjs', (file) => bundle('start.js', file, { format: 'cjs', platform: 'node' }));
}

async function rollup(stage) {
  const { rollup: bundle } = await stage.load('rollup');
  const nodeResolve = await stage.load('@rollup/plugin-node-resolve');
  const folder = stage.project('rollup', { ...PAGE, ...PROGRAM });
  const make = async (input, file, format, browser) => {
    const bundled = await bundle({ input: join(folder, input), plugins: [nodeResolve({ browser })], onwarn: refuse });
    await bundled.write({ file: join(folder, file), format });
    await bundled.close();
  };
  await page(stage, folder, 'esm', (file) => make('main.js', file, 'es', true));
  await program(stage, folder, 'node.mjs', (file) => make('start.js', file, 'es', false));
  await program(stage, folder, 'node.cjs', (file) => make('start.js', file, 'cjs', false));
}

function refuse({ message }) {
  throw new Error(`Rollup warns: ${message}`);
}

async function vite(stage) {
  const { build, createServer } = await stage.load('vite');
  const folder = stage.project('vite', { ...PAGE, ...HANDING_OVER, ...PROGRAM });
  const own = { root: folder, configFile: false, logLevel: 'error', cacheDir: join(folder, 'cache') };
  const input = ['index.html', 'handing-over.html'].map((file) => join(folder, file));
  await build({ ...own, base: './', build: { outDir: 'out', rolldownOptions: { input } } });
  for (const path of ['index.html', 'handing-over.html']) await stage.page('chromium', join(folder, 'out'), { path });
  for (const [outDir, noExternal] of [['ssr-external', undefined], ['ssr-bundled', true]]) {
    await build({ ...own, ssr: { noExternal }, build: { outDir, ssr: 'start.js' } });
    await stage.program(folder, process.execPath, [join(outDir, 'start.js')]);
  }
  const server = await createServer({ ...own, server: { port: 0, host: '127.0.0.1' } });
  try {
    await server.listen();
    await stage.visit('chromium', `http://127.0.0.1:${server.httpServer.address().port}/index.html`);
    await stage.play(async (origin) => (await server.ssrLoadModule('/scenario.js')).scenario(origin));
  } finally {
    await server.close();
  }
}

async function webpack(stage) {
  const bundle = await stage.load('webpack');
  const folder = stage.project('webpack', { ...PAGE, ...PROGRAM, ...REQUIRING });
  const make = (entry, file, target, mode = 'production') => new Promise((resolve, reject) => {
    const compiler = bundle({ context: folder, mode, target, entry, output: { path: join(folder, file, '..'), filename: file.split('/').at(-1) } });
    compiler.run((error, stats) => compiler.close(() => {
      if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString({ all: false, errors: true })));
      else resolve();
    }));
  });
  await page(stage, folder, 'web', (file) => make('./main.js', file, 'web'), 'text/javascript');
  await program(stage, folder, 'node.cjs', (file) => make('./start.js', file, 'node'));
  await program(stage, folder, 'required.cjs', (file) => make('./start.cjs', file, 'node', 'development'));
}

async function parcel(stage) {
  const folder = stage.project('parcel', PAGE);
  await stage.run(folder, stage.bin('parcel'), ['build', 'index.html', '--dist-dir', 'out', '--public-url', './', '--no-cache', '--no-autoinstall']);
  await stage.page('chromium', join(folder, 'out'));
}

/** A bundle in a page of its own, and nothing beside it. */
async function page(stage, folder, name, make, type) {
  await make(`${name}/main.js`);
  for (const [file, text] of Object.entries(BUNDLED('main.js', type))) writeFileSync(join(folder, name, file), text);
  await stage.page('chromium', join(folder, name));
}

async function program(stage, folder, file, make) {
  await make(`out/${file}`);
  await stage.program(folder, process.execPath, [join('out', file)]);
}
