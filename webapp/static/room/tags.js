// The team's own buttons under the timeline: pressed by mouse, finger or key, made and changed in a dialog.

import { clockText } from "./clock.js";
import { ACTIONS } from "./keys.js";

const STORE = "room.tagkeys";
const COLOURS = ["#3d7dd8", "#c2570c", "#17934f", "#bf3aa6", "#0e8f83", "#a57f00", "#7a5cd6", "#cf3f3f"];

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

const seconds = (value) => `${Number(value)}`;

export class Tags extends EventTarget {
  /** @param {(id: string) => HTMLElement} part @param {object} values of the room @param {Review} review @param {Player} player */
  constructor(part, values, review, player) {
    super();
    Object.assign(this, { part, values, review, player, buttons: [], open: null, isChanging: false });
    part("tags-row").addEventListener("click", (click) => this.#clicked(click.target.closest("[data-tag]")));
    part("tags-new").addEventListener("click", () => this.#edit(null));
    part("tags-edit").addEventListener("click", () => this.#change(!this.isChanging));
    part("tag-cancel").addEventListener("click", () => part("tag-dialog").close());
    part("tag-remove").addEventListener("click", () => this.#send({ remove: "1" }));
    part("tag-key").addEventListener("input", () => this.#warn());
    part("tag-form").addEventListener("submit", (submit) => {
      submit.preventDefault();
      submit.stopPropagation();
      this.#save();
    });
    try {
      part("tags-keys").checked = localStorage.getItem(STORE) !== "off";
    } catch {
      // The box says what holds.
    }
    part("tags-keys").addEventListener("change", (change) => {
      try {
        localStorage.setItem(STORE, change.target.checked ? "on" : "off");
      } catch {
        // It then holds for this page.
      }
    });
  }

  async begin() {
    const answer = await fetch(this.values.urls.tags, { headers: { Accept: "application/json" } });
    if (answer.ok) this.#take(await answer.json());
    else this.#say("The team's own buttons could not be read. Reload the page.");
  }

  /** Whether a key belongs to a button that may act now; if so, it is pressed. */
  key(key, isRepeated) {
    if (!this.part("tags-keys").checked) return false;
    const button = this.buttons.find((row) => row.key === key);
    if (button && !isRepeated) this.press(button);
    return Boolean(button);
  }

  async press(button) {
    const { player } = this;
    const ms = Math.round(player.frameMs());
    const event = await this.review.send({ kind: "add", button: button.id, video: player.current.id, position_ms: ms });
    if (!event) return this.#say("The event was not stored. Look at the words beside the event.");
    this.#say(`${button.label} at ${clockText(ms - player.current.start_ms)} · Ctrl+Z takes it back`);
    this.dispatchEvent(new CustomEvent("pressed", { detail: event }));
  }

  #clicked(element) {
    const button = element && this.buttons.find((row) => String(row.id) === element.dataset.tag);
    if (!button) return;
    if (this.isChanging) this.#edit(button);
    else this.press(button);
  }

  #change(isChanging) {
    this.isChanging = isChanging;
    this.part("tags-edit").setAttribute("aria-pressed", String(isChanging));
    this.part("tags").dataset.changing = String(isChanging);
    this.#say(isChanging ? "Choose the button to change." : "");
  }

  #take({ buttons, looks }) {
    this.buttons = buttons;
    Object.assign(this.values.looks, looks);
    const { part } = this;
    part("tags-row").replaceChildren(...buttons.map((row) => this.#element(row)));
    part("tags-hint").hidden = buttons.length > 0;
    part("tags-edit").hidden = !buttons.length;
    part("tags").dataset.state = "ready";
    this.dispatchEvent(new CustomEvent("looks", { detail: looks }));
  }

  #element(row) {
    const element = Object.assign(document.createElement("button"), { type: "button", className: "tag" });
    element.dataset.tag = row.id;
    element.title = `${row.label}: from ${seconds(row.lead_s)} s before to ${seconds(row.lag_s)} s after`;
    element.style.setProperty("--tag", row.colour);
    const side = this.values.match.teams[row.side]?.name;
    const words = [["b", row.label], ["small", [`−${seconds(row.lead_s)} s +${seconds(row.lag_s)} s`, side].filter(Boolean).join(" · ")]];
    element.append(...words.map(([name, text]) => Object.assign(document.createElement(name), { textContent: text })));
    if (row.key) element.append(Object.assign(document.createElement("kbd"), { textContent: row.key.toUpperCase() }));
    return element;
  }

  #edit(button) {
    const { part } = this;
    this.open = button;
    part("tag-title").textContent = button ? `Change “${button.label}”` : "New button";
    part("tag-label").value = button?.label ?? "";
    part("tag-key").value = button?.key ?? "";
    part("tag-colour").value = button?.colour ?? COLOURS[this.buttons.length % COLOURS.length];
    part("tag-lead").value = button?.lead_s ?? 7;
    part("tag-lag").value = button?.lag_s ?? 5;
    part("tag-side").value = button?.side ?? "";
    part("tag-remove").hidden = !button;
    part("tag-problem").textContent = "";
    this.#warn();
    part("tag-dialog").showModal();
    part("tag-label").focus();
  }

  #warn() {
    const key = this.part("tag-key").value.toLowerCase();
    const action = key && ACTIONS.find(([, usual]) => usual === key);
    this.part("tag-key-words").textContent = action
      ? `While the keys of the tags are on, this key does not do its usual work: ${action[2]}.`
      : "One letter, or 0; it works while “Keys” is ticked.";
  }

  #save() {
    const field = (name) => this.part(`tag-${name}`).value;
    this.#send({
      label: field("label"), key: field("key"), colour: field("colour"), side: field("side"),
      lead_s: field("lead") || "0", lag_s: field("lag") || "0",
    });
  }

  async #send(fields) {
    const { urls } = this.values;
    let said = {};
    let isStored = false;
    try {
      const answer = await fetch(this.open ? urls.tag.replace(/\/0$/, `/${this.open.id}`) : urls.tags, {
        method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": token() },
      });
      said = await answer.json();
      isStored = answer.ok;
    } catch {
      said = { error: "The change did not reach the server. Check the connection and try again." };
    }
    if (!isStored) {
      this.part("tag-problem").textContent = said.error ?? "The button was not stored.";
      return;
    }
    this.part("tag-dialog").close();
    this.#take(said);
    this.#change(false);
  }

  #say(words) {
    this.part("tags-said").textContent = words;
  }
}
