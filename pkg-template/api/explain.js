// What a call that has asked for it (`quota.explain`) tells about itself.

/** The account of a call, as it stands on a response. */
export function reportOf(trace) {
  if (trace === null) return null;
  const last = trace.steps.findLast(({ step }) => step === 'sent');
  return { call: trace.call, key: last?.key ?? null, attempts: last?.attempt ?? 0, cached: false, trace };
}

/** Gives a response its account. Not enumerable, and nothing else of the response is touched. */
export function explain(response, trace) {
  try {
    Object.defineProperty(response, 'quota', { value: reportOf(trace), configurable: true });
  } catch { /* a frozen stub: the account is in `api.explain()` */ }
  return response;
}
