// Debian's Firefox over WebDriver BiDi, without geckodriver.
import { existsSync } from 'node:fs';
import { outcomeOf } from './outcome.js';

const PLACES = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'];

export async function openFirefox(stage) {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (executablePath === undefined) throw new Error('no Firefox found: scripts/setup.sh matrix, or name its binary in FIREFOX');
  const puppeteer = await stage.load('puppeteer-core');
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  const version = (await browser.version()).replace(/^firefox\//i, '');
  return { version, visit: async (address) => outcomeOf(await browser.newPage(), address), close: () => browser.close() };
}
