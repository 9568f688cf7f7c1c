// The chosen event: what can be said about it, what speaks for it, and how far the review is.

import { clockText } from "./clock.js";
import { STATUS_WORDS } from "./events.js";
import { escapeHtml, markSvg } from "./marks.js";

const WIDTH = 300;
const HEIGHT = 64;

export class EventCard extends EventTarget {
  constructor(part, values, review, player, { mayCorrect }) {
    super();
    Object.assign(this, { part, values, review, player, mayCorrect, event: null });
    part("card-kind").append(...Object.entries(values.kinds).map(([label, look]) => new Option(look.words, label)));
    part("add-kind").append(...Object.entries(values.kinds).map(([label, look]) => new Option(look.words, label)));
    this.#bind();
    review.addEventListener("standing", () => this.#meter());
    review.addEventListener("changed", (found) => found.detail.event === this.event && this.show(this.event));
    review.addEventListener("problem", (problem) => this.say(problem.detail));
    this.show(null);
  }

  #bind() {
    const { part } = this;
    const click = (id, act) => part(id).addEventListener("click", act);
    click("card-accept", () => this.accept());
    click("card-reject", () => this.reject());
    click("card-back", () => this.nudge(-1));
    click("card-on", () => this.nudge(1));
    click("card-here", () => this.#send({ kind: "move", position_ms: Math.round(this.player.frameMs()) }));
    click("card-undo", () => this.undo());
    click("card-redo", () => this.redo());
    click("card-next", () => this.dispatchEvent(new CustomEvent("next")));
    click("add-open", () => this.openAdd());
    part("card-kind").addEventListener("change", (change) => this.relabel(change.target.value));
    part("card-team").addEventListener("change", (change) => this.#send({ kind: "team", team: change.target.value }));
    part("card-player").addEventListener("submit", (submit) => {
      submit.preventDefault();
      submit.stopPropagation();
      this.#send({ kind: "player", number: part("card-number").value, name: part("card-name").value });
    });
    part("add-form").addEventListener("submit", (submit) => {
      submit.stopPropagation();
      if (submit.submitter?.value === "add") this.#add();
    });
  }

  /** Kinds of the team's own, as choices beside those that everybody has. */
  offer(looks) {
    for (const label of Object.keys(looks))
      if (![...this.part("card-kind").options].some((option) => option.value === label))
        this.part("card-kind").append(new Option(looks[label].words, label));
    if (this.event) this.part("card-kind").value = this.event.label;
  }

  openAdd() {
    if (!this.mayCorrect) return;
    this.addMs = Math.round(this.player.frameMs());
    this.part("add-when").textContent = clockText(this.addMs - this.player.current.start_ms);
    this.part("add-dialog").showModal();
  }

  async #add() {
    const fields = { kind: "add", label: this.part("add-kind").value, team: this.part("add-team").value };
    const event = await this.review.send({ ...fields, video: this.player.current.id, position_ms: this.addMs });
    if (event) this.dispatchEvent(new CustomEvent("added", { detail: event }));
  }

  async #send(fields, event = this.event) {
    if (!event || !this.mayCorrect) return null;
    this.say("");
    const changed = await this.review.send({ event: event.id, ...fields });
    if (changed && fields.kind === "move") this.player.load(changed.video, changed.ms);
    return changed;
  }

  accept() {
    return this.#send({ kind: "accept" });
  }

  reject() {
    return this.#send({ kind: "reject" });
  }

  relabel(label) {
    return label && label !== this.event?.label ? this.#send({ kind: "relabel", label }) : null;
  }

  /** By whole pictures of the video, as the player counts them. */
  nudge(frames) {
    if (!this.event) return null;
    return this.#send({ kind: "move", position_ms: Math.round(this.player.frameMs(frames, this.event.ms)) });
  }

  async undo() {
    return this.mayCorrect && this.#jump(await this.review.send({ kind: "undo" }));
  }

  async redo() {
    return this.mayCorrect && this.#jump(await this.review.send({ kind: "redo" }));
  }

