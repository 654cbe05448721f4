// What an editor shows: every item of the declarations is described, with its unit and its default.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TYPED } from '../../scripts/entries.mjs';
import { ts } from './compilers.js';
import { inputsOf, itemsOf, parsed, wordsOf } from './declarations.js';

/** Members that are spans or instants, by their names. `…Ms` says its unit itself. */
const TIME = /^(?:at|until|began|base|max|error|rateLimit|ttl|within|patience|span|slice|minute|day|p\d\d|delay|latency)$|(?:timeout|deadline|wait|interval|time|at|after)$/i;
// What only sounds like a time says what it is instead.
const SAYS_TIME = /millisecond|second|instant|\bms\b|\d s\b|chance/i;
const IS_NUMBER = /^number(?: \| null)?$/;

/** At least so many items, optional ones among them, and times. */
const SIZES = { index: [90, 20, 5], mock: [90, 20, 5], dashboard: [60, 0, 0], 'dashboard-server': [20, 2, 1] };

for (const entry of TYPED) {
  const [all, optionals, times] = SIZES[entry] ?? [5, 2, 0];
  describe(`in the types of ${entry}`, () => {
    const source = parsed(entry);
    const items = itemsOf(source);
    const missing = (wanted) => items.filter(wanted).map(({ path }) => path);

    test('there is something to look at', () => assert.ok(items.length >= all, `${items.length} items`));

    test('every item is described', () => {
      assert.deepEqual(missing(({ said, narrows, node }) => !narrows && !saysItself(node.type) && !said), []);
    });

    test('everything that may be left out says what holds then', () => {
      const inputs = inputsOf(source);
      const optional = ({ path, node, narrows }) => inputs.has(path.split('.')[0]) && node.questionToken && !narrows && !saysItself(node.type);
      assert.ok(items.filter(optional).length >= optionals);
      assert.deepEqual(missing((item) => optional(item) && !/@default \S/.test(item.said)), []);
    });

    test('every span and instant says its unit', () => {
      const isTime = ({ name, node }) => TIME.test(name) && !/Ms$|^warnAt$/.test(name) && node.type && IS_NUMBER.test(node.type.getText());
      assert.ok(items.filter(isTime).length >= times);
      assert.deepEqual(missing((item) => isTime(item) && !SAYS_TIME.test(item.said) && !SAYS_TIME.test(item.around)), []);
    });

    test('every word of a choice is explained', () => {
      for (const { node, said, name } of items.filter(({ node }) => ts.isTypeAliasDeclaration(node))) {
        const unexplained = (wordsOf(node) ?? []).filter((each) => !each.said && !said.includes(`\`${each.word}\``));
        assert.deepEqual(unexplained.map(({ word }) => word), [], name);
      }
    });
  });
}

/** `step: 'sent'`, `keys?: undefined`: a single value has nothing to explain. */
function saysItself(type) {
  return Boolean(type) && (ts.isLiteralTypeNode(type) || type.kind === ts.SyntaxKind.UndefinedKeyword);
}
