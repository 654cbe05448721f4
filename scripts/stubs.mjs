// A folder with a package.json for each subpath: resolvers from before `exports` (TypeScript's node10, Parcel's and Metro's
// default) look for one. Everybody else never opens them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a stub for each subpath of a manifest into the package's folder. */
export function writeStubs(manifest, folder) {
  for (const [subpath, conditions] of Object.entries(manifest.exports)) {
    if (subpath === '.' || typeof conditions === 'string') continue;
    const name = subpath.slice('./'.length);
    // A stub is no package: without `private` somebody might take it for one.
    const stub = { private: true, main: above(name, conditions.require.default), module: above(name, conditions.default.default), types: above(name, conditions.default.types) };
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'package.json'), `${JSON.stringify(stub, null, 2)}\n`);
  }
}

/** A file of the package, as seen from a subpath's folder. */
function above(name, file) {
  return `${'../'.repeat(name.split('/').length)}${file.slice('./'.length)}`;
}
