// Runs one of the workshop's solutions against the mock, so that no key is needed; with --live, against the real API:
//
//   npm run example -- 01
//   npm run example -- 02 "The soup was cold, the waiter kind."
//   npm run example -- 06 --live
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const EXAMPLES = {
  '01': '01-ai-studio/gemini-client.js',
  '02': '02-structured-output/structured-client.js',
  '03': '03-multimodal/multimodal-client.js',
  '06': '06-logic-engine/logic_client.py',
  quest: 'quest/quest-client.js',
};

const words = process.argv.slice(2);
const live = words.includes('--live');
const [name, ...rest] = words.filter((word) => word !== '--live');
const file = EXAMPLES[name];

if (file === undefined) {
  console.error(`Usage: npm run example -- ${Object.keys(EXAMPLES).join('|')} [--live] [words for the example]`);
  process.exitCode = 2;
} else if (file.endsWith('.js')) {
  process.exitCode = await run(process.execPath, [join(import.meta.dirname, file), ...rest, ...(live ? [] : ['--mock'])]);
} else if (spawnSync('python3', ['-c', 'import requests']).status !== 0) {
  console.error('This one is Python: it needs python3 and requests (Debian: apt-get install python3-requests; elsewhere: pip install requests).');
  process.exitCode = 1;
} else {
  const mock = live ? undefined : await startMock();
  process.exitCode = await run('python3', [join(import.meta.dirname, file), ...rest], mock ? { env: mock.env, cwd: dirname(join(import.meta.dirname, file)) } : {});
  mock?.stop();
}

async function run(command, args, options) {
  const [code] = await once(spawn(command, args, { stdio: 'inherit', ...options }), 'close');
  return code ?? 1;
}

/** The mock behind HTTP, and an environment that leads to it: the two lines that it prints, and no key of yours. */
async function startMock() {
  const child = spawn(process.execPath, [join(import.meta.dirname, '06-logic-engine/mock.mjs'), '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) if (lines.push(line) === 2) break;
  const own = Object.entries(process.env).filter(([name]) => !/^(GEMINI|GOOGLE)_/.test(name));
  const env = Object.fromEntries([...own, ...lines.join(' ').split(' ').map((pair) => pair.split('='))]);
  return { env, stop: () => child.kill() };
}
