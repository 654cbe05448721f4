// The dashboard: a custom element that shows how the keys of a QuotaAwareAPI stand. Importing it defines nothing and touches no
// document, so that it can be imported where pages are rendered on a server.
import { QuotaDashboard } from './dashboard/element.js';

let made = false;

export { QuotaDashboard };
export { MESSAGES } from './dashboard/texts.js';

/** Makes the element known to the page. Does nothing where it is already, or where there is no page. */
export function defineDashboard(name = 'quota-dashboard') {
  const { customElements } = globalThis;
  if (customElements === undefined || customElements.get(name) !== undefined) return;
  // A class can have one name only; whoever wants a second one gets a class of its own.
  customElements.define(name, made ? class extends QuotaDashboard {} : QuotaDashboard);
  made = true;
}


