// Small pictures that say the same as the word beside them, for eyes that don't tell colours apart. Drawn by lines, 16 by 16.
const SVG = 'http://www.w3.org/2000/svg';
const RING = 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z';

const SHAPES = {
  check: `${RING}M5 8.2l2.2 2.2 4-4.6`,
  clock: `${RING}M8 4.5V8l2.4 1.7`,
  day: 'M2.5 3.5h11v10h-11zM2.5 6.7h11M5.3 1.8v3M10.7 1.8v3M6.2 8.6l3.6 3.4M9.8 8.6L6.2 12',
  cold: 'M8 1.5v13M2.4 4.7l11.2 6.6M13.6 4.7L2.4 11.3M6.2 2.6L8 4.3l1.8-1.7M6.2 13.4L8 11.7l1.8 1.7',
  look: 'M7 2.3a4.7 4.7 0 1 0 0 9.4 4.7 4.7 0 0 0 0-9.4zM10.5 10.5L14 14',
  cross: `${RING}M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8`,
  off: `${RING}M3.5 12.5l9-9`,
  warn: 'M8 1.8L15 14H1zM8 6.3v3.6M8 11.9v.2',
  slow: 'M2 12.5a6.5 6.5 0 1 1 12 0M8 11l2.8-4.2',
  gone: 'M2 5.5a9 9 0 0 1 12 0M4.2 8.3a5.6 5.6 0 0 1 7.6 0M8 12v.2M2 14.5l12-13',
};

/** What stands for a key's health, or for the tone of a sentence. */
export const ICON_OF = {
  available: 'check', full: 'clock', 'rate-limited': 'clock', 'quota-exhausted': 'day', 'cooling-down': 'cold', probing: 'look', invalid: 'cross', disabled: 'off',
  good: 'check', busy: 'slow', wait: 'clock', bad: 'cross', none: 'look',
};

export function icon(name) {
  const node = document.createElementNS(SVG, 'svg');
  for (const [attribute, value] of Object.entries({ class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' })) node.setAttribute(attribute, value);
  node.append(document.createElementNS(SVG, 'path'));
  setIcon(node, name);
  return node;
}

export function setIcon(node, name) {
  const path = node.firstChild;
  if (path.getAttribute('d') !== SHAPES[name]) path.setAttribute('d', SHAPES[name]);
}
