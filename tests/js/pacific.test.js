// When a day ends in Los Angeles.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { likelyMidnight, pacificMidnight } from '../../pkg-template/api/pacific.js';
import { Chance } from './chance.js';

const HOUR = 3_600_000;

test('by the law it is when the host says, at every hour of the days around both changes of the clock, and at any time', () => {
  for (let year = 2024; year <= 2036; year += 1) {
    for (const [month, first] of [[2, 7], [9, 31]]) {
      for (let at = Date.UTC(year, month, first); at < Date.UTC(year, month, first + 9); at += HOUR / 2) {
        for (const now of [at - 1, at, at + 1]) assert.equal(likelyMidnight(now), pacificMidnight(now), new Date(now).toISOString());
      }
    }
  }
  const random = new Chance(7);
  for (let n = 0; n < 2_000; n += 1) {
    const now = Date.UTC(2024, 0, 1) + random.below(12 * 365 * 24) * HOUR + random.below(HOUR);
    assert.equal(likelyMidnight(now), pacificMidnight(now), new Date(now).toISOString());
  }
});

test('it is later than now, by a day and an hour at most', () => {
  const random = new Chance(8);
  for (let n = 0; n < 2_000; n += 1) {
    const now = random.below(80 * 365 * 24) * HOUR;
    assert.ok(likelyMidnight(now) > now && likelyMidnight(now) <= now + 25 * HOUR);
  }
});
