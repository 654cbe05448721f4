// Servers and the edge: the program as it is, by import and by require.
import { join } from 'node:path';
import { PROGRAM, REQUIRING } from '../starters.js';

const OURS = Number(process.versions.node.split('.')[0]);

/** The Node that runs this, and the others. */
const NODES = [...new Set([OURS, 20, 22, 24, 26])].filter((major) => major === OURS || major > 20).sort();

export const runtimes = [
  ...NODES.map((major) => ({
    name: `Node ${major}`, how: '`import`, `require`', quick: major === OURS,
    version: (stage) => (major === OURS ? process.versions.node : stage.version(`node-${major}`)),
    play: (stage) => node(stage, major === OURS ? process.execPath : join(stage.tools, `node_modules/node-${major}/bin/node`), `node-${major}`),
  })),
  {
    name: 'Deno', how: '`import`', version: (stage) => stage.version('deno'),
    play: (stage) => stage.program(stage.project('deno', PROGRAM), stage.bin('deno'), ['run', '--no-lock', '--node-modules-dir=manual', '--allow-net', 'start.js']),
  },
  {
    name: 'Bun', how: '`import`, `require`', version: (stage) => stage.version('bun'),
    play: (stage) => node(stage, stage.bin('bun'), 'bun'),
  },
  {
    name: 'workerd', how: 'bundled by Wrangler', quick: true, version: (stage) => stage.version('workerd'),
    play: workerd,
  },
];

async function node(stage, binary, name) {
  const folder = stage.project(name, { ...PROGRAM, ...REQUIRING });
  await stage.program(folder, binary, ['start.js']);
  await stage.program(folder, binary, ['start.cjs']);
}

const WORKER = `import { scenario } from './scenario.js';
export default {
  async fetch(request) {
    return Response.json(await scenario(new URL(request.url).searchParams.get('origin')));
  },
};
`;

/** Newer dates allow more: before 2025-05-05 there is no WeakRef. */
const DATES = ['2024-01-01', '2026-01-01'];

/** Bundled as for a deployment, then run by workerd itself. */
async function workerd(stage) {
  const folder = stage.project('workerd', { 'worker.js': WORKER, 'wrangler.json': JSON.stringify({ name: 'matrix', main: 'worker.js', compatibility_date: DATES[0] }) });
  await stage.run(folder, stage.bin('wrangler'), ['deploy', '--dry-run', '--outdir', 'out']);
  for (const date of DATES) await inWorkerd(stage, join(folder, 'out'), date);
}

async function inWorkerd(stage, rootPath, compatibilityDate) {
  const { Miniflare } = await stage.load('miniflare');
  const flare = new Miniflare({ rootPath, scriptPath: 'worker.js', modules: true, modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'] }], compatibilityDate });
  try {
    await stage.play(async (origin) => {
      const response = await flare.dispatchFetch(`http://worker.invalid/?origin=${encodeURIComponent(origin)}`);
      const text = await response.text();
      if (response.status !== 200) throw new Error(text);
      return JSON.parse(text);
    });
  } finally {
    await flare.dispose();
  }
}
