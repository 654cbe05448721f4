// Pip's voice: asks Gemini for a line when the mood changes, no faster than the quota and its own manners allow. Of several moods in
// a row only the newest is asked for, and never more than one call waits. Knows no document.
import { cannedLine } from './canned.js';
import { SYSTEM, promptFor } from './prompt.js';

export class Voice {
  /**
   * `quiet`: nothing to say. `pacing`: it would say something, but has just spoken. `waiting`: for quota. `asking`: sent, no words
   * yet. `speaking`: words come. `resting`: no words for a while; `why` is `day` (the quota of the day), `trouble` or `keys`.
   * `until`: instant at which it goes on; null where nobody knows.
   */
  state = { name: 'quiet', until: null, why: null };
  #say;
  #change;
  #now = Date.now;
  #timers;
  #session;
  #perMinute = 6;
  #language = 'en';
  #api = null;
  #paused = false;
  #mood = 'nobody';
  #before = null;
  #since = 0;
  #asked = null;
  #told = { mood: null, at: 0 };
  #sentAt = -Infinity;
  #failures = 0;
  #turn = 0;
  #timer;
  #lingering;
  #lastBy = 'pip';
  #listening = new AbortController();

  /**
   * @param options.say `({ text, mood, by, done })`: a line, `by` Gemini or by Pip itself; one that is not done comes again, longer
   * @param options.change told whenever `state` is another
   * @param options.session whose calls they are, for the scheduler @param options.timers default: the host's
   */
  constructor({ say, change = () => {}, session, timers = globalThis }) {
    [this.#say, this.#change, this.#session, this.#timers] = [say, change, session, timers];
  }

  /** Who is asked from now on: a QuotaAwareAPI, or null for nobody. @param now its clock, where that is not the host's */
  use(api, now = Date.now) {
    this.#giveUp();
    this.#listening.abort();
    this.#listening = new AbortController();
    [this.#api, this.#now, this.#failures, this.#sentAt] = [api, now, 0, -Infinity];
    this.#told = { mood: null, at: 0 };
    this.#since = now();
    const { signal } = this.#listening;
    // The instance is ours alone, and we ask one thing at a time: its events are about that one.
    api?.addEventListener('waiting', ({ detail }) => this.#held(detail.until), { signal });
    api?.addEventListener('attempt', () => this.#sent(), { signal });
    this.#enter('quiet');
    this.#consider();
  }

  /** @param options.perMinute lines at most, from 1 @param options.language one of LANGUAGES (canned.js) */
  set({ perMinute = this.#perMinute, language = this.#language }) {
    [this.#perMinute, this.#language] = [perMinute, language];
    this.#consider();
  }

  /** The mood is this now. Something of its own is said at once. */
  feel(mood) {
    if (mood === this.#mood) return;
    [this.#before, this.#mood, this.#since] = [this.#mood, mood, this.#now()];
    // A smile that has faded does not take away what was said of it.
    const keeps = mood === 'calm' && this.#lastBy === 'gemini';
    if (this.state.name !== 'speaking' && !keeps) this.#sayOwn(mood);
    this.#consider();
  }

  /** Nobody looks: nothing is asked meanwhile. */
  pause(on) {
    if (on === this.#paused) return;
    this.#paused = on;
    if (on && this.state.name !== 'speaking') this.#giveUp();
    if (!on) this.#consider();
  }

  /** Decides what is to be done about the mood that holds. May be called at any time. */
  #consider() {
    if (this.#api === null || this.#paused) return;
    const { name } = this.state;
    if (name === 'asking' || name === 'speaking') return; // its end comes back here
    if (name === 'waiting') {
      if (this.#asked.mood === this.#mood) return;
      this.#giveUp(); // not sent yet: nothing is lost, and the newest mood takes its place
    }
    if (this.state.name === 'resting') return this.#rest();
    if (this.#mood === 'nobody') return this.#enter('quiet'); // nobody would hear it
    const now = this.#now();
    const pace = 60_000 / this.#perMinute;
    const paced = this.#sentAt + pace;
    const news = this.#mood !== this.#told.mood;
    const due = news ? Math.max(paced, this.#since + (SETTLES[this.#mood] ?? 0)) : Math.max(paced, this.#told.at + Math.max(AGAIN, 2 * pace));
    if (now >= due) return this.#ask();
    this.#enter(news ? 'pacing' : 'quiet', due);
    this.#wake(due - now);
  }

  async #ask() {
    this.#timers.clearTimeout(this.#timer);
    const ask = { mood: this.#mood, abort: new AbortController(), text: '' };
    this.#asked = ask;
    this.#enter('asking');
    const seconds = (this.#now() - this.#since) / 1000;
    try {
      const stream = this.#api.generate(promptFor({ mood: ask.mood, before: this.#before, seconds, language: this.#language }), {
        system: SYSTEM, maxTokens: 400, temperature: 1, stream: true, signal: ask.abort.signal,
        quota: { session: this.#session, priority: 5, operation: 'mood' },
      });
      for await (const piece of stream) {
        if (this.#asked !== ask) return;
        ask.text += piece;
        this.#enter('speaking');
        this.#line(ask.text, ask.mood, false);
      }
      if (this.#asked !== ask) return;
      this.#failures = 0;
      this.#over(ask);
    } catch (error) {
      if (this.#asked === ask) this.#failed(ask, error);
    }
  }

  /** The line is said, as far as it came. */
  #over(ask) {
    this.#asked = null;
    this.#told = { mood: ask.mood, at: this.#now() };
    if (ask.text.trim() !== '') this.#line(ask.text, ask.mood, true);
    this.#enter('quiet');
    this.#consider();
    if (this.#mood === ask.mood || this.#mood === 'calm') return;
    // The mood has moved on while words came. They may be read first; then it gets an answer of its own.
    this.#lingering = this.#timers.setTimeout(() => this.#sayOwn(this.#mood), LINGERS);
  }

  #failed(ask, error) {
    const { code } = error;
    if (code === 'CLOSED') return;
    if (code === 'STREAM_BROKEN' && ask.text !== '') ask.text += ' …';
    // These are about this one question; the next mood is another.
    if (['STREAM_BROKEN', 'BLOCKED', 'NO_ANSWER'].includes(code)) return this.#over(ask);
    this.#asked = null;
    this.#failures += 1;
    const why = DAY.has(code) ? 'day' : KEYS.has(code) ? 'keys' : 'trouble';
    // A key does not mend itself: whoever typed it has to.
    const pause = why === 'keys' ? null : error.retryAfter ?? (why === 'day' ? null : Math.min(60_000, 5_000 * 2 ** (this.#failures - 1)));
    this.#sayOwn(why);
    this.#enter('resting', pause === null ? null : this.#now() + pause, why);
    this.#rest();
  }

  /** Looks now and then whether there is quota again, and goes on by itself. */
  #rest() {
    const { until, why } = this.state;
    const now = this.#now();
    const over = (until !== null && now >= until) || (why === 'day' && this.#api.hasAvailableKeys());
    if (over) {
      this.#told = { mood: null, at: 0 };
      this.#enter('quiet');
      return this.#consider();
    }
    if (why !== 'keys') this.#wake(Math.min(LOOK, until === null ? LOOK : until - now));
  }

  #held(until) {
    if (this.state.name === 'asking' || this.state.name === 'waiting') this.#enter('waiting', until);
  }

  #sent() {
    this.#sentAt = this.#now();
    if (this.state.name === 'waiting') this.#enter('asking');
  }

  /** Ends what is under way, unheard. */
  #giveUp() {
    this.#timers.clearTimeout(this.#timer);
    this.#timers.clearTimeout(this.#lingering);
    const ask = this.#asked;
    this.#asked = null;
    ask?.abort.abort();
    if (this.state.name !== 'resting') this.#enter('quiet');
  }

  #line(text, mood, done) {
    this.#timers.clearTimeout(this.#lingering);
    this.#lastBy = 'gemini';
    this.#say({ text: text.trim(), mood, by: 'gemini', done });
  }

  #sayOwn(name) {
    this.#timers.clearTimeout(this.#lingering);
    this.#lastBy = 'pip';
    this.#say({ text: cannedLine(this.#language, name, this.#turn), mood: this.#mood, by: 'pip', done: true });
    this.#turn += 1;
  }

  #wake(ms) {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.#consider(), Math.max(0, Math.min(ms, LONGEST)));
  }

  #enter(name, until = null, why = null) {
    const old = this.state;
    if (old.name === name && old.until === until && old.why === why) return;
    this.state = { name, until, why };
    this.#change(this.state);
  }
}

/** A mood that lasts is spoken of again after so long. */
const AGAIN = 25_000;
/** Calm is what lies between other moods: a request is worth it once it lasts. And who looks away may just blink at the clock. */
const SETTLES = { calm: 6_000, away: 1_500 };
/** For how long words of a mood that is over stay. */
const LINGERS = 2_500;
/** How often it looks whether the day's quota is back. The promised instant counts too; a clock may be set meanwhile. */
const LOOK = 5_000;
const LONGEST = 2 ** 31 - 1;
const DAY = new Set(['QUOTA_EXCEEDED', 'PARTIAL_QUOTA', 'OWNER_UNAVAILABLE']);
const KEYS = new Set(['INVALID_KEYS', 'CONFIG_INVALID', 'ORIGIN_NOT_ALLOWED', 'WASM_UNAVAILABLE']);
