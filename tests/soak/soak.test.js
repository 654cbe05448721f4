// What a long life leaves behind: the rounds of `npm run soak`, each a tenth as long or less. In a room of its own, since what
// other tests keep would be measured too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measured, slope } from '../../benches/soak/gauge.mjs';
import * as rounds from '../../benches/soak/rounds.mjs';
import { INDEX, QuotaAwareAPI } from '../built.js';

for (const [name, total, title] of [
  ['calls', 100_000, '100,000 calls, of which 10,000 are aborted, leave nothing behind'],
  ['closed', 4000, '4,000 instances that are closed leave nothing behind, whatever they had under way'],
  ['dropped', 4000, '4,000 instances that are forgotten leave nothing behind'],
]) {
  test(title, { timeout: 300_000 }, async () => {
    const { run, close, batch, most } = rounds[name]({ QuotaAwareAPI, index: INDEX });
    const marks = await measured(total, batch, run);
    close();
    for (const [of, bytes] of Object.entries(most)) {
      const left = slope(marks, of, total);
      assert.ok(left <= bytes, `${left.toFixed(1)} bytes of ${of} an item, at most ${bytes}: ${marks.map((mark) => mark[of]).join(' ')}`);
    }
  });
}
