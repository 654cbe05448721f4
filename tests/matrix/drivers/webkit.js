// WebKitGTK's own small browser on a screen that nobody sees, over plain WebDriver.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE = 60_000;

export async function openWebKit() {
  const binary = miniBrowser();
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const display = await new Promise((resolve, reject) => {
    screen.once('error', () => reject(new Error('Xvfb is missing: scripts/setup.sh matrix')));
    screen.stdio[3].once('data', (number) => resolve(`:${String(number).trim()}`));
  });
  const port = await freePort();
  // Its sandbox needs rights that containers lack; the pages are ours.
  const env = { ...process.env, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], { env, stdio: 'ignore' });
  const ask = (method, path, body) => command(`http://127.0.0.1:${port}${path}`, method, body);
  const stop = () => {
    driver.kill();
    screen.kill();
  };
  try {
    await listening(ask);
    const browserOptions = { binary, args: ['--automation'] };
    const { sessionId, capabilities } = await ask('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': browserOptions } } });
    const session = `/session/${sessionId}`;
    const close = () => ask('DELETE', session).then(stop, stop);
    return { version: capabilities.browserVersion, visit: (address) => visit(ask, session, address), close };
  } catch (error) {
    stop();
    throw error;
  }
}

async function visit(ask, session, address) {
  await ask('POST', `${session}/url`, { url: address });
  const script = 'return window.outcome === undefined ? null : window.outcome;';
  for (const end = performance.now() + PATIENCE; performance.now() < end; await pause(100)) {
    const outcome = await ask('POST', `${session}/execute/sync`, { script, args: [] });
    if (outcome !== null) return outcome;
  }
  throw new Error(`${address} said nothing`);
}

async function command(address, method, body) {
  const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const { value } = await (await fetch(address, { method, ...init })).json();
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

async function listening(ask) {
  for (let tries = 0; ; tries += 1) {
    try {
      await ask('GET', '/status');
      return;
    } catch (error) {
      if (tries > 100) throw new Error('WebKitWebDriver is missing or does not answer: scripts/setup.sh matrix', { cause: error });
      await pause(100);
    }
  }
}

/** `/usr/lib/<triplet>/webkit2gtk-<version>/MiniBrowser` */
function miniBrowser() {
  const folders = readdirSync('/usr/lib', { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join('/usr/lib', name));
  for (const folder of folders.filter((each) => each.endsWith('-linux-gnu'))) {
    const found = readdirSync(folder).filter((name) => name.startsWith('webkit')).map((name) => join(folder, name, 'MiniBrowser')).filter(existsSync);
    if (found.length > 0) return found.at(-1);
  }
  throw new Error('no WebKitGTK found: scripts/setup.sh matrix');
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
