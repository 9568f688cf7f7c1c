// Plays HLS through MediaSource: fetches the segments around the player's time, and no others, by their byte ranges.
// The browser's own HLS is used where there is no MediaSource (phones of one maker); the plain MP4 where there is neither.

import { readIndex, readSegments } from "./playlist.js";

const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
// Seconds fetched ahead, and kept behind for stepping back.
const AHEAD = { playing: 24, paused: 5 };
const BEHIND = 40;
const WAITS_MS = [300, 900, 2700];
// Seconds by which sound and pictures of a segment may differ.
const SLACK = 0.4;

/** How this browser can play a row: "parts" (MediaSource), "native", or "file". */
export function wayToPlay(row) {
  if (!row.stream) return "file";
  if (typeof MediaSource !== "undefined") return "parts";
  return document.createElement("video").canPlayType(PLAYLIST_TYPE) ? "native" : "file";
}

export class Stream {
  /**
   * @param {HTMLVideoElement} element
   * @param {object} row with `stream`, the address of the playlist of playlists
   * @param {number} wish seconds at which it will be watched first
   * @param {() => void} onGiveUp called once when this way does not work
   */
  constructor(element, row, wish, onGiveUp) {
    Object.assign(this, { element, row, wish, onGiveUp });
    this.isOver = false;
    this.asked = null;
    this.buffer = null;
    this.tries = 0;
    this.source = new MediaSource();
    this.address = URL.createObjectURL(this.source);
    const opened = new Promise((done) => this.source.addEventListener("sourceopen", done, { once: true }));
    this.onMove = () => this.#turn();
    for (const name of ["seeking", "timeupdate", "play", "progress"]) element.addEventListener(name, this.onMove);
    element.src = this.address;
    this.#begin(opened).catch(() => this.#giveUp());
  }

  /** Let go of everything; the element may be given another source. */
  close() {
    this.isOver = true;
    this.asked?.stop.abort();
    for (const name of ["seeking", "timeupdate", "play", "progress"])
      this.element.removeEventListener(name, this.onMove);
    URL.revokeObjectURL(this.address);
  }

  async #begin(opened) {
    const address = new URL(this.row.stream, location.href).href;
    const index = readIndex(await this.#text(address), address);
    const type = `video/mp4; codecs="${index.codecs}"`;
    if (!MediaSource.isTypeSupported(type)) throw new Error(type);
    Object.assign(this, readSegments(await this.#text(index.url), index.url));
    const head = await this.#bytes(this.head);
    await opened;
    if (this.isOver) return;
    this.source.duration = this.segments.at(-1).end;
    this.buffer = this.source.addSourceBuffer(type);
    this.buffer.addEventListener("updateend", () => this.#turn());
    this.buffer.addEventListener("error", () => this.#giveUp());
    this.buffer.appendBuffer(head);
  }

  /** Do the next thing there is to do: stop a fetch nobody waits for, make room, fetch, or say that all is there. */
  #turn() {
    if (this.isOver || !this.buffer || this.buffer.updating || this.source.readyState === "closed") return;
    // Before its metadata is known the element stands at 0, wherever it will be sent.
    const now = this.element.readyState < 1 ? this.wish : this.element.currentTime;
    const next = this.#missing(now);
    if (this.asked && this.asked.number !== next && this.element.seeking) this.#stop();
    if (this.asked) return;
    if (this.#makeRoom(now)) return;
    if (next !== null) this.#fetch(next);
    else this.#maybeEnd();
  }

  /** Number of the first segment from a time on that is not in the buffer, null when enough is. */
  #missing(now) {
    const enough = now + (this.element.paused ? AHEAD.paused : AHEAD.playing);
    for (let i = this.#at(now); i < this.segments.length && this.segments[i].start < enough; i++)
      if (!this.#holds(this.segments[i])) return i;
    return null;
  }

  #at(seconds) {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.segments[middle].start <= seconds) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #holds({ start, end }) {
    const { buffered } = this.buffer;
    // Its sound may run a little before its pictures, and what is held ends with the shorter of both.
    const slack = Math.min(SLACK, (end - start) / 2);
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= start + slack && buffered.end(i) >= end - slack) return true;
    return false;
  }

  #makeRoom(now, behind = BEHIND) {
    const { buffered } = this.buffer;
    if (!buffered.length || buffered.start(0) >= now - 2 * behind) return false;
    this.buffer.remove(0, this.segments[this.#at(now - behind)].start);
    return true;
  }

  async #fetch(number) {
    const asked = { number, stop: new AbortController() };
    this.asked = asked;
    try {
      const bytes = await this.#bytes(this.segments[number], asked.stop.signal);
      if (this.isOver || this.asked !== asked) return;
      this.asked = null;
      this.tries = 0;
      this.buffer.appendBuffer(bytes);
    } catch (fault) {
      if (this.isOver || this.asked !== asked) return;
      this.asked = null;
      if (fault.name === "QuotaExceededError" && this.#makeRoom(this.element.currentTime, 2)) return;
      if (this.tries >= WAITS_MS.length || fault.isFinal) this.#giveUp();
      else setTimeout(() => this.#turn(), WAITS_MS[this.tries++]);
    }
  }

  #stop() {
    const { stop } = this.asked;
    this.asked = null;
    stop.abort();
  }

  #maybeEnd() {
    const last = this.segments.at(-1);
    if (this.source.readyState === "open" && this.element.currentTime > last.start - AHEAD.paused && this.#holds(last))
      this.source.endOfStream();
  }

  async #text(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.text();
  }

  async #bytes({ first, last }, signal) {
    const answer = await fetch(this.url, { headers: { Range: `bytes=${first}-${last}` }, signal });
    if (answer.status !== 206)
      throw Object.assign(new Error(`status ${answer.status}`), { isFinal: answer.status < 500 });
    const bytes = await answer.arrayBuffer();
    if (bytes.byteLength !== last - first + 1) throw new Error("cut short");
    return bytes;
  }

  #giveUp() {
    if (this.isOver) return;
    this.close();
    this.onGiveUp();
  }
}
