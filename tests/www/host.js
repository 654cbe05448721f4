// The pages as a static host has them: built into a folder of the test's own, under a path, with a strict policy. For any browser.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPages } from '../../scripts/www.mjs';
import { opened } from '../browser/site.js';

const ROOT = join(import.meta.dirname, '../..');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm', '.png': 'image/png', '.webp': 'image/webp', '.jpg': 'image/jpeg', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8' };
/** No page may need more than this. A page that talks to a provider passes a `connect-src` of its own. */
export const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
/** No page may know where it lies. */
const PREFIX = '/some/where/';
const REPORTS = '/reports';

/**
 * Builds one page ('' is the door), or all with `whole`, into a folder of that name, and serves it.
 *
 * @param {string} name @param {{ policy?: string, whole?: boolean, folder?: string }} [how] folder: for tests that run beside others
 * @returns `url` of the page; `violations`: what browsers report of the policy, from workers too; `elsewhere`, `weight`, `close`
 */
export async function hostPages(name, { policy = POLICY, whole = false, folder = whole ? 'whole' : name === '' ? 'door' : name } = {}) {
  const out = join(ROOT, 'target/www-tests', folder);
  await buildPages({ out, pages: whole ? undefined : [name] });
  const violations = [];
  const { origin, close } = await serve(out, policy, (report) => violations.push(report));
  return {
    url: `${origin}${PREFIX}${name === '' ? '' : `${name}/`}`, out, violations, close,
    /** Of what was asked for, what is not ours. */
    elsewhere: (requested) => requested.filter((each) => !each.startsWith(`${origin}${PREFIX}`) && !/^(?:data|blob):/.test(each)),
    /** Bytes of what was asked for, compressed as servers do. */
    weight: (requested) => weightOf(out, [...new Set(requested)].map((each) => new URL(each).pathname.slice(PREFIX.length))),
  };
}

function weightOf(out, files) {
  return files.map((file) => (file === '' || file.endsWith('/') ? `${file}index.html` : file))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(out, file))).length, 0);
}

function serve(folder, policy, violated) {
  return opened((request, response) => {
    const { pathname } = new URL(request.url, 'http://site.invalid');
    if (pathname === REPORTS) return void reported(request, response, violated);
    const path = normalize(decodeURIComponent(pathname)).replace(/\/$/, '/index.html');
    const file = path.startsWith(PREFIX) ? join(folder, path.slice(PREFIX.length)) : undefined;
    if (file === undefined || !existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': `${policy}; report-uri ${REPORTS}` });
    createReadStream(file).pipe(response);
  });
}

async function reported(request, response, violated) {
  let text = '';
  for await (const piece of request) text += piece;
  const { 'violated-directive': directive, 'blocked-uri': blocked, 'source-file': file } = JSON.parse(text)['csp-report'];
  violated(`${directive}: ${blocked} (${file})`);
  response.writeHead(204).end();
}
