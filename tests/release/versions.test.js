// A release has one version; what disagrees is named.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { objections, versionsOf } from '../../scripts/release/versions.mjs';

const ROOT = join(import.meta.dirname, '../..');

/** The repository's own four files, changed. */
function changed(t, changes = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'quota-aware-versions-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of ['Cargo.toml', 'Cargo.lock', 'pkg-template/package.json', 'CHANGELOG.md']) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    const other = changes[file]?.(text) ?? text;
    if (changes[file]) assert.notEqual(other, text, `${file} was not changed`);
    writeFileSync(join(folder, file), other);
  }
  return folder;
}

const VERSION = JSON.parse(readFileSync(join(ROOT, 'pkg-template/package.json'), 'utf8')).version;
/** As the changelog has it before a release, and on its day. */
const released = (text) => text.replace(/^## .*$/m, `## ${VERSION} (2026-01-31)`);

test('every place of this repository names the same version', () => {
  assert.deepEqual([...new Set(Object.values(versionsOf(ROOT)))], [VERSION]);
  assert.deepEqual(objections(ROOT), []);
});

/** Another version in a file: the first that is named, in the lock file that of our own crate. */
const naming = (other) => ({
  'Cargo.toml': (text) => text.replace(VERSION, other),
  'Cargo.lock': (text) => text.replace(/(?<=^name = "quota-aware-api"\nversion = ")[^"]+/m, other),
  'pkg-template/package.json': (text) => text.replace(VERSION, other),
  'CHANGELOG.md': (text) => text.replace(VERSION, other),
});

test('a version that differs anywhere is told with its place', (t) => {
  for (const file of ['Cargo.toml', 'Cargo.lock', 'CHANGELOG.md']) {
    assert.deepEqual(objections(changed(t, { [file]: naming('9.9.9')[file] })), [`${file} has 9.9.9, pkg-template/package.json has ${VERSION}`]);
  }
  const file = 'pkg-template/package.json';
  assert.equal(objections(changed(t, { [file]: naming('9.9.9')[file] })).length, 3);
});

test('a place without one is told', (t) => {
  assert.deepEqual(objections(changed(t, { 'CHANGELOG.md': (text) => text.replace(/^## .*$/m, '## News') })), ['CHANGELOG.md names no version']);
});

test('what is no version of semver is told', (t) => {
  assert.deepEqual(objections(changed(t, naming('v1'))), ['v1 is no version as semver has them']);
  assert.deepEqual(objections(changed(t, naming('1.0.0-rc.1'))), []);
});

test('a release needs the day in the changelog, and the tag of its version', (t) => {
  const before = changed(t, { 'CHANGELOG.md': (text) => text.replace(/^## .*$[^]*/m, `## Unreleased (${VERSION})`) });
  assert.match(objections(before, { final: true, tag: `v${VERSION}` }).join(), /^CHANGELOG\.md has no date for it/);
  const ready = changed(t, { 'CHANGELOG.md': released });
  assert.deepEqual(objections(ready, { final: true, tag: `v${VERSION}` }), []);
  assert.deepEqual(objections(ready, { final: true, tag: 'v9.9.9' }), [`the tag is v9.9.9, not v${VERSION}`]);
  assert.deepEqual(objections(ready, { final: true, tag: '' }), [`there is no tag v${VERSION}`]);
});
