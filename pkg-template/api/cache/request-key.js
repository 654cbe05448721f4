// What makes two calls the same: method, URL, headers and body, all of it. No digest: the one that the web offers is
// asynchronous and missing on http: pages, and the body itself can't be mistaken for another.

/** The key of a call, or undefined where its body is of a kind that can't be looked at. */
export function keyOf(href, { method = 'GET', headers = {}, body }) {
  const text = textOf(body);
  if (text === undefined) return undefined;
  const said = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value).trim()]).filter(([name]) => !INDIFFERENT.test(name));
  // JSON, so that nothing in a header can look like the beginning of a body. The body at the end, as it is: it is long.
  return `${JSON.stringify([method.toUpperCase(), href, said.sort()])}\n${text}`;
}

/** Whether the answer comes piece by piece: as the URL says, or the body. */
export function asksForStream(href, body) {
  return /:stream[a-z]+(?:\?|$)|[?&]alt=sse(?:&|$)/i.test(href) || (typeof body === 'string' && /"stream"\s*:\s*true/.test(body));
}

/** Whether a call asks a model something, and leaves nothing behind at the provider's: what the option alone may keep. */
export function isQuestion(href, { method }) {
  return /^post$/i.test(method) && QUESTION.test(/^[^?#]*/.exec(href)[0]);
}

const QUESTION = /:(?:generateContent|embedContent|batchEmbedContents|countTokens)$|\/(?:completions|embeddings|messages|messages\/count_tokens)$/;

/** Headers that tell calls apart and answers not: of tracing, and of SDKs about themselves. */
const INDIFFERENT = /^(?:user-agent|traceparent|tracestate|baggage|idempotency-key|x-(?:client-)?request-id|x-stainless-.*|x-goog-api-client)$/;

const UTF8 = typeof TextDecoder === 'function' ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) : undefined;

/** A body as text: bytes too, where they are text. A copy, whatever becomes of them. */
export function textOf(body) {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (!(body instanceof ArrayBuffer) && !ArrayBuffer.isView(body)) return undefined;
  try {
    return UTF8?.decode(body);
  } catch {
    return undefined;
  }
}
