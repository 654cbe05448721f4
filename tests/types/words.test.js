// What the sources say to programs and what the types name are the same words, and each is explained.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ts } from './compilers.js';
import { itemsOf, parsed } from './declarations.js';
import { PRODUCED } from './produced.js';

const source = parsed('index');
const items = new Map(itemsOf(source).map((item) => [item.path, item]));

/** The words that a type names: of a union of strings, of a map of events, or of a union of interfaces that are told apart by `step`. */
function named(path) {
  const { node } = items.get(path);
  if (ts.isInterfaceDeclaration(node)) return node.members.map(({ name }) => name.getText().replace(/'/g, ''));
  return node.type.types.flatMap((type) => (ts.isLiteralTypeNode(type) ? [type.literal.text] : [items.get(`${type.getText()}.step`).node.type.literal.text]));
}

describe('the words of the sources and of the types are the same:', () => {
  for (const [type, words] of Object.entries(PRODUCED)) {
    test(type, () => {
      assert.ok(words.length > 1, `only ${words} was found in the sources`);
      assert.deepEqual(named(type).sort(), words);
    });
  }
});

test('choices that are written where they are used name each of their words in prose', () => {
  for (const path of ['KeyStatus.health', 'Status.state', 'Pace.signal', 'PoolStatus.minute', 'PlanFix.kind', 'Options.pacing', 'Options.minute']) {
    const { node, said } = items.get(path);
    for (const { literal } of node.type.types) assert.ok(said.includes(`\`${literal.text}\``), `${path} does not explain ${literal.text}`);
  }
});
