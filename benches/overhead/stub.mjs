// A `fetch` that answers at once, with as little of a Response as everybody here looks at.
const HEADERS = new Headers({ 'content-type': 'application/json' });
const DOCUMENT = { candidates: [{ content: { parts: [{ text: 'Because.' }] } }], usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 3 } };

class Answer {
  status = 200;
  ok = true;
  headers = HEADERS;
  body = null;

  async json() {
    return DOCUMENT;
  }

  async text() {
    return JSON.stringify(DOCUMENT);
  }
}

export function answering() {
  return async () => new Answer();
}

/** One whose answers come when `answer` is called. */
export function held() {
  const waiting = [];
  return {
    stub: () => new Promise((resolve) => { waiting.push(resolve); }),
    answer: () => { for (const resolve of waiting.splice(0)) resolve(new Answer()); },
  };
}
