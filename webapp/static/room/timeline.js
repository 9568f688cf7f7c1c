// The timeline: one lane for each class, marks that differ by shape, the camera's state underneath, a playhead.

import { clockText, clockWords, rulerStep, PERIOD_WORDS } from "./clock.js";
import { showTile } from "./companions.js";
import { STATUS_WORDS } from "./events.js";
import { escapeHtml, markPath, markSvg } from "./marks.js";

const RULER_PX = 24;
const LANE_PX = 24;
const STRIP_PX = 12;
const SHOTS_PX = 16;
const BELOW_PX = SHOTS_PX + STRIP_PX + 4;
const STRIP_CLASSES = ["ok", "weak", "refused"];
const MAX_ZOOM = 64;

export class Timeline extends EventTarget {
  constructor(parts, values, events, player) {
    super();
    Object.assign(this, { ...parts, values, events, player });
    this.zoom = 1;
    this.fromMs = 0;
    this.selected = null;
    this.hidden = () => false;
    this.#layLanes();
    this.tip = document.createElement("div");
    this.tip.className = "timeline-tip";
    this.tip.hidden = true;
    this.tipPicture = Object.assign(document.createElement("div"), { className: "tip-picture", hidden: true });
    this.tipWords = document.createElement("span");
    this.tip.append(this.tipPicture, this.tipWords);
    this.lanes.append(this.tip);
    this.#listen();
    new ResizeObserver(() => this.draw()).observe(this.lanes);
  }

  /** One lane for each kind that occurs, in the order of the list of kinds. */
  #layLanes() {
    const used = new Set(this.events.filter((event) => event.status !== "rejected").map((event) => event.label));
    this.labels = Object.keys(this.values.looks).filter((label) => used.has(label));
    this.laneOf = new Map(this.labels.map((label, i) => [label, i]));
    this.heightPx = RULER_PX + Math.max(1, this.labels.length) * LANE_PX + BELOW_PX;
    this.names.innerHTML = this.labels.length
      ? this.labels.map((label) => this.#laneName(label)).join("")
      : "<li>No events</li>";
    this.names.innerHTML += '<li class="lane-low"><span>Camera shots</span></li><li class="lane-low"><span>Pitch in view</span></li>';
    this.svg.style.height = `${this.heightPx}px`;
  }

  /** Events changed: lanes may have come or gone. */
  refresh() {
    this.#layLanes();
    this.draw();
  }

