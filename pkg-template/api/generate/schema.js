// JSON schemas: as OpenAI and Anthropic want them, and whether an answer keeps to one.

/** The same with every object closed, which both ask for; and whether it can be kept to the letter (`strict`), for which
 *  OpenAI wants every property required. */
export function closed(schema) {
  let strict = true;
  const close = (node) => {
    if (!isRecord(node)) return node;
    const copy = { ...node };
    if (typeof copy.type === 'string') copy.type = copy.type.toLowerCase();
    if (isRecord(copy.properties)) {
      copy.additionalProperties ??= false;
      const required = Array.isArray(copy.required) ? copy.required : [];
      strict &&= copy.additionalProperties === false && Object.keys(copy.properties).every((name) => required.includes(name));
    }
    for (const name of MAPS) if (isRecord(copy[name])) copy[name] = Object.fromEntries(Object.entries(copy[name]).map(([key, value]) => [key, close(value)]));
    for (const name of NESTED) if (copy[name] !== undefined) copy[name] = Array.isArray(copy[name]) ? copy[name].map(close) : close(copy[name]);
    return copy;
  };
  return { schema: close(schema), strict };
}

/** Where and how a value does not fit, or undefined. Looks at types, enums, required properties and items: what models get
 *  wrong. What it does not know, it lets pass. */
export function mismatch(schema, value, path = 'json') {
  if (!isRecord(schema)) return undefined;
  const types = [schema.type ?? []].flat().map((type) => String(type).toLowerCase());
  if (types.length > 0 && schema.nullable === true) types.push('null');
  if (types.length > 0 && !types.some((type) => isOf(type, value))) return `${path}: expected ${types.join(' or ')}, got ${kind(value)}`;
  if (Array.isArray(schema.enum) && !isRecord(value) && !Array.isArray(value) && !schema.enum.includes(value)) return `${path}: expected one of the schema's enum`;
  if (isRecord(value)) {
    const missing = (Array.isArray(schema.required) ? schema.required : []).find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return `${path}: expected the property ${missing}, got none`;
    return first(Object.entries(isRecord(schema.properties) ? schema.properties : {}), ([name, inner]) =>
      (Object.hasOwn(value, name) ? mismatch(inner, value[name], `${path}.${name}`) : undefined));
  }
  return Array.isArray(value) ? first([...value.entries()], ([at, item]) => mismatch(schema.items, item, `${path}[${at}]`)) : undefined;
}

export function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAPS = ['properties', '$defs', 'definitions'];
/** Not `allOf`: objects that are closed one by one leave nothing that fits all of them. */
const NESTED = ['items', 'prefixItems', 'anyOf', 'oneOf'];

function isOf(type, value) {
  switch (type) {
    case 'object': return isRecord(value);
    case 'array': return Array.isArray(value);
    case 'string': case 'boolean': case 'number': return typeof value === type;
    case 'integer': return Number.isInteger(value);
    case 'null': return value === null;
    default: return true;
  }
}

/** What a value is, for messages. */
export function kind(value) {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}

function first(list, look) {
  for (const item of list) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
