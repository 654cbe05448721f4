// The module as text inside the entry.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decode, encode } from '../../pkg-template/api/wasm-text.js';
import { WASM } from '../built.js';
import { Chance } from './chance.js';

test('any bytes come back from their text, which no bundler and no page changes', () => {
  const random = new Chance(5);
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const few = Uint8Array.from({ length: 1000 }, (_, n) => (n % 3) * 90);
  const any = Array.from({ length: 50 }, () => Uint8Array.from({ length: random.below(3000) }, () => Math.floor(random.next() ** 3 * 256)));
  for (const bytes of [new Uint8Array(), all, all.toReversed(), few, ...any]) {
    const written = encode(bytes);
    assert.match(written.text, /^[^"$'\\`<\x00-\x1f\x7f-\uffff]*$/);
    assert.deepEqual(decode(written), bytes);
  }
});

test('the compiled engine as text needs hardly more room than the file, once a server has compressed it', () => {
  const module = readFileSync(WASM);
  const written = encode(module);
  assert.deepEqual(Buffer.from(decode(written)), module);
  const size = (bytes) => gzipSync(bytes, { level: 9 }).length;
  assert.ok(size(Buffer.from(written.text)) < size(module) * 1.03, `${size(Buffer.from(written.text))} for ${size(module)}`);
});
