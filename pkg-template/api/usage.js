// Real token counts, from responses that the caller reads anyway. The response stays the host's own: two of its methods
// get a listener, nothing is read, cloned or delayed.

/** Listens in on `json()` and `text()` of a JSON response. */
export function watchUsage(response, tell) {
  const type = response.headers?.get?.('content-type');
  if (!response.ok || typeof type !== 'string' || !type.includes('json')) return response;
  try {
    for (const method of ['json', 'text']) {
      // A stub has methods of its own, a Response those of its class.
      const read = response[method];
      if (typeof read !== 'function') continue;
      Object.defineProperty(response, method, {
        configurable: true, writable: true,
        async value() {
          const body = await read.call(this);
          note(body, tell);
          return body;
        },
      });
    }
  } catch { /* a frozen stub: its tokens go uncounted */ }
  return response;
}

function note(body, tell) {
  try {
    const document = typeof body === 'string' ? JSON.parse(body) : body;
    const usage = usageOf(document);
    if (usage !== undefined) tell(usage.input, usage.output, resolvedModel(document));
  } catch { /* no JSON after all, or the instance was closed: nothing to count */ }
}

/** Input and output tokens of a response, in whichever dialect. */
export function usageOf(document) {
  const google = document?.usageMetadata;
  if (google) {
    // Thoughts are billed as output.
    return counts(google.promptTokenCount, (google.candidatesTokenCount ?? 0) + (google.thoughtsTokenCount ?? 0));
  }
  const usage = document?.usage;
  if (usage) return counts(usage.prompt_tokens ?? usage.input_tokens, usage.completion_tokens ?? usage.output_tokens);
  return undefined;
}

/** The model that answered, where Gemini says so: names that mean one model share its quota. */
function resolvedModel({ modelVersion }) {
  return typeof modelVersion === 'string' && modelVersion.length > 0 && modelVersion.length <= 200 ? modelVersion : undefined;
}

function counts(input, output) {
  const number = (value) => (Number.isFinite(value) ? value : 0);
  return { input: number(input), output: number(output) };
}
