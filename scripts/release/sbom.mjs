// The bill of materials, as CycloneDX has it: what of other people's is inside the package, whose files they are, and what made it.
// The same package gives the same document: its number and its date come from what was packed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { cratesOf } from './crates.mjs';
import { digest, filesOf } from './tarball.mjs';

const VERSION = Spec.Spec1dot6;
const { ComponentType, HashAlgorithm, ExternalReferenceType } = Enums;

/** The document of a tarball, as text. `made`: the date of what was built, `tools`: `[name, version]` of what built it. */
export async function sbomOf({ root, tarball, made, tools }) {
  const bytes = readFileSync(tarball);
  const crates = cratesOf(root);
  const [own] = crates;
  const package_ = packageOf(own, tarball, bytes);
  const bom = new Models.Bom({
    serialNumber: `urn:uuid:${uuidOf(digest('sha256', bytes))}`,
    metadata: new Models.Metadata({ timestamp: made, component: package_, tools: toolsOf(tools) }),
  });
  addCrates(bom, package_, crates);
  for (const library of librariesOf(root)) {
    bom.components.add(library);
    package_.dependencies.add(library.bomRef);
  }
  const text = `${new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(VERSION)).serialize(bom, { sortLists: true, space: 2 })}\n`;
  const wrong = await new Validation.JsonStrictValidator(VERSION.version).validate(text);
  if (wrong !== null) throw new Error(`the bill of materials is none by CycloneDX: ${JSON.stringify(wrong)}`);
  return text;
}

/** The tools that a package comes out of, with their versions. */
export function toolsHere(root) {
  // Ours are in folders of their own.
  const said = (...command) => execFileSync('bash', ['-c', '. scripts/env.sh; exec "$@"', ...command.slice(0, 1), ...command], { cwd: root, encoding: 'utf8' }).trim();
  return [
    ['rustc', /^release: (.+)$/m.exec(said('rustc', '-vV'))[1]],
    ['wasm-pack', said('wasm-pack', '--version').split(' ')[1]],
    ['wasm-bindgen', said('wasm-bindgen', '--version').split(' ')[1]],
    ['wasm-opt', /version (\S+)/.exec(said('wasm-opt', '--version'))[1]],
    ['esbuild', said('esbuild', '--version')],
    ['node', process.versions.node],
    ['npm', said('npm', '--version')],
  ];
}

function packageOf({ name, version, license }, tarball, bytes) {
  const component = new Models.Component(ComponentType.Library, name, {
    version, bomRef: `pkg:npm/${name}@${version}`, purl: `pkg:npm/${name}@${version}`,
    hashes: new Models.HashDictionary([[HashAlgorithm['SHA-256'], digest('sha256', bytes)], [HashAlgorithm['SHA-512'], digest('sha512', bytes)]]),
    licenses: licensesOf(license),
    properties: new Models.PropertyRepository([new Models.Property('tarball', basename(tarball))]),
  });
  for (const { name: file, sha256 } of filesOf(tarball)) {
    const hashes = new Models.HashDictionary([[HashAlgorithm['SHA-256'], sha256]]);
    component.components.add(new Models.Component(ComponentType.File, file, { bomRef: `file:${file}`, hashes }));
  }
  return component;
}

/** Everything in the .wasm, and who needs whom of it. The package stands for our own crate. */
function addCrates(bom, package_, [own, ...others]) {
  const components = new Map(others.map((crate) => [crate.id, componentOf(crate)]));
  const std = standardLibrary();
  for (const component of [...components.values(), std]) bom.components.add(component);
  for (const { id, needs } of [own, ...others]) {
    const component = components.get(id) ?? package_;
    for (const need of needs) component.dependencies.add(components.get(need).bomRef);
    component.dependencies.add(std.bomRef);
  }
}

function componentOf({ name, version, license, checksum, repository }) {
  const purl = `pkg:cargo/${name}@${version}`;
  const component = new Models.Component(ComponentType.Library, name, { version, bomRef: purl, purl, licenses: licensesOf(license) });
  if (checksum !== null) component.hashes.set(HashAlgorithm['SHA-256'], checksum);
  if (repository) component.externalReferences.add(new Models.ExternalReference(repository, ExternalReferenceType.VCS));
  return component;
}

/** What is bundled of npm's: the chart library of the dashboard. Everything else there only builds and tests. */
function librariesOf(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return ['uplot'].map((name) => {
    const { version, license, integrity } = packages[`node_modules/${name}`];
    const purl = `pkg:npm/${name}@${version}`;
    const component = new Models.Component(ComponentType.Library, name, { version, bomRef: purl, purl, licenses: licensesOf(license) });
    component.hashes.set(HashAlgorithm['SHA-512'], Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex'));
    return component;
  });
}

/** It comes with the compiler, and no lock file names it. */
function standardLibrary() {
  const version = /^release: (.+)$/m.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
  const purl = `pkg:generic/rust-std@${version}`;
  return new Models.Component(ComponentType.Library, 'rust-std', { version, bomRef: purl, purl, licenses: licensesOf('MIT OR Apache-2.0') });
}

function toolsOf(tools) {
  const components = tools.map(([name, version]) => new Models.Component(ComponentType.Application, name, { version }));
  return new Models.Tools({ components: new Models.ComponentRepository(components) });
}

/** Old manifests write "MIT/Apache-2.0" for "or". */
function licensesOf(license) {
  return new Models.LicenseRepository(license ? [new Models.LicenseExpression(license.replaceAll('/', ' OR '))] : []);
}

/** A UUID of the kind that everybody may fill as they like (8). */
function uuidOf(hex) {
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
