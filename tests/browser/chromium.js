// Debian's Chromium under Playwright's hand; nothing is downloaded.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** @param more flags, for example of a camera that is none */
export function launch(more = []) {
  return chromium.launch({ executablePath: installed(), args: [...FLAGS, ...more], headless: true });
}

/** With an unpacked extension, which needs a profile of its own. */
export function launchWith(profile, extension) {
  const args = [...FLAGS, `--disable-extensions-except=${extension}`, `--load-extension=${extension}`];
  return chromium.launchPersistentContext(profile, { executablePath: installed(), args, headless: true });
}

function installed() {
  const place = PLACES.find((each) => each && existsSync(each));
  if (place === undefined) throw new Error('no Chromium found: install one, or name its binary in CHROMIUM');
  return place;
}
