// Records in SQLite, on every library that this Node has: written in one transaction, kept for a while, and asked.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import sqlite3 from 'node-sqlite3-wasm';
import { subpath } from '../built.js';
import { ENDPOINT, NOON, open, question, record, refused, tokens } from './records.js';

const { sqliteSink } = await import(subpath('sink-sqlite'));
const HOUR = 3_600_000;

const LIBRARIES = { 'node-sqlite3-wasm': (path) => new sqlite3.Database(path) };
try {
  const { DatabaseSync } = await import('node:sqlite');
  LIBRARIES['node:sqlite'] = (path) => new DatabaseSync(path);
} catch { /* Node 20 has none */ }

for (const [library, connect] of Object.entries(LIBRARIES)) {
  const rows = (database, sql) => (database.all === undefined ? database.prepare(sql).all() : database.all(sql));

  describe(`on ${library}`, () => {
    function temporary(t, options = {}) {
      const folder = mkdtempSync(join(tmpdir(), 'quota-aware-sqlite-'));
      const path = join(folder, 'attempts.db');
      const database = connect(path);
      t.after(() => {
        try { database.close(); } catch { /* the test has */ }
        rmSync(folder, { recursive: true, force: true });
      });
      return { database, path, sink: sqliteSink({ database, now: () => NOON + HOUR, ...options }) };
    }

    test('an instance’s attempts are kept, and told', async (t) => {
      const { database, sink } = temporary(t, { now: Date.now });
      const api = open({ sink }, [refused()]);
      for (const session of ['amy', 'amy', 'ben']) await (await api.call(ENDPOINT, { ...question(), quota: { session, operation: 'text', userId: 'u-1' } })).json();
      assert.equal(await api.flush(), true);
      assert.deepEqual(api.getStats().records, { written: 4, dropped: 0, failed: 0 });
      const { summary, ...engine } = api.getUsage();
      const own = sink.getUsage();
      assert.ok(summary.totalKeys === 2);
      assert.deepEqual(Object.keys(own).sort(), Object.keys(engine).sort());
      for (const name of ['totals', 'keys', 'sessions', 'operations', 'errors']) assert.deepEqual(own[name], engine[name], name);
      assert.deepEqual([own.totals.requests, own.totals.calls, own.totals.tokens, own.totals.cachedTokens], [4, 3, 381, 180]);
      assert.deepEqual(sink.getUsage({ session: 'ben' }).totals.requests, 1);
      const [row] = rows(database, 'SELECT * FROM attempts WHERE success = 1');
      assert.deepEqual([row.user_id, row.key_number, row.status, row.input, row.thoughts, row.tokens_estimated, row.category], ['u-1', 2, 200, 100, 7, 0, null]);
      assert.ok(!JSON.stringify(rows(database, 'SELECT * FROM attempts')).includes('fake-key'));
    });

    test('what one program has written, the next can ask', (t) => {
      const { database, path, sink } = temporary(t);
      sink.write([record({ call: 1 }), record({ call: 2 })]);
      database.close();
      const other = connect(path);
      t.after(() => other.close());
      const next = sqliteSink({ database: other, now: () => NOON + HOUR });
      // Its numbers of calls begin anew, and are other calls.
      next.write([record({ call: 1 })]);
      assert.deepEqual([next.getUsage().totals.requests, next.getUsage().totals.calls], [3, 3]);
    });

    test('a second record of an attempt takes the place of the first', (t) => {
      const { sink } = temporary(t);
      const served = record({ tokens: tokens(5, 6) });
      sink.write([served]);
      sink.write([{ ...served, verdict: 'network', success: false, category: 'other' }]);
      const { totals } = sink.getUsage();
      assert.deepEqual([totals.requests, totals.successes, totals.failures], [1, 0, 1]);
    });

    test('a batch is written whole or not at all', (t) => {
      const { sink } = temporary(t);
      assert.throws(() => sink.write([record(), record({ key: undefined }), record()]));
      assert.equal(sink.getUsage().totals.requests, 0);
      sink.write([record()]);
      assert.equal(sink.getUsage().totals.requests, 1);
    });

    test('more than a page of records is added up once each', (t) => {
      const { sink } = temporary(t);
      // Many at the same instant: pages end among them.
      for (let n = 0; n < 25; n += 1) sink.write(Array.from({ length: 500 }, (_, at) => record({ at: NOON + (at % 3), session: at % 2 ? 'amy' : null, latencyMs: at })));
      const { totals, sessions } = sink.getUsage();
      assert.equal(totals.requests, 12_500);
      assert.deepEqual(sessions.map(({ session, requests }) => [session, requests]).sort(), [[null, 6_250], ['amy', 6_250]]);
      assert.equal(sink.getUsage({ session: 'amy' }).totals.requests, 6_250);
    });

    test('what is too old, or too many, goes', (t) => {
      let at = NOON;
      const { database, sink } = temporary(t, { maxAge: HOUR, maxRecords: 1_500, now: () => at });
      sink.write([record({ at: NOON - 2 * HOUR }), record({ at: NOON })]);
      assert.deepEqual(rows(database, 'SELECT at FROM attempts').map((row) => row.at), [NOON]);
      at += HOUR / 2;
      for (let n = 0; n < 5; n += 1) sink.write(Array.from({ length: 500 }, () => record({ at: at + n })));
      const left = rows(database, 'SELECT COUNT(*) AS count, MIN(at) AS first FROM attempts')[0];
      assert.ok(left.count <= 2_500 && left.count >= 1_500 && left.first > NOON, JSON.stringify(left));
    });

    test('its table is found by its indices', (t) => {
      const { database } = temporary(t);
      const names = rows(database, 'SELECT name FROM sqlite_master WHERE type = \'index\'').map(({ name }) => name);
      assert.ok(names.includes('attempts_at') && names.includes('attempts_session'), names.join());
      const plan = rows(database, 'EXPLAIN QUERY PLAN SELECT rowid AS id, * FROM attempts WHERE (at > 5 OR (at = 5 AND rowid > 0)) AND at < 9 ORDER BY at, rowid LIMIT 5');
      assert.match(plan.map(({ detail }) => detail).join('\n'), /attempts_at/);
    });

    test('a database that is gone loses records, and no call', async (t) => {
      t.mock.method(console, 'warn', () => {});
      const { database, sink } = temporary(t);
      const api = open({ sink });
      database.close();
      const response = await api.call(ENDPOINT, question());
      assert.equal(response.status, 200);
      await response.json();
      await api.flush();
      assert.deepEqual(api.getStats().records, { written: 0, dropped: 0, failed: 1 });
    });
  });
}

test('mistakes are told where they are made', () => {
  const database = new sqlite3.Database(':memory:');
  assert.throws(() => sqliteSink(), { name: 'TypeError', message: /^sqliteSink options: expected an object, got undefined/ });
  assert.throws(() => sqliteSink({ database: 'attempts.db' }), /^TypeError: sqliteSink options\.database: expected an open database of/);
  assert.throws(() => sqliteSink({ database, table: 'a; DROP TABLE b' }), /options\.table: expected a name of letters, digits and _/);
  assert.throws(() => sqliteSink({ database, maxAge: 0 }), /options\.maxAge: expected a whole number of milliseconds from 1, or Infinity, got 0/);
  assert.throws(() => sqliteSink({ database, maxRecord: 5 }), /options\.maxRecord: unknown option/);
  assert.throws(() => sqliteSink({ database }).getUsage({ step: 'week' }), /query\.step: expected minute, hour or day/);
  database.close();
});
