// Another model of the same provider, by the same keys: its quota is another.
import { dialectOf, renamed } from '../translate/index.js';
import { failed, translating, untranslatable } from './failures.js';

export class ModelStep {
  kind = 'model';
  sends = true;
  #ports;
  #number;

  /** @param at its place, from 0 */
  constructor({ model }, at, ports) {
    this.model = model;
    this.#number = at + 1;
    this.#ports = ports;
  }

  provider(course) {
    return course.provider;
  }

  usual() {
    return this.#ports.usual();
  }

  /** Makes the call ready for this model. @returns {Promise<(wishes: object) => Promise<{ response: Response, left: object[] }>>} */
  async ready(course) {
    const { href, init } = course;
    if (!generates(href)) throw untranslatable([{ path: 'url', why: 'only calls that generate text are put to another model' }]);
    const body = await course.text();
    const other = translating(() => renamed({ url: href, body, model: this.model }));
    if (other.url === href && other.body === body) throw failed('same-model');
    return async (wishes) => {
      const own = { ...wishes, ...(wishes.model !== undefined && { model: this.model }) };
      const sent = { ...init, headers: { ...init.headers }, ...(other.body !== undefined && { body: other.body }) };
      return { response: await this.#ports.launch(other.url, sent, own, this.#number), left: [] };
    };
  }

  close() {}
}

/** Embeddings of two models can't be compared, and files belong to no model: neither is for another. */
function generates(href) {
  return dialectOf(href) !== undefined || /\/responses$/.test(/^[^?#]*/.exec(href)[0]);
}
