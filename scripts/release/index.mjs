// Makes a release ready: `npm run release -- --dry-run`. RELEASING.md has the steps around it.
//
//   --dry-run   everything but publishing; what is not committed is told, and is not in it
//   --publish   the same for a tag, and then to npm with provenance; by .github/workflows/release.yml alone
//
// Writes the tarball, its bill of materials and their sums into release/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { inTwoCopies } from './copies.mjs';
import { sbomOf, toolsHere } from './sbom.mjs';
import { differences, digest, filesOf, pack, unlike } from './tarball.mjs';
import { objections } from './versions.mjs';

const ROOT = join(import.meta.dirname, '../..');
const OUT = join(ROOT, 'release');
process.chdir(ROOT);

const { values: given } = parseArgs({ options: { 'dry-run': { type: 'boolean' }, publish: { type: 'boolean' } } });
if (!given['dry-run'] && !given.publish) {
  stop(['Nothing was published. `npm run release -- --dry-run` makes everything ready and looks at it;', 'publishing is done by .github/workflows/release.yml for a tag, so that npm can say where a version comes from.', 'RELEASING.md has the steps.']);
}

step('the state of the repository');
const commit = git('rev-parse', 'HEAD');
const uncommitted = git('status', '--porcelain');
if (uncommitted) (given.publish ? stop : note)(['what is not committed is not in the release:', uncommitted]);
const wrong = objections(ROOT, { final: given.publish, tag: given.publish ? tagOf(commit) : null });
if (given.publish) wrong.push(...provenanceObjections());
if (wrong.length > 0) stop(wrong);

step('two builds in different folders');
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
const tarball = await inTwoCopies(ROOT, commit, async (packages) => {
  const [one, other] = packages.map((folder) => pack(folder, join(folder, '../packed')));
  if (!readFileSync(one).equals(readFileSync(other))) stop(['the two builds are not one:', ...unlike(one, other).map((name) => `  ${name}`), 'if no file is named: the tarball itself']);
  copyFileSync(one, join(OUT, basename(one)));
  return join(OUT, basename(one));
});

step('the files of the tarball');
const files = filesOf(tarball);
const strange = differences(files.map(({ name }) => name), readFileSync('scripts/release/files.txt', 'utf8').trim().split('\n'));
strange.push(...files.filter(({ mode }) => mode !== 0o644).map(({ name, mode }) => `${name} has the rights ${mode.toString(8)}, not 644`));
if (strange.length > 0) stop([...strange, 'the list is scripts/release/files.txt']);

step('the tarball as users get it');
execFileSync(process.execPath, ['--test', '--test-reporter=dot', 'tests/package/tarball.test.js', 'tests/types/ways-in.test.js'], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, QUOTA_AWARE_TARBALL: tarball } });

step('the bill of materials');
const bom = tarball.replace(/\.tgz$/, '.cdx.json');
writeFileSync(bom, await sbomOf({ root: ROOT, tarball, made: new Date(git('show', '-s', '--format=%cI', commit)), tools: toolsHere(ROOT) }));
const sums = [tarball, bom].map((file) => `${digest('sha256', readFileSync(file))}  ${basename(file)}`);
writeFileSync(join(OUT, 'SHA256SUMS'), `${sums.join('\n')}\n`);
console.log(['', ...sums, '', `release: ${files.length} files of commit ${commit.slice(0, 12)}, alike in two builds, are in release/`].join('\n'));

if (given.publish) {
  step('publishing');
  execFileSync('npm', ['publish', tarball, '--provenance', '--access', 'public'], { stdio: 'inherit' });
}

/** What npm wants to know before it says where a version comes from. */
function provenanceObjections() {
  const { GITHUB_REPOSITORY: here, ACTIONS_ID_TOKEN_REQUEST_URL: identity } = process.env;
  if (!here || !identity) return ['only .github/workflows/release.yml publishes: elsewhere there is nobody who could vouch for it'];
  const { repository } = JSON.parse(readFileSync('pkg-template/package.json', 'utf8'));
  const named = /github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?$/.exec(repository?.url ?? '')?.[1];
  return named === here ? [] : [`pkg-template/package.json names ${named ?? 'no repository'} in "repository", and this is ${here}: npm would refuse the provenance`];
}

/** The version tag of a commit. */
function tagOf(of) {
  return git('tag', '--points-at', of, 'v*').split('\n')[0];
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}

function step(title) {
  console.error(`release: ${title}`);
}

function note(lines) {
  for (const line of lines) console.error(`  ${line.replaceAll('\n', '\n  ')}`);
}

function stop(lines) {
  note(lines);
  process.exit(1);
}
