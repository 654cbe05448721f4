// A sink that keeps records in a page's IndexedDB, and can be asked what was used: for pages without a server of their own.
import { onlyKnown, retention, writerId } from './sinks/retention.js';
import { Sums, span } from './sinks/sums.js';
import { usageReport } from './api/usage-report.js';

/** See `sink-indexeddb.d.ts`. */
export function indexedDbSink(options = {}) {
  onlyKnown('indexedDbSink options', options, ['name', 'maxAge', 'maxRecords', 'now', 'indexedDB']);
  const { name = 'quota-aware-api', now = Date.now, indexedDB = globalThis.indexedDB } = options;
  if (typeof name !== 'string' || name === '') throw new TypeError(`indexedDbSink options.name: expected the name of a database, got ${name === '' ? 'an empty string' : typeof name}`);
  if (typeof now !== 'function') throw new TypeError(`indexedDbSink options.now: expected a function, got ${typeof now}`);
  if (typeof indexedDB?.open !== 'function') throw new TypeError('indexedDbSink options.indexedDB: expected a host that has IndexedDB');
  const book = new Book(indexedDB, name, retention(options, 'indexedDbSink options', { maxAge: USUAL_AGE, maxRecords: USUAL_RECORDS }), now);
  return { write: (records) => book.write(records), close: () => book.close(), getUsage: (query = {}) => book.usage(query), clear: () => book.clear() };
}

class Book {
  #indexedDB;
  #name;
  #limits;
  #now;
  #writer = writerId();
  /** The open database, as a promise; undefined until it is needed, and again once the browser has closed it. */
  #opened;
  /** Records written since what is too old, or too many, was last looked for. */
  #unswept = Infinity;

  constructor(indexedDB, name, limits, now) {
    this.#indexedDB = indexedDB;
    this.#name = name;
    this.#limits = limits;
    this.#now = now;
  }

  async write(records) {
    await this.#transaction('readwrite', (store) => {
      for (const record of records) store.put({ ...record, fallback: record.fallback ?? 0, writer: this.#writer });
    });
    this.#unswept += records.length;
    if (this.#unswept >= BETWEEN_SWEEPS) await this.#sweep();
  }

  async usage(query) {
    const range = span(query, this.#now());
    const sums = new Sums(range, query);
    const within = IDBKeyRange.bound(range.from, range.to, false, true);
    await this.#transaction('readonly', (store) => each(store.index('at'), within, ({ value }) => sums.add(value, value.writer)));
    return usageReport(sums.sums(), query.key !== undefined && query.key !== null);
  }

  clear() {
    return this.#transaction('readwrite', (store) => { store.clear(); });
  }

  async close() {
    const opened = this.#opened;
    this.#opened = undefined;
    (await opened?.catch(() => undefined))?.close();
  }

  async #sweep() {
    this.#unswept = 0;
    const { maxAge, maxRecords } = this.#limits;
    await this.#transaction('readwrite', (store) => {
      const index = store.index('at');
      if (maxAge < Infinity) each(index, IDBKeyRange.upperBound(this.#now() - maxAge, true), (cursor) => cursor.delete());
      if (maxRecords === Infinity) return;
      // After the deletions above: requests of a transaction are done in order.
      store.count().onsuccess = ({ target }) => {
        let over = target.result - maxRecords;
        if (over > 0) each(index, undefined, (cursor) => { cursor.delete(); over -= 1; }, () => over > 0);
      };
    });
  }

  /** Does work on the store, and resolves once that lasts. */
  async #transaction(mode, work) {
    const database = await this.#open();
    await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
      try {
        work(transaction.objectStore(STORE));
      } catch (error) {
        // What was asked for before would last otherwise.
        transaction.abort();
        reject(error);
      }
    });
  }

  #open() {
    this.#opened ??= new Promise((resolve, reject) => {
      const request = this.#indexedDB.open(this.#name, VERSION);
      request.onupgradeneeded = () => {
        // A second record of an attempt, whose stream broke later, takes the place of the first.
        const store = request.result.createObjectStore(STORE, { keyPath: ['writer', 'fallback', 'call', 'attempt'] });
        store.createIndex('at', 'at');
      };
      request.onsuccess = () => {
        const forget = () => { this.#opened = undefined; };
        request.result.onclose = forget;
        // Another tab wants to change or delete it.
        request.result.onversionchange = () => { request.result.close(); forget(); };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('another tab keeps the database from being opened'));
    });
    // What failed once, in a private window for example, may succeed later.
    this.#opened.catch(() => { this.#opened = undefined; });
    return this.#opened;
  }
}

/** Shows every entry of an index, in order. */
function each(index, range, show, goesOn = () => true) {
  index.openCursor(range).onsuccess = ({ target }) => {
    const cursor = target.result;
    if (cursor === null || !goesOn()) return;
    show(cursor);
    cursor.continue();
  };
}

const STORE = 'attempts';
const VERSION = 1;
const BETWEEN_SWEEPS = 1_000;
const USUAL_AGE = 31 * 24 * 3_600_000;
const USUAL_RECORDS = 100_000;
