// Gemini's 429: no header tells anything, so everything is in the body.

import { cutToSeconds, googleDuration } from './duration.js';
import { SERVICE, refuse } from './gemini-refusals.js';
import { between } from './random.js';

/** @typedef {import('./pool.js').MeterName} MeterName */

/** @type {import('./dialect.js').Dialect['quota']} */
export function quotaExceeded(refusal, scene) {
  const { operation, project, model, random } = scene;
  const family = operation.kind === 'embed' ? 'embed' : 'generate';
  // A tier without quota for a model lacks all of it, and says so quota by quota.
  const meters = refusal.none ? NONE[family] : [refusal.meter];
  const quotas = meters.map((meter) => quotaNames(meter, family, project.tier));
  // The true wait has more digits than any clock here: the rest is made up, upwards, so that waiting as told always suffices.
  const hint = waitHint(refusal, scene) + random();
  const lines = quotas.map(({ metric }) => `* Quota exceeded for metric: ${SERVICE}/${metric}, limit: ${refusal.none ? 0 : refusal.limit}, model: ${model}\n`);
  const reply = refuse(operation, 429, 'RESOURCE_EXHAUSTED', `${PREAMBLE}${lines.join('')}Please retry in ${googleDuration(hint)}.`, [
    { '@type': `${RPC}.Help`, links: [{ description: 'Learn more about Gemini API quotas', url: 'https://ai.google.dev/gemini-api/docs/rate-limits' }] },
    {
      '@type': `${RPC}.QuotaFailure`,
      violations: quotas.map(({ metric, id }) => ({
        quotaMetric: `${SERVICE}/${metric}`, quotaId: id, quotaDimensions: { location: 'global', model },
        ...(!refusal.none && { quotaValue: String(refusal.limit) }), // proto3 drops zeros
      })),
    },
    { '@type': `${RPC}.RetryInfo`, retryDelay: cutToSeconds(hint) },
  ]);
  return project.tier === 'free' ? reply : reply.with({ 'x-gemini-service-tier': 'standard' });
}

const RPC = 'type.googleapis.com/google.rpc';

const PREAMBLE = 'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: https://ai.dev/rate-limit. \n';

/** In the recorded order. @type {Record<'generate' | 'embed', MeterName[]>} */
const NONE = { generate: ['tpd', 'tpm', 'rpm', 'rpd'], embed: ['rpm', 'rpd'] };

/**
 * Milliseconds. Only for a minute's quota, and a paid day's, is it the truth; the others are as wrong as recorded.
 *
 * @param {import('./pool.js').Refusal} refusal @param {import('./dialect.js').Scene} scene
 */
function waitHint({ window, wait, resetIn, none }, { project, random }) {
  if (none) return between(random, 20_000, 59_000);
  if (window === 'day' && project.dailyHint === 'short') return between(random, 4_000, 59_000);
  if (wait !== Infinity) return wait;
  // Larger than the whole allowance: nothing in the body shows that it never fits.
  return resetIn > 0 ? resetIn : between(random, 1_000, 59_000);
}

/**
 * Names of metric and quota. Those of free generation, of paid input tokens and of paid daily requests are recorded; the
 * other paid ones follow the pattern of their neighbours.
 *
 * @param {MeterName} meter @param {'generate' | 'embed'} family @param {import('./defaults.js').Tier} tier
 */
function quotaNames(meter, family, tier) {
  const per = meter.endsWith('d') ? 'Day' : 'Minute';
  const tokens = meter.startsWith('t');
  const [metricTier, suffix, inside] = TIER_NAMES[tier];
  if (family === 'embed') {
    return tokens
      ? { metric: `embed_content_${metricTier}_input_token_count`, id: `EmbedContentInputTokensPerModelPer${per}${suffix}` }
      : { metric: `embed_content_${metricTier}_requests`, id: `EmbedContentRequestsPer${per}PerUserPerProjectPerModel${suffix}` };
  }
  if (tokens) {
    const id = tier === 'free' ? `GenerateContentInputTokensPerModelPer${per}-FreeTier` : `GenerateContent${inside}InputTokensPerModelPer${per}`;
    return { metric: `generate_content_${metricTier}_input_token_count`, id };
  }
  const metric = tier === 'paid' ? `generate_requests_per_model${per === 'Day' ? '_per_day' : ''}` : `generate_content_${metricTier}_requests`;
  return { metric, id: `GenerateRequestsPer${per}PerProjectPerModel${suffix}` };
}

/** @type {Record<import('./defaults.js').Tier, [metric: string, suffix: string, inside: string]>} */
const TIER_NAMES = {
  free: ['free_tier', '-FreeTier', ''],
  paid: ['paid_tier', '', 'PaidTier'],
  'paid-2': ['paid_tier_2', '-PaidTier2', 'PaidTier2'],
  'paid-3': ['paid_tier_3', '-PaidTier3', 'PaidTier3'],
};
