// The words that the sources can say to programs: error codes, events, verdicts, alerts, steps, states. Read from the places
// where they are made, so that a new one can't be forgotten in the types.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from './compilers.js';

const ROOT = join(import.meta.dirname, '../..');

/** A part of a Rust file, from a text to the next line that ends its item. */
function rust(file, from) {
  const text = readFileSync(join(ROOT, 'src', file), 'utf8');
  const begins = text.indexOf(from);
  if (begins < 0) throw new Error(`${file} has no ${from}`);
  const indent = /[ ]*$/.exec(text.slice(0, begins))[0];
  return text.slice(begins, text.indexOf(`\n${indent}}`, begins));
}

/** The strings in a piece of Rust that come after an arrow, an equals sign or a name and a colon. */
function wordsIn(text, before = /=> |return |"\s*, /) {
  return [...text.matchAll(new RegExp(`(?:${before.source})"([\\w-]+)"`, 'g'))].map(([, word]) => word);
}

/** Every JavaScript file of the main entry, parsed. */
function scripts() {
  const folder = join(ROOT, 'pkg-template/api');
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'));
  return names.map((name) => ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.Latest, true));
}

/** The strings that an expression can come to. */
function outcomes(node) {
  if (ts.isStringLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...outcomes(node.whenTrue), ...outcomes(node.whenFalse)];
  return [];
}

/** What JavaScript gives a property of this name: `{ code: 'CLOSED' }`. */
function given(property) {
  const found = [];
  const visit = (node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === property) found.push(...outcomes(node.initializer));
    ts.forEachChild(node, visit);
  };
  scripts().forEach(visit);
  return found;
}

/** What JavaScript tells as an event by itself: `tell('fallback', …)`. */
function told() {
  const found = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && /(?:^|\.)#?tell$/.test(node.expression.getText()) && node.arguments[0]) found.push(...outcomes(node.arguments[0]));
    ts.forEachChild(node, visit);
  };
  scripts().forEach(visit);
  return found;
}

const kebab = (name) => name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
const IS_CODE = /^[A-Z]+(?:_[A-Z]+)*$/;

/** Sorted, each once, by the type that has to name them. */
export const PRODUCED = Object.fromEntries(Object.entries({
  ErrorCode: [
    ...wordsIn(rust('engine/failure.rs', 'pub const fn name')),
    ...[...readFileSync(join(ROOT, 'src/wasm/convert.rs'), 'utf8').matchAll(/code: "(\w+)"/g)].map(([, code]) => code),
    ...given('code').filter((code) => IS_CODE.test(code)),
  ],
  Verdict: wordsIn(rust('engine/verdict.rs', 'pub const fn name')),
  Cause: wordsIn(rust('provider/cause.rs', 'pub(crate) const fn name')),
  AlertCode: wordsIn(rust('engine/alert.rs', 'pub(crate) const fn code')),
  NoticeCode: wordsIn(readFileSync(join(ROOT, 'src/engine/notice.rs'), 'utf8'), /code: /),
  NotifyEvent: [.../TYPES = \[(.*)\]/.exec(readFileSync(join(ROOT, 'pkg-template/api/notify/words.js'), 'utf8'))[1].matchAll(/'([\w-]+)'/g)].map(([, word]) => word),
  QuotaEventMap: [...wordsIn(rust('wasm/events.rs', 'pub(crate) const fn name')), ...told()],
  TraceStep: [
    ...[...rust('engine/report/calls.rs', 'pub enum StepReport').matchAll(/^ {4}(\w+) \{/gm)].map(([, variant]) => kebab(variant)),
    ...given('step'),
  ],
  'KeyStatus.health': [...wordsIn(rust('engine/status.rs', 'fn word')), ...wordsIn(rust('engine/status.rs', 'fn health'))],
  'Status.state': wordsIn(rust('engine/standing.rs', 'pub const fn name')),
  'Pace.signal': wordsIn(rust('engine/status.rs', 'let signal = match'), /=> /),
  'Classification.scope': wordsIn(rust('engine/verdict.rs', 'impl Scope')),
  'LimitInUse.metric': wordsIn(rust('engine/verdict.rs', 'impl Metric')),
  'LimitInUse.window': wordsIn(rust('engine/verdict.rs', 'impl Span')),
}).map(([type, words]) => [type, [...new Set(words)].sort()]));
