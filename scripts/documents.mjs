// The documents of the project as pages: Markdown and source as they are in the repository, in the pages' own dress.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Every document: where it lies, its page in www/docs/, and what the list calls it. */
const DOCUMENTS = [
  { file: 'README.md', page: 'index.html', name: 'How it behaves' },
  { file: 'examples/SETUP.md', page: 'setup.html', name: 'Setting up keys' },
  { file: 'pkg-template/index.d.ts', page: 'options.html', name: 'Every option, error and event' },
  { file: 'pkg-template/mock.d.ts', page: 'mock.html', name: 'The mock provider' },
  { file: 'examples/relay.mjs', page: 'relay.html', name: 'A relay' },
  { file: 'CHANGELOG.md', page: 'changes.html', name: 'Changes' },
];

/** `[page, html]` of each, in the template. */
export function documents(template) {
  // The pages' libraries lie in www/, where whoever only builds the package has none.
  const { Marked } = createRequire(join(ROOT, 'www/package.json'))('marked');
  return DOCUMENTS.map(({ file, page, name }) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const list = DOCUMENTS.map((each) => `<li><a href="${each.page}"${each.page === page ? ' aria-current="page"' : ''}>${each.name}</a></li>`).join('\n');
    const body = file.endsWith('.md') ? marked(new Marked(), text) : `<h1>${name}</h1>\n<p class="muted"><code>${file}</code></p>\n<pre tabindex="0" aria-label="${name}"><code>${escaped(text)}</code></pre>`;
    return [page, template.replace('<!-- list -->', () => list).replace('<!-- document -->', () => body).replaceAll('{title}', name)];
  });
}

/** Links lead to our pages, or out; what has no page stays a name. Wide things can be moved sideways, by the keyboard too. */
function marked(parser, text) {
  let tables = 0;
  parser.use({
    renderer: {
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        const known = DOCUMENTS.find(({ file }) => file === href);
        const to = known?.page ?? (/^(?:https:|#)/.test(href) ? href : undefined);
        return to === undefined ? words : `<a href="${escaped(to)}">${words}</a>`;
      },
      code: ({ text: source }) => `<pre tabindex="0" aria-label="Code"><code>${escaped(source)}</code></pre>\n`,
      html: ({ text: source }) => escaped(source),
      table(token) {
        const cell = ({ tokens }, name) => `<${name}>${this.parser.parseInline(tokens)}</${name.slice(0, 2)}>`;
        const head = token.header.map((each) => cell(each, each.text === '' ? 'td' : 'th scope="col"')).join('');
        const rows = token.rows.map((cells) => `<tr>${cells.map((each) => cell(each, 'td')).join('')}</tr>`).join('');
        return `<div class="scroll" tabindex="0" role="region" aria-label="Table ${tables += 1}"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>\n`;
      },
    },
  });
  return parser.parse(text);
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);
}
