// A sink of records in a page's IndexedDB, which can be asked what was used. Spans are milliseconds, instants Unix milliseconds.

import type { AttemptRecord, UsageQuery, UsageReport } from './index.js';

/**
 * Keeps records in IndexedDB, for pages without a server of their own: `new QuotaAwareAPI(keys, { sink: indexedDbSink() })`. Several tabs
 * may write to one database. Where the browser has none to give (a private window, a full disk), records are lost, and calls go on.
 *
 * @throws TypeError where the options have a mistake, or the host has no IndexedDB
 */
export declare function indexedDbSink(options?: IndexedDbSinkOptions): IndexedDbSink;

/** The database, and how much is kept in it. */
export interface IndexedDbSinkOptions {
  /** The name of the database. @default "quota-aware-api" */
  name?: string;
  /** Records older than so many milliseconds are deleted now and then. @default 31 days */
  maxAge?: number;
  /** Of more than so many the oldest are deleted now and then. @default 100000, some 50 MB */
  maxRecords?: number;
  /** What time it is, as a Unix time in milliseconds. @default Date.now */
  now?: () => number;
  /** Where databases are opened. @default the host's `indexedDB` */
  indexedDB?: {
    /** Opens one. */
    open(name: string, version?: number): object;
  };
}

/** For `Options.sink`. */
export interface IndexedDbSink {
  /** All of them in one transaction. */
  write(records: readonly AttemptRecord[]): Promise<void>;
  /** Closes the database; it is opened again where it is needed. */
  close(): Promise<void>;
  /** Deletes all records. */
  clear(): Promise<void>;
  /**
   * What was used, as `api.getUsage()` tells it, of as long as records are kept, and with exact percentiles. What the engine can't tell
   * of a session, model or operation is told here; of one key neither knows calls and waits. Pools' `available` and `efficiency` are
   * null. Tokens that were estimated count. Rejects with a TypeError where the query has a mistake.
   *
   * @param query which time, and whose. @default the last seven days of everybody
   */
  getUsage(query?: UsageQuery): Promise<SinkUsageReport>;
}

/** A usage report without how the keys stand now, which only an instance knows. */
export type SinkUsageReport = Omit<UsageReport, 'summary'>;
