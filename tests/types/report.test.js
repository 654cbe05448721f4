// The surface of the package is the one in etc/: whoever changes it sees so, and so does who reads the diff.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE } from './consumer.js';
import { REPORTS, reportOf } from './report.js';

for (const [entry, file] of Object.entries(REPORTS)) {
  test(`the surface of ${entry} is that of etc/${entry}.api.md; where it was meant to change: npm run api-report`, () => {
    const kept = readFileSync(file, 'utf8');
    assert.match(kept, /^## API Report File for "quota-aware-api"/);
    assert.equal(reportOf(entry, join(PACKAGE, `dist/${entry}.d.ts`)), kept);
  });
}
