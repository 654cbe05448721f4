// What every row of the matrix does, wherever it runs: the package's main job over HTTP, against an emulator whose first
// project has nothing left this minute. Comes back with data; index.mjs judges it.
import { QuotaAwareAPI, QuotaAwareError } from 'quota-aware-api';

const KEYS = ['fake-matrix-one', 'fake-matrix-two'];
const MODEL = '/v1beta/models/gemini-flash-lite-latest';

/** @param {string} origin the emulator's @param {object} [options] where a row hands over the module itself */
export async function scenario(origin, options) {
  // The one option is for the loopback server's sake: keys go to nobody but the providers and whom the options name.
  const api = new QuotaAwareAPI(KEYS, { allowedOrigins: [origin], ...options });
  const went = [];
  api.addEventListener('settled', ({ detail }) => went.push(`${detail.key} ${detail.verdict}`));
  const call = `${origin}${MODEL}:generateContent`;
  const stream = `${origin}${MODEL}:streamGenerateContent?alt=sse`;

  const response = await api.call(call, say());
  const answer = (await response.json()).candidates[0].content.parts[0].text;
  const attempts = [...went];
  const streamed = await readStream(await api.call(stream, say()));
  const abortedInside = await abortStream(api, stream);
  const abortedWaiting = await abortCall(api, call);
  const refused = await api.call('https://example.invalid/v1/chat/completions', say()).catch((error) => error);
  const { totalKeys } = api.getStats();
  api.close();
  return {
    keys: totalKeys, status: response.status, attempts, answer, streamed, abortedInside, abortedWaiting,
    refused: refused instanceof QuotaAwareError && refused.code,
  };
}

function say(more) {
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Which runtimes?' }] }] });
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body, ...more };
}

/** The text of a stream, and whether it came in pieces. */
async function readStream(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let pieces = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    pieces += 1;
    text += decoder.decode(next.value, { stream: true });
  }
  const parts = [...text.matchAll(/"text":\s*"([^"]*)"/g)].map(([, part]) => part);
  return { text: parts.join(''), inPieces: pieces > 1 };
}

/** A reader who leaves after the first piece. */
async function abortStream(api, url) {
  const patience = new AbortController();
  const reader = (await api.call(url, say({ signal: patience.signal }))).body.getReader();
  const first = await reader.read();
  patience.abort();
  for (;;) {
    const end = await reader.read().then(({ done }) => (done ? 'came whole' : undefined), ({ name }) => name);
    if (end !== undefined) return first.value.length > 0 && end;
  }
}

/** A caller who leaves while the emulator lets them wait. */
async function abortCall(api, url) {
  const patience = new AbortController();
  const pending = api.call(url, say({ signal: patience.signal }));
  setTimeout(() => patience.abort(), 300);
  return pending.then(() => 'was served', ({ name }) => name);
}
