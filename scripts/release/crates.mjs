// What of other people's Rust is in the .wasm: the crates that the library depends on for wasm32, through whatever others. What only
// makes code while compiling (procedural macros, build scripts), and what only tests need, is not in it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TARGET = 'wasm32-unknown-unknown';

/** Each crate with what the lock file and its manifest say: `{ name, version, license, checksum, repository, needs }`; our own first. */
export function cratesOf(root) {
  const { packages, resolve } = JSON.parse(cargo(root, 'metadata', '--format-version', '1', '--locked', '--filter-platform', TARGET));
  const about = new Map(packages.map((each) => [each.id, each]));
  // `metadata` switches on what tests want of a crate as well; `tree` knows what the library alone comes to.
  const built = new Set(cargo(root, 'tree', '--locked', '--edges', 'normal,no-proc-macro', '--target', TARGET, '--prefix', 'none', '--format', '{p}').split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')));
  const isBuilt = (id) => built.has(`${about.get(id).name} v${about.get(id).version}`);
  const needs = new Map(resolve.nodes.map(({ id, deps }) => [id, deps.filter(isNormal).map(({ pkg }) => pkg).filter(isBuilt)]));
  const checksums = checksumsOf(readFileSync(join(root, 'Cargo.lock'), 'utf8'));

  const found = new Set([resolve.root]);
  // A set that grows is still walked to its end.
  for (const id of found) for (const next of needs.get(id)) found.add(next);
  return [...found].map((id) => {
    const { name, version, license, repository } = about.get(id);
    return { id, name, version, license, repository, checksum: checksums.get(`${name} ${version}`) ?? null, needs: needs.get(id) };
  });
}

function isNormal({ dep_kinds: kinds }) {
  return kinds.some(({ kind }) => kind === null);
}

function cargo(cwd, ...args) {
  return execFileSync('cargo', args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** SHA-256 of each crate's file on crates.io, by "name version". */
function checksumsOf(lock) {
  const entries = lock.matchAll(/^name = "([^"]+)"\nversion = "([^"]+)"\nsource = .*\nchecksum = "([0-9a-f]{64})"/gm);
  return new Map([...entries].map(([, name, version, checksum]) => [`${name} ${version}`, checksum]));
}
