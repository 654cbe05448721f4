// The choice of who is asked, and what each needs to be told.
import { count } from '../common/words.js';
import { openSource } from './voice/sources.js';

/**
 * @param opened called with a source (see voice/sources.js), or null while there is none
 * @returns `{ open() }`: opens what is chosen
 */
export function wordSources(find, { opened }) {
  const radios = [...document.querySelectorAll('[name="source"]')];
  const parts = [...document.querySelectorAll('[data-source]')];
  const keys = []; // here, and in the instance that is made of them; forgotten with the page
  let current = null;
  let turn = 0;

  const chosen = () => radios.find(({ checked }) => checked).value;
  const tell = (text, tone = '') => {
    find('source-state').textContent = text;
    find('source-state').dataset.tone = tone;
  };

  async function open(choice) {
    const mine = turn += 1;
    current?.close();
    current = null;
    opened(null);
    if (choice === null) return;
    try {
      const source = await openSource(choice);
      if (mine !== turn) return source.close();
      current = source;
      find('use-up').disabled = source.pretend === null;
      find('new-day').disabled = true;
      opened(source);
    } catch (error) {
      if (mine === turn) tell(error.message, 'bad');
    }
  }

  function choose() {
    const kind = chosen();
    for (const part of parts) part.hidden = part.dataset.source !== kind;
    tell('');
    if (kind === 'pretend') return open({ kind, perMinute: Number(find('pretend-limit').value), minute: Number(find('pretend-minute').value) });
    if (kind === 'keys' && keys.length > 0) return open({ kind, keys: [...keys] });
    return open(null);
  }

  for (const radio of radios) radio.addEventListener('change', choose);
  for (const id of ['pretend-limit', 'pretend-minute']) find(id).addEventListener('change', choose);
  find('use-up').addEventListener('click', () => {
    current?.pretend?.useUpDay();
    find('new-day').disabled = false;
    tell('The day’s quota is used up. Pip finds out with its next line.');
  });
  find('new-day').addEventListener('click', () => {
    current?.pretend?.newDay();
    find('new-day').disabled = true;
    tell('A new day. Pip notices by itself within five seconds.');
  });
  find('keys-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const key = find('key').value.trim();
    find('key').value = ''; // gone from the element before anything else happens
    if (key === '') return;
    if (!keys.includes(key)) keys.push(key);
    find('keys-count').textContent = `${count(keys.length, 'key')} in memory.`;
    void choose();
  });
  find('forget').addEventListener('click', () => {
    keys.length = 0;
    find('keys-count').textContent = 'No key any more.';
    void choose();
  });
  find('server-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const url = find('url').value.trim();
    if (!/^https?:\/\//.test(url)) return tell('An address begins with https://', 'bad');
    tell(`Asking ${new URL(url).host}.`);
    void open({ kind: 'server', url });
  });
  return { open: choose };
}
