// Where calls under way are kept: a list that answers as a Map would, and a row that answers as a Set would.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Row } from '../../pkg-template/api/row.js';
import { Tickets } from '../../pkg-template/api/tickets.js';
import { chance } from './chance.js';

test('tickets are what a Map of them is, however long one waits', () => {
  chance(200, (random, seed) => {
    const [tickets, map] = [new Tickets(), new Map()];
    // Half of the time beyond what a small integer is.
    let last = seed % 2 === 0 ? 0 : 2 ** 31 - 300;
    for (let move = 0; move < 600; move += 1) {
      const some = map.size > 0 && random.next() < 0.7 ? random.one([...map.keys()]) : last + random.below(200) + 1;
      if (random.next() < 0.5) {
        last += 1;
        tickets.set(last, move);
        map.set(last, move);
      } else if (random.next() < 0.1) {
        tickets.set(some, move);
        map.set(some, move);
      } else {
        tickets.delete(some);
        map.delete(some);
      }
      assert.deepEqual([tickets.size, tickets.get(some), tickets.has(some)], [map.size, map.get(some), map.has(some)]);
    }
    assert.deepEqual(tickets.values().sort((a, b) => a - b), [...map.values()].sort((a, b) => a - b));
  });
});

test('a row is what a Set is, in the order in which its members came', () => {
  chance(200, (random) => {
    const [row, other, set] = [new Row(), new Row(), new Set()];
    const members = Array.from({ length: 12 }, (_, number) => ({ number }));
    for (let move = 0; move < 300; move += 1) {
      const member = random.one(members);
      if (random.next() < 0.5) {
        row.add(member);
        set.add(member);
      } else {
        // Only from where it is.
        other.delete(member);
        row.delete(member);
        set.delete(member);
      }
      assert.deepEqual([row.size, row.first?.number], [set.size, [...set][0]?.number]);
      assert.deepEqual(row.all().map(({ number }) => number), [...set].map(({ number }) => number));
    }
  });
});
