// Pip, drawn: a drop of something soft with a sprout on its head. Made once, then only attributes change.
import { Extras } from './extras.js';
import { Face } from './face.js';
import { Sign } from './sign.js';
import { make, p, set } from './svg.js';

/** Puts Pip into an `<svg>`; the function that is returned draws what a Rig's frame says. */
export function drawing(svg) {
  set(svg, { viewBox: '48 0 624 530' });
  const shades = make('defs', {}, svg);
  gradient(shades, 'pip-light', { cx: '36%', cy: '26%', r: '62%' }, [['0%', '#fff', 0.42], ['100%', '#fff', 0]]);
  gradient(shades, 'pip-shade', { cx: '50%', cy: '30%', r: '78%' }, [['62%', '#1d1038', 0], ['100%', '#1d1038', 0.26]]);
  gradient(shades, 'pip-blush', {}, [['0%', '#ff5d7d', 0.75], ['50%', '#ff5d7d', 0.45], ['100%', '#ff5d7d', 0]]);
  const halo = [make('circle', { cx: MIDDLE, cy: 292, r: 262, class: 'halo' }, svg), make('circle', { cx: MIDDLE, cy: 292, r: 200, class: 'halo' }, svg)];
  const behind = make('g', {}, svg);
  const shadow = make('ellipse', { cx: MIDDLE, cy: 494, class: 'shadow' }, svg);
  const all = make('g', {}, svg);
  const feet = [-52, 52].map((x) => make('ellipse', { cx: x, cy: -6, rx: 38, ry: 16 }, all));
  const body = make('g', {}, all);
  const sprout = sproutIn(body);
  const skin = make('path', { d: BODY }, body);
  make('path', { d: BODY, fill: 'url(#pip-shade)' }, body);
  make('path', { d: BODY, fill: 'url(#pip-light)' }, body);
  const face = new Face(make('g', {}, body), shades);
  const arms = [-1, 1].map((side) => ({ side, group: make('g', {}, all) })).map(armIn);
  const sign = new Sign(all);
  all.append(arms[1].group);
  const extras = new Extras(behind, make('g', {}, svg));

  return (now) => {
    const colour = [now.r, now.g, now.b];
    const base = rgb(colour);
    const dark = rgb(colour.map((each) => each * 0.84));
    const squash = now.squash + now.breath;
    const lift = now.lift;
    for (const each of halo) set(each, { fill: base });
    set(shadow, { rx: 128 + lift * 0.7 + squash * 120, ry: 15 + lift * 0.06 });
    set(all, { transform: p`translate(${MIDDLE} ${492 + Math.min(lift, 0)}) rotate(${now.roll * 26})` });
    set(body, { transform: `scale(${(1 + squash).toFixed(4)} ${(1 - squash).toFixed(4)})` });
    for (const foot of feet) set(foot, { fill: dark });
    set(skin, { fill: base });
    sprout(now, base, dark);
    face.draw(now, base);
    for (const arm of arms) arm.draw(arm.side < 0 ? [now.lx, now.ly] : [now.rx, now.ry], dark, now);
    sign.draw(now, [now.rx, now.ry - 190]);
    extras.draw(now);
    return { sign };
  };
}

/** Two leaves on a stem that swing after everything else. */
function sproutIn(parent) {
  const stem = make('path', { class: 'stem', fill: 'none', 'stroke-width': 9, 'stroke-linecap': 'round' }, parent);
  const leaves = [-1, 1].map((side) => ({ side, leaf: make('path', { d: LEAF }, parent) }));
  return (now, base, dark) => {
    const bend = (1 - Math.min(1, now.sprout)) * 34 + now.swing * 10;
    const height = 48 + 10 * now.sprout;
    const [x, y] = [bend, -346 - height];
    set(stem, { d: p`M 0 -336 Q 0 ${-346 - height * 0.6} ${x} ${y}`, stroke: dark });
    for (const { side, leaf } of leaves) {
      const angle = side * (62 - 30 * now.sprout) + bend * 0.7;
      set(leaf, { transform: p`translate(${x} ${y}) rotate(${angle}) scale(${side} 1)`, fill: base, stroke: dark });
    }
  };
}

/** An arm from the shoulder to wherever its hand is; the elbow keeps outside. */
function armIn({ side, group }) {
  const sleeve = make('path', { fill: 'none', 'stroke-width': 30, 'stroke-linecap': 'round' }, group);
  const hand = make('circle', { r: 19 }, group);
  const watch = side < 0 ? watchIn(group) : undefined;
  const draw = ([x, y], dark, now) => {
    const [shoulder, top] = [side * 146, -150];
    const [to, at] = [x, y - 190];
    // The elbow leaves the line between shoulder and hand by as much as the arm is too long for it.
    const slack = Math.max(0, 130 - Math.hypot(to - shoulder, at - top));
    const [ex, ey] = [(shoulder + to) / 2 + side * (12 + slack * 0.55), (top + at) / 2 + slack * 0.3];
    set(sleeve, { d: p`M ${shoulder} ${top} Q ${ex} ${ey} ${to} ${at}`, stroke: dark });
    set(hand, { cx: to, cy: at, fill: dark });
    watch?.(now, [to + (ex - to) * 0.28, at + (ey - at) * 0.28]);
  };
  return { side, group, draw };
}

function watchIn(parent) {
  const group = make('g', {}, parent);
  make('circle', { r: 17, class: 'watch' }, group);
  const hands = make('path', { class: 'watch-hands', d: 'M 0 0 V -11 M 0 0 H 7' }, group);
  return (now, [x, y]) => {
    set(group, { transform: p`translate(${x} ${y})`, opacity: Math.max(0, Math.min(1, now.sign)) });
    set(hands, { transform: p`rotate(${now.still ? 0 : (now.time * 40) % 360})` });
  };
}

function gradient(parent, id, place, stops) {
  const element = make('radialGradient', { id, ...place }, parent);
  for (const [offset, colour, opacity] of stops) make('stop', { offset, 'stop-color': colour, 'stop-opacity': opacity }, element);
}

function rgb(colour) {
  return `rgb(${colour.map((each) => Math.max(0, Math.min(255, Math.round(each)))).join(' ')})`;
}

const MIDDLE = 360;
/** Stands on 0 and is 340 high. */
const BODY = 'M 0 -340 C 92 -340 160 -262 166 -156 C 171 -52 108 0 0 0 C -108 0 -171 -52 -166 -156 C -160 -262 -92 -340 0 -340 Z';
const LEAF = 'M 0 0 C 12 -26 44 -34 66 -22 C 54 2 26 14 0 0 Z';
