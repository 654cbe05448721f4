// A server for tests of the wire: keeps what it sees, and answers as it is told.
import { createServer } from 'node:http';

/** 200 where nothing is said. An answer that is a function gets the request and the response. */
export async function serve() {
  const seen = [];
  const answers = [];
  const server = createServer(async (request, response) => {
    const answer = answers.shift() ?? {};
    const pieces = [];
    try {
      for await (const piece of request) pieces.push(piece);
    } catch { /* whoever sent it has left */ }
    seen.push({ method: request.method, url: request.url, headers: request.headers, rawHeaders: request.rawHeaders, body: Buffer.concat(pieces) });
    if (typeof answer === 'function') return answer(request, response);
    const { status = 200, headers = { 'content-type': 'application/json' }, body = '{"ok":true}' } = answer;
    return response.writeHead(status, headers).end(body);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => { server.close(resolve); });
  };
  return { seen, answers, origin: `http://127.0.0.1:${server.address().port}`, close };
}
