// Two builds of what is committed, as different as two machines of one kind may be: other folders, other rights for new files, other
// time zones. What they have in common is the package.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How each copy is built. */
const MANNERS = [
  { folder: 'a', umask: '022', zone: 'UTC' },
  { folder: 'of-another-name/and/deeper', umask: '077', zone: 'Pacific/Auckland' },
];

/** Builds both; hands over the two folders of packages, which are gone afterwards. */
export async function inTwoCopies(root, commit, use) {
  const scratch = mkdtempSync(join(tmpdir(), 'quota-aware-release-'));
  try {
    const copies = MANNERS.map((manner) => ({ ...manner, path: copy(root, commit, join(scratch, manner.folder)) }));
    // One after the other: two at once would want twice the memory, and end no sooner on two cores.
    for (const each of copies) await build(each);
    return await use(copies.map(({ path }) => join(path, 'pkg')));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What a commit has, in a folder, and nothing else: no file that was never committed, nothing that was built before. */
function copy(root, commit, path) {
  mkdirSync(path, { recursive: true });
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 1 << 30 });
  execFileSync('tar', ['-x'], { cwd: path, input: archive });
  // Bundlers and wasm-opt, by the lock file; they are tools, and not copied into the package.
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'), 'dir');
  return path;
}

function build({ path, umask, zone }) {
  // A shared target folder would be one build, looked at twice.
  const { CARGO_TARGET_DIR, CARGO_BUILD_TARGET_DIR, ...env } = process.env;
  const child = spawn('bash', ['-c', `umask ${umask}; exec node scripts/build.mjs`], { cwd: path, env: { ...env, TZ: zone }, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the build in ${path} failed`))));
  });
}
