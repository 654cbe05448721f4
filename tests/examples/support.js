// The examples are run as people run them: by Node or Python, in a folder of their own, before a provider behind real HTTP.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMockServer } from '../built.js';

export const ROOT = join(import.meta.dirname, '../..');
export const EXAMPLES = join(ROOT, 'examples');
export const KEYS = ['fake-class-one', 'fake-class-two', 'fake-class-three'];
export const MODEL = 'gemini-3.5-flash-lite';

/** What the workshop's people have in their environment, and nothing else. */
export const ENV = Object.fromEntries(KEYS.map((key, at) => [`GEMINI_KEY_${at + 1}`, key]));

/** A folder that is gone after the test. */
export function temporary(t) {
  const folder = mkdtempSync(join(tmpdir(), 'quota-aware-example-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Three projects, a key each. `asked`: the bodies that came. */
export async function provider(t, options = {}) {
  const asked = [];
  const answer = (prompt, { body, schema }) => {
    asked.push(body);
    return schema === null ? `Answer to ${prompt}` : '{"mood":"mixed","stars":3,"subjects":["soup"]}';
  };
  const projects = KEYS.map((key, at) => ({ id: `project-${at + 1}`, keys: [key] }));
  const server = await createMockServer({ projects, latency: { min: 1, max: 10 }, answer, ...options });
  t.after(() => server.close());
  return { server, mock: server.provider, asked, env: { ...ENV, GOOGLE_GEMINI_BASE_URL: server.url } };
}

/** Runs a program with nothing in its environment but what is given. */
export function run(command, args, { cwd, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece) => { stdout += piece; });
    child.stderr.on('data', (piece) => { stderr += piece; });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Whether any of the keys can be read. */
export function tellsKeys({ stdout, stderr }) {
  return KEYS.some((key) => (stdout + stderr).includes(key));
}

export function times(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}
