// Spans and metrics for OpenTelemetry, by its conventions for generative AI (semconv 1.37 and later, status: development). The API of
// OpenTelemetry is the user's own object: so nothing is loaded, and there are no two copies of it.
import { onlyKnown } from './sinks/retention.js';

/** As in `api/client.js`: of the registry, since this is a bundle of its own. */
const OBSERVE = Symbol.for('quota-aware-api.observe');
const SCOPE = 'quota-aware-api';
/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR`: numbers of the protocol, which do not change. */
const CLIENT = 2;
const ERROR = 2;

/** See `otel.d.ts`. */
export function observe(api, options) {
  if (typeof api?.[OBSERVE] !== 'function') throw new TypeError('observe(api): expected a QuotaAwareAPI');
  onlyKnown('observe options', options, ['otel', 'tracer', 'meter', 'attributes']);
  const { otel, tracer, meter, attributes = {} } = options;
  if (typeof otel?.trace?.getTracer !== 'function' || typeof otel.metrics?.getMeter !== 'function' || typeof otel.context?.with !== 'function') {
    throw new TypeError('observe options.otel: expected the module @opentelemetry/api, as `import * as otel from \'@opentelemetry/api\'` gives it');
  }
  const observer = new Observer(otel, tracer ?? otel.trace.getTracer(SCOPE), new Metrics(meter ?? otel.metrics.getMeter(SCOPE)), attributes);
  const leave = api[OBSERVE](observer);
  return () => {
    leave();
    observer.stop();
  };
}

class Observer {
  #otel;
  #tracer;
  #metrics;
  #attributes;
  /** Calls whose spans have not ended, by what the instance knows of them. */
  #open = new Map();

  constructor(otel, tracer, metrics, attributes) {
    this.#otel = otel;
    this.#tracer = tracer;
    this.#metrics = metrics;
    this.#attributes = attributes;
  }

  /** What is sent right away is sent inside of the span. */
  begun(note, work) {
    const { trace, context } = this.#otel;
    const about = { ...describe(note.about), ...this.#attributes };
    const { session } = note.about.quota ?? {};
    const began = now();
    const { 'gen_ai.operation.name': operation, 'gen_ai.request.model': model } = about;
    const attributes = session ? { ...about, 'quota_aware.session': String(session) } : about;
    const span = this.#tracer.startSpan(model ? `${operation} ${model}` : operation, { kind: CLIENT, attributes, startTime: began }, context.active());
    this.#open.set(note, { span, about, began, attempts: 0 });
    return context.with(trace.setSpan(context.active(), span), work);
  }

  record(record, note) {
    this.#metrics.attempt(record, this.#attributes);
    const call = this.#open.get(note);
    if (call === undefined) return;
    call.attempts += 1;
    call.last = record;
    const { key, attempt, verdict, status, latencyMs, waitedMs } = record;
    call.span.addEvent('quota_aware.attempt', {
      'quota_aware.key': key, 'quota_aware.attempt': attempt, 'quota_aware.verdict': verdict, 'quota_aware.latency_ms': latencyMs, 'quota_aware.waited_ms': waitedMs,
      ...(status !== null && { 'http.response.status_code': status }),
    }, record.at);
    // Its answer was there before, and has been read now.
    if (call.ended !== undefined) this.#finish(note, call, record.tokens === null || record.tokensEstimated ? call.ended : now());
  }

  ended(note, response, error) {
    const call = this.#open.get(note);
    if (call === undefined) return;
    call.ended = now();
    call.response = response;
    call.error = error;
    if (!note.isHeld) this.#finish(note, call, call.ended);
  }

  stop() {
    for (const [note, call] of this.#open) this.#finish(note, call, now());
  }

  #finish(note, call, at) {
    this.#open.delete(note);
    const { span, about, began, attempts, last } = call;
    const kind = errorOf(call);
    const failed = kind === undefined ? {} : { 'error.type': kind };
    span.setAttributes({ ...failed, ...usageOf(last), ...(last && { 'quota_aware.key': last.key, 'quota_aware.waited_ms': last.waitedMs }), 'quota_aware.attempts': attempts });
    if (call.response !== undefined) span.setAttribute('http.response.status_code', call.response.status);
    // Our words name no secret; a stranger's error may.
    if (kind !== undefined) span.setStatus({ code: ERROR, ...(call.error?.name === 'QuotaAwareError' && { message: call.error.message }) });
    span.end(at);
    this.#metrics.call((at - began) / 1000, about, failed, last);
  }
}

class Metrics {
  #duration;
  #tokens;
  #attempts;
  #waits;

