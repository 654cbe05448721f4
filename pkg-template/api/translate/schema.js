// Schemas: from Google's dialect of OpenAPI to JSON Schema, and to the part of it that OpenAI can enforce.
import { isRecord, names, plain } from './losses.js';

/** A Gemini `Schema` as JSON Schema. The order of properties is kept, and made what `propertyOrdering` asks for: OpenAI
 *  writes in the order of the schema. */
export function jsonSchema(schema, path, losses) {
  const { type, nullable, format, items, properties, propertyOrdering, anyOf, additionalProperties, example, enum: words, ...rest }
    = losses.fields(schema, path, SCHEMA);
  const kind = typeof type === 'string' ? type.toLowerCase() : type;
  if (kind !== undefined && !TYPES.has(kind)) losses.lose(`${path}.type`, 'expected one of the types of Gemini');
  const nothing = nullable === true;
  const known = kind === UNKNOWN ? undefined : kind;
  const choices = anyOf && losses.list(anyOf, `${path}.anyOf`).map((each, at) => jsonSchema(each, `${path}.anyOf[${at}]`, losses));
  for (const name of COUNTS) if (rest[name] !== undefined) rest[name] = losses.number(rest[name], `${path}.${name}`);
  return plain({
    type: nothing && known !== undefined ? [known, 'null'] : known,
    ...rest,
    enum: nothing && Array.isArray(words) ? [...words, null] : words,
    // What says how wide a number is, or that an enum is one, is no format elsewhere.
    format: WIDTHS.has(format) ? undefined : format,
    examples: example === undefined ? undefined : [example],
    anyOf: choices && nothing && known === undefined ? [...choices, { type: 'null' }] : choices,
    items: items && jsonSchema(items, `${path}.items`, losses),
    properties: properties && ordered(propertyOf(properties, path, losses), propertyOrdering),
    additionalProperties: isRecord(additionalProperties) ? jsonSchema(additionalProperties, `${path}.additionalProperties`, losses) : additionalProperties,
  });
}

function propertyOf(properties, path, losses) {
  if (!isRecord(properties)) losses.lose(`${path}.properties`, 'expected an object');
  return Object.entries(properties).map(([name, each]) => [name, jsonSchema(each, `${path}.properties.${name}`, losses)]);
}

/** From entries: a property may be called `__proto__`. */
function ordered(entries, order) {
  if (!Array.isArray(order)) return Object.fromEntries(entries);
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b)));
}

/** The schema as OpenAI enforces it: every property required and no other allowed; `undefined` where that would change
 *  what it means, as with optional ones. Gemini never writes properties that a schema does not name. */
export function strictly(schema) {
  return isRecord(schema) && schema.type === 'object' && schema.anyOf === undefined ? strict(schema) : undefined;
}

function strict(schema) {
  if (!isRecord(schema)) return undefined;
  const out = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === '$schema') continue;
    if (!ENFORCED.has(name)) return undefined;
    const kept = name === 'properties' || name === '$defs' ? each(value) : name === 'items' ? strict(value) : name === 'anyOf' ? all(value) : value;
    if (kept === undefined) return undefined;
    out[name] = kept;
  }
  if (out.type === undefined && out.anyOf === undefined && out.$ref === undefined) return undefined;
  if (out.format !== undefined && !FORMATS.has(out.format)) return undefined;
  if (out.properties === undefined && ![out.type].flat().includes('object')) return out;
  const inside = Object.keys(out.properties ?? {});
  const asked = Array.isArray(out.required) ? out.required : [];
  if (inside.length === 0 || !inside.every((name) => asked.includes(name)) || (out.additionalProperties ?? false) !== false) return undefined;
  return { ...out, additionalProperties: false };
}

function each(map) {
  if (!isRecord(map)) return undefined;
  const entries = Object.entries(map).map(([name, value]) => [name, strict(value)]);
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries);
}

function all(list) {
  const kept = Array.isArray(list) ? list.map(strict) : [undefined];
  return kept.includes(undefined) ? undefined : kept;
}

const COUNTS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'];
const SCHEMA = names(`type nullable format items properties propertyOrdering anyOf additionalProperties example enum title description default pattern minimum maximum required ${COUNTS.join(' ')}`);
const UNKNOWN = 'type_unspecified';
const TYPES = names(`string number integer boolean array object null ${UNKNOWN}`);
const WIDTHS = names('enum int32 int64 float double');
// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
const ENFORCED = names('type title description enum const anyOf items properties required additionalProperties format pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems $ref $defs');
const FORMATS = names('date-time time date duration email hostname ipv4 ipv6 uuid');
