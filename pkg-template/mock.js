// `quota-aware-api/mock`: an offline stand-in for the LLM APIs that keeps their quotas and speaks their words.
// Runs in browsers and in Node; only `createMockServer` needs Node, and loads what it needs of it when called.

export { MOCK_KEYS } from './mock/defaults.js';
export { createMockProvider } from './mock/provider.js';
export { createMockServer } from './mock/server.js';
