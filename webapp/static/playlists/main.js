// A playlist's page: plays clip after clip, stops at frozen pictures, lets people draw on them, follows the film's making.

import { clockText } from "../room/clock.js";
import { DrawingBoard } from "./drawing.js";

const part = (id) => document.getElementById(id);
const values = JSON.parse(part("playlist-values").textContent);
const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

class Show {
  constructor(clips, video, board) {
    Object.assign(this, { clips, video, board, now: -1, shown: new Set(), held: null });
    const onFrame = () => {
      this.#tick();
      video.requestVideoFrameCallback ? video.requestVideoFrameCallback(onFrame) : setTimeout(onFrame, 40);
    };
    onFrame();
    video.addEventListener("timeupdate", () => this.#tick());
    video.addEventListener("ended", () => this.#over());
    for (const name of ["play", "pause"]) video.addEventListener(name, () => this.#say());
  }

  get clip() {
    return this.clips[this.now];
  }

  get ms() {
    return this.video.currentTime * 1000 + this.clip.video_start_ms;
  }

  go(i, { play = true } = {}) {
    if (!this.clips[i]) return;
    this.#release();
    this.now = i;
    this.shown.clear();
    if (!this.video.src.endsWith(this.clip.src)) this.video.src = this.clip.src;
    this.video.currentTime = (this.clip.start_ms - this.clip.video_start_ms) / 1000;
    this.isOver = false;
    if (play) this.video.play().catch(() => {});
    document.querySelectorAll("[data-clip]").forEach((row) => (row.dataset.now = String(Number(row.dataset.clip) === this.clip.id)));
    part("show").dataset.clip = String(i);
    this.#say();
  }

  toggle() {
    if (this.board.isActive) return;
    if (this.now < 0 || (this.isOver && this.now === this.clips.length - 1)) this.go(this.isOver ? 0 : 0);
    else if (this.held) this.#release({ play: true });
    else if (this.video.paused) this.video.play().catch(() => {});
    else this.video.pause();
  }

  #release({ play = false } = {}) {
    clearTimeout(this.held);
    this.held = null;
    if (!this.board.isActive) this.board.show([]);
    if (play) this.video.play().catch(() => {});
  }

  #tick() {
    if (this.now < 0 || this.board.isActive || this.held || this.video.seeking) return;
    const ms = this.ms;
    part("clock").textContent = `${this.now + 1}/${this.clips.length} · ${clockText(ms - this.clip.start_ms)} / ${clockText(this.clip.end_ms - this.clip.start_ms)}`;
    const still = this.clip.stills.find((row, i) => !this.shown.has(i) && !this.video.paused && ms >= row.at_ms);
    if (still) return this.#hold(still);
    if (ms >= this.clip.end_ms && !this.video.paused) this.#over();
  }

  #hold(still) {
    this.shown.add(this.clip.stills.indexOf(still));
    this.video.pause();
    this.board.show(still.shapes);
    this.held = setTimeout(() => this.#release({ play: true }), still.hold_ms);
  }

  #over() {
    if (this.now + 1 < this.clips.length) this.go(this.now + 1);
    else {
      this.video.pause();
      this.isOver = true;
    }
  }

  #say() {
    part("play").textContent = this.video.paused && !this.held ? "Play" : "Pause";
  }
}

/** The camera's matrix nearest to a moment, for distances; null where the pitch is not known. */
async function matrixAt(clip, ms) {
  const from = Math.max(0, Math.round(ms) - 1000);
  const answer = await fetch(`${clip.positions}?video=${clip.video}&from=${from}&to=${from + 2000}`);
  if (!answer.ok) return null;
  const { samples } = await answer.json();
  let best = -1;
  samples.time_ms.forEach((time, i) => {
    const usable = samples.matrix[i] && samples.status[i] < 2;
    if (usable && (best < 0 || Math.abs(time - ms) < Math.abs(samples.time_ms[best] - ms))) best = i;
  });
  return best < 0 ? null : samples.matrix[best];
}

