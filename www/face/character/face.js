// Pip's face: eyes that follow, lids, brows, cheeks, a mouth. All of it slides over the body with the gaze, which makes the body round.
import { make, p, set } from './svg.js';

export class Face {
  #group;
  #eyes;
  #cheeks;
  #mouth;

  constructor(group, shades) {
    this.#group = group;
    this.#eyes = [-1, 1].map((side) => eyeIn(group, shades, side));
    // Over the eyes: a smile pushes the cheeks up before them.
    this.#cheeks = [-1, 1].map((side) => ({ side, shape: make('ellipse', { class: 'cheek', fill: 'url(#pip-blush)' }, group) }));
    this.#mouth = mouthIn(group, shades);
  }

  draw(now, skin) {
    set(this.#group, { transform: p`translate(${now.gazeX * 17} ${-186 + now.gazeY * 12})` });
    for (const eye of this.#eyes) eye(now, skin);
    for (const { side, shape } of this.#cheeks) set(shape, { cx: side * 101, cy: 42 - now.squint * 8 - now.joy * 4, rx: 36 + 6 * now.joy, ry: 22 + 4 * now.joy, opacity: between(0, now.cheek, 1).toFixed(2) });
    this.#mouth(now);
  }
}

function eyeIn(parent, shades, side) {
  const group = make('g', { transform: `translate(${side * EYE.x} 0)` }, parent);
  const round = make('ellipse', {}, make('clipPath', { id: `pip-eye-${side}` }, shades));
  const white = make('ellipse', { class: 'white' }, group);
  const inside = make('g', { 'clip-path': `url(#pip-eye-${side})` }, group);
  const pupil = make('g', {}, inside);
  make('circle', { r: 23, class: 'ink' }, pupil);
  const glint = make('circle', { cx: -8, cy: -9, class: 'glint' }, pupil);
  make('circle', { cx: 8, cy: 9, r: 3.5, class: 'glint' }, pupil);
  const upper = make('path', { class: 'lid' }, inside);
  const lower = make('path', { class: 'lid' }, inside);
  const lash = make('path', { class: 'line' }, group);
  const brow = make('path', { class: 'line', 'stroke-width': 10 }, parent);

  return (now, skin) => {
    const open = Math.max(0, now.open);
    const covered = 1 - Math.min(1, open);
    const joy = between(0, now.joy, 1);
    // Wide eyes are larger, not only less covered.
    const wide = 1 + 0.22 * Math.max(0, open - 1);
    const [rx, ry] = [EYE.rx * wide, EYE.ry * wide];
    for (const each of [round, white]) set(each, { rx, ry });
    set(pupil, { transform: p`translate(${now.gazeX * 13} ${now.gazeY * 13}) scale(${now.pupil})` });
    set(glint, { r: 7.5 + 2.5 * joy });
    // Eyes that tire are closed from above, eyes that laugh from below, by the cheeks.
    const slant = now.browTilt * -side * 7;
    const top = -ry + covered * (1 - joy) * 2 * ry * 0.98;
    const bottom = ry - now.squint * ry * 0.95 - covered * joy * 2 * ry * 0.98;
    const lidAt = Math.min(top, bottom);
    // A closed lid hangs in an arc downwards, an open one follows the eye upwards; a slanted one is worried, or cross.
    const sag = -14 + 30 * covered * (1 - joy);
    const worry = open > 1 ? 0 : slant;
    set(upper, { d: p`M -60 -70 H 60 V ${lidAt - worry} Q 0 ${lidAt + sag} -60 ${lidAt + worry} Z`, fill: skin });
    set(lower, { d: p`M -60 80 H 60 V ${bottom + 10 + joy * 22} Q 0 ${bottom - 16 - now.squint * 14 - joy * 18} -60 ${bottom + 10 + joy * 22} Z`, fill: skin });
    // Closed, nothing is left but an arc: down for sleep, up for joy. It lies on the body, not on a disc of its own.
    const closed = between(0, (0.3 - open) * 5, 1);
    for (const each of [white, inside]) set(each, { opacity: (1 - closed).toFixed(2) });
    const [end, middle] = [mixed(lidAt * 0.5 + 6, 16, joy), mixed(lidAt * 0.5 + 26, -44, joy)];
    set(lash, { d: p`M ${-rx * 0.86} ${end} Q 0 ${middle} ${rx * 0.86} ${end}`, 'stroke-width': 6 + 4 * joy, opacity: closed.toFixed(2) });
    const browAt = -62 - (wide - 1) * 60 + now.browY - now.squint * 4;
    const inner = -side * 26;
    const tilt = now.browTilt * 13;
    set(brow, { d: p`M ${side * EYE.x + inner} ${browAt - tilt} Q ${side * EYE.x} ${browAt - 12 + Math.abs(now.browTilt) * 8} ${side * EYE.x - inner} ${browAt + tilt}` });
  };
}

/** One outline for every mouth: a line while it is closed, a bowl when it laughs, an O when it is round. */
function mouthIn(parent, shades) {
  const group = make('g', {}, parent);
  const outline = make('path', {}, make('clipPath', { id: 'pip-mouth' }, shades));
  const hole = make('path', { class: 'mouth', 'stroke-width': 9, 'stroke-linejoin': 'round' }, group);
  const inside = make('g', { 'clip-path': 'url(#pip-mouth)' }, group);
  const tongue = make('ellipse', { class: 'tongue' }, inside);
  return (now) => {
    const open = Math.max(0, now.mouthOpen);
    const w = Math.max(8, now.mouthW - 6 * open * now.mouthRound);
    const corner = -now.mouthCurve * 11;
    const middle = now.mouthCurve * 20;
    const round = between(0, now.mouthRound, 1);
    const up = middle - open * (10 + 34 * round);
    const down = middle + open * (54 - 12 * round);
    // Handles that stand upright make it round, such as lie between the corners make it wide.
    const h = w * (0.62 + 0.42 * round);
    const d = p`M ${-w} ${corner} C ${-h} ${corner + (up - corner) * 1.1} ${h} ${corner + (up - corner) * 1.1} ${w} ${corner} C ${h} ${corner + (down - corner) * 1.25} ${-h} ${corner + (down - corner) * 1.25} ${-w} ${corner} Z`;
    for (const each of [outline, hole]) set(each, { d });
    set(group, { transform: p`translate(0 ${66 - now.squint * 5})` });
    set(tongue, { cx: 0, cy: down * 0.82 + 12, rx: w * 0.62, ry: 8 + open * 16, opacity: Math.min(1, open * 2).toFixed(2) });
  };
}

function between(least, value, most) {
  return Math.min(most, Math.max(least, value));
}

function mixed(one, other, share) {
  return one + (other - one) * share;
}

const EYE = { x: 55, rx: 38, ry: 45 };
