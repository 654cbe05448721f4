// The function calls of a conversation, and which answer belongs to which. Gemini's may have no ids; OpenAI's must.

export class Calls {
  /** Not answered yet, oldest first. */
  #open = [];
  #ids = new Set();
  count = 0;

  /** A call was made. Its id, or one made up: the same for the same conversation each time it is sent. */
  made(id, name) {
    this.count += 1;
    let own = id;
    for (let n = this.count; own === undefined || (id === undefined && this.#ids.has(own)); n += 1) own = `call_${n}`;
    this.#ids.add(own);
    this.#open.push({ id: own, name });
    return own;
  }

  /** The call that this answers: by id, else the first open one of that name. Not every library gives ids on both sides. */
  answered(id, name) {
    const byId = this.#open.findIndex((call) => call.id === id);
    const at = byId === -1 ? this.#open.findIndex((call) => call.name === name) : byId;
    return at === -1 ? undefined : this.#open.splice(at, 1)[0];
  }
}

/** Arguments as an object; `undefined` where they are none. A call without any may say nothing at all. */
export function argumentsOf(text) {
  if (text === undefined || text === null || text === '') return {};
  try {
    const value = typeof text === 'string' ? JSON.parse(text) : text;
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Google reads `output` as what a function gave, and an object without it as the whole. Plain text goes as plain text. */
export function textOfResult(response) {
  const { output } = response;
  if (typeof output === 'string' && Object.keys(response).length === 1 && (output === '' || argumentsOf(output) === undefined)) return output;
  return JSON.stringify(response);
}

export function resultOfText(text) {
  return (text === '' ? undefined : argumentsOf(text)) ?? { output: text };
}
