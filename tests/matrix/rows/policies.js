// A page under the Content Security Policy that Web Extensions have, and under the same without the word for WebAssembly:
// there, the error has to say which word that is.
import assert from 'node:assert/strict';
import { serveSite } from '../../browser/site.js';
import { BARE_PAGE } from '../starters.js';

const POLICY = (scripts) => ({ 'content-security-policy': `default-src 'self'; script-src ${scripts}; object-src 'none'; connect-src *` });
const ALLOWED = POLICY("'self' 'wasm-unsafe-eval'");
const FORBIDDEN = POLICY("'self'");

const PROBE = `import { QuotaAwareAPI, QuotaAwareError } from './quota-aware-api/index.js';
let told;
try {
  new QuotaAwareAPI(['fake-one']);
} catch (error) {
  told = { ours: error instanceof QuotaAwareError, code: error.code, message: error.message, advice: error.advice };
}
window.outcome = JSON.stringify(told ?? 'started');
`;

export const policies = [
  { name: 'CSP, Chromium', browser: 'chromium', quick: true },
  { name: 'CSP, Firefox', browser: 'firefox' },
  { name: 'CSP, WebKitGTK', browser: 'webkit' },
].map(({ name, browser, quick }) => ({
  name, how: "page under `script-src 'self' 'wasm-unsafe-eval'`", quick,
  version: async (stage) => (await stage.browser(browser)).version,
  play: async (stage) => {
    const folder = stage.project(`csp-${browser}`, { ...BARE_PAGE, 'probe.js': PROBE, 'probe.html': BARE_PAGE['index.html'].replace('main.js', 'probe.js') });
    stage.copyPackage(folder);
    await stage.page(browser, folder, { headers: ALLOWED });
    const site = await serveSite({ '/': folder }, FORBIDDEN);
    try {
      const { ours, code, message, advice } = JSON.parse(await stage.outcome(browser, `${site.origin}/probe.html`));
      assert.deepEqual({ ours, code }, { ours: true, code: 'WASM_UNAVAILABLE' });
      assert.match(message, /Content Security Policy .* script-src lacks 'wasm-unsafe-eval'/);
      assert.match(advice, /^Add 'wasm-unsafe-eval' to script-src/);
    } finally {
      await site.close();
    }
  },
}));
