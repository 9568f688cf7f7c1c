// Clips from the room: an event, all of its kind, or a stretch marked with I and O, into a playlist.

import { clockText } from "./clock.js";

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

export class Clips {
  constructor(part, values, player, list) {
    Object.assign(this, { part, values, player, list, marks: {}, choices: null });
    part("clip-form").addEventListener("submit", (submit) => {
      submit.stopPropagation();
      if (submit.submitter?.value === "add") this.#add();
    });
    part("clip-list").addEventListener("change", () => this.#showNew());
    part("card-clip").addEventListener("click", () => this.open());
  }

  mark(end) {
    if (this.marks.video !== this.player.current.id) this.marks = { video: this.player.current.id };
    this.marks[end] = Math.round(this.player.frameMs(end === "out" ? 1 : 0));
    const { in: from, out: to } = this.marks;
    const at = (ms) => (ms === undefined ? "…" : clockText(ms - this.player.current.start_ms));
    this.#say(`Clip ${at(from)} to ${at(to)}. Press C to put it into a playlist.`);
  }

  get #hasRange() {
    const { in: from, out: to } = this.marks;
    return from !== undefined && to !== undefined && to > from;
  }

  async open() {
    const { part } = this;
    const event = this.list.selected;
    if (!event && !this.#hasRange) return this.#say("Choose an event first, or mark a stretch with I and O.");
    const answer = await fetch(this.values.urls.clips);
    if (!answer.ok) return this.#say("The playlists could not be read. Try again.");
    this.choices = await answer.json();
    part("clip-event").disabled = part("clip-kind").disabled = !event;
    part("clip-range").disabled = !this.#hasRange;
    part(this.#hasRange ? "clip-range" : "clip-event").checked = true;
    if (event) {
      const { words } = this.values.looks[event.label];
      part("clip-event-words").textContent = `This event: ${words}`;
      part("clip-kind-words").textContent = `Every “${words}” of this match`;
      const [lead, lag] = this.choices.lengths[event.label] ?? [7000, 5000];
      part("clip-lead").value = lead / 1000;
      part("clip-lag").value = lag / 1000;
    }
    part("clip-list").replaceChildren(
      ...this.choices.playlists.map((row) => new Option(row.title, row.id)),
      new Option("A new playlist", ""),
    );
    this.#showNew();
    part("clip-dialog").showModal();
    part("clip-form").querySelector("button[value=add]").focus();
  }

  #showNew() {
    this.part("clip-new").hidden = this.part("clip-list").value !== "";
  }

  async #add() {
    const { part, marks } = this;
    const event = this.list.selected;
    const what = part("clip-form").querySelector("[name=what]:checked").value;
    const fields = { what, playlist: part("clip-list").value, title: part("clip-name").value };
    if (what === "range") Object.assign(fields, { video: marks.video, start_ms: marks.in, end_ms: marks.out });
    else {
      Object.assign(fields, { event: event.id, label: event.label, lead_s: part("clip-lead").value, lag_s: part("clip-lag").value });
      if (part("clip-keep").checked) fields.keep = "1";
    }
    const answer = await fetch(this.values.urls.clips, {
      method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": token() },
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) return this.#say(said.error ?? "The clip was not stored. Try again.");
    this.#say("");
    const link = Object.assign(document.createElement("a"), {
      href: this.values.urls.playlist.replace("/0/", `/${said.playlist}/`),
      textContent: `${said.n_clips} clip${said.n_clips === 1 ? "" : "s"} in “${said.title}”`,
    });
    part("clip-said").replaceChildren(link);
    // Where the keyboard goes on: the dialog is gone, and this is what it came to.
    link.focus({ preventScroll: true });
  }

  #say(words) {
    this.part("clip-said").textContent = words;
  }
}
