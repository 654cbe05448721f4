/** A request can't be said in the other dialect: `lost` names each path, and why. */
export class NotTranslatable extends Error {
  /** @param {{ path: string, why: string }[]} lost */
  constructor(lost) {
    super(`The request can't be translated: ${listed(lost)}.`);
    this.code = 'NOT_TRANSLATABLE';
    this.lost = lost;
  }
}
// On the prototype, as on every built-in error, and safe from minifiers.
Object.defineProperty(NotTranslatable.prototype, 'name', { value: 'NotTranslatable', writable: true, configurable: true });

/** Paths and why, the first ten of them. */
export function listed(lost) {
  const more = lost.length > MOST_SAID ? `; and ${lost.length - MOST_SAID} more` : '';
  return `${lost.slice(0, MOST_SAID).map(({ path, why }) => `${path} (${why})`).join('; ')}${more}`;
}

const MOST_SAID = 10;
