// A sink that appends records to a file, one line of JSON each. For Node, Deno and Bun.
import { bounded, onlyKnown } from './sinks/retention.js';

/** See `sink-file.d.ts`. */
export function fileSink(path, options = {}) {
  if (typeof path !== 'string' || path === '') throw new TypeError(`fileSink(path): expected the path of a file, got ${path === '' ? 'an empty string' : typeof path}`);
  onlyKnown('fileSink options', options, ['maxBytes', 'keep']);
  const maxBytes = bounded('fileSink options.maxBytes', options.maxBytes, Infinity, 'of bytes ');
  const keep = Math.min(bounded('fileSink options.keep', options.keep, USUAL_KEPT, ''), MOST_KEPT);
  const lines = new Lines(path, maxBytes, keep);
  return { write: (records) => lines.append(records) };
}

/** A file of lines. Opened anew for each batch: one that somebody else has rotated away is not written to any more. */
class Lines {
  #fs;
  #path;
  #maxBytes;
  #keep;
  /** A batch was perhaps written in part: the next begins a line of its own. */
  #isTorn = false;

  constructor(path, maxBytes, keep) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
  }

  async append(records) {
    this.#fs ??= await files();
    const lines = `${this.#isTorn ? '\n' : ''}${records.map((record) => `${JSON.stringify(record)}\n`).join('')}`;
    if (this.#maxBytes < Infinity) {
      const size = await this.#size();
      if (size > 0 && size + new TextEncoder().encode(lines).length > this.#maxBytes) await this.#rotate(this.#keep);
    }
    this.#isTorn = true;
    try {
      await this.#fs.appendFile(this.#path, lines);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      await this.#fs.mkdir(folderOf(this.#path), { recursive: true });
      await this.#fs.appendFile(this.#path, lines);
    }
    this.#isTorn = false;
  }

  /** `attempts.jsonl` becomes `attempts.jsonl.1`, that `.2`, and so on; the last is gone. */
  async #rotate(keep) {
    for (let at = keep - 1; at >= 1; at -= 1) await this.#move(`${this.#path}.${at}`, `${this.#path}.${at + 1}`);
    await this.#move(this.#path, `${this.#path}.1`);
  }

  async #move(from, to) {
    await ifThere(this.#fs.rename(from, to));
  }

  async #size() {
    return (await ifThere(this.#fs.stat(this.#path)))?.size ?? 0;
  }
}

/** What something comes to; undefined where the file is not there. */
async function ifThere(work) {
  try {
    return await work;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function folderOf(path) {
  return path.replace(/[/\\][^/\\]*$/, '') || path.slice(0, 1);
}

/** By a name in a variable, and only once there is something to write: bundlers for pages need not find it. */
function files() {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ NODE_FS);
}

const NODE_FS = 'node:fs/promises';
const USUAL_KEPT = 5;
const MOST_KEPT = 1000;
