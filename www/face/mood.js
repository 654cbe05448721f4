// From looks, many a second and trembling, to a mood that stays until there is a reason. Pure: time is handed in.

/** Every mood, in the order in which they are shown. */
export const MOODS = ['happy', 'surprised', 'sad', 'angry', 'calm', 'away', 'several', 'nobody'];

export class MoodSense {
  /** The mood that holds; `nobody` before the first look. */
  mood = 'nobody';
  /** Instant since when. */
  since = 0;
  #smooth = undefined;
  #lookedAt = 0;
  #lastSeen = -Infinity;
  #rival = undefined;
  #rivalSince = 0;

  /** Takes a look (see reading.js), and returns whether the mood is another one now. */
  feel(reading, now) {
    this.#take(reading, now);
    const rival = this.#candidate(reading, now);
    if (rival === this.mood) {
      this.#rival = undefined;
      return false;
    }
    if (rival !== this.#rival) [this.#rival, this.#rivalSince] = [rival, now];
    if (now - this.#rivalSince < DWELL[rival]) return false;
    [this.mood, this.since, this.#rival] = [rival, now, undefined];
    return true;
  }

  /** What the face says, without its trembling: happy, surprised, sad, angry, calm, each 0 to 1. */
  get weights() {
    return this.#smooth ?? { happy: 0, surprised: 0, sad: 0, angry: 0, calm: 0 };
  }

  #take({ people, weights }, now) {
    if (people > 0) {
      const share = 1 - Math.exp(-(now - this.#lookedAt) / SMOOTHING);
      // Who has just come, or was gone for long, is taken at their word.
      const old = this.#smooth !== undefined && now - this.#lastSeen < GONE ? this.#smooth : weights;
      this.#smooth = Object.fromEntries(Object.keys(weights).map((name) => [name, old[name] + (weights[name] - old[name]) * share]));
      this.#lastSeen = now;
    }
    this.#lookedAt = now;
  }

  #candidate({ people, away }, now) {
    // A head that turns away is lost by the detector before it has turned. So for a while nobody means: looks elsewhere.
    if (people === 0) return now - this.#lastSeen < GONE && this.mood !== 'nobody' ? 'away' : 'nobody';
    if (people > 1) return 'several';
    if (away > (this.mood === 'away' ? 0.35 : 0.65)) return 'away';
    let best = 'calm';
    for (const name of ['happy', 'surprised', 'sad', 'angry']) {
      // What holds needs less to stay than others need to come: between the two nothing changes.
      const needed = name === this.mood ? STAYS : COMES;
      if (this.#smooth[name] >= needed && this.#smooth[name] > (best === 'calm' ? 0 : this.#smooth[best])) best = name;
    }
    return best;
  }
}

/** The moods of a page's life: what each was, from when to when; the last one is still going on. The oldest go first. */
export class MoodHistory {
  /** How many there were, those included that are gone. */
  count = 0;
  #entries = [];
  #most;

  constructor(most = 200) {
    this.#most = most;
  }

  add(mood, at) {
    const last = this.#entries.at(-1);
    if (last?.mood === mood) return;
    if (last !== undefined) last.to = at;
    this.count += 1;
    this.#entries.push({ mood, from: at, to: null });
    if (this.#entries.length > this.#most) this.#entries.shift();
  }

  /** Those that reach into the time from `from` to `now`, cut to it. */
  between(from, now) {
    return this.#entries
      .map((entry) => ({ mood: entry.mood, from: Math.max(from, entry.from), to: Math.min(now, entry.to ?? now) }))
      .filter((entry) => entry.to > entry.from);
  }
}

/** A weight's way to a new value takes some three times as long. At 15 looks a second that is four looks. */
const SMOOTHING = 120;
const COMES = 0.55;
const STAYS = 0.35;
/** After so long without a face nobody is there. */
const GONE = 2500;
/** For how long a mood has to be there before it counts. Short enough to feel heard, longer than a word lasts that rounds the mouth. */
const DWELL = { happy: 250, surprised: 250, sad: 450, angry: 450, calm: 600, away: 700, several: 500, nobody: 0 };
