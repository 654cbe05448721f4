// A sink of records that appends to a file, for Node, Deno and Bun. Spans are milliseconds.

import type { AttemptRecord } from './index.js';

/**
 * Appends records to a file, one line of JSON each: `new QuotaAwareAPI(keys, { sink: fileSink('log/attempts.jsonl') })`. A folder that is
 * missing is made. The file is opened for each batch, so that whoever rotates it (logrotate, say) need tell nobody. A disk that
 * is full costs records, never a call; what was written in part is a line of its own, which is no JSON.
 *
 * @throws TypeError where path or options have a mistake
 */
export declare function fileSink(path: string, options?: FileSinkOptions): FileSink;

/** What becomes of a file that grows. */
export interface FileSinkOptions {
  /**
   * A batch that would make the file longer than so many bytes begins a new one; the old one gets `.1` behind its name, that `.2`, and
   * so on. @default none: rotation is left to the host
   */
  maxBytes?: number;
  /** How many old files are kept: up to 1,000. @default 5 */
  keep?: number;
}

/** For `Options.sink`. */
export interface FileSink {
  /** Appends them. Rejects with the host's error. */
  write(records: readonly AttemptRecord[]): Promise<void>;
}