function furnishDrawing(show, board) {
  let atMs = 0;
  const stop = () => {
    board.end();
    part("tools").hidden = true;
    part("draw").setAttribute("aria-pressed", "false");
  };
  part("draw").addEventListener("click", async () => {
    if (board.isActive) return stop();
    if (show.now < 0) show.go(0, { play: false });
    show.video.pause();
    atMs = Math.round(show.ms);
    const known = show.clip.stills.find((row) => Math.abs(row.at_ms - atMs) < 100);
    if (known) atMs = known.at_ms;
    part("tools").hidden = false;
    part("draw").setAttribute("aria-pressed", "true");
    board.begin(known?.shapes ?? [], null, show.clip.size_px);
    board.matrix = await matrixAt(show.clip, atMs).catch(() => null);
    board.canvas.dataset.metres = board.matrix ? "known" : "unknown";
    if (!board.matrix) part("draw-hint").textContent = "Drag on the picture. The pitch is not known here, so connections carry no metres.";
  });
  part("tools").addEventListener("click", (click) => {
    const tool = click.target.closest("[data-tool]");
    if (!tool) return;
    board.close();
    board.tool = tool.dataset.tool;
    part("tools").querySelectorAll("[data-tool]").forEach((each) => each.setAttribute("aria-checked", String(each === tool)));
  });
  part("colour").addEventListener("input", (input) => (board.colour = input.target.value));
  part("draw-undo").addEventListener("click", () => board.undo());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && board.isActive && board.open) board.close();
  });
  const send = async (stills) => {
    const answer = await fetch(show.clip.stills_url, {
      method: "POST", body: JSON.stringify(stills),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
    });
    const said = await answer.json();
    part("draw-said").textContent = answer.ok ? "" : said.error;
    if (!answer.ok) return;
    show.clip.stills = said.stills;
    stop();
    part("show").dataset.stills = String(said.stills.length);
  };
  part("draw-save").addEventListener("click", () => {
    board.close();
    const others = show.clip.stills.filter((row) => row.at_ms !== atMs);
    const mine = { at_ms: atMs, hold_ms: Number(part("hold").value), shapes: board.shapes };
    send([...others, ...(board.shapes.length ? [mine] : [])].sort((a, b) => a.at_ms - b.at_ms));
  });
  part("draw-clear").addEventListener("click", () => send([]));
}

function watchFilm(section) {
  const bar = section.querySelector("[data-percent]");
  if (bar) bar.style.width = `${bar.dataset.percent}%`;
  if (!["queued", "running"].includes(section.dataset.state)) return;
  const ask = async () => {
    try {
      const now = await (await fetch(section.dataset.url)).json();
      if (!["queued", "running"].includes(now.state)) return location.reload();
      section.querySelector("[data-part=percent]").textContent = `${now.percent} %`;
      section.querySelector("[role=progressbar]").setAttribute("aria-valuenow", now.percent);
      bar.style.width = `${now.percent}%`;
    } catch {
      // The next round finds out.
    }
    setTimeout(ask, 1500);
  };
  setTimeout(ask, 1000);
}

if (values.clips.length) {
  const board = new DrawingBoard(part("drawing"));
  const show = new Show(values.clips, part("video"), board);
  part("play").addEventListener("click", () => show.toggle());
  part("before").addEventListener("click", () => show.go(Math.max(0, show.now - 1)));
  part("after").addEventListener("click", () => show.go(show.now + 1));
  const step = (frames) => {
    show.video.pause();
    show.video.currentTime += frames / 25;
  };
  part("frame-back").addEventListener("click", () => step(-1));
  part("frame-on").addEventListener("click", () => step(1));
  document.querySelectorAll("[data-play]").forEach((button) =>
    button.addEventListener("click", () => show.go(Number(button.dataset.play))));
  if (values.may_draw) furnishDrawing(show, board);
  show.go(0, { play: false });
  watchFilm(part("film"));
}
