// The event list: filters, one row an event, jump on click. Only the rows near the window exist, so thousands are light.

import { clockText } from "./clock.js";
import { expected } from "./expected.js";
import { escapeHtml, markSvg } from "./marks.js";

const ROW_PX = 44;
const SPARE_ROWS = 24; // above and below the window, so that fast scrolling finds rows ready
export const STATUS_WORDS = { auto: "", confirmed: "accepted", corrected: "changed", added: "added", rejected: "rejected" };

const BADGE_WORDS = { verified: "Verified", measured: "Measured", experimental: "Experimental" };

/** Whether the club's layer holds an event back that nobody looked at yet. */
export function isHeldBack(event) {
  return event.is_withheld && event.status === "auto";
}

export class EventList extends EventTarget {
  constructor(parts, values, events, videos) {
    super();
    Object.assign(this, { ...parts, values, events });
    this.starts = new Map(videos.map((row) => [row.id, row.start_ms]));
    this.order = new Map(videos.map((row, i) => [row.id, i]));
    // Which half a clock time belongs to is said only where there is more than one.
    this.manyHalves = videos.length > 1 || values.periods.length > 1;
    this.selected = null;
    this.drawn = "";
    for (const field of [this.labelField, this.teamField, this.stateField, this.confidenceField])
      field.addEventListener("input", () => this.filter());
    this.list.addEventListener("click", (click) => {
      const row = click.target.closest("[data-event]");
      const event = row && this.events.find((each) => String(each.id) === row.dataset.event);
      if (event) this.dispatchEvent(new CustomEvent("event", { detail: event }));
    });
    this.list.addEventListener("scroll", () => this.#draw());
    for (const name of ["pointerover", "focusin"])
      this.list.addEventListener(name, ({ target }) => {
        const row = target.closest?.("[data-event]");
        const event = row && this.events.find((each) => String(each.id) === row.dataset.event);
        if (event) this.dispatchEvent(new CustomEvent("hover", { detail: event }));
      });
    new ResizeObserver(() => this.#draw()).observe(this.list);
    this.filter();
  }

  /** Place of an event in the match, for sorting. */
  rank(event) {
    return (this.order.get(event.video) ?? 0) * 1e9 + event.ms;
  }

  isHidden(event) {
    const { label, team, state, confidence } = this.wanted;
    const isHeld = isHeldBack(event);
    const isShownState = state === "withheld" ? isHeld : isHeld ? false : state
      ? state === "reviewed" ? !["auto", "rejected"].includes(event.status) : event.status === state
      : event.status !== "rejected";
    return (
      !isShownState ||
      (label && event.label !== label) ||
      (team && (event.team || "none") !== team) ||
      (event.status === "auto" && event.confidence < confidence)
    );
  }

  /** Kinds that occur can be chosen; a new one may come with a correction. */
  #kinds() {
    const used = new Set(this.events.map((event) => event.label));
    const wanted = Object.keys(this.values.looks).filter((label) => used.has(label));
    const chosen = this.labelField.value;
    if (this.labelField.options.length === wanted.length + 1) return;
    this.labelField.replaceChildren(
      this.labelField.options[0],
      ...wanted.map((label) => {
        const { words, badge } = this.values.looks[label];
        return new Option(badge ? `${words} · ${BADGE_WORDS[badge].toLowerCase()}` : words, label);
      }),
    );
    this.labelField.value = chosen;
  }

  /** What is known of the chosen kind: the card's two numbers, and how right this match's random picks were. */
  #badge() {
    const look = this.values.looks[this.labelField.value];
    this.badge.hidden = !look?.badge;
    if (this.badge.hidden) return;
    const percent = (share) => `${Math.round(100 * share)} %`;
    const [right, drawn] = this.randomRight?.[this.labelField.value] ?? [0, 0];
    const words = [
      look.precision === undefined
        ? "Nothing was measured of this kind."
        : `Unseen simulated matches: ${percent(look.precision)} of told right, ${percent(look.recall)} of ${look.n_events} found.`,
      drawn ? `Here: ${right} of ${drawn} drawn at random right.` : "Here: none drawn at random reviewed yet.",
    ];
    this.badge.title = look.measured_on ?? "";
    this.badge.innerHTML = `<b class="chip chip--small badge" data-badge="${look.badge}">${BADGE_WORDS[look.badge]}</b> ${escapeHtml(words.join(" "))}`;
  }

  /** Take the shares of right ones among the random picks, by kind. */
  tellRandom(byLabel) {
    this.randomRight = byLabel;
    this.#badge();
  }

