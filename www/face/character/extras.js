// What floats about Pip: sparks, drops, puffs, letters of sleep. Each kind has a few shapes that are used again and again.
import { make, p, set } from './svg.js';

export class Extras {
  #kinds;

  constructor(behind, front) {
    this.#kinds = [sparks(behind), startle(behind), rain(front), steam(behind), sleep(front), confetti(front), question(front)];
  }

  draw(now) {
    for (const kind of this.#kinds) {
      const strength = now.presence[kind.mood];
      const shown = strength > 0.01;
      if (shown !== kind.shown) {
        kind.shown = shown;
        kind.group.setAttribute('visibility', shown ? 'visible' : 'hidden');
      }
      if (shown) kind.draw(now, strength);
    }
  }
}

/** A group for a mood, with so many shapes. Each shape has its own way through time: `at` gives its place in a life from 0 to 1. */
function kind(mood, parent, count, shape, draw) {
  const group = make('g', { visibility: 'hidden' }, parent);
  const shapes = Array.from({ length: count }, (_, at) => shape(group, at));
  return { mood, group, shown: false, draw: (now, strength) => shapes.forEach((each, at) => draw(each, at, now, strength)) };
}

/** Where in its life the thing is: they come one after the other, and where little motion is wanted they stand. */
function life(now, at, count, seconds) {
  return ((now.still ? 0.35 : now.time / seconds) + at / count) % 1;
}

function fade(t, strength) {
  return (strength * Math.min(1, 5 * t, 3 * (1 - t))).toFixed(2);
}

function sparks(parent) {
  return kind('happy', parent, 9, (group, at) => make('path', { class: 'spark', d: at % 3 === 1 ? HEART : STAR }, group), (shape, at, now, strength) => {
    const t = life(now, at, 9, 3.4);
    const side = at % 2 === 0 ? -1 : 1;
    const x = 360 + side * (190 + 22 * ((at * 7) % 5) + 12 * Math.sin(t * 6 + at));
    set(shape, { transform: p`translate(${x} ${420 - 330 * t}) rotate(${at * 40 + (now.still ? 0 : now.time * 30)}) scale(${0.7 + 0.5 * Math.sin(t * 3.1)})`, opacity: fade(t, strength) });
  });
}

function startle(parent) {
  return kind('surprised', parent, 8, (group) => make('path', { class: 'stroke' }, group), (shape, at, now, strength) => {
    // Two fans, and room for the sprout between them.
    const angle = Math.PI * (at < 4 ? 1.07 + 0.1 * at : 1.63 + 0.1 * (at - 4));
    const pulse = now.still ? 0 : 8 * Math.sin(now.time * 7 + at);
    const [from, to] = [214 + pulse, 214 + pulse + (at % 2 === 0 ? 42 : 26) * strength];
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    set(shape, { d: p`M ${360 + x * from} ${322 + y * from} L ${360 + x * to} ${322 + y * to}`, opacity: strength.toFixed(2) });
  });
}

function rain(parent) {
  const drops = kind('sad', parent, 10, (group) => make('path', { class: 'drop', d: 'M 0 -12 C 8 0 7 10 0 10 C -7 10 -8 0 0 -12 Z' }, group), (shape, at, now, strength) => {
    const t = life(now, (at * 7) % 10, 10, 1.7);
    set(shape, { transform: p`translate(${176 + 17 * at} ${112 + 230 * t * t})`, opacity: fade(t, strength * 0.9) });
  });
  const cloud = make('path', { class: 'cloud', d: 'M 186 118 a 34 34 0 0 1 6 -67 a 52 52 0 0 1 97 -12 a 40 40 0 0 1 50 79 Z' }, drops.group);
  const draw = drops.draw;
  drops.draw = (now, strength) => {
    draw(now, strength);
    set(cloud, { opacity: strength.toFixed(2), transform: p`translate(${now.still ? 0 : 6 * Math.sin(now.time * 0.9)} ${12 * (1 - strength)})` });
  };
  return drops;
}

function steam(parent) {
  return kind('angry', parent, 8, (group) => make('circle', { class: 'puff' }, group), (shape, at, now, strength) => {
    const t = life(now, Math.floor(at / 2), 4, 1.1);
    const side = at % 2 === 0 ? -1 : 1;
    set(shape, { cx: 360 + side * (150 + 92 * t), cy: 206 - 64 * t - 10 * Math.sin(t * 5 + at), r: 10 + 20 * t, opacity: fade(t, strength * 0.85) });
  });
}

function sleep(parent) {
  return kind('nobody', parent, 3, (group) => {
    const letter = make('text', { class: 'zzz', 'text-anchor': 'middle', 'font-size': 54 }, group);
    letter.textContent = 'z';
    return letter;
  }, (shape, at, now, strength) => {
    const t = life(now, at, 3, 4.5);
    set(shape, { transform: p`translate(${470 + 92 * t + 14 * Math.sin(t * 7)} ${190 - 120 * t}) scale(${0.45 + 0.75 * t})`, opacity: fade(t, strength) });
  });
}

function confetti(parent) {
  return kind('several', parent, 14, (group, at) => make('rect', { class: `paper paper-${at % 4}`, x: -6, y: -9, width: 12, height: 18, rx: 3 }, group), (shape, at, now, strength) => {
    const t = life(now, (at * 5) % 14, 14, 4);
    set(shape, { transform: p`translate(${80 + ((at * 173) % 560) + 20 * Math.sin(t * 8 + at)} ${30 + 430 * t}) rotate(${now.still ? at * 30 : now.time * 90 + at * 50})`, opacity: fade(t, strength) });
  });
}

function question(parent) {
  return kind('away', parent, 1, (group) => {
    const mark = make('text', { class: 'mark', 'text-anchor': 'middle', 'font-size': 92 }, group);
    mark.textContent = '?';
    return mark;
  }, (shape, at, now, strength) => {
    set(shape, { transform: p`translate(214 ${158 + (now.still ? 0 : 7 * Math.sin(now.time * 2.2))}) rotate(${-12 + (now.still ? 0 : 6 * Math.sin(now.time * 1.7))}) scale(${strength})`, opacity: strength.toFixed(2) });
  });
}

const STAR = 'M 0 -14 Q 2 -2 14 0 Q 2 2 0 14 Q -2 2 -14 0 Q -2 -2 0 -14 Z';
const HEART = 'M 0 12 C -18 -2 -12 -16 0 -7 C 12 -16 18 -2 0 12 Z';
