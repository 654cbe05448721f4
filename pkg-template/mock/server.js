// The mock as an HTTP server, for programs and pages that cannot be handed a `fetch`. Node only.

import { name, number, record } from './check.js';
import { corsHeaders, preflight } from './cors.js';
import { createMockProvider } from './provider.js';
import { STATUS_TEXT } from './reply.js';

/** @param {object} [options] see mock.d.ts */
export async function createMockServer(options) {
  const { port: givenPort, host: givenHost, ...rest } = record('options', options);
  const port = givenPort === undefined ? 0 : number('port', givenPort, { min: 0, max: 65_535, integer: true });
  const host = givenHost === undefined ? '127.0.0.1' : name('host', givenHost);
  const provider = createMockProvider(rest);
  const { createServer } = /** @type {typeof import('node:http')} */ (await import(/* webpackIgnore: true */ /* @vite-ignore */ NODE_HTTP));

  /** @type {string} */ let url;
  const server = createServer((request, response) => {
    serve(provider, url, request, response).catch((error) => breakOff(response, error));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  const shown = host.includes(':') ? `[${host}]` : host;

  /** @type {Promise<void> | undefined} */ let closing;
  const close = () => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  url = `http://${shown}:${address.port}`;
  return Object.freeze({ url, port: address.port, provider, close, [Symbol.asyncDispose]: close });
}

/**
 * Not a plain text: esbuild follows one even in a dynamic import, and then fails for browsers, where all of the mock but this
 * function is of use.
 */
const NODE_HTTP = ['node', 'http'].join(':');

/**
 * @param {ReturnType<typeof createMockProvider>} provider @param {string} own the server's address
 * @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response
 */
async function serve(provider, own, request, response) {
  // Not `request.headers.host`: a path is told by its shape here, and a Host header is the caller's to write.
  const url = new URL(request.url ?? '/', own);
  const headers = new Headers();
  for (const [key, value] of Object.entries(request.headersDistinct)) for (const each of value ?? []) headers.append(key, each);
  const origin = headers.get('origin');
  const dialect = provider.providerOf(url, headers);
  if (request.method === 'OPTIONS' && origin !== null) {
    request.resume();
    const answer = preflight(dialect, origin, headers.get('access-control-request-headers') ?? '');
    response.writeHead(answer.status, { ...answer.headers, 'content-length': '0' }).end();
    return;
  }

  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = await provider.fetch(url, { method: request.method, headers, body: await readAll(request), signal: gone.signal });
  const cors = origin === null ? {} : corsHeaders(dialect, origin);
  response.writeHead(answer.status, STATUS_TEXT[answer.status] ?? '', { ...Object.fromEntries(answer.headers), ...cors });
  for await (const piece of /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (answer.body ?? []))) {
    if (!response.write(piece)) await roomToWrite(response);
  }
  response.end();
}

/**
 * A connection fault, a cut or a caller who left: the connection ends, after what was written. Anything else is a mistake in
 * the options' own functions, and is told.
 *
 * @param {import('node:http').ServerResponse} response @param {any} error
 */
function breakOff(response, error) {
  if (response.headersSent || response.destroyed || error?.cause?.code === 'ECONNRESET') {
    response.socket?.destroySoon();
    return;
  }
  response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`mock: ${error?.message ?? error}\n`);
}

/** Or the end of the connection. @param {import('node:http').ServerResponse} response @returns {Promise<void>} */
function roomToWrite(response) {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

/** @param {import('node:http').IncomingMessage} request */
async function readAll(request) {
  /** @type {Uint8Array[]} */ const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  chunks.reduce((at, chunk) => {
    bytes.set(chunk, at);
    return at + chunk.length;
  }, 0);
  return bytes.length === 0 ? undefined : bytes;
}
