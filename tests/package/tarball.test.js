// The tarball as users install it: what is in it, and that every way in works.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encode } from '../../pkg-template/api/wasm-text.js';
import { ROOT, pack, project, run, write } from './support.js';

/** The list that a release is held against, too. */
const FILES = readFileSync(join(ROOT, 'scripts/release/files.txt'), 'utf8').trim().split('\n');

/** A call over the mock, through whatever `load` makes of a specifier; prints what has come of it. */
const PROGRAM = (load) => `
  ${load('quota-aware-api', '{ QuotaAwareAPI, QuotaAwareError, classify }')}
  ${load('quota-aware-api/mock', '{ MOCK_KEYS, createMockProvider, createMockServer }')}
  async function main() {
    const mock = createMockProvider({ latency: 0 });
    const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: mock.fetch });
    const url = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent';
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
    for (let n = 0; n < 6; n += 1) await api.call(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const server = await createMockServer({ latency: 0 });
    await server.close();
    console.log(JSON.stringify([api.getStats().requestCounts, classify({ status: 429 }).verdict, new QuotaAwareError({ code: 'CLOSED' }).name]));
  }
  main();
`;
const SERVED = '[[2,2,2],"rate-limited","QuotaAwareError"]';
const ESM = PROGRAM((specifier, names) => `import ${names} from '${specifier}';`);
const CJS = PROGRAM((specifier, names) => `const ${names} = require('${specifier}');`);

let folder;
let tarball;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quota-aware-package-'));
  tarball = await pack(folder);
  await project(folder, tarball, { 'esm.mjs': ESM, 'cjs.cjs': CJS });
});
after(() => rmSync(folder, { recursive: true, force: true }));

const installed = (name) => join(folder, 'node_modules/quota-aware-api', name);

