// A sink that keeps records in SQLite, and can be asked what was used. The database is the user's own object, so that no library
// is ours to choose or to load: node:sqlite, node-sqlite3-wasm, better-sqlite3 and libsql all do.
import { onlyKnown, retention, writerId } from './sinks/retention.js';
import { FILTERS, Sums, span } from './sinks/sums.js';
import { usageReport } from './api/usage-report.js';

/** See `sink-sqlite.d.ts`. */
export function sqliteSink(options) {
  onlyKnown('sqliteSink options', options, ['database', 'table', 'maxAge', 'maxRecords', 'now']);
  const { database, table = 'attempts', now = Date.now } = options;
  if (typeof database?.exec !== 'function' || typeof database.prepare !== 'function') {
    throw new TypeError('sqliteSink options.database: expected an open database of node:sqlite, node-sqlite3-wasm, better-sqlite3 or libsql');
  }
  if (typeof table !== 'string' || !/^[A-Za-z_]\w{0,62}$/.test(table)) throw new TypeError('sqliteSink options.table: expected a name of letters, digits and _');
  if (typeof now !== 'function') throw new TypeError(`sqliteSink options.now: expected a function, got ${typeof now}`);
  const book = new Book(database, table, retention(options, 'sqliteSink options', { maxAge: USUAL_AGE, maxRecords: USUAL_RECORDS }), now);
  return { write: (records) => book.write(records), getUsage: (query = {}) => book.usage(query) };
}

class Book {
  #database;
  #table;
  #limits;
  #now;
  #writer = writerId();
  /** Records written since what is too old, or too many, was last looked for. */
  #unswept = Infinity;

  constructor(database, table, limits, now) {
    this.#database = database;
    this.#table = table;
    this.#limits = limits;
    this.#now = now;
    const columns = COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ');
    database.exec(`CREATE TABLE IF NOT EXISTS ${table} (${columns}, PRIMARY KEY (writer, fallback, call, attempt))`);
    database.exec(`CREATE INDEX IF NOT EXISTS ${table}_at ON ${table} (at)`);
    database.exec(`CREATE INDEX IF NOT EXISTS ${table}_session ON ${table} (session, at)`);
  }

  /** All of them, or none. */
  write(records) {
    const rows = records.map((record) => rowOf(record, this.#writer));
    // A second record of an attempt, whose stream broke later, takes the place of the first.
    const insert = `INSERT OR REPLACE INTO ${this.#table} VALUES (${COLUMNS.map(() => '?').join(', ')})`;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#with(insert, (statement) => { for (const row of rows) run(statement, row); });
      this.#unswept += rows.length;
      if (this.#unswept >= BETWEEN_SWEEPS) this.#sweep();
      this.#database.exec('COMMIT');
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK');
      } catch { /* it has rolled back by itself: a full disk does that */ }
      throw error;
    }
  }

  usage(query) {
    const range = span(query, this.#now());
    const sums = new Sums(range, query);
    // In pieces: a year of records need not be in memory at once.
    let [at, id] = [range.from, -1];
    for (;;) {
      const [where, values] = filtered(query);
      const page = this.#with(`SELECT rowid AS id, * FROM ${this.#table} WHERE (at > ? OR (at = ? AND rowid > ?)) AND at < ?${where} ORDER BY at, rowid LIMIT ${PAGE}`, (statement) => all(statement, [at, at, id, range.to, ...values]));
      for (const row of page) sums.add(recordOf(row), row.writer);
      if (page.length < PAGE) break;
      ({ at, id } = page.at(-1));
    }
    return usageReport(sums.sums(), isOfKey(query));
  }

  #sweep() {
    this.#unswept = 0;
    const { maxAge, maxRecords } = this.#limits;
    if (maxAge < Infinity) this.#with(`DELETE FROM ${this.#table} WHERE at < ?`, (statement) => run(statement, [Math.floor(this.#now() - maxAge)]));
    if (maxRecords < Infinity) {
      this.#with(`DELETE FROM ${this.#table} WHERE rowid IN (SELECT rowid FROM ${this.#table} ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ?)`, (statement) => run(statement, [maxRecords]));
    }
  }

  #with(sql, work) {
    const statement = this.#database.prepare(sql);
    try {
      return work(statement);
    } finally {
      // node-sqlite3-wasm's live outside of what the collector sees.
      statement.finalize?.();
    }
  }
}

/** node-sqlite3-wasm takes values as one array, everybody else one after the other; only the former has statements to finalise. */
function run(statement, values) {
  return statement.finalize === undefined ? statement.run(...values) : statement.run(values);
}

function all(statement, values) {
  return statement.finalize === undefined ? statement.all(...values) : statement.all(values);
}

function filtered(query) {
  const names = FILTERS.filter((name) => query[name] !== undefined && query[name] !== null);
  return [names.map((name) => ` AND ${name} = ?`).join(''), names.map((name) => query[name])];
}

/** What a call did with other keys is not seen where one key is asked for. */
function isOfKey({ key }) {
  return key !== undefined && key !== null;
}

function rowOf(record, writer) {
  const { tokens } = record;
  return [
    record.at, writer, record.fallback ?? 0, record.call, record.attempt, record.key, record.keyNumber, record.provider, record.project, record.model, record.session,
    record.operation, record.userId, record.userAgent, record.verdict, record.category, Number(record.success), record.status, record.latencyMs, record.waitedMs,
    tokens?.input ?? null, tokens?.output ?? null, tokens?.cached ?? null, tokens?.thoughts ?? null, Number(record.tokensEstimated),
  ];
}

function recordOf(row) {
  const { input, output, cached, thoughts } = row;
  return {
    at: row.at, call: row.call, attempt: row.attempt, fallback: row.fallback, key: row.key, provider: row.provider, project: row.project, model: row.model, session: row.session,
    operation: row.operation, verdict: row.verdict, success: row.success === 1, latencyMs: row.latency_ms, waitedMs: row.waited_ms,
    tokens: input === null ? null : { input, output, cached, thoughts },
  };
}

const COLUMNS = [
  ['at', 'INTEGER NOT NULL'], ['writer', 'TEXT NOT NULL'], ['fallback', 'INTEGER NOT NULL'], ['call', 'INTEGER NOT NULL'], ['attempt', 'INTEGER NOT NULL'],
  ['key', 'TEXT NOT NULL'], ['key_number', 'INTEGER NOT NULL'], ['provider', 'TEXT NOT NULL'], ['project', 'TEXT NOT NULL'], ['model', 'TEXT NOT NULL'],
  ['session', 'TEXT'], ['operation', 'TEXT'], ['user_id', 'TEXT'], ['user_agent', 'TEXT'], ['verdict', 'TEXT NOT NULL'], ['category', 'TEXT'],
  ['success', 'INTEGER NOT NULL'], ['status', 'INTEGER'], ['latency_ms', 'INTEGER NOT NULL'], ['waited_ms', 'INTEGER NOT NULL'],
  ['input', 'INTEGER'], ['output', 'INTEGER'], ['cached', 'INTEGER'], ['thoughts', 'INTEGER'], ['tokens_estimated', 'INTEGER NOT NULL'],
];
const PAGE = 5_000;
const BETWEEN_SWEEPS = 1_000;
const USUAL_AGE = 92 * 24 * 3_600_000;
/** Some 300 MB. */
const USUAL_RECORDS = 1_000_000;
