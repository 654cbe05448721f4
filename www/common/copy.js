// Buttons that copy: `<button data-copy="id">` takes the text of the element with that id.

export function copyButtons(within = document) {
  for (const button of within.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', () => copied(button, document.getElementById(button.dataset.copy).textContent));
  }
}

/** Copies a text and says so on the button, which is a live region of its own for that moment. */
export async function copied(button, text) {
  const label = button.dataset.label ??= button.textContent;
  button.setAttribute('aria-live', 'polite');
  button.textContent = await write(text) ? 'Copied' : 'Not allowed to copy';
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = String(setTimeout(() => {
    button.removeAttribute('aria-live');
    button.textContent = label;
  }, 2000));
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
