// Builds target/www/: the pages in www/, as any static host can serve them, under any path.
//
//   node scripts/www.mjs                 builds
//   node scripts/www.mjs --serve [port]  builds, serves, prints where (8080, or the next that is free)
//
//   www/<page>/main.js, main.css, *.worker.js   bundled; what pages have in common goes into chunks/
//   www/<page>/*.html                           copied, with the head and foot that all of them have filled in
//   www/docs/index.html                         the dress of all documents: documents.mjs
//   www/<page>/ pictures, fonts                 copied
//   www/<page>/assets.mjs                       `assets()`: [[from, to]] of what else a page needs; `to` is relative to the page
//
// A page finds its worker by `new URL('name.worker.js', document.baseURI)`: code that is loaded later lies in chunks/, so
// import.meta.url would be another folder.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { build, context } from 'esbuild';
import { documents } from './documents.mjs';

const ROOT = join(import.meta.dirname, '..');
const FROM = join(ROOT, 'www');
const PACKAGE = process.env.QUOTA_AWARE_PACKAGE ?? join(ROOT, 'pkg');
const DOCUMENT = join('docs', 'index.html');
const COPIED = new Set(['.svg', '.png', '.webp', '.jpg', '.ico', '.woff2', '.webmanifest']);

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({ options: { serve: { type: 'boolean' } }, allowPositionals: true });
  if (values.serve) await servePages(positionals[0] === undefined ? undefined : Number(positionals[0]));
  else await buildPages();
}

/**
 * Builds the pages into a folder.
 *
 * @param {{ out?: string, pages?: string[] }} [what] pages: names of folders in www/, '' for the door; default all of them
 */
export async function buildPages({ out = join(ROOT, 'target/www'), pages = allPages() } = {}) {
  rmSync(out, { recursive: true, force: true });
  await build(settings(out, pages));
}

async function servePages(port) {
  const out = join(ROOT, 'target/www');
  rmSync(out, { recursive: true, force: true });
  const building = await context(settings(out, allPages()));
  const served = await building.serve({ servedir: out, host: '127.0.0.1', ...(port === undefined ? {} : { port }) });
  console.log(`http://127.0.0.1:${served.port}/`);
}

function allPages() {
  const folders = readdirSync(FROM, { withFileTypes: true }).filter((each) => each.isDirectory() && each.name !== 'node_modules').map(({ name }) => name);
  return ['', ...folders].filter((page) => existsSync(join(FROM, page, 'index.html')));
}

function settings(out, pages) {
  const files = ['common', ...pages].flatMap((page) => filesOf(page));
  const entries = files.filter((file) => /(?:^|\/)main\.(?:js|css)$|\.(?:worker|boot)\.js$/.test(file));
  return {
    absWorkingDir: ROOT, entryPoints: entries.map((file) => join(FROM, file)), outbase: FROM, outdir: out,
    bundle: true, splitting: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none', logLevel: 'warning',
    chunkNames: 'chunks/[name]-[hash]', assetNames: 'assets/[name]-[hash]', loader: { '.svg': 'file', '.png': 'file', '.webp': 'file', '.woff2': 'file' },
    plugins: [packageItself(), copying(out, pages, files)],
  };
}

/** A page's own files. The door's are those in no folder. */
function filesOf(page) {
  const names = readdirSync(join(FROM, page), { recursive: page !== '', withFileTypes: true });
  return names.filter((each) => each.isFile()).map((each) => relative(FROM, join(each.parentPath, each.name)));
}

/** `quota-aware-api` and its subpaths are what users get: the built package, or the one that QUOTA_AWARE_PACKAGE names. */
function packageItself() {
  return {
    name: 'package',
    setup(building) {
      building.onResolve({ filter: /^quota-aware-api(?:\/|$)/ }, ({ path }) => {
        const { exports } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
        const entry = exports[`.${path.slice('quota-aware-api'.length)}`];
        if (entry === undefined) return { errors: [{ text: `${path}: the package in ${PACKAGE} has no such entry` }] };
        return { path: join(PACKAGE, entry.default.default) };
      });
    },
  };
}

/** Before each build, so that a reload shows what has changed in a page's HTML too. */
function copying(out, pages, files) {
  return {
    name: 'copying',
    setup(building) {
      building.onStart(async () => {
        for (const file of files) {
          if (file === DOCUMENT) for (const [page, html] of documents(filled(file))) write(join(out, 'docs', page), html);
          else if (extname(file) === '.html' && !file.startsWith('common/')) write(join(out, file), filled(file));
          else if (COPIED.has(extname(file))) copy(join(FROM, file), join(out, file));
        }
        for (const page of pages) {
          const list = join(FROM, page, 'assets.mjs');
          if (!existsSync(list)) continue;
          const { assets } = await import(pathToFileURL(list));
          for (const [from, to] of await assets()) copy(from, join(out, page, to));
        }
      });
    },
  };
}

/** `<!-- head -->`, `<!-- header -->` and `<!-- footer -->` are common/*.html; `{root}` in those leads back to the door. */
function filled(file) {
  const page = dirname(file) === '.' ? '' : `${dirname(file)}/`;
  const root = page === '' ? './' : '../'.repeat(page.split('/').length - 1);
  const html = readFileSync(join(FROM, file), 'utf8').split('\n').filter(leadsSomewhere).join('\n');
  return html.replace(/^[ \t]*<!-- (head|header|footer) -->\n/gm, (_, name) => {
    const lines = readFileSync(join(FROM, 'common', `${name}.html`), 'utf8').split('\n');
    const part = lines.filter(leadsSomewhere).join('\n').replaceAll('{root}', root);
    return part.replace(` href="${root}${page}index.html"`, ` href="${root}${page}index.html" aria-current="page"`);
  });
}

/** Links to pages that are not there (yet) are left out. */
function leadsSomewhere(line) {
  const [, page] = / href="(?:\{root\})?(\w+)\/index\.html"/.exec(line) ?? [];
  return page === undefined || existsSync(join(FROM, page, 'index.html'));
}

function write(to, text) {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
}
