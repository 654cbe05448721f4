// The public surface, and all of it.
export { QuotaAwareAPI } from './client.js';
export { QuotaAwareError } from './errors.js';
export { classify } from './classify.js';
export { plan, printPlan } from './plan.js';
