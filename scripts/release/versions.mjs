// One version in every place that names it. Whoever releases changes three files, and forgets none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version that each place names, by the place. Null: it names none. */
export function versionsOf(root) {
  const text = (file) => readFileSync(join(root, file), 'utf8');
  const first = (file, pattern) => pattern.exec(text(file))?.[1] ?? null;
  return {
    'Cargo.toml': first('Cargo.toml', /^\[package\]\n(?:(?!\[).*\n)*?version = "([^"]+)"/m),
    'Cargo.lock': first('Cargo.lock', /^name = "quota-aware-api"\nversion = "([^"]+)"/m),
    'pkg-template/package.json': JSON.parse(text('pkg-template/package.json')).version ?? null,
    'CHANGELOG.md': headingOf(text('CHANGELOG.md'))?.version ?? null,
  };
}

/** What keeps a version from being released, in sentences. `final`: it is to be published, not only tried. */
export function objections(root, { final = false, tag = null } = {}) {
  const versions = versionsOf(root);
  const wanted = versions['pkg-template/package.json'];
  const said = [];
  for (const [place, version] of Object.entries(versions)) {
    if (version === null) said.push(`${place} names no version`);
    else if (version !== wanted) said.push(`${place} has ${version}, pkg-template/package.json has ${wanted}`);
  }
  if (wanted !== null && !SEMVER.test(wanted)) said.push(`${wanted} is no version as semver has them`);
  if (tag !== null && tag !== `v${wanted}`) said.push(tag === '' ? `there is no tag v${wanted}` : `the tag is ${tag}, not v${wanted}`);
  if (final && headingOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))?.date === null) said.push('CHANGELOG.md has no date for it: write "## 1.2.3 (2026-01-31)" in place of "Unreleased"');
  return said;
}

/** The topmost version of the changelog: `## 1.2.3 (2026-01-31)`, or `## Unreleased (1.2.3)`. */
function headingOf(text) {
  const heading = /^## (.+)$/m.exec(text)?.[1] ?? '';
  const unreleased = /^Unreleased \(([^)]+)\)$/.exec(heading);
  if (unreleased) return { version: unreleased[1], date: null };
  const released = /^(\S+) \((\d{4}-\d\d-\d\d)\)$/.exec(heading);
  return released ? { version: released[1], date: released[2] } : undefined;
}

const SEMVER = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[\da-z-]+(?:\.[\da-z-]+)*)?$/i;
