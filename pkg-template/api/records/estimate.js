// How many tokens something takes, about, for records of calls whose API told none. Of plain words within a factor of two: a
// token is four characters of English and of code; of what is written without spaces (Chinese, Japanese, Korean) one and a
// quarter, of other scripts some two. Measured against o200k_base in twelve languages; older tokenizers took up to twice as many.

const LATIN = 1 / 4;
const IDEOGRAPHIC = 4 / 5;
const OTHER = 9 / 20;
/** What Gemini counts for a picture; others are of that order. */
const PICTURE = 258;

/** Tokens of a text. */
export function tokensOf(text) {
  let tokens = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    tokens += unit < 0x80 ? LATIN : unit >= 0x3040 && unit < 0xd7b0 ? IDEOGRAPHIC : OTHER;
  }
  return Math.ceil(tokens);
}

/** Tokens of what is said in a question or an answer: a document of any dialect, or its JSON. */
export function spoken(document) {
  if (typeof document !== 'string') return said(document, '', 0);
  try {
    return said(JSON.parse(document), '', 0);
  } catch {
    return tokensOf(document);
  }
}

function said(value, name, depth) {
  if (typeof value === 'string') return WORDS.has(name) ? tokensOf(value) : 0;
  if (value === null || typeof value !== 'object' || depth > DEEPEST) return 0;
  // A list of words goes by the name of the list.
  if (Array.isArray(value)) return typeof value[0] === 'number' ? 0 : value.reduce((sum, each) => sum + said(each, name, depth + 1), 0);
  let sum = 0;
  for (const [own, inner] of Object.entries(value)) sum += PICTURES.has(own) ? PICTURE : said(inner, own, depth + 1);
  return sum;
}

/** Under which names the dialects keep what is said. */
const WORDS = new Set(['text', 'content', 'thinking', 'reasoning', 'reasoning_content', 'delta', 'arguments', 'partial_json', 'prompt', 'input', 'system', 'instructions', 'description', 'output_text', 'refusal']);
const PICTURES = new Set(['inlineData', 'inline_data', 'image_url', 'source']);
const DEEPEST = 64;
