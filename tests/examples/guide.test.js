// The setup guide says what is so: its commands, links, codes and figures (W24).
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { QuotaAwareAPI, createMockProvider } from '../built.js';
import { EXAMPLES, KEYS, ROOT } from './support.js';

const guide = readFileSync(join(EXAMPLES, 'SETUP.md'), 'utf8');
const types = readFileSync(join(ROOT, 'pkg-template/index.d.ts'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

test('it has a part for each question, and its links lead somewhere', () => {
  const parts = [...guide.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  assert.deepEqual(parts, ['Play first', 'Get keys', 'Projects and keys', 'Sponsored access', 'Load the environment', 'Verify', 'Monitor', 'Troubleshoot']);
  for (const [, link] of guide.matchAll(/\]\(([^)]+)\)/g)) {
    if (link.startsWith('#')) assert.ok(parts.some((title) => title.toLowerCase().replaceAll(' ', '-') === link.slice(1)), link);
    else assert.ok(existsSync(join(EXAMPLES, link)), link);
  }
});

test('its commands exist', () => {
  for (const [, name] of guide.matchAll(/npm run ([\w:-]+)/g)) assert.ok(scripts[name], name);
  for (const [, file] of guide.matchAll(/(?:node|cp)(?: --\S+)* (examples\/[\w.-]+)/g)) assert.ok(existsSync(join(ROOT, file)), file);
});

test('its codes, alerts and events are ones that the package has', () => {
  const words = [...guide.matchAll(/`'?([A-Z]{3,}_?[A-Z_]+|[a-z]+(?:-[a-z]+)+)'?`/g)].map(([, word]) => word);
  const known = words.filter((word) => !/^(?:gemini-|quota-aware-api|quota-dashboard|content-type|not-found|wasm-unsafe-eval|script-src)/.test(word));
  assert.ok(known.length >= 10, known.join());
  for (const word of known) assert.ok(types.includes(`'${word}'`), `${word} is nowhere in index.d.ts`);
});

test('its table of the free tier is that of the preset', async () => {
  const rows = [...guide.matchAll(/^\| (`gemini[^|]+) \| (\d+)(?: items, ([\d,]+) tokens)? \| ([\d,]+)/gm)];
  assert.equal(rows.length, 4);
  for (const [, models, rpm, tpm, rpd] of rows) {
    for (const [, model] of models.matchAll(/`([\w.-]+)`/g)) {
      const fetch = createMockProvider({ latency: 0, keys: { [KEYS[0]]: 'ok' } }).fetch;
      const api = new QuotaAwareAPI([KEYS[0]], { preset: 'gemini-free', fetch });
      await api.generate('Hi', { model }).catch(() => {});
      const { limits } = api.getStatus().pools[0];
      api.close();
      const number = (text) => (text === undefined ? undefined : Number(text.replaceAll(',', '')));
      assert.deepEqual([limits.rpm, limits.tpm, limits.rpd], [number(rpm), number(tpm), number(rpd)], model);
    }
  }
});

test('what it tells of a broken key is what the package tells', async () => {
  const told = [['invalid', 'invalid'], ['leaked', 'invalid'], ['ip', 'disabled', 'key restricted'], ['referrer', 'disabled', 'key restricted'], ['disabled', 'disabled', 'project not allowed'], ['no-credit', 'quota-exhausted', 'out of credit'], ['spend-cap', 'quota-exhausted', 'out of credit']];
  for (const [how, health, reason] of told) {
    const mock = createMockProvider({ latency: 0, projects: [{ keys: [KEYS[0]] }], keys: { [KEYS[0]]: how } });
    const api = new QuotaAwareAPI([KEYS[0]], { provider: 'gemini', fetch: mock.fetch });
    await api.testKey('key-1');
    const [key] = api.getStatus().keys;
    api.close();
    assert.equal(key.health, health, how);
    if (reason !== undefined) {
      assert.equal(key.reason, reason, how);
      assert.ok(guide.includes(`"${reason}"`), reason);
    }
  }
});
