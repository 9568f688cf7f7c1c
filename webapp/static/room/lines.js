// The pitch's lines drawn over the video where the analysis believes them to be: the plainest proof of a calibration.

import { lastAtOrBefore } from "./windows.js";

const REACH_MS = 700;
const COLOURS = ["#39ff88", "#ffc53d", "#ff6b6b"]; // ok, weak, refused
const DASHES = [[], [8, 5], [2, 5]];

/** The markings of a pitch as polylines in metres (Law 1 of the game). */
export function markings([length, width]) {
  const [x, y] = [length / 2, width / 2];
  const line = (x0, y0, x1, y1) => Array.from({ length: 25 }, (_, i) => [x0 + ((x1 - x0) * i) / 24, y0 + ((y1 - y0) * i) / 24]);
  const arc = (cx, cy, from, to, radius = 9.15) =>
    Array.from({ length: 49 }, (_, i) => {
      const angle = from + ((to - from) * i) / 48;
      return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
    });
  const found = [line(-x, -y, x, -y), line(-x, y, x, y), line(-x, -y, -x, y), line(x, -y, x, y), line(0, -y, 0, y), arc(0, 0, 0, 2 * Math.PI)];
  const reach = Math.acos(5.5 / 9.15);
  for (const side of [-1, 1])
    for (const [depth, half] of [[16.5, 20.16], [5.5, 9.16]]) {
      const inner = side * (x - depth);
      found.push(line(side * x, -half, inner, -half), line(inner, -half, inner, half), line(inner, half, side * x, half));
      if (depth === 16.5) {
        const middle = side < 0 ? 0 : Math.PI;
        found.push(arc(side * (x - 11), 0, middle - reach, middle + reach));
      }
    }
  return found;
}

/** Pixel of a ground point under a matrix, null behind the camera. */
export function project(m, [x, y]) {
  const w = m[6] * x + m[7] * y + m[8];
  if (w < 1e-6) return null;
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
}

export class PitchLines {
  constructor({ canvas, video, toggle, note }, values, windows, player) {
    Object.assign(this, { canvas, video, toggle, note, windows, player });
    this.lines = markings(values.match.pitch_m);
    toggle.addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(video);
  }

  flip() {
    this.toggle.checked = !this.toggle.checked;
    this.draw();
  }

  /** Place of the picture inside the element, which keeps its shape. */
  #frame() {
    const { clientWidth: width, clientHeight: height } = this.video;
    const [w, h] = this.player.current.size_px;
    const scale = Math.min(width / (w || 16), height / (h || 9));
    return { width, height, scale, left: (width - w * scale) / 2, top: (height - h * scale) / 2 };
  }

  /** The matrices of the samples round a time, and how far it is from the first to the second; null: nothing is known. */
  #now() {
    const { current, positionMs: ms } = this.player;
    const minute = current && this.windows.minute(current.id, ms);
    if (!minute) return null;
    const { samples } = minute;
    const i = lastAtOrBefore(samples.time_ms, ms + 20);
    if (i < 0 || ms - samples.time_ms[i] > REACH_MS || !samples.matrix[i]) return null;
    const next = samples.time_ms[i + 1] - samples.time_ms[i] <= REACH_MS ? samples.matrix[i + 1] : null;
    const share = next ? Math.max(0, (ms - samples.time_ms[i]) / (samples.time_ms[i + 1] - samples.time_ms[i])) : 0;
    return { from: samples.matrix[i], to: next ?? samples.matrix[i], share, status: samples.status[i] };
  }

  draw() {
    const isOn = this.toggle.checked && this.player.current;
    this.canvas.hidden = !isOn;
    if (!isOn) return;
    const { width, height, scale, left, top } = this.#frame();
    const ratio = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const now = this.#now();
    this.canvas.dataset.state = now ? ["ok", "weak", "refused"][now.status] : "none";
    if (!now) return;
    context.strokeStyle = COLOURS[now.status];
    context.setLineDash(DASHES[now.status]);
    context.lineWidth = 2;
    context.beginPath();
    for (const line of this.lines) {
      let isOpen = false;
      for (const point of line) {
        const [a, b] = [project(now.from, point), project(now.to, point)];
        if (!a || !b) {
          isOpen = false;
          continue;
        }
        const x = left + scale * (a[0] + (b[0] - a[0]) * now.share);
        const y = top + scale * (a[1] + (b[1] - a[1]) * now.share);
        if (Math.abs(x) > 8000 || Math.abs(y) > 8000) isOpen = false;
        else {
          context[isOpen ? "lineTo" : "moveTo"](x, y);
          isOpen = true;
        }
      }
    }
    context.stroke();
  }
}
