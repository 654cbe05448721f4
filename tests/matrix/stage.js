// Where a row is played: an empty project with nothing but the packed tarball in it, an emulator for each run of the
// scenario, and browsers that are started when they are first needed.
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { serveSite } from '../browser/site.js';
import { pack } from '../package/support.js';
import { openBrowser } from './drivers/index.js';
import { judge, startEmulator } from './emulator.js';

const execute = promisify(execFile);
const HERE = import.meta.dirname;
const SCENARIO = readFileSync(join(HERE, 'scenario.js'), 'utf8');
/** No tool may report, update or look for anything. */
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', WRANGLER_SEND_METRICS: 'false', DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1', NO_COLOR: '1', CI: '1' };
const PATIENCE = 240_000;

export class Stage {
  #root;
  #browsers = new Map();

  /** @param tools the folder whose node_modules has what the rows run in; projects lie beneath, so that they find it */
  constructor(tools) {
    this.tools = tools;
    this.#root = join(tools, 'projects');
  }

  /** Packs and installs, once for all rows. */
  async set() {
    rmSync(this.#root, { recursive: true, force: true });
    mkdirSync(this.#root, { recursive: true });
    const tarball = await pack(this.#root);
    writeFileSync(join(this.#root, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }');
    await this.run(this.#root, 'npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball]);
  }

  /** What users would find in their node_modules. */
  get installed() {
    return join(this.#root, 'node_modules/quota-aware-api');
  }

  /** A project of this name with the scenario in it, and these files. */
  project(name, files) {
    const folder = join(this.#root, name.toLowerCase().replace(/[^a-z0-9]+/g, '-'));
    rmSync(folder, { recursive: true, force: true });
    for (const [file, text] of Object.entries({ 'package.json': '{ "private": true, "type": "module" }', 'scenario.js': SCENARIO, ...files })) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return folder;
  }

  /** Runs the scenario by `way`, which is given the emulator's origin and resolves to what the scenario saw. */
  async play(way) {
    const emulator = await startEmulator();
    try {
      judge(await way(emulator.url), emulator);
    } finally {
      await emulator.close();
    }
  }

  /** The same in a program that prints what it saw. It must end by itself. */
  async program(folder, command, args) {
    await this.play(async (origin) => seenIn(await this.run(folder, command, [...args, origin])));
  }

  /** The same in a page of a folder. */
  async page(browser, folder, { headers, path = 'index.html' } = {}) {
    const site = await serveSite({ '/': folder }, headers);
    try {
      await this.visit(browser, `${site.origin}/${path}`);
    } finally {
      await site.close();
    }
  }

  /** The same in a page that something else serves. */
  async visit(browser, address) {
    await this.play(async (origin) => seenIn(await this.outcome(browser, `${address}?origin=${encodeURIComponent(origin)}`)));
  }

  /** What a page prints. */
  async outcome(name, address) {
    const opened = await this.browser(name);
    return opened.visit(address);
  }

  browser(name) {
    if (!this.#browsers.has(name)) this.#browsers.set(name, openBrowser(name, this));
    return this.#browsers.get(name);
  }

  /** Runs to its end; resolves to its output, rejects with all that it said. */
  async run(cwd, command, args, env = {}) {
    try {
      const { stdout } = await execute(command, args, { cwd, env: { ...process.env, ...QUIET, ...env }, maxBuffer: 1 << 26, timeout: PATIENCE, killSignal: 'SIGKILL' });
      return stdout;
    } catch (error) {
      throw new Error(`${command} ${args.join(' ')}${error.killed ? ' (did not end)' : ''}\n${error.stdout}${error.stderr}`, { cause: error });
    }
  }

  /** Starts a server; resolves to its end once what it prints matches. */
  serve(cwd, command, args, ready, env = {}) {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...QUIET, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const gone = new Promise((resolve) => { child.once('close', resolve); });
    const stop = () => {
      child.kill();
      return gone;
    };
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => stop().then(() => reject(new Error(`${command} was not ready in time\n${said}`))), PATIENCE);
      const hear = (piece) => {
        said += piece;
        const match = ready.exec(said);
        if (match === null) return;
        clearTimeout(late);
        resolve({ match, stop });
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', reject);
      gone.then(() => reject(new Error(`${command} ended early\n${said}`)));
    });
  }

  /** A tool's program. */
  bin(name) {
    const place = [this.tools, HERE, join(HERE, '../..')].map((folder) => join(folder, 'node_modules/.bin', name)).find(existsSync);
    if (place === undefined) throw new Error(`${name} is not installed: scripts/setup.sh matrix`);
    return place;
  }

  /** A tool's module. */
  async load(name) {
    const loaded = await import(pathToFileURL(createRequire(join(this.tools, 'package.json')).resolve(name)));
    return loaded.default ?? loaded;
  }

  /** A tool's version. */
  version(name) {
    const place = [this.tools, HERE, join(HERE, '../..')].map((folder) => join(folder, 'node_modules', name, 'package.json')).find(existsSync);
    if (place === undefined) throw new Error(`${name} is not installed: scripts/setup.sh matrix`);
    return JSON.parse(readFileSync(place, 'utf8')).version;
  }

  async strike() {
    for (const opening of this.#browsers.values()) await opening.then((browser) => browser.close(), () => {});
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Copies the package's files into a project, for pages that have no bundler. */
  copyPackage(folder) {
    cpSync(join(this.installed, 'dist'), join(folder, 'quota-aware-api'), { recursive: true });
  }
}

/** The scenario's line among what a program or a page prints. */
export function seenIn(printed) {
  const line = printed.split('\n').find((each) => each.startsWith('seen '));
  if (line === undefined) throw new Error(`the scenario did not come to its end:\n${printed}`);
  return JSON.parse(line.slice(5));
}
