// Programs of yours write
//
//   import { QuotaAwareAPI } from 'quota-aware-api';
//   import { createMockServer } from 'quota-aware-api/mock';
//
// In a bare clone the package is not installed but built, into pkg/: the examples take it from there, all through this file.
export { QuotaAwareAPI, QuotaAwareError, plan, printPlan } from '../pkg/dist/index.js';
export { MOCK_KEYS, createMockServer } from '../pkg/dist/mock.js';
