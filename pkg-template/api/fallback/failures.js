// Why a fallback could not serve, as errors of ours.
import { QuotaAwareError } from '../errors.js';
import { NotTranslatable, listed } from '../translate/index.js';

/** Something that is not about quota: the call, or what came of it, is nothing for this fallback. @param reason the end of a text's name */
export function failed(reason, cause) {
  return new QuotaAwareError({ code: 'FALLBACK_FAILED', reason, cause });
}

/** An answer that had come, and was none. @param why a `reason`, or words as `detail`
 *  @param {{ trace: { steps: object[] } } | null | undefined} report of the call */
export function broken(why, report, cause) {
  const ends = report?.trace.steps.filter(({ step }) => step === 'ended') ?? [];
  const attempts = ends.map(({ key, status, verdict }) => ({ key, status, verdict: verdict === 'ok' ? 'transient' : verdict, waitedMs: report.trace.waitedMs }));
  return new QuotaAwareError({ code: 'FALLBACK_FAILED', ...why, cause, attempts, trace: report?.trace });
}

/** The request can't be said to whom it would go. @param {{ path: string, why: string }[]} lost */
export function untranslatable(lost, cause = new NotTranslatable(lost)) {
  return new QuotaAwareError({ code: 'NOT_TRANSLATABLE', detail: listed(lost), lost, cause });
}

/** Does with a request what may find that it can't be translated. */
export function translating(work) {
  try {
    return work();
  } catch (error) {
    throw error instanceof NotTranslatable ? untranslatable(error.lost, error) : error;
  }
}