  #jump(event) {
    if (event) this.dispatchEvent(new CustomEvent("jump", { detail: event }));
  }

  say(words) {
    this.part("card-said").textContent = words;
  }

  /** Names of the team's line-up, offered for number and name. */
  #offer(team) {
    const lineup = this.values.match.lineups?.[team] ?? [];
    this.part("lineup").replaceChildren(...lineup.map(([number, name]) => new Option(`${number}`, name)));
    this.part("card-number").onchange = (change) => {
      const known = lineup.find(([number]) => String(number) === change.target.value);
      if (known && !this.part("card-name").value) this.part("card-name").value = known[1];
    };
  }

  show(event) {
    const { part } = this;
    this.event = event;
    part("card-body").hidden = !event;
    part("card-hint").hidden = Boolean(event);
    if (!event) return;
    const look = this.values.looks[event.label];
    const start = this.values.videos.find((row) => row.id === event.video)?.start_ms ?? 0;
    part("card-title").innerHTML = `${markSvg(look)}<b>${escapeHtml(look.words)}</b><time>${clockText(event.ms - start)}</time>`;
    part("card-state").textContent = STATUS_WORDS[event.status] || "not reviewed";
    part("card-state").dataset.status = event.status;
    part("card-drawn").hidden = !this.review.random.has(event.id);
    part("card-accept").setAttribute("aria-pressed", String(["confirmed", "corrected", "added"].includes(event.status)));
    part("card-reject").setAttribute("aria-pressed", String(event.status === "rejected"));
    part("card-kind").value = event.label;
    part("card-team").value = event.team;
    this.#offer(event.team);
    part("card-number").value = event.player_number ?? "";
    part("card-name").value = event.player_name;
    this.#evidence(event);
  }

  async #evidence(event) {
    const key = `${event.id}:${event.status}:${event.ms}:${event.label}`;
    this.asked = key;
    const found = await this.review.evidence(event);
    if (!found || this.asked !== key) return;
    const { part } = this;
    part("card-curve").innerHTML = this.#curve(found);
    const kind = found.confidence_kind === "calibrated" ? "" : " (a score, not a probability)";
    const sure = found.event.source === "coach" ? "added by hand" : `${Math.round(event.confidence * 100)} % sure${kind}, ${found.model_version || "model"}`;
    const camera = found.camera ? `${found.camera.words}, ${Math.round(found.camera.confidence * 100)} %` : "no view of the pitch was tried here";
    part("card-facts").textContent = `${sure} · ${camera}${found.shot ? ` · ${found.shot.camera}${found.shot.is_replay ? ", replay" : ""}` : ""}`;
    part("card-angles").replaceChildren(...found.angles.map((angle, i) => this.#angle(angle, i)));
    part("card-angles").hidden = !found.angles.length;
    part("card-history").replaceChildren(...found.history.map(historyRow));
    part("card-past").hidden = !found.history.length;
    part("card-body").dataset.evidence = String(event.id);
  }

  #angle(angle, i) {
    const button = Object.assign(document.createElement("button"), {
      type: "button", className: "button button--small", textContent: `Other angle ${i + 1}`,
    });
    button.addEventListener("click", () => this.player.load(angle.video, angle.start_ms));
    return button;
  }

  /** What the model proposed within half a minute: height is confidence, this event's kind in its own colour. */
  #curve({ candidates, event, around_ms: around }) {
    const x = (ms) => ((ms - event.ms + around) / (2 * around)) * WIDTH;
    const y = (confidence) => HEIGHT - 12 - confidence * (HEIGHT - 22);
    const stems = candidates.map((row) => {
      const look = this.values.looks[row.label];
      const words = `${look?.words ?? row.label}, ${Math.round(row.confidence * 100)} %`;
      const isSame = row.label === event.label;
      return `<g${isSame ? ` stroke="${look.colour}" fill="${look.colour}"` : ' class="stem-other"'}><title>${escapeHtml(words)}</title><path d="M${x(row.ms).toFixed(1)} ${HEIGHT - 12}V${y(row.confidence).toFixed(1)}"/><circle cx="${x(row.ms).toFixed(1)}" cy="${y(row.confidence).toFixed(1)}" r="3"/></g>`;
    });
    return `<path class="curve-base" d="M0 ${HEIGHT - 12}H${WIDTH}M0 ${y(0.5)}H${WIDTH}"/><path class="curve-now" d="M${WIDTH / 2} 4V${HEIGHT - 12}"/>${stems.join("")}<text x="2" y="${HEIGHT - 1}">−30 s</text><text x="${WIDTH / 2}" y="${HEIGHT - 1}" text-anchor="middle">event</text><text x="${WIDTH - 2}" y="${HEIGHT - 1}" text-anchor="end">+30 s</text>`;
  }

  #meter() {
    const { meter, undoWords, redoWords } = this.review;
    const { part } = this;
    part("card-undo").disabled = !undoWords || !this.mayCorrect;
    part("card-redo").disabled = !redoWords || !this.mayCorrect;
    part("card-undo").title = undoWords ? `Undo: ${undoWords} (Ctrl+Z)` : "Nothing to undo";
    part("card-redo").title = redoWords ? `Redo: ${redoWords} (Ctrl+Shift+Z)` : "Nothing to redo";
    if (!meter) return;
    part("meter").value = meter.share;
    const left = meter.left ? `about ${Math.max(1, Math.round(meter.minutes_left))} min to 95 %` : "95 % checked";
    part("meter-words").textContent = `${meter.reviewed} of ${meter.all} reviewed · ${left}`;
    const percent = (share) => Math.round(share * 100);
    part("meter-right").textContent = meter.random_reviewed
      ? `Of ${meter.random_reviewed} drawn at random, ${meter.random_right} were right (95 % interval ${percent(meter.right_low)}–${percent(meter.right_high)} %).`
      : "One event in eight is drawn at random, to learn how right the analysis is.";
    part("room").dataset.reviewed = String(meter.reviewed);
  }
}

function historyRow(row) {
  const item = document.createElement("li");
  const changes = Object.entries(row.changed)
    .filter(([name]) => name !== "status")
    .map(([name, [from, to]]) => `${name.replace("_", " ").replace(" ms", "")} ${from ?? "–"} → ${to ?? "–"}`);
  item.textContent = `${new Date(row.when).toLocaleString()} · ${row.who} ${row.words}${changes.length ? `: ${changes.join(", ")}` : ""}`;
  return item;
}
