// Spans and metrics, seen by the SDK of OpenTelemetry itself.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import * as otel from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { QuotaAwareAPI, subpath } from '../built.js';
import { ENDPOINT, open, question, refused, served } from './records.js';

const { observe } = await import(subpath('otel'));
const STREAM = ENDPOINT.replace(':generateContent', ':streamGenerateContent?alt=sse');

const spans = new InMemorySpanExporter();
const metrics = new InMemoryMetricExporter(AggregationTemporality.DELTA);
let reader;
before(() => {
  otel.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  otel.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  otel.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});
after(() => reader.shutdown());
beforeEach(async () => {
  await reader.forceFlush();
  metrics.reset();
  spans.reset();
});

/** What was measured since the test began, by name: `[{ attributes, value }]`. */
async function measured() {
  await reader.forceFlush();
  const found = {};
  for (const resource of metrics.getMetrics()) {
    for (const scope of resource.scopeMetrics) {
      for (const { descriptor, dataPoints } of scope.metrics) (found[descriptor.name] ??= []).push(...dataPoints.map(({ attributes, value }) => ({ attributes, value, unit: descriptor.unit })));
    }
  }
  return found;
}

const millis = ([seconds, nanos]) => seconds * 1000 + nanos / 1e6;

test('a call is a span by the conventions, with its attempts as events', async () => {
  const api = open({}, [refused()]);
  observe(api, { otel, attributes: { 'deployment.environment.name': 'test' } });
  await (await api.call(ENDPOINT, { ...question(), quota: { session: 'amy', operation: 'vision' } })).json();
  const [span] = spans.getFinishedSpans();
  assert.deepEqual([span.name, span.kind, span.status.code, span.instrumentationScope.name], ['generate_content gemini-fake', otel.SpanKind.CLIENT, otel.SpanStatusCode.UNSET, 'quota-aware-api']);
  assert.deepEqual(span.attributes, {
    'gen_ai.operation.name': 'generate_content', 'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.request.model': 'gemini-fake', 'server.address': 'generativelanguage.googleapis.com', 'server.port': 443,
    'quota_aware.operation': 'vision', 'quota_aware.session': 'amy', 'deployment.environment.name': 'test',
    'gen_ai.usage.input_tokens': 100, 'gen_ai.usage.output_tokens': 27, 'gen_ai.usage.cache_read.input_tokens': 60, 'gen_ai.usage.reasoning.output_tokens': 7,
    'quota_aware.key': 'key-2', 'quota_aware.waited_ms': 0, 'quota_aware.attempts': 2, 'http.response.status_code': 200,
  });
  assert.deepEqual(span.events.map(({ name, attributes }) => [name, attributes['quota_aware.key'], attributes['quota_aware.attempt'], attributes['quota_aware.verdict'], attributes['http.response.status_code']]), [
    ['quota_aware.attempt', 'key-1', 1, 'rate-limited', 429], ['quota_aware.attempt', 'key-2', 2, 'ok', 200],
  ]);
  for (const { time } of span.events) assert.ok(millis(time) >= millis(span.startTime) - 2 && millis(time) <= millis(span.endTime) + 2);
  assert.ok(!JSON.stringify([span.attributes, span.events]).includes('fake-key'));
});

test('it is a child of the span that is active, and the request is sent inside of it', async () => {
  const tracer = otel.trace.getTracer('mine');
  const inside = [];
  const api = open({ fetch: async () => {
    inside.push(otel.trace.getActiveSpan()?.spanContext().spanId);
    return served();
  } });
  observe(api, { otel });
  const parent = tracer.startSpan('question');
  await otel.context.with(otel.trace.setSpan(otel.context.active(), parent), async () => {
    await (await api.call(ENDPOINT, question())).json();
    await (await api.call(new Request(ENDPOINT, question()))).json();
  });
  parent.end();
  const [one, two] = spans.getFinishedSpans();
  for (const span of [one, two]) assert.deepEqual([span.parentSpanContext.spanId, span.spanContext().traceId], [parent.spanContext().spanId, parent.spanContext().traceId]);
  assert.deepEqual(inside, [one.spanContext().spanId, two.spanContext().spanId]);
});

