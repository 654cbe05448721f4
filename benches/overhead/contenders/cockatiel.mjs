import { ConsecutiveBreaker, ExponentialBackoff, circuitBreaker, handleAll, handleWhenResult, retry, wrap } from 'cockatiel';

export default function create({ stub }) {
  const retries = retry(handleWhenResult((response) => response.status === 429), { maxAttempts: 3, backoff: new ExponentialBackoff() });
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) });
  const policy = wrap(retries, breaker);
  return { call: (url, init) => policy.execute(() => stub(url, init)) };
}
