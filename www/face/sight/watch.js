// What is looked at: one of camera, picture, clip and hand; and the rhythm of looking. Drawing goes on meanwhile, whatever a look takes.
import { readingOf } from '../reading.js';
import { SightError, openCamera } from './camera.js';
import { SIZE, drawClip } from './clip.js';
import { paint } from './portrait.js';

export class Watch {
  /** Whether a camera's picture is shown and understood as in a mirror. */
  mirror = true;
  #recogniser;
  #video;
  #canvas;
  #seen;
  #told;
  #portrait;
  #turn = 0;
  #stop = () => {};

  /**
   * @param options.recogniser a Recogniser @param options.video, options.canvas where people see what is looked at
   * @param options.seen `(reading, faces, { took, size })`: a look, see reading.js; `faces` are where they were found
   * @param options.told `(state, error)`: `loading` (engine and models), `looking`, `failed`
   * @param options.portrait URL of the picture that ships
   */
  constructor({ recogniser, video, canvas, seen, told, portrait }) {
    [this.#recogniser, this.#video, this.#canvas, this.#seen, this.#told, this.#portrait] = [recogniser, video, canvas.getContext('2d'), seen, told, portrait];
  }

  /**
   * Looks at something else from now on. `hand` is nothing to look at. Resolves when the first look is under way, or it has failed.
   * @param file a picture of the visitor's own, with `picture`. It stays in the page
   */
  async use(name, file) {
    const turn = this.#end();
    if (name === 'hand') return;
    try {
      this.#told('loading');
      const sight = await this.#open(name, file, turn);
      if (turn !== this.#turn) return void sight.stop();
      this.#stop = sight.stop;
      await this.#recogniser.ready();
      if (turn !== this.#turn) return;
      this.#told('looking');
      void this.#look(sight, turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#end();
      this.#told('failed', error);
    }
  }

  async #look(sight, turn) {
    while (turn === this.#turn) {
      const began = performance.now();
      try {
        const { faces, size, took } = await this.#recogniser.look(sight.source, sight.size());
        if (turn !== this.#turn) return;
        this.#seen(readingOf(faces, size, sight.camera === true && this.mirror), faces, { took, size, mirrored: sight.camera === true && this.mirror });
      } catch (error) {
        if (turn !== this.#turn) return;
        this.#end();
        return this.#told('failed', error);
      }
      const spent = performance.now() - began;
      // In the page itself a look holds everything up: then it rests twice as long as it works.
      await rest(Math.max(this.#recogniser.apart ? 4 : 2 * spent, sight.rhythm - spent));
      // A page that nobody sees need not look.
      while (document.hidden && turn === this.#turn) await rest(300);
    }
  }

  async #open(name, file, turn) {
    if (name === 'camera') {
      const lost = (error) => {
        if (turn !== this.#turn) return;
        this.#end();
        this.#told('failed', error);
      };
      return { ...(await openCamera(this.#video, lost)), camera: true, rhythm: RHYTHM };
    }
    const picture = await pictureOf(file ?? this.#portrait);
    return name === 'clip' ? this.#play(picture) : this.#show(picture, file !== undefined);
  }

  #play(portrait) {
    const canvas = this.#sized(SIZE);
    const began = performance.now();
    const draw = () => drawClip(this.#canvas, portrait, (performance.now() - began) / 1000);
    draw();
    const timer = setInterval(draw, 1000 / 15);
    return { source: canvas, size: () => SIZE, stop: () => clearInterval(timer), rhythm: RHYTHM };
  }

  #show(picture, own) {
    const scale = Math.min(1, 640 / Math.max(picture.width, picture.height));
    const size = own ? { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) } : SIZE;
    const canvas = this.#sized(size);
    if (own) this.#canvas.drawImage(picture, 0, 0, size.width, size.height);
    else paint(this.#canvas, picture, 'happy', { x: 0, y: 0, width: size.width });
    return { source: canvas, size: () => size, stop: () => {}, rhythm: STILL };
  }

  #sized(size) {
    return Object.assign(this.#canvas.canvas, size);
  }

  /** Ends what is looked at now, and returns the number of the next. */
  #end() {
    this.#stop();
    this.#stop = () => {};
    this.#turn += 1;
    return this.#turn;
  }
}

async function pictureOf(from) {
  if (!(from instanceof Blob)) return createImageBitmap(await (await fetch(from)).blob());
  return createImageBitmap(from).catch((cause) => { throw new SightError('picture', cause); });
}

function rest(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

/** At most 16 looks a second: faces do not change faster, and a laptop's fan stays quiet. */
const RHYTHM = 60;
/** A picture does not change at all. */
const STILL = 500;
