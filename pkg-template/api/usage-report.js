// What was used over time, as people read it: the engine's sums (numbers of cells) grouped and named.
import { mistake } from './errors.js';
import { described } from './given.js';

/** A report of `UsageSums`. Calls and waits are counted together: of one key, session, model or operation alone (`isPart`) they are
 *  not known. */
export function usageReport(sums, isPart) {
  const { from, to, step, since, latency, waits } = sums;
  const named = sums.rows.map((row) => name(row, sums));
  const of = (word) => grouped(named, word);
  return {
    range: { from, to },
    step,
    since,
    totals: { ...counts(named), calls: isPart ? null : sum(sums.slots, 6), waitedCalls: isPart ? null : sum(sums.slots, 7) },
    latency: quantiles(latency),
    waits: waits && { ...quantiles(waits), max: waits[3] },
    keys: sums.keys.flatMap((key) => ofKey(key, of('key'))),
    pools: sums.pools.flatMap((pool, at) => ofPool(pool, named.filter((cell) => cell.pool === at))),
    sessions: byRequests(of('session'), 'session').slice(0, MOST_SESSIONS),
    operations: byRequests(of('operation'), 'operation'),
    series: series(sums, isPart),
    hours: sums.hours.map(([at, key, requests, successes]) => ({ at, key: sums.keys[key], requests, successes })),
    pattern: pattern(sums),
    errors: errors(named),
  };
}

/** A question, with its dates as numbers. What else there is to say against it the engine says. */
export function checkedQuery(query) {
  if (query === null || typeof query !== 'object') throw mistake('query', `expected an object, got ${described(query)}`);
  return { ...query, from: instant('from', query.from), to: instant('to', query.to) };
}

/** Whether a part of all that was used is asked for. */
export function isPart({ key, session, model, operation }) {
  return [key, session, model, operation].some((part) => part !== undefined && part !== null);
}

function instant(name, value) {
  if (!(value instanceof Date)) return value;
  if (Number.isNaN(value.getTime())) throw mistake(`query.${name}`, 'expected a date, got an invalid one');
  return value.getTime();
}

/** Categories, as the multi-key service's analytics had them. */
export function categoryOf(verdict) {
  return verdict === 'ok' ? null : CATEGORIES[verdict] ?? 'other';
}

const CATEGORIES = { 'quota-exhausted': 'quota', 'out-of-credit': 'quota', 'rate-limited': 'rate_limit', 'invalid-key': 'invalid_key', permission: 'invalid_key' };
/** Not the provider's or a key's fault. */
const NO_FAILURES = new Set(['ok', 'bad-request', 'not-found', 'too-large', 'blocked', 'aborted']);
const MOST_SESSIONS = 100;

function name([key, pool, session, operation, verdict, attempts, latency, input, output, cached, thoughts], { keys, sessions, operations, verdicts }) {
  return {
    key: keys[key], pool, session: session === 0 ? null : sessions[session - 1], operation: operation === 0 ? null : operations[operation - 1],
    verdict: verdicts[verdict], attempts, latency, input, output, cached, thoughts,
  };
}

/** Cells by one of their names, in the order in which the names come. */
function grouped(cells, word) {
  const groups = new Map();
  for (const cell of cells) {
    const group = groups.get(cell[word]);
    if (group === undefined) groups.set(cell[word], [cell]);
    else group.push(cell);
  }
  return groups;
}

function counts(cells) {
  let [requests, successes, failures, rateLimited, latency, inputTokens, outputTokens, cachedTokens, thoughtsTokens] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (const cell of cells) {
    requests += cell.attempts;
    inputTokens += cell.input;
    outputTokens += cell.output;
    cachedTokens += cell.cached;
    thoughtsTokens += cell.thoughts;
    if (cell.verdict === 'ok') {
      successes += cell.attempts;
      latency += cell.latency;
    }
    if (!NO_FAILURES.has(cell.verdict)) failures += cell.attempts;
    if (cell.verdict === 'rate-limited' || cell.verdict === 'quota-exhausted') rateLimited += cell.attempts;
  }
  return { requests, successes, failures, rateLimited, averageMs: mean(latency, successes), tokens: inputTokens + outputTokens, inputTokens, outputTokens, cachedTokens, thoughtsTokens };
}

function ofKey(key, groups) {
  const cells = groups.get(key);
  return cells === undefined ? [] : [{ key, ...counts(cells) }];
}

function ofPool([provider, project, model, available], cells) {
  if (cells.length === 0) return [];
  const own = counts(cells);
  return [{ provider, project, model, ...own, available, efficiency: available === null ? null : Math.min(own.successes / available, 1) }];
}

function byRequests(groups, word) {
  return [...groups].map(([value, cells]) => ({ [word]: value, ...counts(cells) })).sort((one, other) => other.requests - one.requests);
}

/** Every slot since there is data, also those in which nothing happened: a line that skips them tells another story. */
function series({ from, to, width, slots, since }, isPart) {
  if (slots.length === 0) return [];
  const rows = [];
  const known = new Map(slots.map((slot) => [slot[0], slot]));
  const first = Math.max(from, Math.floor(Math.min(since, slots[0][0]) / width) * width);
  for (let at = Math.max(first, to - MOST_SLOTS * width); at < to; at += width) {
    const [, requests, successes, failures, rateLimited, latency, , waited, wait] = known.get(at) ?? NOTHING;
    rows.push({ at, requests, successes, failures, rateLimited, waited: isPart ? null : waited, waitMs: isPart ? null : mean(wait, waited) ?? 0, latencyMs: mean(latency, successes) });
  }
  return rows;
}

const NOTHING = [0, 0, 0, 0, 0, 0, 0, 0, 0];
/** A query may name any time at all. */
const MOST_SLOTS = 10_080;

/** The hours of the day, as the host's clock on the wall has them. */
function pattern({ hours, keys }) {
  const rows = Array.from({ length: 24 }, (_, hour) => ({ hour, requests: 0, successes: 0, keys: {} }));
  for (const [at, key, requests, successes] of hours) {
    const row = rows[new Date(at).getHours()];
    row.requests += requests;
    row.successes += successes;
    row.keys[keys[key]] = (row.keys[keys[key]] ?? 0) + requests;
  }
  return rows;
}

/** Whatever was not served, most frequent first. */
function errors(cells) {
  const rows = [];
  for (const [verdict, own] of grouped(cells.filter((cell) => cell.verdict !== 'ok' && cell.attempts > 0), 'verdict')) {
    const keys = {};
    for (const { key, attempts } of own) keys[key] = (keys[key] ?? 0) + attempts;
    rows.push({ verdict, category: categoryOf(verdict), count: own.reduce((all, { attempts }) => all + attempts, 0), keys });
  }
  return rows.sort((one, other) => other.count - one.count);
}

function mean(all, count) {
  return count === 0 ? null : Math.round(all / count);
}

function quantiles(of) {
  return of && { p50: of[0], p95: of[1], p99: of[2] };
}

function sum(rows, column) {
  return rows.reduce((all, row) => all + row[column], 0);
}
