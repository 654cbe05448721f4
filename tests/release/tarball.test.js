// How a release looks at its tarball: what is listed, what differs, what is missing.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { differences, digest, filesOf, pack, unlike } from '../../scripts/release/tarball.mjs';

let folder;
/** Packs a small package of these files; returns the tarball. */
function packed(name, files, change = () => {}) {
  const path = join(folder, name);
  mkdirSync(join(path, 'dist'), { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'small', version: '1.0.0', files: ['dist'] }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  change(path);
  return pack(path, join(folder, `${name}-packed`));
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'quota-aware-tarball-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('of a tarball', () => {
  // Longer than a block of the archive, exactly one, and nothing.
  const FILES = { 'dist/a.js': 'x'.repeat(2000), 'dist/b.js': 'y'.repeat(512), 'dist/none.js': '' };

  test('every file is listed, with its rights, its length and its digest', () => {
    const files = filesOf(packed('listed', FILES));
    assert.deepEqual(files.map(({ name }) => name), ['dist/a.js', 'dist/b.js', 'dist/none.js', 'package.json']);
    assert.deepEqual(files[0], { name: 'dist/a.js', mode: 0o644, bytes: 2000, sha256: digest('sha256', FILES['dist/a.js']) });
    assert.equal(files[2].bytes, 0);
  });

  test('a file that changed, came or went, and rights that differ, are named', () => {
    const [one, same] = [packed('one', FILES), packed('same', FILES, (path) => utimesSync(join(path, 'dist/a.js'), 1, 1))];
    assert.deepEqual(unlike(one, same), []);
    assert.deepEqual(readFileSync(one), readFileSync(same));
    const changes = {
      text: (path) => writeFileSync(join(path, 'dist/b.js'), 'z'.repeat(512)),
      rights: (path) => chmodSync(join(path, 'dist/b.js'), 0o600),
      gone: (path) => rmSync(join(path, 'dist/b.js')),
    };
    for (const [name, change] of Object.entries(changes)) assert.deepEqual(unlike(one, packed(name, FILES, change)), ['dist/b.js'], name);
    assert.deepEqual(unlike(one, packed('more', { ...FILES, 'dist/c.js': '' })), ['dist/c.js']);
  });

  test('what is not in the list, and what is in the list alone, are told', () => {
    assert.deepEqual(differences(['a', 'b'], ['b', 'a']), []);
    assert.deepEqual(differences(['a', 'c'], ['a', 'b']), ['c is in the tarball, and not in the list', 'b is in the list, and not in the tarball']);
  });
});
