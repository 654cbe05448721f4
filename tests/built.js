// The package that the rooms of tests/ look at: pkg/, or the folder that QUOTA_AWARE_PACKAGE names. `npm test` names one in
// which the packed tarball was installed, so that what is tested is what users get.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.env.QUOTA_AWARE_PACKAGE ?? join(import.meta.dirname, '../pkg');

export const WASM = join(folder, 'dist/core_bg.wasm');
export const INDEX = pathToFileURL(join(folder, 'dist/index.js')).href;
export const DASHBOARD = pathToFileURL(join(folder, 'dist/dashboard.js')).href;
export const SERVER = pathToFileURL(join(folder, 'dist/dashboard-server.js')).href;
export const MOCK = pathToFileURL(join(folder, 'dist/mock.js')).href;

/** The entry of a subpath. */
export const subpath = (name) => pathToFileURL(join(folder, `dist/${name}.js`)).href;

export const { QuotaAwareAPI, QuotaAwareError, classify, plan, printPlan } = await import(INDEX);
export const { MOCK_KEYS, createMockProvider, createMockServer } = await import(MOCK);
