// Positions by the minute: a few kept, the next one fetched ahead of time, and the one under the pointer as well. A seek into
// a minute that is not there asks for the seconds around it first, which come in a fifth of the time, and then for the rest.

const WINDOW_MS = 60_000;
const KEPT = 24;
// The seconds around a seek: trails before it, a moment of playing after it.
const BEFORE_MS = 6_000;
const AFTER_MS = 6_000;
// A pointer that rests this long on a moment may be about to go there.
const REST_MS = 70;

export class PositionWindows {
  /** @param {string} url of the window endpoint @param {() => void} onArrival called when a minute has come */
  constructor(url, onArrival) {
    this.url = url;
    this.onArrival = onArrival;
    this.minutes = new Map();
  }

  /** The minute a time lies in, or null while it is on its way. Asks for the next one when its turn comes near. */
  minute(videoId, ms) {
    const number = Math.max(0, Math.floor(ms / WINDOW_MS));
    const rows = this.#ask(videoId, number, ms);
    if (rows && ms - number * WINDOW_MS > WINDOW_MS * 0.6) this.#ask(videoId, number + 1);
    return rows;
  }

  /** Somebody may go to a time soon: have its minute ready. Of many in a row only the last counts. */
  expect(videoId, ms) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#ask(videoId, Math.max(0, Math.floor(ms / WINDOW_MS))), REST_MS);
  }

  /** Like `minute`, without fetching anything. */
  known(videoId, ms) {
    const held = this.minutes.get(`${videoId}:${Math.floor(ms / WINDOW_MS)}`);
    return held?.rows ?? null;
  }

  /** Forget everything: what the server holds has changed. */
  forget() {
    this.minutes.clear();
    this.onArrival();
  }

  #ask(videoId, number, now) {
    const key = `${videoId}:${number}`;
    let held = this.minutes.get(key);
    if (held) {
      this.minutes.delete(key);
      this.minutes.set(key, held);
      if (held.failedAt && Date.now() - held.failedAt > 4000) this.#fetch(held, videoId, number, now);
      return held.rows && covers(held, now) ? held.rows : null;
    }
    held = { rows: null, failedAt: 0, part: null };
    this.minutes.set(key, held);
    if (this.minutes.size > KEPT) this.minutes.delete(this.minutes.keys().next().value);
    this.#fetch(held, videoId, number, now);
    return null;
  }

  /** `now`: a time that somebody waits for; without it the whole minute comes at once. */
  async #fetch(held, videoId, number, now) {
    held.failedAt = 0;
    const from = number * WINDOW_MS;
    try {
      if (now !== undefined) {
        const part = [Math.max(from, Math.floor(now - BEFORE_MS)), Math.min(from + WINDOW_MS, Math.ceil(now + AFTER_MS))];
        held.rows = await this.#rows(videoId, ...part);
        held.part = part;
        this.onArrival();
      }
      held.rows = await this.#rows(videoId, from, from + WINDOW_MS);
      held.part = null;
    } catch {
      held.failedAt = Date.now();
    }
    this.onArrival();
  }

  async #rows(videoId, from, to) {
    const answer = await fetch(`${this.url}?video=${videoId}&from=${from}&to=${to}`);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return indexed(await answer.json());
  }
}

/** Whether what came so far reaches a time. */
function covers({ part }, now) {
  return !part || now === undefined || (now >= part[0] && now < part[1]);
}

/** Rows of each sample time, as ranges, beside the samples themselves. */
function indexed(answer) {
  const { samples, positions } = answer;
  const ranges = new Map();
  positions.time_ms.forEach((time, i) => {
    const range = ranges.get(time);
    if (range) range[1] = i + 1;
    else ranges.set(time, [i, i + 1]);
  });
  return { samples, positions, ranges };
}

/** Index of the last entry <= value in an ascending list; -1 before the first. */
export function lastAtOrBefore(list, value) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
