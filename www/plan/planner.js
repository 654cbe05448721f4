// The worker's other end. The newest scenario wins: an older one that keeps the worker busy for too long is ended with it.

/** How long an older scenario may go on after a newer one has come. To start the engine anew takes about as long. */
const GRACE = 400;

export class Planner {
  #worker;
  #newest = 0;
  #job = null;
  #overdue = 0;
  #told;

  /** @param {(news: object) => void} told what the worker says of the newest scenario, and what it knows of models */
  constructor(told) {
    this.#told = told;
    this.#start();
  }

  plan(scenario) {
    const late = this.#job !== null;
    this.#job = { id: ++this.#newest, scenario };
    this.#worker.postMessage(this.#job);
    if (late && this.#overdue === 0) this.#overdue = setTimeout(() => this.#restart(), GRACE);
  }

  #start() {
    this.#worker = new Worker(new URL('plan.worker.js', document.baseURI), { type: 'module' });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = () => this.#told({ mistake: 'The engine could not be started: WebAssembly, module workers or the file plan.worker.js are missing.' });
  }

  #hear(news) {
    if (news.known !== undefined) return this.#told(news);
    // Whatever has ended: the worker takes the newest next.
    if (news.done || news.id === this.#newest) this.#calm();
    if (news.id !== this.#newest) return undefined;
    if (news.done) this.#job = null;
    return this.#told(news);
  }

  #restart() {
    this.#overdue = 0;
    this.#worker.terminate();
    this.#start();
    this.#worker.postMessage(this.#job);
  }

  #calm() {
    clearTimeout(this.#overdue);
    this.#overdue = 0;
  }
}
