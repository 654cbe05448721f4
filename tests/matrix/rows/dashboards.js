// The dashboard in every browser: it is drawn, and a call shows. With the emulator in the page, under a policy without styles.
import assert from 'node:assert/strict';
import { serveSite } from '../../browser/site.js';

const POLICY = { 'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'" };

const PAGE = {
  'index.html': '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>The dashboard</title>\n<script type="module" src="./main.js"></script>\n<quota-dashboard></quota-dashboard>\n</html>\n',
  'main.js': `import { QuotaAwareAPI } from './quota-aware-api/index.js';
import { MOCK_KEYS, createMockProvider } from './quota-aware-api/mock.js';
import { defineDashboard } from './quota-aware-api/dashboard.js';
const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: createMockProvider({ latency: 0 }).fetch });
const element = document.querySelector('quota-dashboard');
element.api = api;
defineDashboard();
const { shadowRoot } = element;
const text = (selector) => shadowRoot.querySelector(selector).textContent;
const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
const url = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent';
await api.call(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
for (let tries = 0; tries < 100 && (text('.figure-requests .value') !== '1' || !shadowRoot.querySelector('canvas')); tries += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
const { display, gridTemplateColumns } = getComputedStyle(shadowRoot.querySelector('.figures'));
window.outcome = JSON.stringify([text('.headline'), text('.figure-requests .value'), shadowRoot.querySelectorAll('canvas').length, display, gridTemplateColumns.split(' ').length > 1]);
`,
};

export const dashboards = [
  { name: 'dashboard, Chromium', browser: 'chromium', quick: true },
  { name: 'dashboard, Firefox', browser: 'firefox', quick: true },
  { name: 'dashboard, WebKitGTK', browser: 'webkit' },
].map(({ name, browser, quick }) => ({
  name, how: 'a page that shows `<quota-dashboard>`', quick,
  version: async (stage) => (await stage.browser(browser)).version,
  play: async (stage) => {
    const folder = stage.project(`dashboard-${browser}`, PAGE);
    stage.copyPackage(folder);
    const site = await serveSite({ '/': folder }, POLICY);
    try {
      assert.deepEqual(JSON.parse(await stage.outcome(browser, `${site.origin}/index.html`)), ['Ready for everybody', '1', 1, 'grid', true]);
    } finally {
      await site.close();
    }
  },
}));
