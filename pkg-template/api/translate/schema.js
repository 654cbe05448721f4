// Schemas: from Google's dialect of OpenAPI to JSON Schema, and to the part of it that OpenAI can enforce.
import { isRecord, names, plain } from './records.js';

/** The Gemini `Schema` in this field as JSON Schema. The order of properties is kept, and made what `propertyOrdering`
 *  asks for: OpenAI writes in the order of the schema. */
export function schemaIn(parent, name) {
  return parent.of[name] === undefined ? undefined : jsonSchema(parent.inside(name, SCHEMA));
}

function jsonSchema(schema) {
  const { type, nullable, format, items, properties, propertyOrdering, anyOf, additionalProperties, example, enum: words, ...rest } = schema.of;
  if (typeof type === 'string') schema.of.type = type.toLowerCase();
  const kind = schema.only('type', TYPES, 'expected a type of Gemini\'s');
  const known = kind === UNKNOWN ? undefined : kind;
  const nothing = nullable === true;
  const choices = anyOf && schema.each('anyOf', SCHEMA, jsonSchema);
  for (const name of COUNTS) if (name in rest) rest[name] = schema.number(name);
  return plain({
    type: nothing && known !== undefined ? [known, 'null'] : known,
    ...rest,
    enum: nothing && words !== undefined ? [...schema.list('enum'), null] : words,
    // What says how wide a number is, or that an enum is one, is no format elsewhere.
    format: WIDTHS.has(format) ? undefined : format,
    examples: example === undefined ? undefined : [example],
    anyOf: nothing && known === undefined ? choices?.concat({ type: 'null' }) : choices,
    items: schemaIn(schema, 'items'),
    properties: properties && ordered(schema.map('properties'), propertyOrdering),
    additionalProperties: isRecord(additionalProperties) ? schemaIn(schema, 'additionalProperties') : additionalProperties,
  });
}

function ordered(properties, order) {
  const entries = Object.keys(properties.of).map((name) => [name, schemaIn(properties, name)]);
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  // From entries: a property may be called `__proto__`.
  return Object.fromEntries(Array.isArray(order) ? entries.sort(([a], [b]) => place(a) - place(b)) : entries);
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
    const kept = MAPS.has(name) ? all(value, isRecord(value)) : name === 'items' ? strict(value) : name === 'anyOf' ? all(value, Array.isArray(value)) : value;
    if (!ENFORCED.has(name) || kept === undefined) return undefined;
    out[name] = kept;
  }
  const { type, anyOf, $ref, format, properties, required, additionalProperties = false } = out;
  if ((type ?? anyOf ?? $ref) === undefined || (format !== undefined && !FORMATS.has(format))) return undefined;
  if (properties === undefined && ![type].flat().includes('object')) return out;
  const inside = Object.keys(properties ?? {});
  if (inside.length === 0 || !Array.isArray(required) || !inside.every((name) => required.includes(name)) || additionalProperties !== false) return undefined;
  return { ...out, additionalProperties };
}

/** Schemas in a list or by their names, if each can be enforced. */
function all(schemas, legal) {
  const kept = legal ? Object.entries(schemas).map(([name, value]) => [name, strict(value)]) : [[]];
  if (kept.some(([, value]) => value === undefined)) return undefined;
  return Array.isArray(schemas) ? kept.map(([, value]) => value) : Object.fromEntries(kept);
}

const COUNTS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'];
const SCHEMA = names(`type nullable format items properties propertyOrdering anyOf additionalProperties example enum title description default pattern minimum maximum required ${COUNTS.join(' ')}`);
const UNKNOWN = 'type_unspecified';
const TYPES = names(`string number integer boolean array object null ${UNKNOWN}`);
const WIDTHS = names('enum int32 int64 float double');
const MAPS = names('properties $defs');
// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
const ENFORCED = names('type title description enum const anyOf items properties required additionalProperties format pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems $ref $defs');
const FORMATS = names('date-time time date duration email hostname ipv4 ipv6 uuid');
