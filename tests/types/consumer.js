// A project that uses the package as the tarball has it: its manifest and declarations, copied, so that nothing else of this
// repository is found from there.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The package that is looked at, as tests/built.js has it. */
export const PACKAGE = process.env.QUOTA_AWARE_PACKAGE ?? join(ROOT, 'pkg');

/** The sources of this folder that stand for users' code. */
export const SOURCES = ['positive.ts', 'negative.ts'];

/** And where there are the types of pages. */
export const OF_PAGES = ['page.ts'];

/** Makes the project, with Node's own types or without; `remove()` deletes it. */
export function consumer(nodeTypes) {
  const folder = mkdtempSync(join(tmpdir(), 'quota-aware-types-'));
  const installed = join(folder, 'node_modules/quota-aware-api');
  for (const file of readdirSync(PACKAGE, { recursive: true })) {
    if (!/(?:\.d\.c?ts|package\.json)$/.test(file)) continue;
    mkdirSync(dirname(join(installed, file)), { recursive: true });
    cpSync(join(PACKAGE, file), join(installed, file));
  }
  if (nodeTypes) {
    mkdirSync(join(folder, 'node_modules/@types'));
    symlinkSync(nodeTypes, join(folder, 'node_modules/@types/node'), 'dir');
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of [...SOURCES, ...OF_PAGES]) cpSync(join(import.meta.dirname, name), join(folder, name));
  // The same under `require`. What is refused awaits at its top, which such a file can't.
  for (const name of ['positive', 'page']) cpSync(join(import.meta.dirname, `${name}.ts`), join(folder, `${name}.cts`));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
