// A plain static server, as anybody would put files on: no bundler, no import map server-side, no headers of note.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

/** Serves folders under their prefixes: `{ '/dist/': 'pkg/dist' }`; every answer has these headers. */
export async function serveSite(folders, headers = {}) {
  return opened((request, response) => {
    const { pathname } = new URL(request.url, 'http://site.invalid');
    const prefix = Object.keys(folders).find((each) => pathname.startsWith(each));
    const file = prefix && join(folders[prefix], normalize(pathname.slice(prefix.length)));
    if (!file || !file.startsWith(folders[prefix]) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { ...headers, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
}

/** A server on a port of its own: `{ origin, close }`. */
export async function opened(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => { server.close(resolve); });
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}
