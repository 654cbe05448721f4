// Metrics in Prometheus' text format, 0.0.4. By hand: the libraries for it keep registries of their own, for one process, and
// the main entry depends on nothing. What is read here was counted by the engine.

/** @param own `{ metrics, status, stats }` of an instance */
export function exposition({ metrics, status, stats }) {
  const page = new Page();
  attempts(page, metrics, stats);
  keys(page, status);
  pools(page, [status, ...status.fallbacks]);
  service(page, status);
  return page.text();
}

function attempts(page, { verdicts, latency, waits }, stats) {
  page.family('attempts_total', 'counter', 'Attempts that are over, by what they came to. A stream that broke counts as ok, and then as what broke it.');
  for (const [verdict, count] of verdicts) page.sample({ verdict }, count);
  page.histogram('attempt_duration_seconds', 'From sending to response headers, of served attempts.', latency);
  page.histogram('wait_seconds', 'How long calls waited for quota or by their back-off, also not at all.', waits);
  page.family('retries_total', 'counter', 'Attempts beyond the first of a call.').sample({}, stats.retries);
  page.family('rotations_total', 'counter', 'Moves from one key to another.').sample({}, stats.rotations);
  page.family('tokens_total', 'counter', 'Tokens, as answers that were read tell.');
  page.sample({ type: 'input' }, stats.tokens.input).sample({ type: 'output' }, stats.tokens.output);
}

function keys(page, { keys: own, fallbacks }) {
  const all = [...own.map((key) => [key, {}]), ...fallbacks.flatMap((each) => each.keys.map((key) => [key, { fallback: each.step }]))];
  const family = (name, type, help, value) => {
    page.family(name, type, help);
    for (const [key, more] of all) page.sample({ key: key.id, project: key.project, ...more }, value(key));
  };
  family('key_requests_total', 'counter', 'Attempts sent with a key.', (key) => key.requests);
  family('key_errors_total', 'counter', 'Attempts with a key that failed through its or its provider\'s fault.', (key) => key.errors);
  family('key_rate_limited_total', 'counter', 'Attempts with a key that were refused for quota.', (key) => key.rateLimited);
  family('key_available', 'gauge', 'Whether a key may serve: 1 or 0.', (key) => Number(key.health === 'available' || key.health === 'probing'));
  family('key_available_in_seconds', 'gauge', 'Until a key may serve again; 0 where it may, NaN where that is not known.', (key) => availableIn(key));
  page.family('key_health', 'gauge', 'The health of a key: 1 for the one word that is true of it.');
  for (const [{ id, project, health }, more] of all) page.sample({ key: id, project, health, ...more }, 1);
}

function availableIn({ health, availableInMs }) {
  if (health === 'available' || health === 'probing') return 0;
  return availableInMs === null ? NaN : availableInMs / 1000;
}

/** What is counted, over which span, and where a pool's status has it. */
const LIMITS = [
  ['requests', 'minute', 'rpm', ({ requests }) => requests],
  ['requests', 'day', 'rpd', ({ requestsToday }) => requestsToday],
  ['tokens', 'minute', 'tpm', ({ tokens }) => tokens],
];

function pools(page, statuses) {
  const all = statuses.flatMap((status) => status.pools.map((pool) => [pool, status.step === undefined ? {} : { fallback: status.step }]));
  const family = (name, help, value) => {
    page.family(name, 'gauge', help);
    for (const [pool, more] of all) {
      for (const [metric, window, limit, used] of LIMITS) {
        const found = value(pool, limit, used);
        if (found !== undefined) page.sample({ provider: pool.provider, project: pool.project, model: pool.model, metric, window, ...more }, found);
      }
    }
  };
  family('quota_used', 'What a pool has used of its minute or day.', (pool, _, used) => used(pool.used));
  family('quota_limit', 'What a pool is allowed, where that is known.', ({ limits }, limit) => limits[limit]);
  page.family('pool_closed', 'gauge', 'Whether a pool is closed by a refusal: 1 or 0.');
  for (const [{ provider, project, model, closed }, more] of all) page.sample({ provider, project, model, ...more }, Number(closed !== null));
}

function service(page, { state, queue, alerts, nextAvailableAt, pace }) {
  page.family('state', 'gauge', 'The state of the service: 1 for the one word that is true.');
  for (const word of ['ok', 'degraded', 'exhausted', 'invalid-keys']) page.sample({ state: word }, Number(word === state));
  page.family('queue_waiting', 'gauge', 'Calls that wait.').sample({}, queue.waiting);
  page.family('queue_oldest_seconds', 'gauge', 'For how long the first of them has waited.').sample({}, queue.oldestMs / 1000);
  page.family('in_flight', 'gauge', 'Attempts under way.').sample({}, queue.inFlight);
  page.family('next_available_timestamp_seconds', 'gauge', 'When the first key may serve again; 0 where one may now, or that is not known.').sample({}, (nextAvailableAt ?? 0) / 1000);
  page.family('pace_used_ratio', 'gauge', 'The share of the tightest limit that is used, over the pool with most room; NaN where no limit is known.').sample({}, pace.used ?? NaN);
  page.family('alerts', 'gauge', 'Alerts that stand, by severity.');
  for (const severity of ['medium', 'critical']) page.sample({ severity }, alerts.filter((alert) => alert.severity === severity).length);
}

/** A page of families, each with its samples. */
class Page {
  #lines = [];
  #name;

  /** Begins a family. */
  family(name, type, help) {
    this.#name = `quota_aware_${name}`;
    this.#lines.push(`# HELP ${this.#name} ${help}`, `# TYPE ${this.#name} ${type}`);
    return this;
  }

  sample(labels, value, suffix = '') {
    const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escaped(String(text))}"`);
    this.#lines.push(`${this.#name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
    return this;
  }

  histogram(name, help, { buckets, count, sum }) {
    this.family(name, 'histogram', help);
    for (const [most, upTo] of buckets) this.sample({ le: most / 1000 }, upTo, '_bucket');
    this.sample({ le: '+Inf' }, count, '_bucket').sample({}, sum / 1000, '_sum').sample({}, count, '_count');
  }

  text() {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** Ids, projects and models are anybody's words. */
function escaped(text) {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
