// The sentence, large; and the same for screen readers, seldom.
import { h, mark, write } from './dom.js';
import { ICON_OF, icon, setIcon } from './icons.js';
import { sentenceOf } from './sentence-words.js';

/** Nobody can listen to more. Milliseconds. */
const SPEAK_EVERY = 10_000;

export class Sentence {
  #icon = icon('look');
  #headline = h('p', { class: 'headline', part: 'headline' });
  #detail = h('p', { class: 'detail' });
  #spoken = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  #kind = null;
  #spokenAt = -Infinity;

  node = h('div', { class: 'sentence', part: 'sentence', 'data-tone': 'none' }, this.#icon, h('div', {}, this.#headline, this.#detail), this.#spoken);

  render(view) {
    const { tone, kind, headline, detail } = sentenceOf(view, view.now, view.texts, view.format);
    mark(this.node, 'data-tone', tone);
    setIcon(this.#icon, ICON_OF[tone]);
    write(this.#headline, headline);
    write(this.#detail, detail);
    // Only when it has become another thing; a time that counts down is the same thing.
    const now = performance.now();
    if (kind === this.#kind || now - this.#spokenAt < SPEAK_EVERY) return;
    this.#kind = kind;
    this.#spokenAt = now;
    write(this.#spoken, `${headline}. ${detail}`);
  }
}
