// The types of the SDKs take `api.fetch` for what it is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { INDEX } from '../built.js';

const ROOT = join(import.meta.dirname, '../..');

test('every way of handing it over compiles', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'quota-aware-sdk-types-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      noEmit: true, strict: true, exactOptionalPropertyTypes: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
      // Their declarations are theirs to check.
      skipLibCheck: true, types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')],
      paths: { 'quota-aware-api': [fileURLToPath(INDEX).replace(/js$/, 'd.ts')] },
    },
    files: [join(import.meta.dirname, 'usage.ts')],
  }));
  const said = await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]).then(() => '', ({ stdout }) => stdout);
  assert.equal(said, '');
});
