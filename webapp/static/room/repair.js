// Mending the camera like a clip: marks of the pitch are dragged over the frozen picture, the shot follows on the server.

import { clockText } from "./clock.js";
import { fitted } from "./fitting.js";
import { markings, project } from "./lines.js";
import { lastAtOrBefore } from "./windows.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ASK_EVERY_MS = 400;

function element(name, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

export class CameraRepair extends EventTarget {
  constructor(part, values, player, windows) {
    super();
    Object.assign(this, { part, values, player, windows, isOpen: false, moved: new Map() });
    this.svg = part("repair-marks");
    this.lines = markings(values.match.pitch_m);
    part("repair-open").addEventListener("click", () => this.open());
    part("repair-close").addEventListener("click", () => this.close());
    part("repair-reset").addEventListener("click", () => this.#letGo());
    part("repair-send").addEventListener("click", () => this.send());
    this.svg.addEventListener("pointerdown", (event) => this.#grab(event));
    this.svg.addEventListener("pointermove", (event) => this.#drag(event));
    for (const name of ["pointerup", "pointercancel"]) this.svg.addEventListener(name, () => (this.held = null));
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    // The picture must stay the one that the marks were laid over.
    player.addEventListener("time", () => {
      if (this.isOpen && !this.opening && Math.abs(player.positionMs - this.timeMs) > 400) this.close();
    });
    new ResizeObserver(() => this.isOpen && this.#draw()).observe(part("video"));
  }

  get size() {
    const [width, height] = this.player.current.size_px;
    return [width || 1280, height || 720];
  }

  /** Freeze the picture at the nearest sample and lay the marks over it. */
  async open() {
    if (this.isOpen || this.opening) return;
    const { part, player } = this;
    this.opening = true;
    document.querySelectorAll("details.menu[open]").forEach((menu) => menu.removeAttribute("open"));
    player.pause();
    part("repair-bar").hidden = false;
    this.#say("");
    const known = await this.#ask();
    const sample = known && (await this.#sample());
    if (!sample) {
      this.#say(known ? "No picture of this stretch shows the pitch, so there is no view to mend." : "The marks did not arrive. Try again.");
      this.opening = false;
      return;
    }
    this.marks = known.marks;
    this.base = this.view = sample.matrix;
    this.timeMs = sample.ms;
    this.videoId = player.current.id;
    player.seek(sample.ms + 1);
    this.isOpen = true;
    this.opening = false;
    this.svg.removeAttribute("hidden");
    this.svg.setAttribute("viewBox", `0 0 ${this.size.join(" ")}`);
    this.#letGo();
    this.#list(known);
    part("room").dataset.repair = "open";
    this.svg.querySelector("[tabindex]")?.focus({ preventScroll: true });
  }

  /** The analysed picture nearest to the one on screen, and a view to start from; null where nothing is known. */
  async #sample() {
    const { player, windows } = this;
    for (let i = 0; i < 50 && !windows.minute(player.current.id, player.positionMs); i += 1)
      await new Promise((done) => setTimeout(done, 100));
    const samples = windows.minute(player.current.id, player.positionMs)?.samples;
    if (!samples?.time_ms.length) return null;
    let i = Math.max(0, lastAtOrBefore(samples.time_ms, player.positionMs + 20));
    const next = samples.time_ms[i + 1];
    if (next && next - player.positionMs < player.positionMs - samples.time_ms[i]) i += 1;
    const near = samples.matrix.map((matrix, j) => [matrix, Math.abs(j - i)]).filter(([matrix]) => matrix);
    const matrix = near.sort((a, b) => a[1] - b[1])[0]?.[0];
    return matrix ? { ms: samples.time_ms[i], matrix } : null;
  }

  close() {
    this.isOpen = false;
    this.svg.setAttribute("hidden", "");
    this.part("repair-bar").hidden = true;
    this.part("room").dataset.repair = "closed";
  }

  #letGo() {
    this.moved.clear();
    this.#draw();
  }

  #say(words) {
    this.part("repair-said").textContent = words;
  }

  async #ask() {
    try {
      const answer = await fetch(this.values.urls.repairs, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /** Pixels of a stretch of a line that lie inside the picture: two ends as pitch places and as pixels, or null. */
  #visible([from, to]) {
    const [width, height] = this.size;
    const inside = [];
    for (let i = 0; i <= 60; i += 1) {
      const place = [from[0] + ((to[0] - from[0]) * i) / 60, from[1] + ((to[1] - from[1]) * i) / 60];
      const pixel = project(this.view, place);
      if (pixel && pixel[0] >= 0 && pixel[0] <= width && pixel[1] >= 0 && pixel[1] <= height) inside.push([place, pixel]);
    }
    return inside.length > 3 ? [inside[0], inside[inside.length - 1]] : null;
  }

  #draw() {
    if (!this.isOpen) return;
    const [width] = this.size;
    const video = this.part("video");
    this.svg.style.top = `${video.offsetTop}px`;
    this.svg.style.height = `${video.offsetHeight}px`;
    const held = [...this.moved.values()];
    this.view = held.length
      ? fitted(this.base, held.filter((mark) => mark.kind === "point"), held.filter((mark) => mark.kind === "line"), this.size)
      : this.base;
    const focused = this.svg.contains(document.activeElement) ? document.activeElement.dataset.mark : null;
    const unit = width / Math.max(320, this.svg.clientWidth || width);
    const drawn = [this.#pitch(unit)];
    for (const line of this.marks.lines) drawn.push(this.#line(line, unit));
    for (const point of this.marks.points) drawn.push(this.#point(point, unit));
    this.svg.replaceChildren(...drawn.filter(Boolean));
    if (focused) this.svg.querySelector(`[data-mark="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const n = this.moved.size;
    this.part("repair-send").disabled = this.part("repair-reset").disabled = n === 0;
    this.part("repair-count").textContent = n ? `${n} ${n === 1 ? "mark" : "marks"} moved` : "";
    this.svg.dataset.moved = String(n);
  }

  #pitch(unit) {
    const paths = this.lines.map((line) => {
      let isOpen = false;
      return line
        .map((place) => {
          const pixel = project(this.view, place);
          if (!pixel || Math.abs(pixel[0]) > 8000 || Math.abs(pixel[1]) > 8000) {
            isOpen = false;
            return "";
          }
          const command = `${isOpen ? "L" : "M"}${pixel[0].toFixed(1)} ${pixel[1].toFixed(1)}`;
          isOpen = true;
          return command;
        })
        .join("");
    });
    return element("path", { class: "repair-pitch", d: paths.join(""), "stroke-width": 2 * unit });
  }

  #line(line, unit) {
    const held = this.moved.get(line.name);
    const seen = held ? null : this.#visible(line.ends);
    const pixels = held?.pixels ?? seen?.map(([, pixel]) => pixel);
    if (!pixels) return null;
    const d = `M${pixels[0].join(" ")}L${pixels[1].join(" ")}`;
    const group = this.#handle(line.name, `Line: ${line.words}`, held);
    group.append(
      element("path", { d, class: "repair-reach", "stroke-width": 22 * unit }),
      element("path", { d, class: "repair-line", "stroke-width": (held ? 4 : 2.5) * unit }),
    );
    if (held)
      pixels.forEach(([x, y], i) => group.append(element("circle", { cx: x, cy: y, r: 8 * unit, class: "repair-end", "data-end": i })));
    group.mark = { kind: "line", name: line.name, ends: held?.ends ?? seen.map(([place]) => place), pixels };
    return group;
  }

  #point(point, unit) {
    const held = this.moved.get(point.words);
    const [width, height] = this.size;
    const pixel = held?.pixel ?? project(this.view, point.place);
    if (!pixel || pixel[0] < 0 || pixel[1] < 0 || pixel[0] > width || pixel[1] > height) return null;
    const group = this.#handle(point.words, `Point: ${point.words}`, held);
    group.append(
      element("circle", { cx: pixel[0], cy: pixel[1], r: 13 * unit, class: "repair-reach" }),
      element("circle", { cx: pixel[0], cy: pixel[1], r: 6 * unit, class: "repair-point", "stroke-width": 2 * unit }),
    );
    group.mark = { kind: "point", name: point.words, place: point.place, pixel };
    return group;
  }

  #handle(name, words, held) {
    const made = element("g", { tabindex: 0, role: "button", "aria-label": words, "aria-pressed": String(Boolean(held)), "data-mark": name });
    made.append(element("title", {}));
    made.firstChild.textContent = words;
    return made;
  }

  #pixel(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  #grab(event) {
    const group = event.target.closest?.("[data-mark]");
    if (!group || event.button !== 0) return;
    event.preventDefault();
    const end = event.target.dataset.end;
    this.held = { mark: structuredClone(group.mark), end: end === undefined ? null : Number(end), from: this.#pixel(event) };
    this.svg.setPointerCapture(event.pointerId);
    group.focus({ preventScroll: true });
  }

  #drag(event) {
    if (!this.held) return;
    const here = this.#pixel(event);
    const { mark, end, from } = this.held;
    this.#move(mark, [here[0] - from[0], here[1] - from[1]], end);
  }

  /** Put a mark where it was plus so many pixels; one end of a line, or all of it. */
  #move(mark, [dx, dy], end = null) {
    const shifted = ([x, y]) => [x + dx, y + dy];
    this.moved.set(mark.name, mark.kind === "point"
      ? { ...mark, pixel: shifted(mark.pixel) }
      : { ...mark, pixels: mark.pixels.map((pixel, i) => (end === null || end === i ? shifted(pixel) : pixel)) });
    this.#draw();
  }

  #key(event) {
    const group = event.target.closest?.("[data-mark]");
    if (!group) return;
    const step = (event.shiftKey ? 10 : 1) * (this.size[0] / 1280);
    if (event.key in ARROWS) this.#move(structuredClone(group.mark), ARROWS[event.key].map((way) => way * step));
    else if (event.key === "Delete" || event.key === "Backspace") {
      this.moved.delete(group.dataset.mark);
      this.#draw();
    } else if (event.key === "Enter") this.send();
    else if (event.key === "Escape") {
      this.close();
      this.part("play").focus();
    } else return;
    event.preventDefault();
  }

  /** What was dragged, as the server takes it. */
  #dragged() {
    const held = [...this.moved.values()];
    return {
      points: held.filter((mark) => mark.kind === "point").map((mark) => ({ pitch_xy_m: mark.place, pixel: mark.pixel })),
      lines: held.filter((mark) => mark.kind === "line").map((mark) => ({ mark: mark.name, pixels: mark.pixels })),
    };
  }

  async #post(address, fields) {
    try {
      const answer = await fetch(address, {
        method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": token(), Accept: "application/json" },
      });
      const said = await answer.json();
      if (answer.ok) return said;
      this.#say(said.error ?? "This was refused.");
    } catch {
      this.#say("It did not reach the server. Check the connection and try again.");
    }
    return null;
  }

  async send() {
    if (!this.moved.size || this.isBusy) return;
    this.#busy(true);
    this.#say("");
    const fields = { video: this.videoId, time_ms: this.timeMs, marks: JSON.stringify(this.#dragged()) };
    const sent = await this.#post(this.values.urls.repairs, fields);
    const done = sent && (await this.#wait(sent.job));
    this.#busy(false);
    if (!done) return;
    const record = done.repairs[0];
    this.#mended(done, `Mended: ${record.n_samples} pictures and ${record.n_positions} positions follow.`);
  }

  #busy(isBusy) {
    this.isBusy = isBusy;
    this.part("repair-send").disabled = isBusy;
    this.part("repair-count").textContent = isBusy ? "The shot follows…" : "";
    this.part("room").dataset.repair = isBusy ? "busy" : "open";
  }

  async #wait(job) {
    for (;;) {
      await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
      const known = await this.#ask();
      const row = known?.jobs.find((each) => each.id === job);
      if (row?.state === "finished") return known;
      if (row?.state === "failed" || (known && !row)) {
        this.#say(row?.sentence || "This repair is gone; the match was analysed anew.");
        return null;
      }
    }
  }

  #mended(known, words) {
    this.windows.forget();
    this.#list(known);
    this.dispatchEvent(new CustomEvent("mended", { detail: known.camera }));
    this.#renew().then(() => {
      this.part("repair-count").textContent = words;
      this.part("room").dataset.repair = "mended";
    });
  }

  /** Start again from the view as it is now. */
  async #renew() {
    const sample = await this.#sample();
    if (sample) this.base = sample.matrix;
    this.#letGo();
  }

  #list(known) {
    const { part } = this;
    part("repair-past").hidden = !known.repairs.length;
    part("repair-list").replaceChildren(...known.repairs.map((row) => this.#row(row)));
  }

  #row(row) {
    const item = document.createElement("li");
    const start = this.values.videos.find((video) => video.id === row.video)?.start_ms ?? 0;
    const words = document.createElement("span");
    words.textContent = `${new Date(row.when).toLocaleString()} · ${row.who} ${row.words} ${clockText(row.from_ms - start)}–${clockText(row.to_ms - start)}`;
    item.append(words);
    if (row.can_undo) {
      const button = Object.assign(document.createElement("button"), {
        type: "button", className: "button button--small button--quiet", textContent: "Undo",
      });
      button.addEventListener("click", () => this.#undo(row));
      item.append(button);
    }
    return item;
  }

  async #undo(row) {
    this.#say("");
    const known = await this.#post(this.values.urls.repair_undo.replace("/0/", `/${row.id}/`), {});
    if (known) this.#mended(known, "Taken back: everything is as it was before.");
  }
}
