// The moods of the last two minutes, as a strip of colours.
import { make } from './character/svg.js';
import { MOOD_TEXTS } from './texts.js';

/** @returns a function that draws the history's entries (see mood.js), `span` milliseconds from `from` on */
export function strip(svg) {
  const pieces = [];
  let told = '';
  return (entries, from, span) => {
    entries.forEach((entry, at) => {
      pieces[at] ??= make('rect', { y: 0, height: 20 }, svg);
      const piece = pieces[at];
      piece.setAttribute('x', String(Math.round(((entry.from - from) / span) * 1000)));
      piece.setAttribute('width', String(Math.ceil(((entry.to - entry.from) / span) * 1000)));
      piece.setAttribute('class', `mood-${entry.mood}`);
    });
    for (const spare of pieces.splice(entries.length)) spare.remove();
    const text = `Moods of the last two minutes: ${entries.map(({ mood }) => MOOD_TEXTS[mood][0].toLowerCase()).join(', ') || 'none yet'}.`;
    if (text !== told) svg.setAttribute('aria-label', told = text);
  };
}
