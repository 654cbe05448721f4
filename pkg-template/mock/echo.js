// What the mock says when nobody gave it an `answer`: something that shows what was asked, or fits the schema that was asked for.

/**
 * @typedef {object} AnswerRequest
 * @property {import('./defaults.js').ProviderName} provider
 * @property {string} model as asked for
 * @property {string} project id
 * @property {boolean} json whether JSON was asked for
 * @property {Record<string, any> | null} schema the JSON Schema (or Gemini schema) that was asked for
 * @property {Record<string, any>} body the request body
 */

/** @param {string} prompt @param {AnswerRequest} request */
export function echo(prompt, request) {
  const said = prompt.trim().replace(/\s+/g, ' ');
  const quoted = said.length > 160 ? `${said.slice(0, 160)}…` : said;
  if (request.json) return JSON.stringify(request.schema ? sample(request.schema, quoted) : { mock: true, model: request.model, echo: quoted });
  return `Hello from the mock ${request.model}. You said: "${quoted}". No model was asked and nothing left this machine.`;
}

/**
 * The smallest value that a schema allows, more or less: the first of an enum, one item in an array, every property.
 *
 * @param {Record<string, any>} schema @param {string} text used where a text is asked for @param {number} [depth] @returns {unknown}
 */
export function sample(schema, text, depth = 0) {
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if ('const' in schema) return schema.const;
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return sample(Object(choice), text, depth + 1);
  // Gemini writes types in capitals, JSON Schema in small letters or as a list.
  const type = String(Array.isArray(schema.type) ? schema.type[0] : schema.type ?? (schema.properties ? 'object' : 'string')).toLowerCase();
  if (type === 'object') {
    if (depth > 16) return {}; // a schema that contains itself
    const properties = Object.entries(schema.properties ?? {});
    return Object.fromEntries(properties.map(([key, value]) => [key, sample(Object(value), text, depth + 1)]));
  }
  if (type === 'array') {
    const length = depth > 16 ? 0 : Math.min(schema.minItems ?? schema.min_items ?? 1, 10);
    return Array.from({ length }, () => sample(Object(schema.items), text, depth + 1));
  }
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (type === 'boolean') return true;
  return type === 'null' ? null : text;
}
