// What a dashboard remembers beyond the present state, whichever way that comes.
import { Moves } from './moves.js';
import { Series } from './series.js';
import { Tally } from './tally.js';

export class Memory {
  series = new Series();
  moves = new Moves();
  tally = new Tally();
  /** Whether `tally` knows of failures: from afar only once a server has told of them. */
  tellsErrors = true;

  #since = Date.now();

  /** A report of use, which knows of what was before us. */
  use(report) {
    this.tally.use(report);
    this.series.fill(report, this.#since);
    this.tellsErrors = true;
  }

  /** Null: not told. */
  get errors() {
    return this.tellsErrors ? this.tally.errors : null;
  }
}
