/** A request can't be said in the other dialect: `lost` names each path, and why. */
export class NotTranslatable extends Error {
  /** @param {{ path: string, why: string }[]} lost */
  constructor(lost) {
    const more = lost.length > MOST_SAID ? `; and ${lost.length - MOST_SAID} more` : '';
    super(`The request can't be translated: ${lost.slice(0, MOST_SAID).map(({ path, why }) => `${path} (${why})`).join('; ')}${more}.`);
    this.code = 'NOT_TRANSLATABLE';
    this.lost = lost;
  }
}
// On the prototype, as on every built-in error, and safe from minifiers.
Object.defineProperty(NotTranslatable.prototype, 'name', { value: 'NotTranslatable', writable: true, configurable: true });

const MOST_SAID = 10;
