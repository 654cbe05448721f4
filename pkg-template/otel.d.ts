// Spans and metrics for OpenTelemetry.

import type { QuotaAwareAPI } from './index.js';

/**
 * Tells OpenTelemetry of calls, by its conventions for generative AI (of status "development"):
 *
 * - a span of each call, `generate_content gemini-3.8-flash`, in the span that is active where the call is made. It lasts until the answer was
 *   read, or its headers came. Its events `quota_aware.attempt` are the attempts: key (its id), verdict, status, latency, wait.
 *   Attributes: `gen_ai.operation.name`, `gen_ai.provider.name`, `gen_ai.request.model`, `gen_ai.usage.*` as far as the provider told them,
 *   `error.type` (an error's code, a status), `server.address` and `server.port`, `quota_aware.session`, `.operation`, `.key`, `.attempts`,
 *   `.waited_ms`. What a call goes on to as a fallback is a span beside it. The first attempt is sent inside of the span.
 * - histograms `gen_ai.client.operation.duration` (s) and `gen_ai.client.token.usage` (never of estimated tokens), and
 *   `quota_aware.wait.duration` (s); a counter `quota_aware.attempts` by key and verdict.
 *
 * No prompt, no answer and no key is told. Several may observe one instance; its fallbacks are observed with it.
 *
 * @returns ends it, and the spans that are open
 * @throws TypeError where something has a mistake; QuotaAwareError `CLOSED` after `close()`
 */
export declare function observe(api: QuotaAwareAPI, options: ObserveOptions): () => void;

/** Where to tell. */
export interface ObserveOptions {
  /** The module: `import * as otel from '@opentelemetry/api'`, version 1.9 or later. Handed in, so that there is one of it. */
  otel: OtelApi;
  /** Makes the spans. @default otel.trace.getTracer("quota-aware-api") */
  tracer?: OtelTracer;
  /** Makes the histograms. @default otel.metrics.getMeter("quota-aware-api") */
  meter?: OtelMeter;
  /** Attributes of every span and measurement. @default none */
  attributes?: Record<string, string | number | boolean>;
}

/** What is needed of `@opentelemetry/api`. */
export interface OtelApi {
  /** Of spans. */
  trace: {
    /** The tracer of a name. */
    getTracer(name: string): OtelTracer;
    /** A context with a span in it. */
    setSpan(context: any, span: any): any;
  };
  /** Of contexts. */
  context: {
    /** The present one. */
    active(): any;
    /** Does something in a context. */
    with(context: any, work: () => any): any;
  };
  /** Of metrics. */
  metrics: {
    /** The meter of a name. */
    getMeter(name: string): OtelMeter;
  };
}

/** What is needed of a tracer. */
export interface OtelTracer {
  /** Begins a span. */
  startSpan(name: string, options?: any, context?: any): any;
}

/** What is needed of a meter. */
export interface OtelMeter {
  /** Makes a histogram. */
  createHistogram(name: string, options?: any): any;
  /** Makes a counter. */
  createCounter(name: string, options?: any): any;
}
