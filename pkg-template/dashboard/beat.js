// When the page is drawn: at most ten times a second, in step with its frames, and once a second though nothing has happened, so
// that times count down. Not at all while nobody can see it.

/** More often nobody can read it, and sixty keys with their neighbours cost a few milliseconds each time. */
const SPACING = 100;

export class Beat {
  #draw;
  #running = false;
  #frame = 0;
  #timer = 0;
  #second = 0;
  #drawnAt = -Infinity;

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
  }

  get running() {
    return this.#running;
  }

  /** Something is another: draws soon. However often it is asked, once. */
  ask() {
    if (!this.#running || this.#frame !== 0 || this.#timer !== 0) return;
    const wait = this.#drawnAt + SPACING - performance.now();
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
      this.#drawnAt = performance.now();
      this.#draw();
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