  constructor(meter) {
    const histogram = (name, unit, description, explicitBucketBoundaries) => meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
    this.#duration = histogram('gen_ai.client.operation.duration', 's', 'GenAI operation duration.', SECONDS);
    this.#tokens = histogram('gen_ai.client.token.usage', '{token}', 'Number of input and output tokens used.', TOKENS);
    this.#waits = histogram('quota_aware.wait.duration', 's', 'How long calls waited for quota and between attempts.', SECONDS);
    this.#attempts = meter.createCounter('quota_aware.attempts', { unit: '{attempt}', description: 'Attempts that ended, by what they came to.' });
  }

  attempt({ key, provider, model, verdict }, attributes) {
    this.#attempts.add(1, { 'gen_ai.provider.name': providerName(provider), 'gen_ai.request.model': model, 'quota_aware.key': key, 'quota_aware.verdict': verdict, ...attributes });
  }

  /** @param about of few values: a session is in its span alone */
  call(seconds, about, failed, last) {
    const attributes = { ...about, ...failed };
    this.#duration.record(seconds, attributes);
    if (last !== undefined) this.#waits.record(last.waitedMs / 1000, attributes);
    // The conventions forbid to report what is only guessed.
    if (last === undefined || last.tokens === null || last.tokensEstimated) return;
    this.#tokens.record(last.tokens.input, { ...about, 'gen_ai.token.type': 'input' });
    this.#tokens.record(last.tokens.output, { ...about, 'gen_ai.token.type': 'output' });
  }
}

/** What is known of a call when it begins, but for its session. */
function describe({ url, provider, model, quota }) {
  const { operation, named, address, port } = placeOf(url);
  const asked = model ?? named;
  return {
    'gen_ai.operation.name': operation,
    ...(provider && { 'gen_ai.provider.name': providerName(provider) }),
    ...(asked && { 'gen_ai.request.model': decodeURIComponent(asked) }),
    'server.address': address, 'server.port': port,
    ...(quota?.operation && { 'quota_aware.operation': String(quota.operation) }),
  };
}

/** What URLs say. Programs call few of them, and to read one takes a tenth of what a span costs. */
const places = new Map();

function placeOf(url) {
  const known = places.get(url);
  if (known !== undefined) return known;
  const { hostname, port, protocol, pathname } = new URL(url);
  const place = { operation: operationOf(pathname), named: /\/models\/([^/:]+)/.exec(pathname)?.[1], address: hostname, port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) };
  if (places.size >= MOST_PLACES) places.clear();
  places.set(url, place);
  return place;
}

function operationOf(path) {
  for (const [pattern, name] of OPERATIONS) if (pattern.test(path)) return name;
  return /:(\w+)$/.exec(path)?.[1] ?? /\/(\w+)\/?$/.exec(path)?.[1] ?? 'request';
}

/** Gemini's on `generativelanguage.googleapis.com` are `gcp.gemini`. */
function providerName(provider) {
  return provider === 'gemini' ? 'gcp.gemini' : provider;
}

/** Undefined where the call came to what its caller wanted. */
function errorOf({ response, error, last }) {
  // A DOMException's code is a number that nobody knows.
  if (error !== undefined) return typeof error?.code === 'string' ? error.code : String(error?.name ?? 'Error');
  // A stream that broke: the caller has had a response.
  if (last !== undefined && !last.success && response?.ok) return last.verdict;
  return response !== undefined && !response.ok ? String(response.status) : undefined;
}

function usageOf(record) {
  if (!record || record.tokens === null || record.tokensEstimated) return {};
  const { input, output, cached, thoughts } = record.tokens;
  return {
    'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output,
    'gen_ai.usage.cache_read.input_tokens': cached, 'gen_ai.usage.reasoning.output_tokens': thoughts,
  };
}

/** Milliseconds since 1970, with fractions. */
function now() {
  return performance.timeOrigin + performance.now();
}

const MOST_PLACES = 100;
const OPERATIONS = [
  [/:(?:stream)?generateContent$/i, 'generate_content'], [/:(?:batch)?embedContents?$/i, 'embeddings'], [/\/embeddings$/, 'embeddings'],
  [/\/(?:chat\/completions|messages|responses)$/, 'chat'], [/\/completions$/, 'text_completion'],
];
/** Those that the conventions name. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
