// What a dashboard remembers beyond the present state, whichever way that comes.
import { Moves } from './moves.js';
import { Series } from './series.js';
import { Tally } from './tally.js';

export class Memory {
  series = new Series();
  moves = new Moves();
  tally = new Tally();
  /** The last report of use; null where the source has none. */
  usage = null;
  /** Whether `tally` knows of failures: from afar only a report of use tells. */
  tellsErrors = true;

  #since = Date.now();

  use(report) {
    this.usage = report;
    this.series.fill(report, this.#since);
  }

  get pattern() {
    return this.usage?.pattern ?? this.tally.pattern;
  }

  /** Null: not told. */
  get errors() {
    if (this.usage) return this.usage.errors;
    return this.tellsErrors ? this.tally.errors : null;
  }
}
