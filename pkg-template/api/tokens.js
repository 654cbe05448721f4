// What a call will count for against limits of tokens, guessed before it is sent. What earlier calls of the same route and
// model have really used corrects the guess; what the call's own answer says settles it. One file for the guessing, so
// that the engine need not know what a body is.

/** The guesses of one route. Google's token limits count what goes in, everybody else's both ways; Anthropic's leave out what
 *  its cache has read. */
export class Guesses {
  #countsOutput;
  #countsCached;
  /** By model: what was guessed and what was used of late. */
  #seen = new Map();

  constructor(provider) {
    this.#countsOutput = provider !== 'gemini';
    this.#countsCached = provider !== 'anthropic';
  }

  /** What a call with this body will count for. */
  of(body, model = '') {
    const guessed = inputOf(body);
    const seen = this.#seen.get(model);
    const input = seen === undefined ? guessed : Math.ceil(guessed * seen.factor);
    // Groq and OpenAI reserve the most that a call may answer themselves. Where it names no most, what others came to.
    const output = this.#countsOutput ? mostOutputOf(body) ?? Math.ceil(seen?.output ?? 0) : 0;
    return { tokens: Math.min(input + output, MOST_TOKENS), guessed, guesses: this, model };
  }

  /** A call with this guess has used so much. */
  learn({ guessed, model }, { input: sent, output, cached }) {
    const input = this.#countsCached ? sent : sent - cached;
    if (guessed === 0 || input === 0) return;
    const before = this.#seen.get(model) ?? { guessed: 0, used: 0, output };
    const seen = {
      guessed: before.guessed * FADING + guessed,
      used: before.used * FADING + input,
      output: before.output + (output - before.output) * (1 - FADING),
    };
    seen.factor = Math.min(Math.max(seen.used / seen.guessed, LEAST_FACTOR), MOST_FACTOR);
    if (this.#seen.size >= MOST_MODELS && !this.#seen.has(model)) this.#seen.delete(this.#seen.keys().next().value);
    this.#seen.set(model, seen);
  }
}

/** Input tokens, cheaply: four characters each, as English text has it; inlined media is not text. */
function inputOf(body) {
  if (typeof body !== 'string') return 0;
  if (body.length < LONG) return Math.ceil(body.length / 4);
  const text = body.replace(/"(?:data|url|image_url|file_data)"\s*:\s*"[^"]{256,}"/g, '');
  // 258 tokens are what Gemini counts for a picture; others are of that order.
  return Math.ceil(text.length / 4) + (text.length < body.length ? 258 : 0);
}

/** The most output tokens that a JSON body asks for. In strings quotes are escaped, so a match is a name. */
function mostOutputOf(body) {
  if (typeof body !== 'string') return undefined;
  const most = /"max_(?:completion_|output_)?tokens"\s*:\s*(\d{1,9})(?![\d.eE])/.exec(body)?.[1];
  return most === undefined ? undefined : Number(most);
}

const LONG = 8192;
/** A factor of a quarter was seen where a short question stands in much JSON; believed of a long one, it would cost a
 *  refusal. Guessing too much costs a place for the second that the answer takes. */
const LEAST_FACTOR = 0.5;
/** Scripts that need a token for each character. */
const MOST_FACTOR = 4;
/** How much of what was seen before counts on, at each answer. */
const FADING = 0.75;
const MOST_MODELS = 50;
/** No limit of tokens comes near; it must fit 32 bits. */
const MOST_TOKENS = 2 ** 31;
