// The report of the package's surface, in etc/: a change of it shows in a diff, whoever makes it. `npm run api-report` writes it.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TYPED } from '../../scripts/entries.mjs';

const { CompilerState, Extractor, ExtractorConfig } = createRequire(import.meta.url)('@microsoft/api-extractor');
const ROOT = join(import.meta.dirname, '../..');

/** Where the reports are kept, by entry. */
/** Of everything that has types. */
export const REPORTS = Object.fromEntries(TYPED.map((entry) => [entry, join(ROOT, `etc/${entry}.api.md`)]));

/** What API Extractor says that we do not follow: release tags (all of it is public), comments on what says itself (documented.test.js
 *  looks at the others), and the grammar of TSDoc. */
const SILENT = { logLevel: 'none' };
const TSCONFIG = { compilerOptions: { target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], module: 'esnext', moduleResolution: 'bundler', strict: true, types: [] } };

/** The report of a file of declarations, as text. */
export function reportOf(entry, declarations) {
  const folder = mkdtempSync(join(tmpdir(), 'quota-aware-api-report-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "quota-aware-api", "version": "0.0.0" }');
    // What it takes from the main entry is that one's surface, not its own.
    const main = join(folder, 'node_modules/quota-aware-api');
    mkdirSync(main, { recursive: true });
    writeFileSync(join(main, 'package.json'), '{ "name": "quota-aware-api", "version": "0.0.0", "type": "module", "types": "./index.d.ts" }');
    cpSync(join(dirname(declarations), 'index.d.ts'), join(main, 'index.d.ts'));
    writeFileSync(join(folder, `${entry}.d.ts`), readFileSync(declarations, 'utf8').replaceAll("'./index.js'", "'quota-aware-api'"));
    mkdirSync(join(folder, 'etc'));
    run(folder, entry);
    return readFileSync(join(folder, `etc/${entry}.api.md`), 'utf8').replaceAll('\r\n', '\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder, entry) {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: `<projectFolder>/${entry}.d.ts`,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { ...TSCONFIG, files: [`${entry}.d.ts`] } },
      apiReport: { enabled: true, reportFileName: `${entry}.api.md`, reportFolder: '<projectFolder>/etc', reportTempFolder: '<projectFolder>/temp' },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'error' }, 'ae-missing-release-tag': SILENT, 'ae-undocumented': SILENT },
        tsdocMessageReporting: { default: SILENT },
      },
    },
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
  });
  const wrong = [];
  Extractor.invoke(config, {
    localBuild: true,
    compilerState: CompilerState.create(config),
    messageCallback: (message) => {
      // A link to a method of several signatures is one for editors, though TSDoc would have it name one of them.
      if (message.logLevel === 'error' && !/is ambiguous because/.test(message.text)) wrong.push(message.text);
      // It would greet, and say that it made a file.
      message.handled = true;
    },
  });
  if (wrong.length > 0) throw new Error(`the report of ${entry} can't be made:\n${wrong.join('\n')}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [entry, file] of Object.entries(REPORTS)) {
    mkdirSync(join(ROOT, 'etc'), { recursive: true });
    writeFileSync(file, reportOf(entry, join(ROOT, `pkg-template/${entry}.d.ts`)));
    console.error(`api-report: ${file} is written`);
  }
}
