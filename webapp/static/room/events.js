// The event list: filters, one row an event, jump on click. Rows off screen are skipped by the browser (CSS).

import { clockText } from "./clock.js";
import { escapeHtml, markSvg } from "./marks.js";

export class EventList extends EventTarget {
  constructor(parts, values, events, videos) {
    super();
    Object.assign(this, { ...parts, values, events });
    this.starts = new Map(videos.map((row) => [row.id, row.start_ms]));
    // Which half a clock time belongs to is said only where there is more than one.
    this.manyHalves = videos.length > 1 || values.periods.length > 1;
    this.selected = null;
    for (const label of Object.keys(values.looks)) this.labelField.append(new Option(values.looks[label].words, label));
    for (const field of [this.labelField, this.teamField, this.confidenceField])
      field.addEventListener("input", () => this.#filter());
    this.list.addEventListener("click", (click) => {
      const row = click.target.closest("[data-i]");
      if (row) this.dispatchEvent(new CustomEvent("event", { detail: this.events[Number(row.dataset.i)] }));
    });
    this.list.innerHTML = events.map((event, i) => this.#row(event, i)).join("");
    this.list.querySelectorAll("[data-team-colour]").forEach((dot) => {
      dot.style.background = dot.dataset.teamColour;
    });
    this.#filter();
  }

  #row(event, i) {
    const look = this.values.looks[event.label];
    const team = this.values.match.teams[event.team];
    const percent = Math.round(event.confidence * 100);
    const half = this.manyHalves && event.period ? `<span class="event-half">${event.period}H</span>` : "";
    return `<li><button type="button" data-i="${i}" data-event="${event.id}" class="event-row">
      ${markSvg(look, event.confidence >= 0.5)}
      <span class="event-what">${escapeHtml(look.words)}${look.experimental ? ' <span class="chip chip--plain chip--small">Experimental</span>' : ""}
        <span class="event-team">${team ? `<i class="kit" data-team-colour="${escapeHtml(team.colour)}"></i>${escapeHtml(team.name)}` : "team not known"}</span></span>
      <span class="event-sure" title="Confidence ${percent} %"><span class="visually-hidden">confidence </span>${percent} %</span>
      <time>${half}${clockText(event.ms - (this.starts.get(event.video) ?? 0))}</time></button></li>`;
  }

  isHidden(event) {
    const { label, team, confidence } = this.wanted;
    return (
      (label && event.label !== label) ||
      (team && (event.team || "none") !== team) ||
      event.confidence < confidence
    );
  }

  #filter() {
    this.wanted = {
      label: this.labelField.value,
      team: this.teamField.value,
      confidence: Number(this.confidenceField.value),
    };
    this.confidenceWords.textContent = `${Math.round(this.wanted.confidence * 100)} %`;
    let shown = 0;
    [...this.list.children].forEach((row, i) => {
      row.hidden = this.isHidden(this.events[i]);
      if (!row.hidden) shown++;
    });
    const all = this.events.length;
    this.count.textContent = shown === all ? `${all}` : `${shown} of ${all}`;
    this.empty.hidden = shown > 0;
    this.empty.textContent = all
      ? "No event matches these filters. Lower the confidence or show all kinds."
      : "No events were found in this video. The radar and the board still show where players were.";
    this.dispatchEvent(new CustomEvent("filter"));
  }

  /** Mark one event as the chosen one and bring it into view without moving the page. */
  select(event, { focus = false } = {}) {
    this.list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    this.selected = event;
    const row = event && this.list.children[this.events.indexOf(event)]?.firstElementChild;
    if (!row) return;
    row.setAttribute("aria-current", "true");
    const top = row.parentElement.offsetTop - this.list.offsetTop;
    if (top < this.list.scrollTop || top + row.offsetHeight > this.list.scrollTop + this.list.clientHeight)
      this.list.scrollTop = top - this.list.clientHeight / 3;
    if (focus) row.focus({ preventScroll: true });
  }

  /** The visible event before or after a moment; events of later videos follow those of earlier ones. */
  neighbour(direction, videoId, ms, order) {
    const rank = (event) => order.indexOf(event.video) * 1e9 + event.ms;
    const here = order.indexOf(videoId) * 1e9 + ms;
    const shown = this.events.filter((event) => !this.isHidden(event));
    const start = this.selected && Math.abs(rank(this.selected) - here) < 900 ? shown.indexOf(this.selected) : -1;
    if (start >= 0) return shown[start + direction] ?? null;
    return direction > 0
      ? shown.find((event) => rank(event) > here + 40) ?? null
      : shown.findLast((event) => rank(event) < here - 40) ?? null;
  }
}
