// A question in Gemini's own words, and its answer out of them.

export const gemini = {
  version: '/v1beta',
  headers: {},
  path: (model, stream) => `/models/${encodeURIComponent(model.replace(/^models\//, ''))}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,

  body({ system, turns, temperature, maxTokens, schema }) {
    const config = {
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
      ...(schema !== undefined && { responseMimeType: 'application/json', [isGoogles(schema) ? 'responseSchema' : 'responseJsonSchema']: schema }),
    };
    return {
      contents: turns.map(({ role, text, images }) => ({ role: role === 'user' ? 'user' : 'model', parts: [...images.map(picture), { text }] })),
      ...(system !== undefined && { systemInstruction: { parts: [{ text: system }] } }),
      ...(Object.keys(config).length > 0 && { generationConfig: config }),
    };
  },

  /** Whole answers and the events of a stream have one shape. */
  read({ candidates, promptFeedback, modelVersion }) {
    const candidate = candidates?.[0];
    const said = (candidate?.content?.parts ?? []).filter((part) => part?.thought !== true && typeof part?.text === 'string');
    return { text: said.map(({ text }) => text).join(''), finish: candidate?.finishReason, block: promptFeedback?.blockReason, model: modelVersion };
  },
};

function picture({ url, mimeType, data }) {
  return url === undefined ? { inlineData: { mimeType, data } } : { fileData: { fileUri: url } };
}

/** Google's older form of schemas has its types in capitals, and a field of its own. */
function isGoogles({ type }) {
  return typeof type === 'string' && /^[A-Z]+$/.test(type);
}
