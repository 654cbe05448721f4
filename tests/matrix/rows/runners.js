// The scenario in the tests of whoever uses the package.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIRING } from '../starters.js';

const BODY = "const seen = await scenario(process.env.MATRIX_ORIGIN); await (await import('node:fs/promises')).writeFile(process.env.MATRIX_SEEN, JSON.stringify(seen));";

export const runners = [
  { name: 'Vitest', how: 'a test', quick: true, version: (stage) => stage.version('vitest'), play: vitest },
  { name: 'Jest', how: 'a test, by `require` and as ESM', version: (stage) => stage.version('jest'), play: jest },
];

async function vitest(stage) {
  const folder = stage.project('vitest', {
    'matrix.test.js': `import { test } from 'vitest';\nimport { scenario } from './scenario.js';\ntest('the scenario', async () => { ${BODY} });\n`,
    'vitest.config.js': 'export default {};\n',
  });
  await tested(stage, folder, [stage.bin('vitest'), 'run']);
}

async function jest(stage) {
  const required = stage.project('jest-require', {
    ...REQUIRING, 'package.json': '{ "private": true, "jest": { "testTimeout": 30000 } }',
    'matrix.test.js': `const { scenario } = require('./scenario.cjs');\ntest('the scenario', async () => { ${BODY.replace("await import('node:fs/promises')", "require('node:fs/promises')")} });\n`,
  });
  await tested(stage, required, [stage.bin('jest'), '--ci']);
  const imported = stage.project('jest-esm', {
    'package.json': '{ "private": true, "type": "module", "jest": { "testTimeout": 30000, "transform": {} } }',
    'matrix.test.js': `import { scenario } from './scenario.js';\ntest('the scenario', async () => { ${BODY} });\n`,
  });
  await tested(stage, imported, ['--experimental-vm-modules', stage.bin('jest'), '--ci']);
}

/** Runners swallow what tests print, so it goes through a file. */
function tested(stage, folder, args) {
  const file = join(folder, 'seen.json');
  return stage.play(async (origin) => {
    await stage.run(folder, process.execPath, args, { MATRIX_ORIGIN: origin, MATRIX_SEEN: file });
    return JSON.parse(readFileSync(file, 'utf8'));
  });
}
