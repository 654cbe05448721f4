// Debian's Firefox over WebDriver BiDi, without geckodriver.
import { existsSync } from 'node:fs';
import { outcomeOf } from './outcome.js';

const PLACES = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'];

export async function openFirefox(stage) {
  const browser = await launchFirefox(stage);
  const version = (await browser.version()).replace(/^firefox\//i, '');
  return { version, visit: async (address) => outcomeOf(await browser.newPage(), address), close: () => browser.close() };
}

/** Puppeteer's browser, for whoever does more with it than visit. Its Puppeteer is ours, unless a stage has one of its own. */
export async function launchFirefox(stage = { load: (name) => import(name) }) {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (executablePath === undefined) throw new Error('no Firefox found: scripts/setup.sh matrix, or name its binary in FIREFOX');
  const puppeteer = await stage.load('puppeteer-core');
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
}
