// Handles: the names of things that a project keeps at its provider, as URLs, bodies and answers tell them. Pure reading.

/** Kinds, in the order of the engine's `Thing::ALL`. */
export const KINDS = ['file', 'upload', 'cached-content', 'tuned-model', 'response', 'batch', 'other'];

/** Gemini's, which are paths, by their collection. */
const COLLECTIONS = { files: 'file', cachedContents: 'cached-content', tunedModels: 'tuned-model', batches: 'batch', fileSearchStores: 'other' };
/** Everybody else's, which are words, by what they begin with. */
const PREFIXES = [
  [/^file[-_]/, 'file'], [/^upload_/, 'upload'], [/^resp_/, 'response'], [/^(?:msg)?batch_/, 'batch'], [/^ft(?::|job-)/, 'tuned-model'],
  [/^(?:vs|thread|asst|conv|cntr|container|video)_/, 'other'],
];

const RESOURCE = /^(?:https?:\/\/[^/]+\/(?:[^?#]*\/)?v1(?:alpha|beta)?\d*\/)?(files|cachedContents|tunedModels|batches|fileSearchStores)\/([^/?#:]+)/;
const NATIVE_PATH = /\/v1(?:alpha|beta)?\d*\/(?:(files|cachedContents|tunedModels|batches|fileSearchStores)(?:\/([^/:]+))?|models\/[^/]+:(?:batchGenerateContent|asyncBatchEmbedContent)$)/;
const OTHER_PATH = /\/(?:files|uploads|responses|batches|vector_stores|threads|assistants|conversations|containers|videos|jobs)(?=\/|$)/;

/** What is cheap to look for comes first: of bodies that name nothing, this is the whole cost. */
const NATIVE_HINT = /(?:files|cachedContents|tunedModels|fileSearchStores)\\?\//;
const OTHER_HINT = /"(?:file|resp|vs|thread|asst|conv|cntr|container|batch)[-_]|"ft:|cachedContents\\?\//;
/** In strings of a JSON document quotes are escaped: what matches is a field, and not words of a prompt. */
const NATIVE_FIELDS = /"(?:file_?[uU]ri|file_?[nN]ame|cached_?[cC]ontent|model)"\s*:\s*"((?:[^"\\]|\\\/){1,500})"|"(?:fileSearchStoreNames|file_search_store_names)"\s*:\s*\[([^\]]{1,4000})\]/g;
const OTHER_FIELDS = /"(?:file_id|input_file_id|training_file|validation_file|previous_response_id|vector_store_id|thread_id|assistant_id|conversation|container|cached_content|model)"\s*:\s*"((?:[^"\\]|\\\/){1,500})"|"(?:file_ids|vector_store_ids)"\s*:\s*\[([^\]]{1,4000})\]/g;

/** A handle as it is kept: `{ name, id, kind }`, the name told apart by provider. */
function handle(provider, id, kind) {
  return { name: `${provider} ${id}`, id, kind };
}

function native(provider, text) {
  const found = typeof text === 'string' ? RESOURCE.exec(text) : null;
  return found === null ? undefined : handle(provider, `${found[1]}/${found[2]}`, COLLECTIONS[found[1]]);
}

function worded(provider, text) {
  const kind = typeof text === 'string' && text.length <= MOST_CHARACTERS ? PREFIXES.find(([begins]) => begins.test(text))?.[1] : undefined;
  return kind === undefined ? native(provider, text) : handle(provider, text, kind);
}

const reader = (provider) => (provider === 'gemini' ? native : worded);

/** What a URL tells: `{ handles, keeps }`, where `keeps` says that answers there may name what is kept. Undefined for others. */
export function handlesOf(url, provider) {
  const isNative = provider === 'gemini' && !url.pathname.includes('/openai/');
  const upload = isNative ? url.searchParams.get('upload_id') : null;
  const handles = upload === null ? [] : [handle(provider, upload, 'upload')];
  const path = isNative ? NATIVE_PATH.exec(url.pathname) : OTHER_PATH.exec(url.pathname);
  if (path === null && handles.length === 0) return undefined;
  if (isNative && path?.[2] !== undefined) handles.push(handle(provider, `${path[1]}/${path[2]}`, COLLECTIONS[path[1]]));
  if (!isNative) handles.push(...url.pathname.split('/').map((part) => worded(provider, part)).filter(Boolean));
  return { handles, keeps: true };
}

/** What a body names, each once. Long ones are looked at where they begin and where they end. */
export function handlesIn(body, provider) {
  const text = textOf(body);
  if (text === undefined) return NONE;
  const [hint, fields] = provider === 'gemini' ? [NATIVE_HINT, NATIVE_FIELDS] : [OTHER_HINT, OTHER_FIELDS];
  const parts = text.length <= 2 * MOST_SEARCHED ? [text] : [text.slice(0, MOST_SEARCHED), text.slice(-MOST_SEARCHED)];
  if (!parts.some((part) => hint.test(part))) return NONE;
  const found = new Map();
  for (const part of parts) {
    for (const [, one, several] of part.matchAll(fields)) {
      const values = several === undefined ? [one] : several.split(',').map((value) => value.trim().replace(/^"|"$/g, ''));
      for (const value of values) {
        const named = reader(provider)(provider, value.replaceAll('\\/', '/'));
        if (named !== undefined && found.size < MOST_NAMED) found.set(named.name, named);
      }
    }
  }
  return [...found.values()];
}

/** What an answer of a place that keeps things says that its project has. */
export function handlesFrom(document, provider) {
  if (document === null || typeof document !== 'object') return [];
  const lists = LISTS.map((name) => document[name]).find(Array.isArray) ?? [];
  const found = new Map();
  for (const item of [document, document.file, document.response, document.metadata, document.dest, ...lists.slice(0, MOST_LISTED)]) {
    if (item === null || typeof item !== 'object') continue;
    for (const field of FIELDS) {
      const named = reader(provider)(provider, item[field]);
      if (named !== undefined) found.set(named.name, named);
    }
  }
  return [...found.values()];
}

const LISTS = ['data', 'files', 'cachedContents', 'tunedModels', 'operations', 'batches', 'fileSearchStores'];
const FIELDS = ['name', 'id', 'tunedModel', 'fileName', 'responsesFile', 'output_file_id', 'error_file_id', 'input_file_id', 'fine_tuned_model'];

function textOf(body) {
  if (typeof body === 'string') return body;
  if (!(body instanceof ArrayBuffer || ArrayBuffer.isView(body)) || body.byteLength > MOST_SEARCHED) return undefined;
  const bytes = body instanceof ArrayBuffer ? new Uint8Array(body) : new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  // A file that is sent by itself is nobody's question.
  return bytes[0] === BRACE ? new TextDecoder().decode(bytes) : undefined;
}

const NONE = Object.freeze([]);
const BRACE = 0x7b;
const MOST_CHARACTERS = 200;
/** Of each end of a body: a third of a millisecond at the most. */
const MOST_SEARCHED = 1_000_000;
const MOST_NAMED = 100;
const MOST_LISTED = 200;
