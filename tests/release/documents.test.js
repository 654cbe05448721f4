// What the steps of a release tell people and machines to run is there to be run.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const read = (file) => readFileSync(join(ROOT, file), 'utf8');
const { scripts } = JSON.parse(read('package.json'));

for (const file of ['RELEASING.md', '.github/workflows/release.yml']) {
  test(`${file} names commands that exist`, () => {
    const named = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(scripts[name], `there is no npm run ${name}`);
  });
}

test('RELEASING.md names files that exist, and numbers its steps', () => {
  const text = read('RELEASING.md');
  const files = [...text.matchAll(/`((?:[\w.-]+\/)*[\w-]+\.(?:toml|json|md|txt|lock|yml))`/g)].map(([, file]) => file).filter((file) => file !== 'release.yml');
  assert.ok(files.length > 4);
  for (const file of files) assert.ok(existsSync(join(ROOT, file)), `${file} does not exist`);
  const numbers = [...text.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
  assert.deepEqual(numbers, [1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('nothing is published outside the workflow, and not without a word', () => {
  // The published package has no scripts that npm would run; the workspace can't be published at all.
  assert.equal(JSON.parse(read('package.json')).private, true);
  const workflow = read('.github/workflows/release.yml');
  assert.match(workflow, /npm run release -- --publish/);
  assert.match(workflow, /id-token: write/);
  assert.doesNotMatch(workflow, /NODE_AUTH_TOKEN|NPM_TOKEN/);
});