  #laneName(label) {
    const look = this.values.looks[label];
    return `<li title="${escapeHtml(look.words)}">${markSvg(look)}<span>${escapeHtml(look.words)}</span></li>`;
  }

  get startMs() {
    return this.player.current?.start_ms ?? 0;
  }

  get spanMs() {
    return Math.max(1000, this.player.durationMs) / this.zoom;
  }

  #x(ms) {
    return ((ms - this.fromMs) / this.spanMs) * this.width;
  }

  #ms(x) {
    return this.fromMs + (x / this.width) * this.spanMs;
  }

  /** Draw everything for the present video, zoom and filter, once before the next picture on screen. */
  draw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.#drawNow();
    });
  }

  #drawNow() {
    this.width = this.lanes.clientWidth;
    if (!this.width || !this.player.current) return;
    this.#keepInside();
    const parts = [this.#lines(), this.#shots(), this.#strip(), this.#ruler(), this.#periods(), this.#marks()];
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.heightPx}`);
    this.svg.innerHTML = `${parts.join("")}<g class="playhead"><path d="M0 ${RULER_PX - 2}V${this.heightPx}"/><path class="playhead-grip" d="M-5.5 ${RULER_PX - 10}H5.5V${RULER_PX - 5}L0 ${RULER_PX + 1}-5.5 ${RULER_PX - 5}z"/></g>`;
    this.playhead = this.svg.querySelector(".playhead");
    this.zoomWords.textContent = this.zoom === 1 ? "all" : `${this.zoom}×`;
    this.#movePlayhead();
  }

  #keepInside() {
    const end = this.startMs + Math.max(1000, this.player.durationMs);
    this.fromMs = Math.max(this.startMs, Math.min(this.fromMs, end - this.spanMs));
  }

  #lines() {
    return this.labels
      .map((_, i) => `<rect class="lane" x="0" y="${RULER_PX + i * LANE_PX}" width="${this.width}" height="${LANE_PX - 2}" rx="3"/>`)
      .join("");
  }

  #strip() {
    const y = this.heightPx - STRIP_PX;
    const stretches = this.values.camera[this.player.current.id] ?? [];
    return stretches
      .filter(([start, end]) => end >= this.fromMs && start <= this.fromMs + this.spanMs)
      .map(([start, end, state]) => {
        const x = Math.max(0, this.#x(start));
        const width = Math.max(1, Math.min(this.width, this.#x(end)) - x);
        return `<rect class="strip-${STRIP_CLASSES[state]}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${STRIP_PX}"/>`;
      })
      .join("");
  }

  /** The broadcast's shots: main camera, others, replays (which differ by pattern, not by colour alone). */
  #shots() {
    const y = this.heightPx - STRIP_PX - SHOTS_PX - 1;
    const rows = this.values.shots[this.player.current.id] ?? [];
    return rows
      .filter(([start, end]) => end >= this.fromMs && start <= this.fromMs + this.spanMs)
      .map(([start, end, camera, isReplay]) => {
        const x = Math.max(0, this.#x(start));
        const width = Math.max(1, Math.min(this.width, this.#x(end)) - x - 1);
        const kind = isReplay ? "replay" : camera.startsWith("Main") ? "main" : "other";
        const box = `x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${SHOTS_PX - 4}" rx="2"`;
        const stripes = isReplay
          ? `<path class="replay-stripes" d="${Array.from({ length: Math.min(200, Math.floor(width / 6)) }, (_, i) => `M${(x + 6 * i).toFixed(1)} ${y + SHOTS_PX - 4}l4 ${4 - SHOTS_PX}`).join("")}"/>`
          : "";
        return `<rect class="shot-${kind}" ${box}/>${stripes}`;
      })
      .join("");
  }

  #shotAt(ms) {
    const rows = this.values.shots[this.player.current.id] ?? [];
    return rows.find(([start, end]) => start <= ms && ms < end);
  }

  #ruler() {
    const step = rulerStep(this.spanMs / this.width);
    const ticks = [];
    const first = Math.ceil((this.fromMs - this.startMs) / step) * step;
    for (let ms = first; ms <= this.fromMs - this.startMs + this.spanMs; ms += step) {
      const x = this.#x(ms + this.startMs);
      const anchor = x < 20 ? "start" : x > this.width - 24 ? "end" : "middle";
      ticks.push(`<path class="tick" d="M${x.toFixed(1)} ${RULER_PX - 4}V${this.heightPx - STRIP_PX}"/><text class="tick-text" x="${x.toFixed(1)}" y="11" text-anchor="${anchor}">${clockText(ms)}</text>`);
    }
    return ticks.join("");
  }

  #periods() {
    return this.values.periods
      .filter((period) => period.video === this.player.current.id)
      .map((period) => `<text class="period-text" x="${(this.#x(period.kickoff_ms) + 4).toFixed(1)}" y="${this.heightPx - BELOW_PX - 4}">${period.number}H</text>${period.end_ms ? `<path class="kickoff" d="M${this.#x(period.end_ms).toFixed(1)} ${RULER_PX}V${this.heightPx}"><title>End, ${PERIOD_WORDS[period.number] ?? ""}</title></path>` : ""}`  + `<path class="kickoff" d="M${this.#x(period.kickoff_ms).toFixed(1)} ${RULER_PX}V${this.heightPx}"><title>Kick-off, ${PERIOD_WORDS[period.number] ?? ""}</title></path>`)
      .join("");
  }

  #marks() {
    const marks = [];
    for (const event of this.events) {
      if (event.video !== this.player.current.id || this.hidden(event) || !this.laneOf.has(event.label)) continue;
      if (event.ms < this.fromMs || event.ms > this.fromMs + this.spanMs) continue;
      const look = this.values.looks[event.label];
      const y = RULER_PX + this.laneOf.get(event.label) * LANE_PX + LANE_PX / 2 - 1;
      const isSure = event.status !== "auto" || event.confidence >= 0.5;
      const paint = isSure ? `fill="${look.colour}"` : `class="unsure" stroke="${look.colour}"`;
      const ring = event === this.selected ? `<circle class="chosen" r="10.5"/>` : "";
      const tick = event.status === "auto" ? "" : `<path class="spoken" d="M-5 10.5H5"/>`;
      marks.push(`<g data-status="${event.status}" transform="translate(${this.#x(event.ms).toFixed(1)} ${y})">${ring}<path d="${markPath(look.shape)}" ${paint} fill-rule="evenodd"/>${tick}</g>`);
    }
    return marks.join("");
  }

  /** Follow the picture: move the playhead, and turn the page when it runs out of a zoomed view. */
  follow() {
    const ms = this.player.positionMs;
    if (this.zoom > 1 && !this.dragging && (ms < this.fromMs || ms > this.fromMs + this.spanMs)) {
      this.fromMs = ms - this.spanMs * 0.1;
      this.draw();
    } else this.#movePlayhead();
  }

  #movePlayhead() {
    const ms = this.player.positionMs;
    this.playhead?.setAttribute("transform", `translate(${this.#x(ms).toFixed(1)} 0)`);
    const second = Math.round((ms - this.startMs) / 1000);
    if (this.saidSecond === second && this.saidVideo === this.player.current) return;
    this.saidSecond = second;
    this.saidVideo = this.player.current;
    this.lanes.setAttribute("aria-valuemax", Math.round(this.player.durationMs / 1000));
    this.lanes.setAttribute("aria-valuenow", second);
    const half = PERIOD_WORDS[this.player.current?.half];
    this.lanes.setAttribute("aria-valuetext", clockWords(ms - this.startMs) + (half ? `, ${half}` : ""));
  }

  /** Zoom in or out round a time, the playhead unless told. */
  zoomBy(factor, aroundMs = this.player.positionMs) {
    const share = (aroundMs - this.fromMs) / this.spanMs;
    const kept = share >= 0 && share <= 1 ? share : 0.5;
    this.zoom = Math.max(1, Math.min(MAX_ZOOM, this.zoom * factor));
    this.fromMs = aroundMs - kept * this.spanMs;
    this.draw();
  }

  select(event) {
    this.selected = event;
    if (event && (event.ms < this.fromMs || event.ms > this.fromMs + this.spanMs)) this.fromMs = event.ms - this.spanMs / 2;
    this.draw();
  }

  #eventAt(x, y) {
    const lane = Math.floor((y - RULER_PX) / LANE_PX);
    const near = this.events.filter(
      (event) =>
        this.laneOf.get(event.label) === lane && event.video === this.player.current.id && !this.hidden(event) && Math.abs(this.#x(event.ms) - x) <= 12,
    );
    return near.sort((a, b) => Math.abs(this.#x(a.ms) - x) - Math.abs(this.#x(b.ms) - x))[0] ?? null;
  }

  #listen() {
    const place = (event) => {
      const box = this.svg.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    this.lanes.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const [x, y] = place(event);
      const hit = this.#eventAt(x, y);
      if (hit) return void this.dispatchEvent(new CustomEvent("event", { detail: hit }));
      this.dragging = true;
      this.lanes.setPointerCapture(event.pointerId);
      this.player.seek(this.#ms(x));
    });
    this.lanes.addEventListener("pointermove", (event) => {
      const [x, y] = place(event);
      if (this.dragging) this.player.seek(this.#ms(Math.max(0, Math.min(this.width, x))));
      this.#showTip(x, y);
    });
    for (const name of ["pointerup", "pointercancel"]) this.lanes.addEventListener(name, () => (this.dragging = false));
    this.lanes.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.lanes.addEventListener("wheel", (event) => this.#wheel(event, place(event)[0]), { passive: false });
    this.lanes.addEventListener("keydown", (event) => this.#key(event));
  }

  #showTip(x, y) {
    const hit = this.#eventAt(x, y);
    this.dispatchEvent(new CustomEvent("hover", { detail: { video: this.player.current.id, ms: hit ? hit.ms : this.#ms(x) } }));
    this.lanes.classList.toggle("over-event", Boolean(hit));
    const look = hit && this.values.looks[hit.label];
    const shot = !hit && y > this.heightPx - BELOW_PX ? this.#shotAt(this.#ms(x)) : null;
    this.tipWords.textContent = hit
      ? `${look.words} · ${clockText(hit.ms - this.startMs)} · ${hit.status === "auto" ? `${Math.round(hit.confidence * 100)} %` : STATUS_WORDS[hit.status]}`
      : clockText(this.#ms(x) - this.startMs) + (shot ? ` · ${shot[2]}${shot[3] ? ", replay" : ""}` : "");
    this.tipPicture.hidden = !showTile(this.tipPicture, this.player.current, hit ? hit.ms : this.#ms(x));
    this.tip.hidden = false;
    const half = this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.max(half, Math.min(this.width - half, x))}px`;
    const top = hit ? RULER_PX + this.laneOf.get(hit.label) * LANE_PX : 14;
    this.tip.style.top = `${top - 4 - this.tip.offsetHeight}px`;
  }

  #wheel(event, x) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoomBy(event.deltaY < 0 ? 2 : 0.5, this.#ms(x));
    } else if (this.zoom > 1 && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
      event.preventDefault();
      this.fromMs += ((event.deltaX || event.deltaY) / this.width) * this.spanMs;
      this.draw();
    }
  }

  #key(event) {
    const moves = { ArrowLeft: -1000, ArrowRight: 1000, PageDown: -10_000, PageUp: 10_000 };
    if (event.key in moves) this.player.jump(moves[event.key] * (event.shiftKey ? 5 : 1));
    else if (event.key === "Home") this.player.seek(this.startMs);
    else if (event.key === "End") this.player.seek(this.startMs + this.player.durationMs);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
