// SVG by hand: elements by name and attributes, and the paths of round things.

const NAMESPACE = 'http://www.w3.org/2000/svg';

export function make(name, attributes = {}, parent = undefined) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

/**
 * Sets attributes; numbers with one digit after the point, which is finer than a pixel and short enough for sixty times a second.
 * What is the same as before is left alone, so that the browser need not draw it again.
 */
export function set(element, attributes) {
  for (const key in attributes) {
    const value = String(typeof attributes[key] === 'number' ? round(attributes[key]) : attributes[key]);
    if (element.getAttribute(key) !== value) element.setAttribute(key, value);
  }
}

export function round(value) {
  return Math.round(value * 10) / 10;
}

/** A path from numbers and letters: p`M ${x} ${y} …` */
export function p(texts, ...numbers) {
  return texts.reduce((path, text, at) => path + text + (at < numbers.length ? round(numbers[at]) : ''), '');
}
