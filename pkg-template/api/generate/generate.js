// The short way to an answer: a text in, a text out. What providers spell differently is in the dialects; what quota is
// about happens in `call`, by which every question goes.
import { classify } from '../classify.js';
import { QuotaAwareError } from '../errors.js';
import { Answer, Failed } from './answer.js';
import { Events } from './events.js';
import { questionOf } from './question.js';
import { isRecord } from './schema.js';
import { targetOf } from './target.js';
import { TextStream } from './text-stream.js';

/** @param client what it needs of the class: `{ call, during, settings, texts, providers, profileOf, redact }` */
export function generate(client, prompt, options) {
  if (options?.stream !== true) return client.during(() => ask(client, prompt, options));
  return new TextStream((say, stop) => client.during(() => streamed(client, prompt, options, say, stop)));
}

/** The caller's signal, or that nobody looks any more: either ends it. */
async function streamed(client, prompt, options, say, stop) {
  const either = new AbortController();
  const own = options.signal;
  const end = () => either.abort(stop.aborted ? stop.reason : own.reason);
  const signals = [stop, ...(typeof own?.addEventListener === 'function' ? [own] : [])];
  for (const signal of signals) signal.addEventListener('abort', end, { once: true });
  if (own?.aborted) end();
  try {
    return await ask(client, prompt, options, say, either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', end);
  }
}

async function ask(client, prompt, options, say = () => {}, signal = undefined) {
  const question = profiled(await questionOf(prompt, options), client);
  const { provider, model, dialect, url } = targetOf(question, client.settings, client.providers);
  const { quota, stream } = question;
  const ends = signal ?? question.signal;
  const response = await client.call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...dialect.headers },
    body: JSON.stringify(dialect.body({ ...question, provider, model })),
    ...(ends && { signal: ends }),
    quota: { ...quota, explain: true },
  });
  const call = { client, provider, response, ...attemptsOf(response.quota) };
  if (!response.ok) throw refused(call, await refusalOf(response, ends));
  const answer = new Answer();
  try {
    if (stream) await readStream(response, dialect, answer, say, ends);
    else answer.take(dialect, parsed(await textOf(response, ends)));
  } catch (error) {
    if (ends?.aborted) throw ends.reason;
    if (error instanceof Failed && !stream) throw refused(call, JSON.stringify(error.document));
    throw broken(call, answer, error);
  }
  if (stream && !answer.isWhole) throw broken(call, answer);
  return resultOf(call, answer, question, model);
}

/** What a profile says of the question itself. The rest of it is the call's. */
function profiled(question, { profileOf }) {
  const name = question.quota?.profile;
  if (name === undefined || name === null) return question;
  const profile = profileOf(name);
  const said = (field) => question[field] ?? profile[field] ?? undefined;
  return { ...question, model: said('model'), temperature: said('temperature'), maxTokens: said('maxTokens') };
}

function resultOf(call, answer, { schema }, asked) {
  const problem = answer.problem(schema);
  const { text, json, finishReason } = answer;
  const usage = answer.usage === null ? null : totalled(answer.usage);
  const model = answer.model ?? asked;
  if (problem !== undefined) throw failure(call, { ...problem, answer: { text, finishReason, usage, model } });
  const { key, cached, sends, waitedMs, response } = call;
  const result = { text, ...(schema !== undefined && { json }), finishReason, usage, model, key, attempts: sends, waitedMs, cached };
  // Not enumerable: a logged result should not drag a Response along.
  return Object.defineProperty(result, 'response', { value: response });
}

function totalled({ input, output, cached, thoughts }) {
  return { input, output, total: input + output, cached, thoughts };
}

// ---------------------------------------------------------------- reading

