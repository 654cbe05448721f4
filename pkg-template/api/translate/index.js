// A chat call in another dialect: so that what one provider has no quota for, another can answer, and the caller's SDK
// sees no difference. Pure: JSON in, JSON out; no network, and no clock but the one that is given.
import { Events } from './events.js';
import { failureOf, geminiEnvelope, openaiEnvelope, unreadable } from './failure.js';
import { ArrayFrames, GeminiFrames, OpenAIFrames } from './frames.js';
import { GeminiAnswers } from './gemini-answer.js';
import { fromGemini } from './gemini-request.js';
import { Losses } from './losses.js';
import { NotTranslatable } from './not-translatable.js';
import { OpenAIAnswers } from './openai-answer.js';
import { fromOpenAI } from './openai-request.js';
import { isRecord } from './records.js';

export { NotTranslatable, listed } from './not-translatable.js';
export { renamed } from './rename.js';

/** @typedef {'gemini' | 'openai'} Dialect Gemini's own, or OpenAI's chat completions, which most others speak */
/** @typedef {{ path: string, why: string }} Loss a field, as `generationConfig.topK` or `response.choices[0].logprobs` */
/**
 * @typedef {object} Translation
 * @property {string} path where to send it, below the versioned root: `chat/completions`, `models/m:generateContent`
 * @property {string} body the request, as JSON
 * @property {boolean} stream whether the answer is asked for in pieces
 * @property {string} contentType of the answer to the caller
 * @property {Loss[]} left what stays behind because it means nothing elsewhere or was allowed to; grows with the answer
 * @property {(text: string, status?: number) => { status: number, body: string }} response a whole answer, or an error of
 *   any status, for the caller. What can't be read becomes an error of status 502
 * @property {() => { push(bytes: Uint8Array | string): string[], end(): string[] }} events a streamed answer for the caller
 * @property {(response: Response) => Promise<Response>} answer all of that for a Response: errors and whole answers are
 *   read, streams go on piece by piece
 */

/** Which dialect a URL of a chat call speaks; `anthropic` can be renamed only. @returns {Dialect | 'anthropic' | undefined} */
export function dialectOf(url) {
  const path = String(url).replace(/[?#].*$/s, '');
  if (/\/models\/[^/:]+:(?:generateContent|streamGenerateContent)$/.test(path)) return 'gemini';
  if (path.endsWith('/chat/completions')) return 'openai';
  return path.endsWith('/v1/messages') ? 'anthropic' : undefined;
}

/**
 * A chat call, said in the other dialect.
 * @param {object} call
 * @param {Dialect} call.from
 * @param {Dialect} call.to
 * @param {string} call.url where it would have gone
 * @param {string | Uint8Array} call.body what was to be sent, JSON
 * @param {string} call.model who shall answer instead
 * @param {string} [call.provider] whose that is, as `ProviderName`: names differ between servers that speak alike
 * @param {boolean} [call.reasons] whether the model thinks; unknown, it is spared options that others refuse
 * @param {string[]} [call.allow] paths that may be left out although they mean something, without numbers:
 *   `generationConfig.topK`, `safetySettings`
 * @param {() => number} [call.now] epoch milliseconds
 * @returns {Translation}
 * @throws {NotTranslatable} what can't be carried, every path of it
 */
export function translation({ from, to, url, body, model, provider, reasons, allow, now = Date.now }) {
  if (dialectOf(url) !== from || from === to || !WORK.has(from) || !WORK.has(to)) {
    throw new NotTranslatable([{ path: 'url', why: `expected a chat call in the dialect of ${from === 'openai' ? 'OpenAI' : 'Gemini'}, for the other` }]);
  }
  const losses = new Losses({ allow, camel: from === 'gemini' });
  return guarded(() => WORK.get(from)(parsed(body), losses, { url: String(url), model: model.replace(/^models\//, ''), provider, reasons, now }));
}

const WORK = new Map([['gemini', geminiToOpenAI], ['openai', openaiToGemini]]);

function geminiToOpenAI(request, losses, { url, model, provider, reasons }) {
  const stream = /:streamGenerateContent(?:[?#]|$)/.test(url);
  const sse = /[?&]alt=sse(?:[&#]|$)/.test(url);
  const { body, thoughts } = fromGemini(request, losses, { model, provider, stream, reasons });
  losses.check();
  const answers = () => new OpenAIAnswers({ thoughts, losses });
  const array = stream && !sse;
  return made({
    path: 'chat/completions', body, stream, losses, answers,
    // An error of a stream without `alt=sse` comes in an array.
    envelope: geminiEnvelope, wrap: (envelope) => (array ? [envelope] : envelope),
    frames: () => (array ? new ArrayFrames() : new GeminiFrames()),
    contentType: stream && sse ? EVENTS : 'application/json; charset=UTF-8',
  });
}

function openaiToGemini(request, losses, { model, now }) {
  const { body, stream, usage, calls } = fromOpenAI(request, losses, { model });
  losses.check();
  const answers = () => new GeminiAnswers({ losses, model, created: Math.floor(now() / 1000), usage, calls });
  return made({
    path: `models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, body, stream, losses, answers,
    envelope: openaiEnvelope, wrap: (envelope) => envelope, frames: () => new OpenAIFrames(),
    contentType: stream ? EVENTS : 'application/json',
  });
}

/** @returns {Translation} */
function made({ path, body, stream, losses, answers, envelope, wrap, frames, contentType }) {
  const events = () => new Events(answers(), frames(), envelope);
  const failed = (failure) => ({ status: failure.status, body: JSON.stringify(wrap(envelope(failure))) });
  const response = (text, status = 200) => {
    try {
      const document = read(text);
      if (status >= 400 || (isRecord(document) && document.error)) return failed(failureOf(document, status));
      const whole = isRecord(document) ? answers().whole(document) : undefined;
      return whole === undefined ? failed(unreadable()) : { status, body: JSON.stringify(whole) };
    } catch {
      // Nested deeper than the stack is: no answer that anybody means.
      return failed(unreadable());
    }
  };
  const answer = async (given) => {
    const headers = new Headers(given.headers);
    // The body is another, and not packed.
    for (const name of ['content-length', 'content-encoding']) headers.delete(name);
    if (stream && given.ok && given.body !== null) {
      headers.set('content-type', contentType);
      return new Response(given.body.pipeThrough(transform(events())), { status: given.status, headers });
    }
    const { status, body: text } = response(await given.text(), given.status);
    headers.set('content-type', 'application/json');
    return new Response(text, { status, headers });
  };
  return { path, body: JSON.stringify(body), stream, contentType, left: losses.left, response, events, answer };
}

function transform(events) {
  const encoder = new TextEncoder();
  // One chunk each: an error must stand alone to be seen as one.
  const send = (texts, controller) => texts.forEach((text) => controller.enqueue(encoder.encode(text)));
  return new TransformStream({
    transform: (bytes, controller) => send(events.push(bytes), controller),
    flush: (controller) => send(events.end(), controller),
  });
}

function parsed(body) {
  const document = read(typeof body === 'string' ? body : new TextDecoder().decode(body));
  if (!isRecord(document)) throw new NotTranslatable([{ path: 'body', why: 'expected an object in JSON' }]);
  return document;
}

/** JSON, or the text itself where it is none. */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What is nested deeper than the stack can follow is nothing that anybody means. */
function guarded(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new NotTranslatable([{ path: 'body', why: 'it is nested too deeply' }]);
    throw error;
  }
}

const EVENTS = 'text/event-stream';
