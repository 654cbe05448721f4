// Motion: a value that is drawn to its target as by a spring, so that nothing jumps and everything has weight.

export class Spring {
  velocity = 0;

  /**
   * @param value where it begins
   * @param frequency swings a second: 1 is sluggish, 5 is quick
   * @param damping 1 comes to rest without swinging over, 0.5 bounces
   */
  constructor(value, frequency = 3, damping = 0.8) {
    this.value = value;
    this.target = value;
    this.stiffness = (2 * Math.PI * frequency) ** 2;
    this.drag = 2 * damping * 2 * Math.PI * frequency;
  }

  /** Goes on by so many seconds. In small steps: a frame that came late would otherwise fling it away. */
  step(seconds) {
    for (let left = Math.min(seconds, 0.25); left > 0; left -= STEP) {
      const dt = Math.min(left, STEP);
      this.velocity += (this.stiffness * (this.target - this.value) - this.drag * this.velocity) * dt;
      this.value += this.velocity * dt;
    }
    return this.value;
  }

  /** To its target at once, and at rest. */
  settle() {
    [this.value, this.velocity] = [this.target, 0];
  }

  /** A push: of a hop, or a fright. */
  kick(velocity) {
    this.velocity += velocity;
  }
}

const STEP = 1 / 240;
