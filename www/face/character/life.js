// What Pip does without a reason: it blinks, looks about, laughs, yawns when it has to wait, looks at its watch. Time and chance are handed in.

export class Life {
  #random;
  #blinkAt = 0;
  #glanceAt = 0;
  #glance = { x: 0, y: 0 };
  #laughAt = 0;
  #actAt = 0;
  #act = undefined;

  constructor(random = Math.random) {
    this.#random = random;
  }

  /**
   * @param now in milliseconds
   * @param mood that holds
   * @param waits how long a wait is still promised to last, in milliseconds; 0 where none is
   * @returns `blink`, `laugh`, `yawn`, `watch` (looks at its watch): 0 to 1; `x`, `y`: where else it glances
   */
  at(now, mood, waits) {
    const blink = this.#blinking(now);
    this.#glances(now, mood);
    const { yawn, watch } = this.#acts(now, mood, waits);
    return { blink, laugh: this.#laughing(now, mood), yawn, watch, ...this.#glance };
  }

  #blinking(now) {
    if (now > this.#blinkAt + BLINK) this.#blinkAt = now + (this.#random() < 0.15 ? 90 : 1800 + 3200 * this.#random());
    return now < this.#blinkAt ? 0 : Math.sin((Math.PI * (now - this.#blinkAt)) / BLINK);
  }

  /** A smile is laughed with as soon as it is seen, and now and then while it lasts. */
  #laughing(now, mood) {
    if (mood !== 'happy') {
      this.#laughAt = now + SEEN;
      return 0;
    }
    if (now > this.#laughAt + LAUGH) this.#laughAt = now + 3000 + 3500 * this.#random();
    const done = (now - this.#laughAt) / LAUGH;
    return done < 0 ? 0 : Math.min(1, 7 * done, 5 * (1 - done));
  }

  #glances(now, mood) {
    if (now < this.#glanceAt) return;
    const wide = mood === 'several' ? 0.8 : mood === 'calm' ? 0.12 : 0.06;
    const x = mood === 'several' ? (this.#glance.x > 0 ? -wide : wide) : wide * (this.#random() * 2 - 1);
    this.#glance = { x, y: 0.5 * wide * (this.#random() * 2 - 1) };
    this.#glanceAt = now + 700 + 1600 * this.#random();
  }

  #acts(now, mood, waits) {
    if (waits <= 0 || mood === 'nobody') {
      [this.#act, this.#actAt] = [undefined, now + 1200];
      return { yawn: 0, watch: 0 };
    }
    if (this.#act === undefined && now > this.#actAt) {
      // Who has to wait for long yawns; a short wait is looked up on the watch.
      this.#act = { name: waits > LONG && this.#random() < 0.55 ? 'yawn' : 'watch', from: now };
    }
    if (this.#act === undefined) return { yawn: 0, watch: 0 };
    const { name, from } = this.#act;
    const done = (now - from) / ACTS[name];
    if (done >= 1) {
      [this.#act, this.#actAt] = [undefined, now + 2500 + 2500 * this.#random()];
      return { yawn: 0, watch: 0 };
    }
    const strength = Math.min(1, 4 * done, 4 * (1 - done));
    return { yawn: 0, watch: 0, [name]: strength };
  }
}

const BLINK = 170;
const LAUGH = 1300;
/** Arms and mouth go first. */
const SEEN = 220;
const ACTS = { yawn: 2200, watch: 1900 };
const LONG = 10_000;
