// Debian's Chromium under Playwright's hand; nothing is downloaded.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

export function launch() {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (executablePath === undefined) throw new Error('no Chromium found: install one, or name its binary in CHROMIUM');
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}
