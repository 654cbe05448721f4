// How the scenario is started: three lines, by the kind of place.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';

const SCENARIO = readFileSync(join(import.meta.dirname, 'scenario.js'), 'utf8');
const TELL = "(seen) => `seen ${JSON.stringify(seen)}`, (error) => `${error.stack ?? error}`";

/** A program: Node, Deno, Bun, and what bundlers make for them. */
export const PROGRAM = { 'start.js': `import { scenario } from './scenario.js';\nscenario(process.argv[2]).then(${TELL}).then(console.log);\n` };

/** The same by `require`. */
export const REQUIRING = {
  'scenario.cjs': transformSync(SCENARIO, { format: 'cjs' }).code,
  'start.cjs': `const { scenario } = require('./scenario.cjs');\nscenario(process.argv[2]).then(${TELL}).then(console.log);\n`,
};

const ORIGIN = "new URL(location.href).searchParams.get('origin')";
const PAGE_START = `import { scenario } from './scenario.js';\nscenario(${ORIGIN}).then(${TELL}).then((outcome) => { window.outcome = outcome; });\n`;
const html = (script) => `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Matrix</title>\n${script}\n</html>\n`;

/** A page that a bundler makes, or serves. */
export const PAGE = { 'main.js': PAGE_START, 'index.html': html('<script type="module" src="./main.js"></script>') };

/** The page of a bundle. */
export const BUNDLED = (file, type = 'module') => ({ 'index.html': html(`<script type="${type}" src="./${file}"></script>`) });

/** A page that compiles the module while it loads, from a file that a bundler names. */
export const HANDING_OVER = {
  'handing-over.js': `import url from 'quota-aware-api/core.wasm?url';\nimport { scenario } from './scenario.js';\nWebAssembly.compileStreaming(fetch(url)).then((wasm) => scenario(${ORIGIN}, { wasm })).then(${TELL}).then((outcome) => { window.outcome = outcome; });\n`,
  'handing-over.html': html('<script type="module" src="./handing-over.js"></script>'),
};

const BARE = SCENARIO.replace("'quota-aware-api'", "'./quota-aware-api/index.js'");

/** Pages without any bundler: they name the file. */
export const BARE_PAGE = { ...PAGE, 'scenario.js': BARE };

/** The same in a module worker. */
export const BARE_WORKER = {
  'scenario.js': BARE,
  'worker.js': `import { scenario } from './scenario.js';\nonmessage = ({ data }) => scenario(data).then(${TELL}).then(postMessage);\n`,
  'main.js': `const worker = new Worker('./worker.js', { type: 'module' });\nworker.onmessage = ({ data }) => { window.outcome = data; };\nworker.onerror = ({ message }) => { window.outcome = message; };\nworker.postMessage(${ORIGIN});\n`,
  'index.html': html('<script type="module" src="./main.js"></script>'),
};

/** The same in the service worker of an extension, asked by a page of it. */
export const SERVICE_WORKER = {
  'background.js': `import { scenario } from './scenario.js';
chrome.runtime.onMessage.addListener((origin, sender, answer) => {
  scenario(origin).then(${TELL}).then(answer);
  return true;
});
`,
  'asking.js': `chrome.runtime.sendMessage(${ORIGIN}).then((outcome) => { window.outcome = outcome; }, (error) => { window.outcome = String(error); });\n`,
  'asking.html': html('<script type="module" src="./asking.js"></script>'),
};
