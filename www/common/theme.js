// The switch between light, dark, and what the system says. What is chosen stands in `data-theme` on <html>.
const NAMES = { system: 'system', light: 'light', dark: 'dark' };
const NEXT = { system: 'light', light: 'dark', dark: 'system' };
const KEY = 'quota-aware-theme';

/** Makes the header's button work. Tells listeners of `themechange` on window, for what draws its colours itself. */
export function themeSwitch() {
  const button = document.querySelector('[data-theme-switch]');
  if (button === null) return;
  const name = button.querySelector('[data-theme-name]');
  const chosen = () => document.documentElement.dataset.theme ?? 'system';
  name.textContent = NAMES[chosen()];
  button.addEventListener('click', () => {
    const next = NEXT[chosen()];
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    name.textContent = NAMES[next];
    keep(next);
    window.dispatchEvent(new Event('themechange'));
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => window.dispatchEvent(new Event('themechange')));
}

function keep(choice) {
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch { /* a page without storage forgets */ }
}
