// Who imports one way in pays for no other, and who imports one and uses nothing pays nothing: `sideEffects: false` is true.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { ENTRIES, sourcesOf } from '../../scripts/entries.mjs';
import { ROOT, pack, project, run } from './support.js';

const manifest = JSON.parse(readFileSync(join(ROOT, 'pkg-template/package.json'), 'utf8'));
/** `mock` and its like: every subpath that is code, which has types, and no file as it is. */
const SUBPATHS = Object.keys(manifest.exports).filter((subpath) => subpath !== '.' && typeof manifest.exports[subpath] !== 'string').map((subpath) => subpath.slice(2));
const SPECIFIERS = [manifest.name, ...SUBPATHS.map((name) => `${manifest.name}/${name}`)];

/** The sources of an entry. */
async function sources(file) {
  const wasm = readFileSync(join(ROOT, 'pkg/dist/core_bg.wasm'));
  return (await sourcesOf(file, wasm)).filter(({ bytes }) => bytes > 0).map(({ source }) => source);
}

/** Whether a source belongs to a subpath alone: `mock.js`, and all in `mock/`. */
const belongsTo = (name) => (source) => source === `pkg-template/${name}.js` || source.startsWith(`pkg-template/${name}/`);

test('no way into the main entry has a byte of a subpath', async (t) => {
  process.chdir(ROOT);
  assert.ok(SUBPATHS.includes('mock'));
  const main = ENTRIES.map(({ file }) => file).filter((file) => !SUBPATHS.includes(file.replace(/\.c?js$/, '')));
  assert.deepEqual(main.sort(), ['edge-light.js', 'index.cjs', 'index.js', 'workerd.js']);
  for (const name of SUBPATHS) {
    await t.test(name, async () => {
      assert.ok((await sources(`${name}.js`)).some(belongsTo(name)), `${name}.js is made of something else`);
      for (const file of main) assert.deepEqual((await sources(file)).filter(belongsTo(name)), [], file);
    });
  }
});

describe('without side effects:', () => {
  let folder;
  before(async () => {
    // What is imported for nothing, each alone and all together.
    const importing = (specifiers) => specifiers.map((specifier) => `import '${specifier}';`).join('\n');
    const files = Object.fromEntries(SPECIFIERS.map((specifier, at) => [`nothing-${at}.js`, importing([specifier])]));
    folder = mkdtempSync(join(tmpdir(), 'quota-aware-subpaths-'));
    await project(folder, await pack(folder), { ...files, 'nothing-all.js': importing(SPECIFIERS) });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  test('a bundle that imports and uses nothing is empty, on every platform and by every condition', async () => {
    for (const name of [...SPECIFIERS.keys(), 'all']) {
      for (const [platform, conditions] of [['browser', []], ['node', []], ['neutral', ['workerd']], ['neutral', ['edge-light']], ['node', ['require']]]) {
        const options = { absWorkingDir: folder, entryPoints: [`nothing-${name}.js`], bundle: true, minify: true, format: 'esm', platform, conditions, write: false, logLevel: 'silent', external: ['*.wasm', '*.wasm?module'] };
        const [{ text }] = (await build(options)).outputFiles;
        assert.equal(text.trim(), '', `${name} ${platform} ${conditions}`);
      }
    }
  });

  test('importing changes nothing that can be reached from a global, and leaves nothing running', async () => {
    const script = `
      // Every object that can be reached from a global, with the properties that it has.
      function shape() {
        const seen = new Map();
        const open = [globalThis];
        while (open.length > 0) {
          const object = open.pop();
          if (object === null || (typeof object !== 'object' && typeof object !== 'function') || seen.has(object)) continue;
          const properties = Object.getOwnPropertyDescriptors(object);
          seen.set(object, properties);
          open.push(Object.getPrototypeOf(object));
          for (const key of Reflect.ownKeys(properties)) open.push(properties[key].value, properties[key].get, properties[key].set);
        }
        return seen;
      }
      // What Node itself makes late: its loader's and its process's own books.
      const loose = new Set([process, process.env, process.versions].flatMap((object) => [object, ...Object.values(object).filter((each) => typeof each === 'object')]));
      // Getters that load on their first look have been looked at before.
      for (const name of Object.getOwnPropertyNames(globalThis)) void globalThis[name];
      const before = shape();
      // Not the files that are read for the import itself.
      const running = () => process.getActiveResourcesInfo().filter((name) => !/^(?:FSReq|CloseReq|PipeWrap|TTYWrap)/.test(name));
      const ran = running();
      const loaded = [];
      for (const specifier of ${JSON.stringify(SPECIFIERS)}) loaded.push(Object.keys(await import(specifier)).length > 0);
      const changes = [];
      for (const [object, properties] of before) {
        if (loose.has(object)) continue;
        const now = Object.getOwnPropertyDescriptors(object);
        for (const key of new Set([...Reflect.ownKeys(properties), ...Reflect.ownKeys(now)])) {
          const [was, is] = [properties[key], now[key]];
          if (!was || !is || !Object.is(was.value, is.value) || was.get !== is.get || was.set !== is.set) changes.push(String(key));
        }
      }
      console.log(JSON.stringify([loaded.every(Boolean), before.size > 1000, changes, running().length - ran.length]));`;
    assert.equal((await run(folder, 'node', '--input-type=module', '--eval', script)).trim(), '[true,true,[],0]');
  });
});
