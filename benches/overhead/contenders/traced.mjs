// With OpenTelemetry: the real SDK makes a span of each call and counts in its histograms, and nothing is exported.
import { createRequire } from 'node:module';
import { limited } from './ours.mjs';

export default async function create({ keys, stub, pkg: { QuotaAwareAPI }, folder }) {
  const load = createRequire(new URL('../../../tests/sinks/package.json', import.meta.url));
  const otel = load('@opentelemetry/api');
  const { BasicTracerProvider } = load('@opentelemetry/sdk-trace-base');
  const { MeterProvider } = load('@opentelemetry/sdk-metrics');
  const { observe } = await import(new URL('dist/otel.js', folder).href);
  const api = limited(QuotaAwareAPI, keys, { fetch: stub });
  const end = observe(api, { otel, tracer: new BasicTracerProvider().getTracer('bench'), meter: new MeterProvider().getMeter('bench') });
  const close = () => {
    end();
    api.close();
  };
  return { call: (url, init) => api.call(url, init), close };
}
