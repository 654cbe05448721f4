// The hand-written types under every setting that users have: they compile, allow what is right and refuse what is wrong.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FIVE, NATIVE, OLDEST } from './compilers.js';
import { TYPED } from '../../scripts/entries.mjs';
import { OF_PAGES, SOURCES, consumer } from './consumer.js';

const LIBS = ['es2020', 'es2021', 'es2022', 'es2023', 'esnext'];
/** What is found does not depend on the library: the ends are enough where `bundler` has had all. */
const ENDS = ['es2020', 'esnext'];
const HOSTS = [
  { name: 'pages', libs: LIBS, lib: ['dom', 'dom.iterable'], types: [] },
  { name: 'workers', libs: LIBS, lib: ['webworker', 'webworker.iterable'], types: [] },
  { name: 'Node without the types of pages', libs: LIBS, lib: [], types: ['node'] },
  // What a tsconfig without `lib` comes to, where Node's types are installed.
  { name: 'Node beside the types of pages', libs: ['es2022'], lib: ['dom', 'dom.iterable'], types: ['node'] },
];
const RESOLUTIONS = [
  { module: 'commonjs', moduleResolution: 'node10', among: ENDS },
  { module: 'node16', moduleResolution: 'node16', among: ENDS },
  { module: 'esnext', moduleResolution: 'bundler', among: LIBS },
];

for (const compiler of [OLDEST, FIVE, NATIVE]) {
  describe(`under TypeScript ${compiler.version} the types allow what is right and refuse what is wrong`, () => {
    const projects = {};
    before(() => Object.assign(projects, { with: consumer(compiler.nodeTypes), without: consumer() }));
    after(() => Object.values(projects).forEach(({ remove }) => remove()));

    for (const { name, libs, lib, types } of HOSTS) {
      for (const { among, ...way } of RESOLUTIONS.filter(compiler.has)) {
        const own = libs.length === 1 ? libs : libs.filter((es) => among.includes(es));
        test(`in ${name}, by ${way.moduleResolution}, with ${own.join()}`, async () => {
          const { folder } = types.length > 0 ? projects.with : projects.without;
          for (const es of own) {
            const isPage = lib.includes('dom');
            const sources = isPage ? [...SOURCES, ...OF_PAGES] : SOURCES;
            const required = isPage ? ['positive.cts', 'page.cts'] : ['positive.cts'];
            const files = way.moduleResolution === 'node16' ? [...sources, ...required] : sources;
            const found = await compiler.compile(folder, files, { ...way, lib: [es, ...lib], types });
            assert.deepEqual(found.errors, [], es);
            // What is not found is not looked at: all entries have to be among what was compiled, and under `require` theirs.
            const ending = way.moduleResolution === 'node16' ? ['d.ts', 'd.cts'] : ['d.ts'];
            for (const each of ending) for (const entry of TYPED.filter((name) => isPage || name !== 'dashboard')) assert.ok(found.files.includes(`node_modules/quota-aware-api/dist/${entry}.${each}`), `${entry}.${each}`);
          }
        });
      }
    }
  });
}
