// Browsers, each as `{ version, visit(address), close() }`: a visit resolves to what the page leaves in `window.outcome`.
import { openChromium } from './chromium.js';
import { openFirefox } from './firefox.js';
import { openWebKit } from './webkit.js';

const OPEN = { chromium: openChromium, firefox: openFirefox, webkit: openWebKit };

export function openBrowser(name, stage) {
  return OPEN[name](stage);
}
