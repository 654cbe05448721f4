// Bundled by a consumer: the main entry must survive every format, and unused parts must go.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { pack, project, run, temporary } from './support.js';

const PROGRAM = `
  import { QuotaAwareAPI } from 'quota-aware-api';
  const api = new QuotaAwareAPI(['fake-one', 'fake-two'], { fetch: async () => new Response('{}') });
  Promise.all([1, 2].map(() => api.call('https://api.openai.com/v1/models'))).then(() => console.log(api.getStats().requestCounts.join()));
`;

test('a bundle works in every format and for every platform, without a file beside it', async (t) => {
  const folder = await project(temporary(t, 'bundle'), await pack(temporary(t, 'tarball')), { 'main.js': PROGRAM });
  for (const [format, platform, ending] of [['esm', 'node', 'mjs'], ['cjs', 'node', 'cjs'], ['iife', 'browser', 'cjs'], ['esm', 'browser', 'mjs'], ['esm', 'neutral', 'mjs']]) {
    const outfile = join(folder, 'out', `${format}-${platform}.${ending}`);
    await build({ absWorkingDir: folder, entryPoints: ['main.js'], bundle: true, minify: true, format, platform, outfile, logLevel: 'silent' });
    assert.equal((await run(folder, 'node', outfile)).trim(), '1,1', `${format} ${platform}`);
  }
});

test('a bundle that uses only the mock contains no engine, and one that uses nothing is empty', async (t) => {
  const folder = await project(temporary(t, 'shake'), await pack(temporary(t, 'tarball')), {
    'mock.js': "import { MOCK_KEYS } from 'quota-aware-api/mock'; console.log(MOCK_KEYS.length);",
    'nothing.js': "import 'quota-aware-api'; import 'quota-aware-api/mock';",
  });
  const bundle = async (name) => (await build({ absWorkingDir: folder, entryPoints: [name], bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'silent' })).outputFiles[0].text;
  assert.ok((await bundle('mock.js')).length < 200_000);
  assert.equal((await bundle('nothing.js')).trim(), '');
});