async function readStream(response, dialect, answer, say, signal) {
  const events = new Events();
  const take = (datas) => {
    for (const data of datas) {
      if (data.trim() === '[DONE]') answer.ended = true;
      // A body that is a list after all has its documents in an array.
      for (const document of [parsed(data)].flat()) {
        const piece = answer.take(dialect, document);
        if (piece !== '') say(piece);
      }
    }
  };
  if (typeof response.body?.getReader !== 'function') {
    take(events.take(new TextEncoder().encode(await textOf(response, signal))));
  } else {
    const reader = response.body.getReader();
    const stop = () => { reader.cancel(signal.reason).catch(() => {}); };
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) stop();
      for (let read = await reader.read(); !read.done; read = await reader.read()) take(events.take(read.value));
    } catch (error) {
      // An error event in the middle: what may follow is nobody's.
      reader.cancel().catch(() => {});
      throw error;
    }
  }
  if (signal.aborted) throw signal.reason;
  take(events.end());
}

/** The body as text; an abort need not wait for the host to notice. */
function textOf(response, signal) {
  if (signal === undefined) return response.text();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    response.text().then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** A refusal whose words don't arrive is one all the same. */
async function refusalOf(response, signal) {
  try {
    return await textOf(response, signal);
  } catch {
    if (signal?.aborted) throw signal.reason;
    return '';
  }
}

/** Whatever is no JSON is no document: the answer then lacks its end, or its text. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------- what went wrong

/** Which key answered, after what, from the account of the call. */
function attemptsOf(report) {
  const attempts = [];
  let since = report?.trace.began;
  let waitedMs = 0;
  for (const step of report?.trace.steps ?? []) {
    if (step.step === 'sent') waitedMs = step.at - since;
    if (step.step !== 'ended') continue;
    attempts.push({ key: step.key, status: step.status, verdict: step.verdict, waitedMs });
    since = step.at;
  }
  // What the cache brings was sent for somebody else, who did the waiting.
  const cached = report?.cached === true;
  return { attempts, cached, key: report?.key ?? null, sends: cached ? 0 : report?.attempts ?? 0, waitedMs: cached ? 0 : report?.trace.waitedMs ?? 0 };
}

/** The provider's own refusal of the request: no other key would change it. */
function refused(call, body) {
  const { response, provider } = call;
  const meaning = classify({ provider, status: response.status, headers: response.headers, body });
  return failure(call, { code: meaning.verdict === 'blocked' ? 'BLOCKED' : 'REFUSED', status: response.status, meaning, words: wordsOf(call, body), retryAfter: meaning.retryAfter });
}

/** A stream that ended without its end, or with an error. */
function broken(call, answer, error) {
  const { text, finishReason, model } = answer;
  const told = error instanceof Failed ? JSON.stringify(error.document) : undefined;
  const heard = error instanceof QuotaAwareError && error.cause?.verdict !== undefined ? { words: error.cause.message } : {};
  const account = told === undefined ? { cause: error, ...heard } : { meaning: classify({ provider: call.provider, status: 200, body: told }), words: wordsOf(call, told) };
  return failure(call, { code: 'STREAM_BROKEN', ...account, answer: { text, finishReason, usage: null, model: model ?? null } });
}

function failure({ attempts, response, client, provider }, account) {
  const { meaning, reason } = account;
  // Whatever is in the provider's own words may repeat a key, a model's name included.
  const own = (words) => (typeof words === 'string' ? redacted(client, words) : words);
  return new QuotaAwareError({ ...account, reason: own(reason), ...(meaning && { meaning: { ...meaning, model: own(meaning.model), tier: own(meaning.tier) } }), attempts, response, provider }, client.texts);
}

function wordsOf({ client }, body) {
  const document = [parsed(body)].flat()[0];
  const error = isRecord(document) ? document.error ?? document : undefined;
  const message = typeof error === 'string' ? error : error?.message ?? error?.detail;
  return redacted(client, (typeof message === 'string' ? message : body).trim());
}

/** After close() nobody knows the secrets any more, so nothing is repeated. */
function redacted(client, words) {
  try {
    // Cut afterwards: half a secret would not be known for one.
    return client.redact(words).slice(0, MOST_WORDS);
  } catch {
    return undefined;
  }
}

const MOST_WORDS = 500;
