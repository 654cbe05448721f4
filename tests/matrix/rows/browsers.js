// Pages and module workers, with the package's files beside them and no bundler.
import { BARE_PAGE, BARE_WORKER } from '../starters.js';

export const browsers = [
  { name: 'Chromium', browser: 'chromium', quick: true },
  { name: 'Firefox', browser: 'firefox' },
  { name: 'WebKitGTK', browser: 'webkit' },
].map(({ name, browser, quick }) => ({
  name, how: 'page, module worker; no bundler', quick,
  version: async (stage) => (await stage.browser(browser)).version,
  play: async (stage) => {
    for (const [kind, files] of [['page', BARE_PAGE], ['worker', BARE_WORKER]]) {
      const folder = stage.project(`${browser}-${kind}`, files);
      stage.copyPackage(folder);
      await stage.page(browser, folder);
    }
  },
}));
