// The match from above, drawn for the picture on screen. Says when the camera shows no pitch instead of guessing.

import { drawHulls, drawNearest } from "./areas.js";
import { drawPitch, pitchScale } from "./pitch.js";
import { lastAtOrBefore } from "./windows.js";

const REFUSED = 2;
const REACH_MS = 700; // a sample speaks for this long
const TRAIL_MS = 5000;
const GLIDE_M = 7; // further than a sprint between two samples: a swapped track, not a run
const SOURCES = ["seen", "estimated", "not seen"];
const ROLES = ["player", "goalkeeper", "referee", "ball"];
const STATES = ["ok", "weak", "none"];

export class Radar {
  constructor(parts, values, windows, player) {
    Object.assign(this, { ...parts, windows, player });
    this.pitchM = values.match.pitch_m;
    this.teams = values.match.teams;
    this.wantsTrails = this.wantsView = true;
    this.areas = "none";
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.tableTime = null;
    this.#explain();
    new ResizeObserver(() => this.#resize()).observe(this.box);
    this.#resize();
  }

  #resize() {
    const width = this.box.clientWidth;
    if (!width) return;
    this.scale = pitchScale(this.pitchM, width);
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(this.scale.height * ratio);
    this.canvas.style.height = `${this.scale.height}px`;
    this.draw();
  }

