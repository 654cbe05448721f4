// The little sign that Pip holds up while it waits, and the dots over its head while it thinks.
import { make, p, set } from './svg.js';

export class Sign {
  #group;
  #texts;
  #dots;
  #said = ['', ''];

  constructor(parent) {
    this.#dots = make('g', { class: 'dots' }, parent);
    for (const at of [0, 1, 2]) make('circle', { cx: 150 + at * 30, cy: -330 - at * 4, r: 10 }, this.#dots);
    this.#group = make('g', {}, parent);
    make('path', { class: 'stick', d: 'M 0 6 V -72' }, this.#group);
    make('rect', { class: 'board', x: -118, y: -182, width: 236, height: 114, rx: 16 }, this.#group);
    this.#texts = [
      make('text', { class: 'small', x: 0, y: -140, 'text-anchor': 'middle' }, this.#group),
      make('text', { class: 'large', x: 0, y: -92, 'text-anchor': 'middle' }, this.#group),
    ];
  }

  /** Two lines: what it is about, and when. */
  say(small, large) {
    [small, large].forEach((text, at) => {
      if (this.#said[at] === text) return;
      this.#said[at] = text;
      this.#texts[at].textContent = text;
      // Long words are set smaller, not over the edge: a letter is some 0.6 of its size wide.
      this.#texts[at].setAttribute('font-size', String(Math.min([27, 48][at], Math.floor(216 / (0.6 * text.length)))));
    });
  }

  draw(now, [x, y]) {
    const shown = Math.max(0, now.sign);
    set(this.#group, {
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${(now.roll * -14 + (1 - shown) * 40 + (now.still ? 0 : Math.sin(now.time * 1.4) * 1.6)).toFixed(2)}) scale(${shown.toFixed(3)})`,
      visibility: shown > 0.02 ? 'visible' : 'hidden',
    });
    const thinks = Math.max(0, now.dots);
    set(this.#dots, { opacity: thinks.toFixed(2) });
    if (thinks > 0.02 && !now.still) [...this.#dots.children].forEach((dot, at) => set(dot, { transform: p`translate(0 ${-7 * Math.max(0, Math.sin(now.time * 5 - at * 0.9))})` }));
  }
}
