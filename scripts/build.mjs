// Builds pkg/: what users get. `--if-needed` does nothing where no source has changed since.
//
//   target/wasm-pack/   the crate through wasm-pack, wasm-bindgen and wasm-opt (generated, looked at by nobody)
//   pkg/                package.json and documents as they are in pkg-template/ and the root
//   pkg/<subpath>/      where old resolvers look for a subpath
//   pkg/dist/           entries: index.js, index.cjs, workerd.js, edge-light.js, mock.js, mock.cjs; types; core_bg.wasm
//   examples/node_modules/quota-aware-api   a link to pkg/
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { SCRATCH, TYPED, bundleEntries } from './entries.mjs';
import { writeStubs } from './stubs.mjs';
import { chartLicence } from './uplot.mjs';

process.chdir(join(import.meta.dirname, '..'));
const stamp = 'pkg/.sources';
/** Fast where it is called often, and not large where it isn't: see opt-level in Cargo.toml for the figures. */
const LEAN = ['-Cllvm-args=-inline-threshold=40', '-Cllvm-args=-unroll-threshold=0', '-Cno-vectorize-loops', '-Cno-vectorize-slp'];

linkForExamples();
const sources = hashOf(['Cargo.toml', 'Cargo.lock', 'src', 'pkg-template', 'scripts/build.mjs', 'scripts/entries.mjs', 'scripts/stubs.mjs', 'scripts/uplot.mjs', 'package-lock.json', 'README.md', 'CHANGELOG.md']);
if (process.argv.includes('--if-needed') && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) process.exit(0);

console.error('build: compiling the crate to WebAssembly');
// --no-pack: package.json is ours. --mode no-install: tools come from scripts/setup.sh, never from a download.
run('wasm-pack', ['--log-level', 'warn', 'build', '--release', '--target', 'web', '--mode', 'no-install', '--no-pack', '--no-gitignore', '--out-dir', SCRATCH, '--out-name', 'core']);

rmSync('pkg', { recursive: true, force: true });
mkdirSync('pkg/dist', { recursive: true });
const wasm = readFileSync(join(SCRATCH, 'core_bg.wasm'));
writeFileSync('pkg/dist/core_bg.wasm', wasm);

console.error('build: bundling the entries');
await bundleEntries(wasm, 'pkg/dist');

writeFileSync('pkg/dist/dashboard.LICENSE.txt', `The dashboard contains uPlot (https://github.com/leeoniya/uPlot).\n\n${chartLicence()}\n`);
for (const name of TYPED) {
  // One text, two names: a .cts beside the .cjs is what `require` users' compilers look for; it refers to its like.
  const types = readFileSync(`pkg-template/${name}.d.ts`, 'utf8');
  writeFileSync(`pkg/dist/${name}.d.ts`, types);
  writeFileSync(`pkg/dist/${name}.d.cts`, types.replaceAll("'./index.js'", "'./index.cjs'"));
}
cpSync('pkg-template/package.json', 'pkg/package.json');
writeStubs(JSON.parse(readFileSync('pkg/package.json', 'utf8')), 'pkg');
for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) cpSync(file, `pkg/${file}`);
// npm packs rights as they are; with a strict umask nobody but the builder could read the files.
for (const file of readdirSync('pkg', { recursive: true })) if (statSync(join('pkg', file)).isFile()) chmodSync(join('pkg', file), 0o644);
writeFileSync(stamp, sources);
console.error(`build: pkg/ is ready, core_bg.wasm has ${wasm.length} bytes`);

/**
 * The workshop's solutions import the package by its name, as they must once somebody has copied them out. In here the name leads
 * to pkg/, by the link that `npm install` would make. Not in the root's node_modules: `npm ci` would take it away.
 */
function linkForExamples() {
  const link = 'examples/node_modules/quota-aware-api';
  if (existsSync(link)) return;
  rmSync(link, { force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync('../../pkg', link);
}

function run(command, args) {
  const remapped = placesOfSources().map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  const flags = [...(process.env.RUSTFLAGS ?? '').split(' ').filter(Boolean), ...LEAN, ...remapped];
  const env = { ...process.env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
  execFileSync('bash', ['-c', '. scripts/env.sh; exec "$@"', command, command, ...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
}

/**
 * Panics name their source files: without this, the folder of whoever built it would be in the package, that of the toolchain, and
 * the name of the registry or mirror that the crates came from. The standard library's are found where the component rust-src is
 * installed; they get the name that they have where it is not. Of several that fit, rustc takes the last.
 */
function placesOfSources() {
  const said = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const sysroot = said('rustc', '--print', 'sysroot');
  const commit = /^commit-hash: (\w+)$/m.exec(said('rustc', '-vV'))[1];
  const { packages } = JSON.parse(said('cargo', 'metadata', '--format-version', '1', '--locked', '--filter-platform', 'wasm32-unknown-unknown'));
  const registries = new Set(packages.filter(({ source }) => source !== null).map(({ manifest_path: manifest }) => dirname(dirname(manifest))));
  return [
    [process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'cargo'],
    [sysroot, 'rust'],
    [join(sysroot, 'lib/rustlib/src/rust'), `/rustc/${commit}`],
    ...[...registries].map((folder) => [folder, 'crates']),
  ];
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) add(hash, path);
  return hash.digest('hex');
}

function add(hash, path) {
  if (!existsSync(path)) return;
  let names;
  try {
    names = readdirSync(path).sort();
  } catch {
    hash.update(path).update(readFileSync(path));
    return;
  }
  for (const name of names) add(hash, join(path, name));
}
