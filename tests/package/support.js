// Packs pkg/ as a release would and installs the tarball into empty projects: what users get, not what lies in this
// repository. Nothing is downloaded: the package has no dependencies.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
export const ROOT = join(import.meta.dirname, '../..');

/** Runs a program in a folder; resolves to what it printed, rejects with that where it fails. */
export async function run(cwd, command, ...args) {
  try {
    return (await execute(command, args, { cwd, maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** A folder that is gone after the tests. */
export function temporary(t, name) {
  const folder = mkdtempSync(join(tmpdir(), `quota-aware-${name}-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The tarball of pkg/, in a folder; or the one that QUOTA_AWARE_TARBALL names, which is to be released. */
export async function pack(folder) {
  if (process.env.QUOTA_AWARE_TARBALL) return process.env.QUOTA_AWARE_TARBALL;
  await run(ROOT, 'npm', 'pack', './pkg', '--silent', '--pack-destination', folder);
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')));
}

/** An empty project with nothing but the tarball in it, and these files. */
export async function project(folder, tarball, files = {}) {
  write(folder, { 'package.json': '{ "name": "consumer", "private": true, "type": "module" }', ...files });
  await run(folder, 'npm', 'install', '--offline', '--no-audit', '--no-fund', '--silent', tarball);
  return folder;
}

export function write(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
