// Settings: each control tells its function once at the beginning, and whenever it is changed. Nothing is kept.
import { LANGUAGES } from './voice/canned.js';

export function settings(find, { mirror, still, perMinute, language }) {
  const languages = find('language');
  for (const [code, name] of Object.entries(LANGUAGES)) languages.append(Object.assign(document.createElement('option'), { value: code, textContent: name, lang: code }));
  languages.value = Object.keys(LANGUAGES).find((code) => navigator.language.startsWith(code)) ?? 'en';
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  find('still').checked = calm.matches;
  calm.addEventListener('change', () => {
    find('still').checked = calm.matches;
    still(calm.matches);
  });
  tells(find('mirror'), ({ checked }) => mirror(checked));
  tells(find('still'), ({ checked }) => still(checked));
  tells(find('talkative'), ({ value }) => perMinute(Number(value)));
  tells(languages, ({ value }) => language(value));
}

function tells(control, to) {
  control.addEventListener('change', () => to(control));
  to(control);
}
