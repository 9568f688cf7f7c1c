// The video and its controls. `positionMs` is the truth the rest of the room draws: the time of the picture on screen.

import { Stream, wayToPlay } from "./stream.js";
import { lastAtOrBefore } from "./windows.js";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];
// Stored times are whole milliseconds; this far behind one the picture is surely the one meant.
const INSIDE_MS = 1;

export class Player extends EventTarget {
  /** @param {HTMLVideoElement} element @param {Array} videos rows with id, src, duration_ms, start_ms, fps */
  constructor(element, videos) {
    super();
    this.element = element;
    this.videos = videos;
    this.current = null;
    this.positionMs = 0;
    this.pendingMs = null;
    this.reverse = null;
    this.stream = null;
    // Whether the picture on screen was sought and has not played on since.
    this.sought = false;
    this.#listen();
  }

  get durationMs() {
    const found = Number.isFinite(this.element.duration) ? this.element.duration * 1000 : 0;
    return this.current ? this.current.duration_ms || found : 0;
  }

  get isPlaying() {
    return this.reverse !== null || !this.element.paused;
  }

  /** Show a video, at a time of its own clock. */
  load(videoId, positionMs = 0) {
    const next = this.videos.find((row) => row.id === videoId) ?? (this.current ? null : this.videos[0]);
    if (!next) return;
    if (this.current !== next) {
      const wasPlaying = this.isPlaying;
      this.pause();
      this.current = next;
      this.pendingMs = null;
      this.#open(next, positionMs);
      if (next.poster) this.element.poster = next.poster;
      this.dispatchEvent(new CustomEvent("video"));
      if (wasPlaying) this.element.play().catch(() => {});
    }
    this.seek(positionMs);
  }

  /** Go to a time; while a seek is under way only the latest wish is kept, so that scrubbing stays light. */
  seek(positionMs) {
    const end = this.durationMs ? this.durationMs - 1 : Infinity;
    const start = this.current?.start_ms ?? 0;
    const wish = Math.max(start, Math.min(positionMs, start + end));
    this.positionMs = wish;
    this.sought = true;
    if (this.element.seeking || this.element.readyState < 1) this.pendingMs = wish;
    else this.element.currentTime = (wish - start) / 1000;
    this.#tell();
  }

  /** Exact times of the current video's frames, milliseconds from its first one; null while they are not known. */
  get frameTimes() {
    return this.current?.frames ?? null;
  }

  /** When the frame shown at a time begins, or one some frames away; by the frame rate where times are not known. */
  frameMs(frames = 0, ms = this.positionMs) {
    const start = this.current?.start_ms ?? 0;
    const times = this.frameTimes;
    if (!times) return ms + (frames * 1000) / (this.current?.fps || 25);
    const here = Math.max(0, lastAtOrBefore(times, ms - start + INSIDE_MS));
    return start + times[Math.max(0, Math.min(times.length - 1, here + frames))];
  }

  /** Step whole frames; lands inside the frame, not on its edge, where rounding would show the one before. */
  step(frames) {
    this.pause();
    const inside = this.frameTimes ? INSIDE_MS : 250 / (this.current?.fps || 25);
    this.seek(this.frameMs(frames) + inside);
  }

  jump(ms) {
    this.seek(this.positionMs + ms);
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.element.play().catch(() => {});
  }

  pause() {
    clearInterval(this.reverse);
    this.reverse = null;
    this.element.pause();
    this.dispatchEvent(new CustomEvent("state"));
  }

  /** J and L of editing desks: the same key again doubles up, the other one turns round. */
  shuttle(direction) {
    if (direction > 0) {
      const faster = this.isPlaying && this.reverse === null;
      clearInterval(this.reverse);
      this.reverse = null;
      this.element.playbackRate = faster ? Math.min(4, Math.floor(this.element.playbackRate) + 1) : 1;
      this.element.play().catch(() => {});
    } else {
      this.backRate = this.reverse === null ? 1 : Math.min(4, this.backRate + 1);
      clearInterval(this.reverse);
      this.element.pause();
      this.reverse = setInterval(() => {
        if (!this.element.seeking) this.jump(-120 * this.backRate);
        if (this.positionMs <= (this.current?.start_ms ?? 0)) this.pause();
      }, 120);
    }
    this.dispatchEvent(new CustomEvent("state"));
  }

  speed(step) {
    const here = SPEEDS.findIndex((value) => value >= this.element.playbackRate);
    this.setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, (here < 0 ? 2 : here) + step))]);
  }

  setSpeed(value) {
    this.element.playbackRate = value;
    this.element.defaultPlaybackRate = value;
    this.dispatchEvent(new CustomEvent("state"));
  }

  #listen() {
    const { element } = this;
    element.addEventListener("loadedmetadata", () => this.#settle());
    element.addEventListener("seeked", () => this.#settle());
    for (const name of ["play", "pause", "ratechange", "volumechange"])
      element.addEventListener(name, () => this.dispatchEvent(new CustomEvent("state")));
    element.addEventListener("play", () => (this.sought = false));
    element.addEventListener("ended", () => this.dispatchEvent(new CustomEvent("ended")));
    element.addEventListener("error", () => {
      if (element.dataset.way !== "file") {
        this.stream?.close();
        this.#fallBack(this.current);
      } else this.dispatchEvent(new CustomEvent("problem"));
    });
    if (element.requestVideoFrameCallback) {
      const onFrame = (_, frame) => {
        this.#shown(frame.mediaTime);
        element.requestVideoFrameCallback(onFrame);
      };
      element.requestVideoFrameCallback(onFrame);
    } else element.addEventListener("timeupdate", () => this.#shown(element.currentTime));
  }

  /** Give the element its source: HLS where the browser can, else, or when that fails, the whole file. */
  #open(row, positionMs) {
    this.stream?.close();
    this.stream = null;
    const way = wayToPlay(row);
    this.element.dataset.way = way;
    if (way === "parts") {
      const wish = Math.max(0, positionMs - row.start_ms) / 1000;
      this.stream = new Stream(this.element, row, wish, () => this.#fallBack(row));
    } else this.element.src = way === "native" ? row.stream : row.src;
  }

  #fallBack(row) {
    if (this.current !== row || this.element.dataset.way === "file") return;
    const wasPlaying = this.isPlaying;
    this.stream = null;
    this.element.dataset.way = "file";
    this.pendingMs = this.positionMs;
    this.element.src = row.src;
    if (wasPlaying) this.element.play().catch(() => {});
  }

  #settle() {
    if (this.pendingMs === null) return;
    const wish = this.pendingMs;
    this.pendingMs = null;
    this.element.currentTime = (wish - (this.current?.start_ms ?? 0)) / 1000;
  }

  #shown(seconds) {
    if (this.element.seeking || this.pendingMs !== null || !this.current) return;
    // A picture of before a seek may be told after it: standing still, the element's own clock is the one to believe.
    const shown = this.sought && this.element.paused ? this.element.currentTime : seconds;
    this.positionMs = shown * 1000 + this.current.start_ms;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("time"));
  }
}
