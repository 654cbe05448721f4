// The compilers that users have: the oldest that reads the types, the last that was written in JavaScript, and the project's own.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const here = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '../..');
const NEWEST_NODE = join(ROOT, 'node_modules/@types/node');

/** What every consumer of the matrix has set. `skipLibCheck` is left off: the declarations are looked at themselves. */
const STRICT = {
  noEmit: true, strict: true, target: 'es2022', skipLibCheck: false,
  noUncheckedIndexedAccess: true, noImplicitOverride: true, noPropertyAccessFromIndexSignature: true,
};

/** The oldest: `/// <reference lib="esnext.disposable" />` came with it. Its time had the types of Node 20. */
export const OLDEST = inProcess('typescript-oldest', join(import.meta.dirname, 'node_modules/types-node-20'));
/** The last written in JavaScript. */
export const FIVE = inProcess('typescript-5', NEWEST_NODE);
/** The project's own. It has no node10 any more. */
export const NATIVE = asProgram(join(ROOT, 'node_modules/typescript'), NEWEST_NODE);

/** The API of TypeScript 5, for tests that walk the declarations. */
export const ts = here('typescript-5');

/** A compiler with a JavaScript API: one process for the whole matrix, and the files of libraries are parsed once. */
function inProcess(name, nodeTypes) {
  const api = here(name);
  const parsed = new Map();
  return {
    version: api.version, nodeTypes, has: () => true,
    async compile(folder, files, options) {
      const { options: converted, errors } = api.convertCompilerOptionsFromJson({ ...STRICT, ...options }, folder);
      const host = api.createCompilerHost(converted);
      const parse = host.getSourceFile.bind(host);
      host.getCurrentDirectory = () => folder;
      host.getSourceFile = (file, how, ...rest) => {
        if (!file.includes(`${sep}${name}${sep}lib${sep}`)) return parse(file, how, ...rest);
        if (!parsed.has(file)) parsed.set(file, parse(file, how, ...rest));
        return parsed.get(file);
      };
      const program = api.createProgram(files.map((file) => join(folder, file)), converted, host);
      const own = program.getSourceFiles().filter(({ fileName }) => isOwn(folder, fileName));
      const found = [...errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])];
      return { errors: found.map((each) => shown(api, folder, each)), files: own.map(({ fileName }) => relative(folder, fileName)) };
    },
  };
}

/** A compiler that is a program, and fast. */
function asProgram(path, nodeTypes) {
  const { version } = here(join(path, 'package.json'));
  return {
    version, nodeTypes, has: ({ moduleResolution }) => moduleResolution !== 'node10',
    async compile(folder, files, options) {
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...STRICT, ...options, listFiles: true }, files }));
      const { stdout } = await execute(process.execPath, [join(path, 'bin/tsc'), '-p', folder, '--pretty', 'false'], { cwd: folder }).catch((error) => error);
      const lines = stdout.trim().split('\n');
      // A line without a place is about the options; a place elsewhere is about other people's types.
      const errors = lines.filter((line) => /^error /.test(line) || (/\): error /.test(line) && isOwn(folder, join(folder, line.split('(')[0]))));
      return { errors, files: lines.filter((line) => line.startsWith(folder) && isOwn(folder, line)).map((file) => relative(folder, file)) };
    },
  };
}

/** The consumer's own sources and the package; not the libraries beside it. */
function isOwn(folder, file) {
  const path = relative(folder, file);
  return !path.startsWith('..') && (!path.includes('node_modules') || path.includes(`quota-aware-api${sep}`));
}

function shown(api, folder, { file, start, code, messageText }) {
  const place = file ? `${relative(folder, file.fileName)}(${file.getLineAndCharacterOfPosition(start).line + 1}): ` : '';
  return `${place}error TS${code}: ${api.flattenDiagnosticMessageText(messageText, '\n')}`;
}
