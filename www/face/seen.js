// What the recogniser saw, for people: frames about faces, bars for what they say, and how fast everything goes.
import { element } from '../common/dom.js';
import { METER_TEXTS } from './texts.js';

export class Frames {
  #boxes;
  #bars;
  #rates;
  #drawn = [];
  #looks = [];
  #took = 0;

  constructor({ boxes, meters, rates }) {
    this.#boxes = boxes.getContext('2d');
    this.#rates = rates;
    this.#bars = Object.fromEntries(Object.entries(METER_TEXTS).map(([name, text]) => {
      const bar = element('i', {});
      bar.dataset.mood = name;
      meters.append(element('span', {}, text, element('b', {}, bar)));
      return [name, bar];
    }));
  }

  /** A look is over: where faces were, in a picture of that size. */
  looked(faces, { size, took, mirrored }) {
    const context = this.#boxes;
    const { canvas } = context;
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.clearRect(0, 0, size.width, size.height);
    context.lineWidth = 4;
    context.strokeStyle = '#fff';
    for (const { box } of faces) {
      context.beginPath();
      context.roundRect?.(mirrored ? size.width - box.x - box.width : box.x, box.y, box.width, box.height, 14);
      context.stroke();
    }
    this.#took = took;
    this.#looks.push(performance.now());
  }

  /** What the face says now, 0 to 1 each. */
  weigh(weights) {
    for (const [name, bar] of Object.entries(this.#bars)) bar.style.transform = `scaleX(${weights[name].toFixed(2)})`;
  }

  /** Pip was drawn, at that time. */
  drawn(now) {
    this.#drawn.push(now);
  }

  /** Of the last seconds: frames drawn and looks taken in one. */
  get rates() {
    const now = performance.now();
    for (const list of [this.#drawn, this.#looks]) while (list.length > 0 && list[0] < now - SPAN) list.shift();
    return { drawn: rateOf(this.#drawn), looks: rateOf(this.#looks), took: this.#took };
  }

  tell() {
    const { drawn, looks, took } = this.rates;
    const looking = looks > 0 ? ` · ${Math.round(looks)} looks, ${Math.round(took)} ms each` : '';
    this.#rates.textContent = `${Math.round(drawn)} frames a second${looking}`;
  }
}

function rateOf(list) {
  return list.length < 2 ? 0 : ((list.length - 1) * 1000) / (list.at(-1) - list[0]);
}

const SPAN = 2000;
