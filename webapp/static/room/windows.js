// Positions by the minute: fetched when first needed, the next minute ahead of time, a few kept.

const WINDOW_MS = 60_000;
const KEPT = 16;

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
    if (ms - number * WINDOW_MS > WINDOW_MS * 0.6) this.#ask(videoId, number + 1);
    return this.#ask(videoId, number);
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

  #ask(videoId, number) {
    const key = `${videoId}:${number}`;
    let held = this.minutes.get(key);
    if (held) {
      this.minutes.delete(key);
      this.minutes.set(key, held);
      if (held.failedAt && Date.now() - held.failedAt > 4000) this.#fetch(held, videoId, number);
      return held.rows;
    }
    held = { rows: null, failedAt: 0 };
    this.minutes.set(key, held);
    if (this.minutes.size > KEPT) this.minutes.delete(this.minutes.keys().next().value);
    this.#fetch(held, videoId, number);
    return null;
  }

  async #fetch(held, videoId, number) {
    held.failedAt = 0;
    const from = number * WINDOW_MS;
    try {
      const answer = await fetch(`${this.url}?video=${videoId}&from=${from}&to=${from + WINDOW_MS}`);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      held.rows = indexed(await answer.json());
    } catch {
      held.failedAt = Date.now();
    }
    this.onArrival();
  }
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
