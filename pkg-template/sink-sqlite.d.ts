// A sink of records in SQLite, which can be asked what was used. Spans are milliseconds, instants Unix milliseconds.

import type { AttemptRecord, UsageQuery, UsageReport } from './index.js';

/**
 * Keeps records in a table of an SQLite database, which is yours to open:
 *
 * ```js
 * import sqlite from 'node-sqlite3-wasm'; // Node 20 and later, nothing to compile; or node:sqlite, Node 22 and later
 * const sink = sqliteSink({ database: new sqlite.Database('attempts.db') });
 * const api = new QuotaAwareAPI(keys, { sink });
 * sink.getUsage({ operation: 'vision' });
 * ```
 *
 * Each batch is one transaction. Several programs may write to one database, as far as its library lets them.
 *
 * @throws TypeError where the options have a mistake
 */
export declare function sqliteSink(options: SqliteSinkOptions): SqliteSink;

/** The database, and how much is kept in it. */
export interface SqliteSinkOptions {
  /** An open one: of `node-sqlite3-wasm`, `node:sqlite` or `libsql`, which were tried, or of `better-sqlite3`, whose methods are the same. Who opened it closes it, after `api.flush()`. */
  database: SqliteDatabase;
  /** The name of the table: letters, digits, `_`. Made where it is missing. @default "attempts" */
  table?: string;
  /** Records older than so many milliseconds are deleted now and then. @default 92 days */
  maxAge?: number;
  /** Of more than so many the oldest are deleted now and then. @default 1000000, some 300 MB */
  maxRecords?: number;
  /** What time it is, as a Unix time in milliseconds. @default Date.now */
  now?: () => number;
}

/** What is needed of a database; those of the libraries named above have it. */
export interface SqliteDatabase {
  /** Runs statements without results. */
  exec(sql: string): unknown;
  /** Makes a statement. */
  prepare(sql: string): unknown;
}

/** For `Options.sink`. */
export interface SqliteSink {
  /** All of them in one transaction. Throws the library's error. */
  write(records: readonly AttemptRecord[]): void;
  /**
   * What was used, as `api.getUsage()` tells it, of as long as records are kept, and with exact percentiles. What the engine can't tell
   * of a session, model or operation is told here; of one key neither knows calls and waits. Pools' `available` and `efficiency` are
   * null. Tokens that were estimated count.
   *
   * @param query which time, and whose. @default the last seven days of everybody
   * @throws TypeError where the query has a mistake
   */
  getUsage(query?: UsageQuery): SinkUsageReport;
}

/** A usage report without how the keys stand now, which only an instance knows. */
export type SinkUsageReport = Omit<UsageReport, 'summary'>;