  /** The legend, in the teams' own colours. */
  #explain() {
    const dot = (shape) => `<svg viewBox="-9 -9 18 18">${shape}</svg>`;
    const round = (colour) => dot(`<circle r="6.5" fill="${colour}" stroke="#7c8a7f" stroke-width="1.5"/>`);
    const entries = [
      [round(this.teams.home.colour), this.teams.home.name],
      [round(this.teams.away.colour), this.teams.away.name],
      [dot('<rect x="-6" y="-6" width="12" height="12" rx="2" fill="#8a968e"/>'), "keeper"],
      [dot('<path d="M0-8 8 0 0 8-8 0z" fill="#f4c542" stroke="#7c8a7f"/>'), "referee"],
      [dot('<circle r="6" fill="none" stroke="currentColor" stroke-width="2.4" stroke-dasharray="3.4 2"/>'), "estimated"],
    ];
    for (const [icon, words] of entries) {
      const entry = document.createElement("span");
      entry.innerHTML = icon;
      entry.append(words);
      this.legend.append(entry);
    }
  }

  /** Draw the player's current time. */
  draw() {
    if (!this.scale || !this.player.current) return;
    const now = this.#now();
    const context = this.canvas.getContext("2d");
    const ratio = this.canvas.width / this.box.clientWidth;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawPitch(context, this.scale, this.pitchM, this.wantsView ? now.view : null);
    this.box.dataset.areas = this.areas;
    const colourOf = (person) => this.#colour(person);
    if (this.areas === "hull") drawHulls(context, this.scale, now.people, colourOf);
    if (this.areas === "nearest") drawNearest(context, this.scale, now.people, this.pitchM, now.view, colourOf);
    if (this.wantsTrails && now.state !== "none") this.#trails(context, now);
    now.people.filter((p) => p.role !== 3).forEach((person) => this.#person(context, person));
    now.people.filter((p) => p.role === 3).forEach((ball) => this.#ball(context, ball));
    this.#say(now);
  }

  /** Everybody at the current time; between two samples a track glides along a straight line. */
  #now() {
    const { current, positionMs: ms } = this.player;
    const minute = this.windows.minute(current.id, ms);
    const empty = { state: "none", view: null, people: [], time: null, isLoading: minute === null };
    if (minute === null) return empty;
    const { samples, positions, ranges } = minute;
    const i = lastAtOrBefore(samples.time_ms, ms + 20);
    if (i < 0 || ms - samples.time_ms[i] > REACH_MS) return empty;
    const time = samples.time_ms[i];
    const state = samples.status[i] === REFUSED ? "none" : STATES[samples.status[i]];
    const people = rowsOf(positions, ranges.get(time));
    const next = samples.time_ms[i + 1];
    if (next && !this.still.matches && next - time <= REACH_MS && samples.status[i + 1] !== REFUSED)
      glide(people, rowsOf(positions, ranges.get(next)), (ms - time) / (next - time));
    return { state, view: samples.view[i], people, time, isLoading: false };
  }

  #trails(context, now) {
    const paths = new Map(now.people.filter((p) => p.track > 0).map((p) => [p.track, { person: p, points: [] }]));
    const { current, positionMs: ms } = this.player;
    for (const minute of new Set([this.windows.known(current.id, ms - TRAIL_MS), this.windows.known(current.id, ms)])) {
      if (!minute) continue;
      const { samples, positions, ranges } = minute;
      const first = lastAtOrBefore(samples.time_ms, ms - TRAIL_MS) + 1;
      for (let i = first; i < samples.time_ms.length && samples.time_ms[i] <= ms; i++)
        for (const row of rowsOf(positions, ranges.get(samples.time_ms[i])))
          paths.get(row.track)?.points.push([samples.time_ms[i], row.x, row.y]);
    }
    context.lineCap = "round";
    for (const { person, points } of paths.values()) {
      points.push([ms, person.x, person.y]);
      context.strokeStyle = this.#colour(person);
      context.lineWidth = 2;
      for (let i = 1; i < points.length; i++) {
        const [from, to] = [points[i - 1], points[i]];
        if (to[0] - from[0] > 1600 || Math.hypot(to[1] - from[1], to[2] - from[2]) > GLIDE_M * 2) continue;
        context.globalAlpha = 0.6 * Math.max(0, 1 - (ms - to[0]) / TRAIL_MS);
        context.beginPath();
        context.moveTo(this.scale.x(from[1]), this.scale.y(from[2]));
        context.lineTo(this.scale.x(to[1]), this.scale.y(to[2]));
        context.stroke();
      }
    }
    context.globalAlpha = 1;
  }

  #colour(person) {
    if (person.role === 2) return "#f4c542";
    return [this.teams.home.colour, this.teams.away.colour][person.team] ?? "#b7c0c7";
  }

  /** Filled when seen, hollow when filled in between; keepers are square, referees are diamonds. */
  #person(context, person) {
    const x = this.scale.x(person.x);
    const y = this.scale.y(person.y);
    const r = this.scale.dot;
    context.beginPath();
    if (person.role === 1) context.roundRect(x - r, y - r, 2 * r, 2 * r, r * 0.3);
    else if (person.role === 2) {
      const d = r * 1.15;
      context.moveTo(x, y - d);
      context.lineTo(x + d, y);
      context.lineTo(x, y + d);
      context.lineTo(x - d, y);
      context.closePath();
    } else context.arc(x, y, r, 0, 2 * Math.PI);
    const colour = this.#colour(person);
    if (person.source === 0) {
      context.fillStyle = colour;
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = isPale(colour) ? "#10241b" : "#ffffff";
      context.stroke();
    } else {
      context.fillStyle = "rgba(16,36,27,.35)";
      context.fill();
      context.setLineDash([3, 2]);
      context.lineWidth = 2;
      context.strokeStyle = colour;
      context.stroke();
      context.setLineDash([]);
    }
  }

  #ball(context, ball) {
    context.beginPath();
    context.arc(this.scale.x(ball.x), this.scale.y(ball.y), this.scale.dot * 0.55, 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = "#10241b";
    context.stroke();
  }

  #say(now) {
    const shown = now.people.filter((p) => p.role !== 3);
    this.box.dataset.players = shown.length;
    this.box.dataset.state = now.isLoading ? "loading" : now.state;
    this.box.dataset.time = now.time ?? "";
    this.note.hidden = now.state !== "none" || now.isLoading;
    this.note.textContent = shown.length ? "No pitch view: last positions carried on" : "No pitch view right now";
    this.stateWords.dataset.state = now.isLoading ? "loading" : now.state;
    this.stateWords.textContent = { ok: "camera known", weak: "uncertain", none: "no pitch view" }[
      now.isLoading ? "loading" : now.state
    ] ?? "";
    const side = (team) => shown.filter((p) => p.team === team).length;
    this.canvas.setAttribute(
      "aria-label",
      shown.length
        ? `${shown.length} people on the pitch: ${side(0)} ${this.teams.home.name}, ${side(1)} ${this.teams.away.name}. The table lists them.`
        : "Nobody located at this moment",
    );
    if (!this.table.hidden && this.tableTime !== now.time) this.#fillTable(now);
  }

  toggleTable() {
    this.table.hidden = !this.table.hidden;
    this.tableTime = null;
    this.draw();
    return !this.table.hidden;
  }

  #fillTable(now) {
    this.tableTime = now.time;
    const teamWords = [this.teams.home.name, this.teams.away.name];
    const body = this.table.querySelector("tbody");
    body.replaceChildren(
      ...now.people.map((person) => {
        const row = document.createElement("tr");
        const cells = [
          person.role === 3 ? "" : person.track > 0 ? person.track : "",
          teamWords[person.team] ?? "",
          ROLES[person.role] ?? "player",
          `${person.x.toFixed(1)} m`,
          `${person.y.toFixed(1)} m`,
          SOURCES[person.source],
        ];
        row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
        return row;
      }),
    );
  }
}

function rowsOf(positions, range) {
  const rows = [];
  for (let i = range?.[0] ?? 0; i < (range?.[1] ?? 0); i++)
    if (positions.x_m[i] !== null && positions.source[i] !== 2)
      rows.push({
        track: positions.track_id[i],
        team: positions.team[i],
        role: positions.role[i],
        source: positions.source[i],
        x: positions.x_m[i],
        y: positions.y_m[i],
      });
  return rows;
}

function glide(people, following, share) {
  const key = (row) => (row.role === 3 ? "ball" : row.track);
  const next = new Map(following.filter((r) => r.track > 0 || r.role === 3).map((row) => [key(row), row]));
  for (const person of people) {
    const to = next.get(key(person));
    if (!to) continue;
    const limit = person.role === 3 ? 20 : GLIDE_M;
    if (Math.hypot(to.x - person.x, to.y - person.y) > limit) continue;
    person.x += (to.x - person.x) * share;
    person.y += (to.y - person.y) * share;
  }
}

function isPale(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 150;
}
