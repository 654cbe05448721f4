// Moods by hand: a button for each (they stand in the page's HTML), and sliders for what is between them.
import { element } from '../common/dom.js';
import { PRESETS, readingByHand } from './sight/hand.js';
import { SLIDER_TEXTS } from './texts.js';

/**
 * @param moved called when a hand has set something
 * @returns `{ reading(), release() }`: what the sliders say now
 */
export function handControls({ moods, sliders, moved }) {
  const values = { ...PRESETS.calm };
  const pointer = { x: 0, y: 0 };
  const inputs = Object.fromEntries(Object.entries(SLIDER_TEXTS).map(([name, text]) => {
    const [min, max] = name === 'people' ? [0, 4] : name === 'x' ? [-100, 100] : [0, 100];
    const input = element('input', { type: 'range', id: `slide-${name}`, min: String(min), max: String(max), value: String(values[name]) });
    input.addEventListener('input', () => {
      values[name] = Number(input.value);
      press(undefined);
      moved();
    });
    sliders.append(element('label', { htmlFor: input.id, textContent: text }), input);
    return [name, input];
  }));
  const buttons = [...moods.children];
  for (const button of buttons) {
    const { mood } = button.dataset;
    button.addEventListener('click', () => {
      Object.assign(values, PRESETS[mood]);
      for (const [name, input] of Object.entries(inputs)) input.value = String(values[name]);
      press(mood);
      moved();
    });
  }
  addEventListener('pointermove', ({ clientX, clientY }) => {
    pointer.x = (clientX / innerWidth) * 2 - 1;
    pointer.y = (clientY / innerHeight) * 2 - 1;
  }, { passive: true });

  function press(mood) {
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.mood === mood));
  }

  return {
    /** Something else is looked at: no button is pressed any more. */
    release: () => press(undefined),
    reading() {
      const reading = readingByHand(values);
      // Somebody is where their pointer is, unless the slider says where.
      return values.x === 0 ? { ...reading, x: pointer.x, y: pointer.y * 0.6, roll: pointer.x * 0.08 } : reading;
    },
  };
}
