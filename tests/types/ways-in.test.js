// What other people's tools find in the tarball: publint reads its manifest, and "are the types wrong" resolves every subpath as
// each kind of compiler does.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { pack } from '../package/support.js';

let folder;
let bytes;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quota-aware-ways-in-'));
  bytes = readFileSync(await pack(folder));
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('in the tarball', () => {
  test('publint finds nothing to say', async () => {
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const { messages, pkg } = await publint({ pack: { tarball }, level: 'suggestion', strict: true });
    assert.equal(pkg.name, 'quota-aware-api');
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  });

  test('every subpath is found, with its types, by every kind of resolution', async () => {
    const { entrypoints, problems, types } = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)), {
      // A file for hosts and bundlers, each of which makes something else of it: no types could be true.
      excludeEntrypoints: ['./core.wasm'],
    });
    assert.deepEqual(types, { kind: 'included' });
    assert.deepEqual(Object.keys(entrypoints).sort(), ['.', './dashboard', './dashboard-server', './mock', './otel', './package.json', './sink-file', './sink-indexeddb', './sink-sqlite']);
    for (const [subpath, { resolutions }] of Object.entries(entrypoints)) {
      assert.deepEqual(Object.keys(resolutions).sort(), ['bundler', 'node10', 'node16-cjs', 'node16-esm'], subpath);
      for (const [way, { resolution }] of Object.entries(resolutions)) assert.ok(resolution?.fileName, `${subpath} is not found by ${way}`);
    }
    assert.deepEqual(problems, []);
  });
});
