// The form: what people set, and what it shows when settings come from elsewhere (a preset, a link, advice).
import { MODELS, MOST_BURSTS, RANGES } from './settings.js';
import { element } from '../common/dom.js';
import { n } from '../common/words.js';

export class Controls {
  #form;
  #tell;
  #numbers = new Map();
  #bursts = [];
  #hours = RANGES.hours.usual;

  /** @param {HTMLFormElement} form @param {(given: object) => void} tell with all that is set, as it was typed */
  constructor(form, tell) {
    this.#form = form;
    this.#tell = tell;
    for (const place of form.querySelectorAll('[data-number]')) this.#number(place);
    this.#models();
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', (event) => {
      if (event.target.name !== '') this.#tell(this.#given());
    });
    form.querySelector('[data-add-burst]').addEventListener('click', () => this.#addBurst());
  }

  show(settings) {
    for (const [name, pair] of this.#numbers) pair.show(settings[name]);
    this.#hours = settings.hours;
    const { elements } = this.#form;
    for (const name of ['rpm', 'rpd', 'tpm']) type(elements[name], settings[name] ?? '');
    type(elements.seed, settings.seed);
    elements.window.value = settings.window;
    for (const radio of elements.pace) radio.checked = radio.value === settings.pace;
    this.#numbers.get('calls').place.hidden = settings.pace !== 'calls';
    this.#numbers.get('think').place.hidden = settings.pace !== 'think';
    for (const box of elements.model) box.checked = settings.models.includes(box.value);
    this.#form.querySelector('[data-shared]').hidden = settings.projects >= settings.keys;
    if (JSON.stringify(settings.bursts) !== JSON.stringify(this.#bursts)) this.#showBursts(settings.bursts);
  }

  /** What the package knows of limits, once it is there. */
  showKnown(known) {
    for (const { model, rpm, rpd, seen, recorded } of known) {
      const row = this.#form.querySelector(`[data-model="${model}"]`);
      row.cells[1].textContent = n(rpm);
      row.cells[2].textContent = n(rpd);
      row.querySelector('.seen').textContent = `${recorded ? 'stated' : 'hearsay'}, last seen ${seen}`;
    }
  }

  #given() {
    const { elements } = this.#form;
    const value = (name) => elements[name].value;
    return {
      ...Object.fromEntries([...this.#numbers].map(([name, pair]) => [name, pair.value()])),
      rpm: value('rpm'), rpd: value('rpd'), tpm: value('tpm'), window: value('window'), seed: value('seed'), pace: value('pace'),
      models: [...elements.model].filter((box) => box.checked).map((box) => box.value),
      bursts: this.#bursts,
    };
  }

  /** A slider for the usual, and a field for everything that is allowed: two ends of one number. */
  #number(place) {
    const { number: name, label, step = '1', sliderMax } = place.dataset;
    const { min, max } = RANGES[name];
    const field = element('input', { type: 'number', id: `n-${name}`, name, min, max, step, inputMode: 'decimal' });
    const slider = element('input', { type: 'range', name: `${name}-slider`, min, max: sliderMax, step });
    slider.setAttribute('aria-label', `${label}, slider`);
    slider.addEventListener('input', () => { field.value = slider.value; });
    field.addEventListener('input', () => { slider.value = field.value; });
    // Whatever was typed, what counts is shown when the field is left.
    field.addEventListener('change', () => this.#tell(this.#given()));
    place.append(element('label', { htmlFor: field.id, textContent: label }), field, slider);
    const show = (value) => {
      type(field, value);
      if (slider !== document.activeElement) slider.value = value;
    };
    this.#numbers.set(name, { place, show, value: () => field.value });
  }

  #models() {
    const rows = MODELS.map((model) => {
      const row = element('tr');
      row.dataset.model = model;
      const box = element('input', { type: 'checkbox', name: 'model', value: model });
      const head = element('th', { scope: 'row' });
      head.append(element('label', {}, box, element('span', {}, model, element('span', { className: 'seen' }))));
      row.append(head, ...['…', '…'].map((text) => element('td', { textContent: text })));
      return row;
    });
    this.#form.querySelector('.models tbody').append(...rows);
  }

  #addBurst() {
    const at = Math.round((this.#hours * 60) / 2 / 5) * 5;
    this.#showBursts([...this.#bursts, { at, people: null, within: 10 }]);
    this.#form.querySelector('.bursts > :last-child input').focus();
    this.#tell(this.#given());
  }

  #showBursts(bursts) {
    this.#bursts = bursts.map((burst) => ({ ...burst }));
    const rows = this.#bursts.map((burst, at) => {
      const row = element('div', { className: 'burst' });
      row.setAttribute('role', 'group');
      row.setAttribute('aria-label', `Rush ${at + 1}`);
      const field = (label, name, placeholder) => {
        const input = element('input', { type: 'number', min: name === 'at' ? 0 : 1, value: burst[name] ?? '', placeholder, inputMode: 'numeric' });
        input.addEventListener('input', () => {
          burst[name] = input.value === '' && name === 'people' ? null : Number(input.value);
          this.#tell(this.#given());
        });
        return element('label', {}, label, input);
      };
      const remove = element('button', { type: 'button', className: 'quiet', textContent: 'Remove' });
      remove.setAttribute('aria-label', `Remove rush ${at + 1}`);
      remove.addEventListener('click', () => {
        this.#showBursts(this.#bursts.filter((each) => each !== burst));
        this.#form.querySelector('[data-add-burst]').focus();
        this.#tell(this.#given());
      });
      row.append(field('at minute', 'at', '0'), field('people', 'people', 'all'), field('in seconds', 'within', '10'), remove);
      return row;
    });
    this.#form.querySelector('.bursts').replaceChildren(...rows);
    this.#form.querySelector('[data-add-burst]').disabled = this.#bursts.length >= MOST_BURSTS;
  }
}

/** Not under the hands of whoever is typing there. */
function type(field, value) {
  if (field !== document.activeElement || field.value === '') field.value = field === document.activeElement ? field.value : value;
}
