// The hand-written types name what the built classes really have.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TYPED } from '../../scripts/entries.mjs';
import { INDEX, subpath } from '../built.js';
import { PACKAGE } from './consumer.js';

const main = await import(INDEX);
const dashboard = await import(subpath('dashboard'));

/** A plan of which every part has something in it. */
function planned() {
  const report = main.plan({ models: 'gemini-3.5-flash', hours: 1 });
  return { PlanReport: report, PlanSupply: report.supply[0], PlanLimit: report.firstBreak.limit, PlanFix: report.advice[0] };
}

/** The members that a declared class has, by name. */
function declaredMembers(source, name) {
  const body = new RegExp(`^export class ${name}\\b[^{]*\\{\\n([^]*?)^\\}`, 'm').exec(source)[1];
  return new Set([...body.matchAll(/^ {2}(?:static |readonly )*(\[?[\w.]+\]?)[(<:?]/gm)].map(([, member]) => member));
}

/** The members that a class really has: on its prototype, static, and those that the constructor sets. */
function realMembers(own, instance) {
  const ofPrototype = Reflect.ownKeys(own.prototype).filter((key) => key !== 'constructor');
  const statics = Reflect.ownKeys(own).filter((key) => !['length', 'name', 'prototype'].includes(key));
  return new Set([...ofPrototype, ...statics, ...Reflect.ownKeys(instance)].filter((key) => typeof key === 'string' || key === Symbol.dispose).map((key) => (typeof key === 'symbol' ? '[Symbol.dispose]' : key)));
}

describe('what the types name is what the package has', () => {
  const source = readFileSync(join(PACKAGE, 'dist/index.d.ts'), 'utf8');

  test('in the main class', () => {
    const declared = declaredMembers(source, 'QuotaAwareAPI');
    declared.delete('constructor');
    assert.deepEqual([...realMembers(main.QuotaAwareAPI, new main.QuotaAwareAPI(['fake-one']))].sort(), [...declared].sort());
  });

  test('in the error class', () => {
    const declared = declaredMembers(source, 'QuotaAwareError');
    const real = realMembers(main.QuotaAwareError, new main.QuotaAwareError({ code: 'CLOSED' }));
    // What every Error has.
    for (const name of ['stack', 'message']) real.delete(name);
    // Inherited by every Error where the host has them.
    for (const name of ['captureStackTrace', 'stackTraceLimit']) real.delete(name);
    assert.deepEqual([...real].sort(), [...declared].sort());
  });

  test('in every entry', async () => {
    const exported = (text) => [...text.matchAll(/^export (?:declare )?(?:async )?(?:class|function|const) (\w+)/gm)].map(([, name]) => name).sort();
    for (const name of TYPED) assert.deepEqual(Object.keys(await import(subpath(name))).sort(), exported(readFileSync(join(PACKAGE, `dist/${name}.d.ts`), 'utf8')), name);
  });

  test('in the dashboard: its properties, and its texts', () => {
    const types = readFileSync(join(PACKAGE, 'dist/dashboard.d.ts'), 'utf8');
    const callbacks = ['connectedCallback', 'disconnectedCallback', 'attributeChangedCallback'];
    const real = Object.getOwnPropertyNames(dashboard.QuotaDashboard.prototype).filter((name) => name !== 'constructor' && !callbacks.includes(name));
    assert.deepEqual(real.sort(), [...declaredMembers(types, 'QuotaDashboard')].sort());
    const texts = /^export interface DashboardMessages \{\n([^]*?)^\}/m.exec(types)[1];
    assert.deepEqual(Object.keys(dashboard.MESSAGES).sort(), [...texts.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name).sort());
    for (const [name, text] of Object.entries(dashboard.MESSAGES)) {
      if (typeof text !== 'object') continue;
      const said = new RegExp(`^ {2}${name}: ([^;]*)`, 'm').exec(texts)[1];
      if (said.startsWith('Record<string')) continue;
      for (const word of Object.keys(text)) assert.ok(said.includes(`'${word}'`) || said.includes(`Record<'${word}'`), `${name}.${word}`);
    }
  });

  test('in the objects that come out, field by field', async () => {
    const api = new main.QuotaAwareAPI(['fake-one', 'fake-two'], { fetch: async () => new Response('{}') });
    const said = await new main.QuotaAwareAPI(['fake-one'], { fetch: async () => new Response('{"choices":[{"message":{"content":"Hi"}}]}') }).generate('Hi', { provider: 'openai' });
    await api.call('https://api.openai.com/v1/models');
    const fields = (name) => {
      const body = new RegExp(`^export interface ${name} \\{\\n([^]*?)^\\}`, 'm').exec(source)[1];
      return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field]) => field).sort();
    };
    api.setLimits('key-1', { rpm: 1 });
    api.setLimits('key-2', { rpm: 1 });
    await api.call('https://api.openai.com/v1/models');
    const { quota } = await api.call('https://api.openai.com/v1/other', { quota: { model: 'of-its-own', explain: true } });
    api.call('https://api.openai.com/v1/models', { quota: { project: 'key-1' } }).catch(() => {});
    const status = api.getStatus();
    const [waiting] = status.queue.calls;
    api.rotateKey();
    const outcomes = { Generated: said, CallReport: quota, CallTrace: quota.trace, QueueStatus: status.queue, Pace: status.pace, WaitingCall: waiting, LimitInUse: waiting.limit, Stats: api.getStats(), Status: status, KeyStatus: status.keys[0], PoolStatus: status.pools[0], KeyTest: await api.testKey('key-1'), Classification: main.classify({ status: 429 }), RotationEvent: api.getRotationHistory()[0], ...planned() };
    api.close();
    for (const [name, outcome] of Object.entries(outcomes)) assert.deepEqual(Object.keys(outcome).sort(), fields(name), name);
  });
});
