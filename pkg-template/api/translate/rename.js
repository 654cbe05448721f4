// The same call for another model that speaks the same dialect.
import { NotTranslatable } from './not-translatable.js';
import { isRecord } from './records.js';
import { mostOutputName } from './numbers.js';

/** @param {{ url: string, body?: string, model: string, provider?: string }} call provider: whose the other model is, if
 *  it is another's; what OpenAI calls the most output is renamed then @returns {{ url: string, body: string | undefined }} */
export function renamed({ url, body, model, provider }) {
  const bare = model.replace(/^models\//, '');
  // Gemini has the model in the path, everybody else in the body.
  if (IN_PATH.test(url)) return { url: url.replace(IN_PATH, `$1${encodeURIComponent(bare)}$2`), body: body && inside(body, 'models/', bare) };
  return { url, body: body && mostRenamed(withModel(body, model), provider) };
}

/** Gemini's body may name the model too, and must name the same. */
function inside(body, prefix, model) {
  return /"model"\s*:/.test(body) && isRecord(parsed(body)) && Object.hasOwn(parsed(body), 'model') ? withModel(body, prefix + model) : body;
}

/** SDKs write the model first. Where it is, and the only one, there is no need to read the rest. */
function withModel(body, model) {
  const first = /^\s*\{\s*"model"\s*:\s*"(?:[^"\\]|\\.)*"/.exec(body)?.[0];
  if (first !== undefined && !body.includes('"model"', first.length)) return `{"model":${JSON.stringify(model)}${body.slice(first.length)}`;
  return JSON.stringify({ ...parsed(body), model });
}

function mostRenamed(body, provider) {
  if (provider === undefined || provider === 'anthropic') return body;
  const name = mostOutputName(provider);
  const other = name === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  if (!body.includes(`"${other}"`)) return body;
  const { [other]: most, ...rest } = parsed(body);
  return most === undefined ? body : JSON.stringify({ ...rest, [name]: rest[name] ?? most });
}

function parsed(body) {
  try {
    const document = JSON.parse(body);
    if (isRecord(document)) return document;
  } catch { /* said below */ }
  throw new NotTranslatable([{ path: 'body', why: 'expected an object in JSON' }]);
}

const IN_PATH = /(\/models\/)[^/:?#]+(:\w+)/;
