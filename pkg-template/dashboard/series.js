// Requests and waits over time, counted here: at three steps, so that a day costs no more than ten minutes.

/** Milliseconds of a slot, and how many there are: ten minutes, an hour, a day. */
export const RANGES = { ten: { step: 10_000, slots: 60 }, hour: { step: 60_000, slots: 60 }, day: { step: 600_000, slots: 144 } };

const FIELDS = 3;
const [REQUESTS, FAILURES, WAITS] = [0, 1, 2];
const LENGTHS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export class Series {
  #rings = Object.fromEntries(Object.entries(RANGES).map(([name, { step, slots }]) => [name, new Ring(step, slots)]));

  requests(at, count = 1) {
    this.#add(at, REQUESTS, count);
  }

  failures(at, count = 1) {
    this.#add(at, FAILURES, count);
  }

  waits(at, count = 1) {
    this.#add(at, WAITS, count);
  }

  /** What was before us (`since`: when we began), from a report of use. It knows better: its slots replace what was counted here. */
  fill({ step, series }, since) {
    const length = LENGTHS[step];
    for (const ring of Object.values(this.#rings)) {
      // Slots that are longer than a ring's are spread over them evenly. What was counted here by the
      // second is not replaced by such.
      if (length > LENGTHS.hour) continue;
      const parts = Math.max(1, Math.round(length / ring.step));
      const sums = new Map();
      for (const { at, requests, failures, waited } of series) {
        for (let part = 0; part < parts; part += 1) {
          const slot = Math.floor(at / ring.step) + part;
          if (ring.step < LENGTHS.minute && slot >= since / ring.step) continue;
          const sum = sums.get(slot) ?? [0, 0, 0];
          [requests, failures, waited].forEach((count, field) => { sum[field] += count / parts; });
          sums.set(slot, sum);
        }
      }
      for (const [slot, sum] of sums) ring.put(slot, sum);
    }
  }

  /** `[seconds[], requests[], served[], waits[]]` up to now, oldest first: what uPlot draws. */
  points(range, now) {
    return this.#rings[range].points(now);
  }

  #add(at, field, count) {
    for (const ring of Object.values(this.#rings)) ring.add(at, field, count);
  }
}

class Ring {
  step;
  #slots;
  #counts;
  /** The number of the slot that a place of the ring holds now. */
  #numbers;

  constructor(step, slots) {
    this.step = step;
    this.#slots = slots;
    this.#counts = new Float64Array(slots * FIELDS);
    this.#numbers = new Float64Array(slots).fill(-1);
  }

  add(at, field, count) {
    const place = this.#placeOf(Math.floor(at / this.step));
    if (place !== null) this.#counts[place * FIELDS + field] += count;
  }

  put(number, sums) {
    const place = this.#placeOf(number);
    if (place !== null) this.#counts.set(sums, place * FIELDS);
  }

  points(now) {
    const last = Math.floor(now / this.step);
    const [seconds, requests, served, waits] = [[], [], [], []];
    for (let number = last - this.#slots + 1; number <= last; number += 1) {
      const place = number % this.#slots;
      const base = this.#numbers[place] === number ? place * FIELDS : -1;
      seconds.push(number * this.step / 1000);
      requests.push(base < 0 ? 0 : this.#counts[base + REQUESTS]);
      served.push(base < 0 ? 0 : Math.max(0, this.#counts[base + REQUESTS] - this.#counts[base + FAILURES]));
      waits.push(base < 0 ? 0 : this.#counts[base + WAITS]);
    }
    return [seconds, requests, served, waits];
  }

  /** Null: longer ago than the ring reaches. */
  #placeOf(number) {
    const place = number % this.#slots;
    if (this.#numbers[place] > number) return null;
    if (this.#numbers[place] < number) {
      this.#numbers[place] = number;
      this.#counts.fill(0, place * FIELDS, (place + 1) * FIELDS);
    }
    return place;
  }
}