describe('an error', () => {
  test('of ours has its code', async () => {
    const api = open({ maxRetries: 1 }, [refused()], ['fake-key-one']);
    observe(api, { otel });
    await assert.rejects(api.call(ENDPOINT, { ...question(), quota: { deadline: 100 } }));
    const [{ status, attributes, events }] = spans.getFinishedSpans();
    assert.equal(status.code, otel.SpanStatusCode.ERROR);
    assert.ok(attributes['error.type'].length > 3 && attributes['error.type'] === attributes['error.type'].toUpperCase(), attributes['error.type']);
    assert.deepEqual([events.length, attributes['gen_ai.usage.input_tokens']], [1, undefined]);
    assert.ok(!JSON.stringify([status, attributes]).includes('fake-key'));
    assert.equal((await measured())['gen_ai.client.operation.duration'][0].attributes['error.type'], attributes['error.type']);
  });

  test('of the provider has its status', async () => {
    const api = open({}, [new Response('{"error":{"code":400,"message":"Invalid JSON payload"}}', { status: 400 })]);
    observe(api, { otel });
    assert.equal((await api.call(ENDPOINT, question())).status, 400);
    const [{ status, attributes }] = spans.getFinishedSpans();
    assert.deepEqual([status.code, attributes['error.type'], attributes['http.response.status_code']], [otel.SpanStatusCode.ERROR, '400', 400]);
  });

  test('is a caller’s leaving, too', async () => {
    const leave = new AbortController();
    const api = open({ fetch: (url, { signal }) => new Promise((resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason)); }) });
    observe(api, { otel });
    const call = api.call(ENDPOINT, { ...question(), signal: leave.signal });
    leave.abort();
    await assert.rejects(call);
    assert.deepEqual(spans.getFinishedSpans().map(({ attributes }) => attributes['error.type']), ['AbortError']);
  });

  test('is close(), for calls that are under way', async () => {
    const api = open({ fetch: () => new Promise(() => {}) });
    observe(api, { otel });
    const call = api.call(ENDPOINT, question());
    api.close();
    await assert.rejects(call);
    assert.deepEqual(spans.getFinishedSpans().map(({ attributes }) => attributes['error.type']), ['CLOSED']);
  });
});

describe('a stream', () => {
  const piece = (text, more = {}) => `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, ...more }] })}\n\n`;
  const streaming = (...parts) => async () => new Response(parts.join(''), { headers: { 'content-type': 'text/event-stream' } });

  test('is a span until its end', async () => {
    const usage = 'data: {"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":5}}\n\n';
    const api = open({ fetch: streaming(piece('a'), piece('b', { finishReason: 'STOP' }), usage) });
    observe(api, { otel });
    const response = await api.call(STREAM, question());
    assert.equal(spans.getFinishedSpans().length, 0);
    await response.text();
    const [{ name, attributes, status }] = spans.getFinishedSpans();
    assert.deepEqual([name, attributes['gen_ai.usage.output_tokens'], status.code], ['generate_content gemini-fake', 5, otel.SpanStatusCode.UNSET]);
  });

  test('that breaks is an error', async () => {
    const api = open({ fetch: streaming(piece('a'), 'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\n\n') });
    observe(api, { otel });
    await assert.rejects((await api.call(STREAM, question())).text());
    const [{ attributes, status }] = spans.getFinishedSpans();
    assert.deepEqual([attributes['error.type'], status.code], ['overloaded', otel.SpanStatusCode.ERROR]);
  });
});

test('durations, tokens, waits and attempts are measured', async () => {
  const api = open({}, [refused()]);
  observe(api, { otel });
  for (let n = 0; n < 2; n += 1) await (await api.call(ENDPOINT, { ...question(), quota: { session: `user-${n}`, operation: 'text' } })).json();
  const found = await measured();
  const about = { 'gen_ai.operation.name': 'generate_content', 'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.request.model': 'gemini-fake', 'server.address': 'generativelanguage.googleapis.com', 'server.port': 443, 'quota_aware.operation': 'text' };
  // One series, though the sessions are two: who calls is nothing to multiply series by.
  const [{ attributes, value, unit }] = found['gen_ai.client.operation.duration'];
  assert.deepEqual([attributes, value.count, unit, value.buckets.boundaries.at(-1)], [about, 2, 's', 81.92]);
  assert.ok(value.sum > 0 && value.sum < 10, String(value.sum));
  const tokens = found['gen_ai.client.token.usage'].map((point) => [point.attributes['gen_ai.token.type'], point.value.sum, point.value.count, point.unit]);
  assert.deepEqual(tokens.sort(), [['input', 200, 2, '{token}'], ['output', 54, 2, '{token}']]);
  assert.deepEqual([found['quota_aware.wait.duration'][0].value.count, found['quota_aware.wait.duration'][0].value.sum], [2, 0]);
  const attempts = found['quota_aware.attempts'].map((point) => [point.attributes['quota_aware.key'], point.attributes['quota_aware.verdict'], point.value]);
  assert.deepEqual(attempts.sort(), [['key-1', 'rate-limited', 1], ['key-2', 'ok', 2]]);
});

