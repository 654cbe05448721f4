// Debian's Chromium under Playwright's hand, a page apart for each visit.
import { launch } from '../../browser/chromium.js';
import { outcomeOf } from './outcome.js';

export async function openChromium() {
  const browser = await launch();
  return { version: browser.version(), visit: async (address) => outcomeOf(await browser.newPage(), address), close: () => browser.close() };
}
