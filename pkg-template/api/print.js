// What goes to a terminal: the stats, and one line per attempt.
import { mistake } from './errors.js';
import { described } from './given.js';
import { FIGURE, barOf, leftOf } from './print/quota.js';
import { PLAIN, coloured, isTerminal } from './print/style.js';
import { plural } from './texts/english.js';
import { OURS } from './texts/texts.js';

/** How `printStats` shows itself: for people in a terminal, in plain lines everywhere else. */
export function printing(log, options) {
  if (typeof log !== 'function') throw mistake('log', `expected a function, got ${described(log)}`);
  const { color, width } = options ?? {};
  if (color !== undefined && color !== null && typeof color !== 'boolean') throw mistake('options.color', `expected true or false, got ${described(color)}`);
  if (width !== undefined && width !== null && !(Number.isInteger(width) && width > 0)) throw mistake('options.width', `expected a whole number of columns from 1, got ${described(width)}`);
  const stdout = globalThis.process?.stdout;
  const isFancy = color ?? (log === console.log && isTerminal(globalThis.process));
  return { style: isFancy ? coloured : PLAIN, width: width ?? stdout?.columns ?? USUAL_WIDTH };
}

/** The lines of `printStats`: how it goes as a whole, and a line for each key.
 *  @param how `{ style, width, now }`, `now` as the clock of the status tells it */
export function statsLines(stats, status, { style, width, now }) {
  return [...headLines(stats, status, style), ...keyLines(stats, status, { style, width, now })];
}

/** Does something at every so many calls of what it returns. */
export function everyNth(count, work) {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls % count === 0) work();
  };
}

/** The line of an attempt that has come to its end. */
export function attemptLine({ position, of, verdict, status, latencyMs, fallback }) {
  return `${fallback === undefined ? 'Key' : `Fallback ${fallback}, key`} ${position}/${of}: ${status ?? 'no response'} ${verdict}, ${latencyMs} ms`;
}

function headLines(stats, { queue, alerts }, style) {
  const { latency, tokens, waited } = stats;
  const rows = [
    ['Current key:', `${stats.currentKey}/${stats.totalKeys}`],
    ['Requests:', stats.totalRequests],
    ['Errors:', stats.totalErrors, stats.totalErrors > 0 ? style.poor : undefined],
    ['Success rate:', stats.successRate],
    ['Uptime:', stats.uptime],
    ['Latency:', `p50 ${latency.p50} ms, p95 ${latency.p95} ms`],
    ['Tokens:', `${tokens.input} in, ${tokens.output} out`],
    ['Waits:', `${plural(waited.calls, 'call')}, ${OURS.span(waited.totalMs)} in all`],
    ['Queue:', `${queue.waiting} waiting, ${queue.inFlight} under way`],
    ...stats.fallbacks.map(({ step, kind, provider, model, tried, served }) => [`Fallback ${step}:`, `${[provider, model ?? kind].filter(Boolean).join(' ')}: ${tried} tried, ${served} served`]),
    ...(alerts.length === 0 ? [['Alerts:', 'none']] : alerts.map(({ severity, message }) => ['Alert:', `${severity}: ${message}`, severity === 'critical' ? style.bad : style.poor])),
  ];
  return rows.map(([label, value, paint = same]) => `${style.quiet(label.padEnd(LABELS))}${paint(String(value))}`);
}

/** One line a key: its label, its id, how it is, what is left of its quota, what became of its requests, when it comes back. For
 *  people the figures stand under heads; a script finds in each line what they are of. */
function keyLines(stats, status, { style, width, now }) {
  const { heads } = style;
  const rows = status.keys.map((key, at) => {
    const left = leftOf(key, status.pools);
    const [requests, errors] = [stats.requestCounts[at], stats.errorCounts[at]];
    return {
      label: `Key ${at + 1}/${stats.totalKeys}`, id: shown(key.id), health: key.health, left,
      requests: heads ? `${requests}` : `${requests} requests`, errors: heads ? `${errors}` : `${errors} errors`,
      rate: rateOf(key, heads), back: backOf(key, left, now, heads),
    };
  });
  const widest = (name) => Math.max(heads ? HEADS[name].length : 0, ...rows.map((row) => row[name].length));
  const [label, health, requests, errors, rate] = ['label', 'health', 'requests', 'errors', 'rate'].map(widest);
  const back = Math.min(widest('back'), LONGEST_BACK);
  // What room there is goes to ids first, and then to the bars; a script gets its ids whole.
  const rest = width - [label, health, requests, errors, rate, back, FIGURE].reduce((sum, each) => sum + each + 2, 0) - style.edges;
  const id = heads ? Math.max(SHORTEST_ID, Math.min(widest('id'), rest - SHORTEST_BAR)) : widest('id');
  const bar = Math.max(heads ? 0 : SHORTEST_BAR, Math.min(LONGEST_BAR, rest - id));
  const line = (row, healthOf, quota) => [
    row.label.padEnd(label), cut(row.id, id).padEnd(id), healthOf(row.health.padEnd(health)), quota,
    row.requests.padStart(requests), row.errors.padStart(errors), row.rate.padStart(rate), heads ? cut(row.back, LONGEST_BACK) : row.back,
  ].join('  ').trimEnd();
  const lines = rows.map((row) => line(row, style.health(row.health), barOf(row.left, bar, style)));
  return heads ? [style.quiet(line(HEADS, same, 'left'.padEnd(bar + style.edges + FIGURE))), ...lines] : lines;
}

/** Served, of the attempts that were served or failed: 0 % to 100 %. */
function rateOf({ successRate }, isShort) {
  if (successRate === null) return isShort ? '' : 'N/A';
  return isShort ? `${Math.floor(successRate * 100)}%` : `${(successRate * 100).toFixed(1)}%`;
}

/** When it serves again, or when there is more of what it has begun to use up. */
function backOf({ health, availableInMs, reason }, left, now, isShort) {
  if (availableInMs !== null) return `${isShort ? '' : 'back in '}${OURS.span(availableInMs)}`;
  if (health !== 'available') return reason ?? '';
  return left !== null && left.share < 1 && left.resetsAt > now ? `${isShort ? '' : 'resets in '}${OURS.span(left.resetsAt - now)}` : '';
}

/** An id must not move the cursor of whoever looks at it, nor take more than its line. */
function shown(id) {
  return id.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}

function cut(id, width) {
  return id.length <= width ? id : `${id.slice(0, width - 1)}~`;
}

function same(text) {
  return text;
}

const HEADS = { label: 'Key', id: 'id', health: 'health', requests: 'sent', errors: 'err', rate: 'ok', back: 'again in' };
const USUAL_WIDTH = 80;
/** Of the labels in front. */
const LABELS = 14;
const SHORTEST_ID = 6;
const SHORTEST_BAR = 5;
const LONGEST_BAR = 20;
/** "58 min 56 s", and longer words that are cut in a terminal. */
const LONGEST_BACK = 16;