describe('the tarball', () => {
  test('contains these files and no others', async () => {
    const names = (await run(folder, 'tar', '-tzf', tarball)).trim().split('\n').map((name) => name.replace(/^package\//, ''));
    assert.deepEqual(names.sort(), FILES);
  });

  test('brings no dependencies and no scripts along', () => {
    const manifest = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
    for (const name of ['dependencies', 'optionalDependencies', 'devDependencies', 'scripts', 'bin']) assert.equal(manifest[name], undefined, name);
    // Versions of what subpaths are handed: nobody who does not use them installs any.
    for (const name of Object.keys(manifest.peerDependencies)) assert.deepEqual(manifest.peerDependenciesMeta[name], { optional: true }, name);
    assert.deepEqual([manifest.name, manifest.type, manifest.sideEffects], ['quota-aware-api', 'module', false]);
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
    assert.deepEqual(Object.keys(lock.packages), ['', 'node_modules/quota-aware-api']);
  });

  test('names no file that it does not contain', () => {
    const { exports, main, module, types } = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
    const leaves = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(leaves));
    for (const name of [...leaves(exports), main, module, types]) assert.ok(FILES.includes(name.replace('./', '')), name);
  });

  test('is licensed as it says, and its documents are not empty', () => {
    for (const name of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) assert.ok(statSync(installed(name)).size > 500, name);
  });

  test('names no folder of the machine that built it', () => {
    for (const name of FILES) {
      const text = readFileSync(installed(name), 'latin1');
      for (const place of [ROOT, process.env.HOME].filter((each) => each && each.length > 4)) assert.ok(!text.includes(place), `${name} contains ${place}`);
    }
  });
});

describe('installed into an empty project, it', () => {
  test('is imported', async () => assert.equal((await run(folder, 'node', 'esm.mjs')).trim(), SERVED));
  test('has names in a console, though its files are minified', async () => {
    const script = `
      import { QuotaAwareAPI, QuotaAwareError } from 'quota-aware-api';
      const api = new QuotaAwareAPI(['fake-one']);
      console.log(QuotaAwareAPI.name, QuotaAwareError.name, new QuotaAwareError({ code: 'CLOSED' }).stack.split(':')[0]);
      console.log(api);`;
    const [names, shown] = (await run(folder, 'node', '--input-type=module', '--eval', script)).split('\n');
    assert.equal(names, 'QuotaAwareAPI QuotaAwareError QuotaAwareError');
    assert.match(shown, /^QuotaAwareAPI /);
  });

  test('is required', async () => assert.equal((await run(folder, 'node', 'cjs.cjs')).trim(), SERVED));

  test('gives away its package.json, and no file that is not a way in', async () => {
    const script = `
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      console.log(require('quota-aware-api/package.json').name);
      for (const inner of ['quota-aware-api/dist/index.js', 'quota-aware-api/core', 'quota-aware-api/dist/core_bg.wasm']) {
        await import(inner).then(() => console.log('loaded', inner), ({ code }) => console.log(code));
      }`;
    assert.deepEqual((await run(folder, 'node', '--input-type=module', '--eval', script)).trim().split('\n'), ['quota-aware-api', ...Array(3).fill('ERR_PACKAGE_PATH_NOT_EXPORTED')]);
  });

  test('gives away its module, for those who compile it themselves', async () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { createRequire } from 'node:module';
      import { QuotaAwareAPI } from 'quota-aware-api';
      const wasm = new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve('quota-aware-api/core.wasm')));
      WebAssembly.Module = new Proxy(WebAssembly.Module, { construct() { throw new Error('compiled another'); } });
      console.log(new QuotaAwareAPI(['fake-one'], { wasm }).getStats().totalKeys);`;
    assert.equal((await run(folder, 'node', '--input-type=module', '--eval', script)).trim(), '1');
  });

  test('does nothing when it is imported: no global, no timer, no compiled module', async () => {
    const script = `
      const before = Reflect.ownKeys(globalThis);
      let compiled = 0;
      WebAssembly.Module = class extends WebAssembly.Module { constructor(...given) { super(...given); compiled += 1; } };
      const { QuotaAwareAPI } = await import('quota-aware-api');
      await import('quota-aware-api/mock');
      const added = Reflect.ownKeys(globalThis).filter((name) => !before.includes(name));
      const after = compiled;
      new QuotaAwareAPI(['fake-one']);
      new QuotaAwareAPI(['fake-two']);
      console.log(JSON.stringify([added, after, compiled]));`;
    assert.equal((await run(folder, 'node', '--input-type=module', '--eval', script)).trim(), '[[],0,1]');
  });

  test('keeps the mock out of the main entry', () => {
    for (const name of ['index.js', 'index.cjs', 'workerd.js', 'edge-light.js']) {
      const text = readFileSync(installed(`dist/${name}`), 'utf8');
      for (const trace of ['createMockProvider', 'fake-mock-key', 'createMockServer']) assert.ok(!text.includes(trace), `${name} contains ${trace}`);
    }
  });

  test('carries its module in the main entry, and beside those of the edge', () => {
    const wasm = readFileSync(installed('dist/core_bg.wasm'));
    assert.ok(WebAssembly.validate(wasm));
    assert.ok(readFileSync(installed('dist/index.js'), 'utf8').includes(encode(wasm).text));
    assert.match(readFileSync(installed('dist/workerd.js'), 'utf8'), /from\s*"\.\/core_bg\.wasm"/);
    assert.match(readFileSync(installed('dist/edge-light.js'), 'utf8'), /from\s*"\.\/core_bg\.wasm\?module"/);
  });

  test('has nothing in any entry that breaks a bundler', () => {
    for (const name of ['index.js', 'workerd.js', 'edge-light.js', 'mock.js']) {
      const text = readFileSync(installed(`dist/${name}`), 'utf8');
      for (const trace of [/\bimport\.meta\b/, /\b__dirname\b/, /\brequire\(/, /from\s*["'](?:node:)?fs["']/, /^await /m, /(?<![\w.{])(?:Buffer|process)\b(?!:)/]) assert.doesNotMatch(text, trace, name);
    }
  });

  test('types a consumer’s code, by import and by require, in every kind of resolution', async () => {
    const source = `
      import { QuotaAwareAPI, type Options } from 'quota-aware-api';
      import { createMockProvider, MOCK_KEYS } from 'quota-aware-api/mock';
      const options: Options = { fetch: createMockProvider().fetch, strategy: 'least-loaded' };
      const api = new QuotaAwareAPI(MOCK_KEYS, options);
      export const status: Promise<number> = api.call('https://api.groq.com/openai/v1/models').then((response) => response.status);
    `;
    write(folder, { 'consumer.mts': source, 'consumer.cts': source });
    for (const [module, moduleResolution, file] of [['node16', 'node16', 'consumer.mts'], ['node16', 'node16', 'consumer.cts'], ['esnext', 'bundler', 'consumer.mts']]) {
      const compilerOptions = { noEmit: true, strict: true, target: 'es2022', lib: ['es2022', 'dom'], types: [], module, moduleResolution };
      write(folder, { 'tsconfig.json': JSON.stringify({ compilerOptions, files: [file] }) });
      await run(folder, join(ROOT, 'node_modules/.bin/tsc'), '-p', '.');
    }
  });
});