test('tokens that are only guessed are not told', async () => {
  const api = open({ fetch: async () => served({ candidates: [{ content: { parts: [{ text: 'Hello there' }] } }] }) });
  observe(api, { otel });
  await (await api.call(ENDPOINT, question())).json();
  assert.equal((await measured())['gen_ai.client.token.usage'], undefined);
  assert.equal(spans.getFinishedSpans()[0].attributes['gen_ai.usage.input_tokens'], undefined);
});

test('names operations as the conventions do', async () => {
  const api = open({ provider: 'openai', allowedOrigins: ['http://127.0.0.1:8080'] });
  observe(api, { otel });
  const paths = ['chat/completions', 'completions', 'embeddings', 'responses', 'audio/speech'];
  for (const path of paths) await (await api.call(`http://127.0.0.1:8080/v1/${path}`, { method: 'POST', body: '{"model":"m"}' })).json();
  assert.deepEqual(spans.getFinishedSpans().map(({ name }) => name), ['chat m', 'text_completion m', 'embeddings m', 'chat m', 'speech m']);
  assert.deepEqual([spans.getFinishedSpans()[0].attributes['server.port'], spans.getFinishedSpans()[0].attributes['gen_ai.provider.name']], [8080, 'openai']);
});

test('what a call goes on to is a span beside it', async () => {
  const api = open({
    fetch: async (url) => (url.startsWith('https://api.groq.com') ? served({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }], usage: { prompt_tokens: 9, completion_tokens: 1 } }) : refused()),
    provider: 'gemini', maxRetries: 2, fallback: [{ provider: 'groq', model: 'llama', keys: ['fake-groq'] }],
  }, [], ['fake-key-one']);
  observe(api, { otel });
  const parent = otel.trace.getTracer('mine').startSpan('question');
  await otel.context.with(otel.trace.setSpan(otel.context.active(), parent), async () => (await api.call(ENDPOINT, { ...question(), quota: { deadline: 60_000 } })).text());
  const told = spans.getFinishedSpans().map(({ name, attributes, parentSpanContext }) => [name, attributes['gen_ai.provider.name'], attributes['error.type'] === undefined, parentSpanContext?.spanId]);
  const own = parent.spanContext().spanId;
  assert.deepEqual(told, [['generate_content gemini-fake', 'gcp.gemini', false, own], ['chat llama', 'groq', true, own]]);
});

test('it ends when it is stopped, and several may look', async () => {
  let answer;
  const api = open({ fetch: () => new Promise((resolve) => { answer = resolve; }) });
  const [one, two] = [observe(api, { otel }), observe(api, { otel, tracer: otel.trace.getTracer('second') })];
  const call = api.call(ENDPOINT, question());
  one();
  assert.deepEqual(spans.getFinishedSpans().map(({ instrumentationScope }) => instrumentationScope.name), ['quota-aware-api']);
  answer(served());
  await (await call).json();
  assert.deepEqual(spans.getFinishedSpans().map(({ instrumentationScope }) => instrumentationScope.name), ['quota-aware-api', 'second']);
  two();
  const next = api.call(ENDPOINT, question());
  answer(served());
  await (await next).json();
  assert.equal(spans.getFinishedSpans().length, 2);
});

test('a tracer that throws fails no call', async () => {
  const broken = { startSpan() { throw new Error('no'); } };
  const half = { startSpan: () => ({ addEvent() { throw new Error('no'); }, setAttributes() { throw new Error('no'); } }) };
  for (const tracer of [broken, half]) {
    const api = open();
    observe(api, { otel, tracer });
    const response = await api.call(ENDPOINT, question());
    assert.deepEqual([response.status, (await response.json()).usageMetadata.promptTokenCount], [200, 100]);
    assert.equal(api.getStats().totalRequests, 1);
  }
});

test('mistakes are told where they are made', () => {
  assert.throws(() => observe({}, { otel }), { name: 'TypeError', message: 'observe(api): expected a QuotaAwareAPI' });
  assert.throws(() => observe(open()), /^TypeError: observe options: expected an object, got undefined/);
  assert.throws(() => observe(open(), {}), /observe options\.otel: expected the module @opentelemetry\/api/);
  assert.throws(() => observe(open(), { otel, meters: 5 }), /observe options\.meters: unknown option/);
  const api = new QuotaAwareAPI(['fake-key']);
  api.close();
  assert.throws(() => observe(api, { otel }), { code: 'CLOSED' });
});