  /** Take the filters, or a changed event, into account. */
  filter() {
    this.#kinds();
    this.#badge();
    this.wanted = {
      label: this.labelField.value,
      team: this.teamField.value,
      state: this.stateField.value,
      confidence: Number(this.confidenceField.value),
    };
    this.events.sort((a, b) => this.rank(a) - this.rank(b) || a.id - b.id);
    this.shown = this.events.filter((event) => !this.isHidden(event));
    const all = this.events.filter((event) => event.status !== "rejected" && !isHeldBack(event)).length;
    const shown = this.shown.length;
    this.confidenceWords.textContent = expected(this.events, this.wanted.confidence).words;
    this.count.textContent = shown === all ? `${all}` : `${shown} of ${all}`;
    this.empty.hidden = shown > 0;
    this.empty.textContent = all
      ? "No event matches these filters. Move the slider to “Find everything” or show all kinds."
      : "No events were found in this video. Add one with the button above, or use the radar and the board.";
    this.#draw({ fresh: true });
    this.dispatchEvent(new CustomEvent("filter"));
  }

  #draw({ fresh = false } = {}) {
    const n = this.shown.length;
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW_PX) - SPARE_ROWS);
    const last = Math.min(n, Math.ceil((this.list.scrollTop + (this.list.clientHeight || 600)) / ROW_PX) + SPARE_ROWS);
    const key = `${first}:${last}`;
    if (!fresh && key === this.drawn) return;
    this.drawn = key;
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.event : null;
    const spacer = '<li class="event-space" aria-hidden="true"></li>';
    this.list.innerHTML = spacer + this.shown.slice(first, last).map((event, i) => this.#row(event, first + i)).join("") + spacer;
    this.list.firstElementChild.style.height = `${first * ROW_PX}px`;
    this.list.lastElementChild.style.height = `${(n - last) * ROW_PX}px`;
    this.list.querySelectorAll("[data-team-colour]").forEach((dot) => {
      dot.style.background = dot.dataset.teamColour;
    });
    if (focused) this.list.querySelector(`[data-event="${focused}"]`)?.focus({ preventScroll: true });
  }

  #row(event, i) {
    const look = this.values.looks[event.label];
    const team = this.values.match.teams[event.team];
    const percent = Math.round(event.confidence * 100);
    const half = this.manyHalves && event.period ? `<span class="event-half">${event.period}H</span>` : "";
    const state = STATUS_WORDS[event.status];
    const who = [event.player_number && `#${event.player_number}`, event.player_name].filter(Boolean).join(" ");
    const sure = event.source === "coach" ? "" : `<span class="event-sure" title="Confidence ${percent} %"><span class="visually-hidden">confidence </span>${percent} %</span>`;
    return `<li aria-setsize="${this.shown.length}" aria-posinset="${i + 1}"><button type="button" data-event="${event.id}" data-status="${event.status}" class="event-row"${event === this.selected ? ' aria-current="true"' : ""}>
      ${markSvg(look, event.status !== "auto" || event.confidence >= 0.5)}
      <span class="event-what"><span class="event-name">${escapeHtml(look.words)}</span>${look.experimental ? ' <span class="chip chip--plain chip--small">Experimental</span>' : ""}
        <span class="event-team">${team ? `<i class="kit" data-team-colour="${escapeHtml(team.colour)}"></i>${escapeHtml(team.name)}` : "team not known"}${who ? ` · ${escapeHtml(who)}` : ""}</span></span>
      <span class="event-end">${state ? `<span class="event-state" data-status="${event.status}">${state}</span>` : sure}</span>
      <time>${half}${clockText(event.ms - (this.starts.get(event.video) ?? 0))}</time></button></li>`;
  }

  /** Mark one event as the chosen one and bring it into view without moving the page. */
  select(event, { focus = false } = {}) {
    this.selected = event;
    const i = this.shown.indexOf(event);
    if (i >= 0) {
      const top = i * ROW_PX;
      if (top < this.list.scrollTop || top + ROW_PX > this.list.scrollTop + this.list.clientHeight)
        this.list.scrollTop = top - this.list.clientHeight / 3;
    }
    this.#draw({ fresh: true });
    if (focus) this.list.querySelector("[aria-current]")?.focus({ preventScroll: true });
  }

  /** The visible event before or after a moment; events of later videos follow those of earlier ones. */
  neighbour(direction, videoId, ms) {
    const here = this.rank({ video: videoId, ms });
    const near = this.selected && Math.abs(this.rank(this.selected) - here) < 900;
    const start = near ? this.shown.indexOf(this.selected) : -1;
    if (start >= 0) return this.shown[start + direction] ?? null;
    return direction > 0
      ? this.shown.find((event) => this.rank(event) > here + 40) ?? null
      : this.shown.findLast((event) => this.rank(event) < here - 40) ?? null;
  }
}
