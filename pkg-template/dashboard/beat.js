// When the page is drawn: at most ten times a second, in step with its frames, and once a second though nothing has happened, so
// that times count down. One part a frame: sixty keys, two hundred who wait and a chart are too much for a single one. Not at all
// while nobody can see it.

/** More often nobody can read it. Milliseconds. */
const SPACING = 100;

export class Beat {
  #draw;
  #running = false;
  #frame = 0;
  #timer = 0;
  #second = 0;
  #lookedAt = -Infinity;
  /** Somebody has asked since the last look. */
  #asked = false;
  /** Parts are left of it. */
  #inHand = false;

  /** `draw(fresh)`: looks and draws the first part where `fresh`, else the next one; returns whether there are more. */
  constructor(draw) {
    this.#draw = draw;
  }

  run(running) {
    if (running === this.#running) return;
    this.#running = running;
    if (running) {
      this.ask();
      this.#tick();
      return;
    }
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    clearTimeout(this.#second);
    this.#frame = this.#timer = 0;
    this.#inHand = false;
  }

  get running() {
    return this.#running;
  }

  /** Something is another: draws soon. However often it is asked, once. */
  ask() {
    this.#asked = true;
    if (!this.#running || this.#frame !== 0 || this.#timer !== 0) return;
    const wait = this.#lookedAt + SPACING - performance.now();
    if (wait <= 0) {
      this.#request();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#request();
    }, wait);
  }

  #request() {
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const fresh = !this.#inHand;
      if (fresh) {
        this.#lookedAt = performance.now();
        this.#asked = false;
      }
      this.#inHand = this.#draw(fresh);
      if (this.#inHand) this.#request();
      else if (this.#asked) this.ask();
    });
  }

  #tick() {
    // Just after the clock's second, when what counts down has come one further.
    this.#second = setTimeout(() => {
      this.ask();
      this.#tick();
    }, 1_005 - Date.now() % 1_000);
  }
}
