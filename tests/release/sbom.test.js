// The bill of materials names what is inside the package, nothing else, and the same each time.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cratesOf } from '../../scripts/release/crates.mjs';
import { sbomOf, toolsHere } from '../../scripts/release/sbom.mjs';
import { digest, filesOf, pack } from '../../scripts/release/tarball.mjs';

const ROOT = join(import.meta.dirname, '../..');
const MADE = new Date('2026-01-31T12:00:00Z');

let folder;
let tarball;
let text;
let bom;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quota-aware-sbom-'));
  tarball = pack(join(ROOT, 'pkg'), folder);
  // It is held against the schema of CycloneDX while it is made.
  text = await sbomOf({ root: ROOT, tarball, made: MADE, tools: [['rustc', '1.2.3']] });
  bom = JSON.parse(text);
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the bill of materials', () => {
  test('names every crate that shows in the .wasm', () => {
    const wasm = readFileSync(join(ROOT, 'pkg/dist/core_bg.wasm'), 'latin1');
    const shown = new Set([...wasm.matchAll(/crates\/([a-z][\w-]*?)-(\d+\.\d+\.\d+)\/src\//g)].map(([, name, version]) => `pkg:cargo/${name}@${version}`));
    // How many do depends on what the optimiser leaves of panics.
    assert.ok(shown.size > 0, 'no crate shows in the .wasm');
    const named = bom.components.map(({ purl }) => purl);
    for (const purl of shown) assert.ok(named.includes(purl), `${purl} is missing`);
  });

  test('has each of them with its licence and the digest of what crates.io serves', () => {
    const crates = bom.components.filter(({ purl }) => purl.startsWith('pkg:cargo/'));
    for (const { purl, licenses, hashes } of crates) {
      assert.ok(licenses[0].expression, `${purl} has no licence`);
      assert.match(hashes[0].content, /^[0-9a-f]{64}$/, purl);
    }
    const named = crates.map(({ name }) => name);
    for (const name of ['wasm-bindgen', 'js-sys', 'serde', 'serde-wasm-bindgen', 'gloo-timers']) assert.ok(named.includes(name), `${name} is missing`);
    assert.ok(bom.components.some(({ name }) => name === 'rust-std'));
  });

  test('names the chart library that is bundled, and no other package of npm’s', () => {
    const libraries = bom.components.filter(({ purl }) => purl.startsWith('pkg:npm/'));
    assert.deepEqual(libraries.map(({ name, licenses }) => [name, licenses[0].expression]), [['uplot', 'MIT']]);
    assert.match(libraries[0].hashes[0].content, /^[0-9a-f]{128}$/);
  });

  test('leaves out what only compiles or tests', () => {
    const named = bom.components.map(({ name }) => name);
    for (const name of ['proptest', 'criterion', 'governor', 'serde_json', 'serde_derive', 'wasm-bindgen-macro', 'syn']) assert.ok(!named.includes(name), `${name} is not in the package`);
  });

  test('says who needs whom, down to the last', () => {
    const refs = new Set([bom.metadata.component['bom-ref'], ...bom.components.map((component) => component['bom-ref'])]);
    const needs = new Map(bom.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
    const reached = new Set([bom.metadata.component['bom-ref']]);
    for (const ref of reached) for (const next of needs.get(ref) ?? []) reached.add(next);
    assert.deepEqual([...reached].sort(), [...refs].sort());
  });

  test('has the digests of the tarball and of every file in it', () => {
    const { hashes, components, version } = bom.metadata.component;
    assert.equal(version, JSON.parse(readFileSync(join(ROOT, 'pkg-template/package.json'), 'utf8')).version);
    assert.deepEqual(Object.fromEntries(hashes.map(({ alg, content }) => [alg, content])), { 'SHA-256': digest('sha256', readFileSync(tarball)), 'SHA-512': digest('sha512', readFileSync(tarball)) });
    assert.deepEqual(components.map(({ name, hashes: [{ content }] }) => [name, content]).sort(), filesOf(tarball).map(({ name, sha256 }) => [name, sha256]).sort());
  });

  test('is the same for the same tarball, and names no place of this machine', async () => {
    assert.equal(await sbomOf({ root: ROOT, tarball, made: MADE, tools: [['rustc', '1.2.3']] }), text);
    for (const place of [ROOT, homedir(), tmpdir()].filter((each) => each.length > 4)) assert.ok(!text.includes(place), place);
  });

  test('names the tools by their versions', () => {
    const tools = toolsHere(ROOT);
    assert.deepEqual(tools.map(([name]) => name), ['rustc', 'wasm-pack', 'wasm-bindgen', 'wasm-opt', 'esbuild', 'node', 'npm']);
    for (const [name, version] of tools) assert.match(version, /^\d+/, name);
    assert.deepEqual(bom.metadata.tools.components.map(({ name, version }) => [name, version]), [['rustc', '1.2.3']]);
  });
});

test('our own crate comes first, and is no component of itself', () => {
  assert.equal(cratesOf(ROOT)[0].name, 'quota-aware-api');
  assert.ok(!bom.components.some(({ name }) => name === 'quota-aware-api'));
});
