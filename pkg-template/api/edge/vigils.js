// What is under way on an edge, where timers, requests and promises belong to the request of the worker that made them: no
// other may touch them, and all of them end with it, without a word. So each thing under way is looked after by a timer of
// its own request; and whoever looks after his own sees whose timers have stopped.

export class Vigils {
  #all = new Set();
  #swept = 0;

  /** Looks after something, in the request that runs now: at once, and from then on as often as `look` says.
   *
   *  @param look `() => ms`: how long until the next look; undefined where it is over
   *  @param gone is called in another's request, once this one has ended before the thing has
   *  @param back is called if that was a mistake, and this request goes on after all
   *  @returns a function that ends it */
  keep(look, gone, back = () => {}) {
    const vigil = { due: 0, missed: undefined, gone };
    let timer;
    const again = () => {
      const ms = look();
      if (ms === undefined) {
        this.#all.delete(vigil);
      } else if (this.#all.has(vigil)) {
        vigil.due = performance.now() + ms;
        vigil.missed = undefined;
        timer = setTimeout(ring, ms);
      }
    };
    const ring = () => {
      if (!this.#all.has(vigil)) return void back();
      again();
      this.#sweep(performance.now());
    };
    this.#all.add(vigil);
    again();
    return () => {
      clearTimeout(timer);
      this.#all.delete(vigil);
    };
  }

  /** Gives up what nobody has looked after for long. Only at the second sight: after a sleep of the whole machine all timers
   *  are late, and the others' ring before the second. */
  #sweep(now) {
    if (now < this.#swept + BETWEEN_SWEEPS) return;
    this.#swept = now;
    for (const vigil of this.#all) {
      if (now < vigil.due + PATIENCE) continue;
      vigil.missed ??= now;
      if (now < vigil.missed + SECOND_SIGHT) continue;
      this.#all.delete(vigil);
      vigil.gone();
    }
  }
}

const BETWEEN_SWEEPS = 250;
/** How late a timer may be. */
const PATIENCE = 1000;
const SECOND_SIGHT = 500;
