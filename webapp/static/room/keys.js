// Keyboard of the room. Single keys rest while somebody types, can be given to other actions, and can be switched off
// for good (WCAG 2.1.4). The list of shortcuts is made from the same table that the keys are looked up in.

const STORE = "room.keys";
const MAP_STORE = "room.keymap";
const JL_STORE = "room.jl";

// [action, default key, words]; an action without words is another key of the one before.
export const ACTIONS = [
  ["toggle", " ", "Play or pause"],
  ["stop", "k", "Play or pause; held with J or L: one frame"],
  ["reverse", "j", "Backward; again for 2×, 3×, 4×"],
  ["forward", "l", "Forward; again for 2×, 3×, 4×"],
  ["frame-back", ",", "One frame back"],
  ["frame-on", ".", "One frame forward"],
  ["event-before", "ArrowUp", "Previous event"],
  ["event-after", "ArrowDown", "Next event"],
  ["review-next", "n", "Next unreviewed event; with Shift the one before"],
  ["accept", "a", "Accept the event"],
  ["reject", "x", "Reject the event"],
  ["nudge-back", "[", "Move the event one frame earlier"],
  ["nudge-on", "]", "Move the event one frame later"],
  ["add", "e", "Add an event here"],
  ["clip-in", "i", "Clip begins here"],
  ["clip-out", "o", "Clip ends here"],
  ["clip-make", "c", "Put the clip or the event into a playlist"],
  ["slower", "<", "Slower"],
  ["faster", ">", "Faster"],
  ["zoom-in", "+", "Zoom into the timeline"],
  ["zoom-out", "-", "Zoom out"],
  ["lines", "p", "Pitch lines over the video"],
  ["repair", "r", "Mend the camera of this shot"],
  ["mute", "m", "Mute"],
  ["full", "f", "Full screen"],
  ["help", "?", "This list"],
];
const FIXED = [
  ["← →", "One frame; with Shift 1 s, with Ctrl 5 s"],
  ["1 … 9", "Change the event to kind 1 … 9 of its list"],
  ["Ctrl+Z", "Undo; Ctrl+Shift+Z does it again"],
];
const NAMES = { " ": "Space", ArrowUp: "↑", ArrowDown: "↓" };

const stored = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
const store = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private windows may refuse: the choice then lasts for this page.
  }
};

export class Keys {
  constructor({ player, acts, help, toggle, list, reset, said, jl }) {
    Object.assign(this, { player, acts, help, toggle, list, said });
    this.held = new Set();
    this.waiting = null;
    toggle.checked = stored(STORE) !== "off";
    toggle.addEventListener("change", () => store(STORE, toggle.checked ? "on" : "off"));
    jl.value = stored(JL_STORE) ?? "editor";
    jl.addEventListener("change", () => store(JL_STORE, jl.value));
    this.jl = jl;
    reset.addEventListener("click", () => this.#use({}));
    try {
      this.#use(JSON.parse(stored(MAP_STORE) ?? "{}"));
    } catch {
      this.#use({});
    }
    list.addEventListener("click", (click) => this.#ask(click.target.closest("button")));
    document.addEventListener("keydown", (event) => this.#down(event));
    document.addEventListener("keyup", (event) => this.held.delete(this.#key(event)));
    addEventListener("blur", () => this.held.clear());
  }

  #use(chosen) {
    this.chosen = chosen;
    this.keys = new Map(ACTIONS.map(([action, key]) => [chosen[action] ?? key, action]));
    store(MAP_STORE, JSON.stringify(chosen));
    const rows = ACTIONS.map(([action, key, words]) => {
      const row = document.createElement("div");
      const name = NAMES[chosen[action] ?? key] ?? (chosen[action] ?? key).toUpperCase();
      row.innerHTML = '<dt><button type="button" class="key"><kbd></kbd></button></dt><dd></dd>';
      row.querySelector("kbd").textContent = name;
      row.querySelector("dd").textContent = words;
      Object.assign(row.querySelector("button"), { title: "Press to give this another key" });
      row.querySelector("button").dataset.action = action;
      row.querySelector("button").setAttribute("aria-label", `${words}: key ${name}. Press to change it`);
      return row;
    });
    const fixed = FIXED.map(([name, words]) => {
      const row = document.createElement("div");
      row.append(document.createElement("dt"), document.createElement("dd"));
      row.firstChild.append(Object.assign(document.createElement("kbd"), { textContent: name }));
      row.lastChild.textContent = words;
      return row;
    });
    this.list.replaceChildren(...rows, ...fixed);
  }

  #ask(button) {
    if (!button) return;
    this.waiting = button.dataset.action;
    this.said.textContent = "Press the new key, or Escape to leave it.";
  }

  #take(event) {
    const action = this.waiting;
    this.waiting = null;
    event.preventDefault();
    this.said.textContent = "";
    if (event.key === "Escape") return;
    const key = this.#key(event);
    const owner = this.keys.get(key);
    if (/^[0-9]$/.test(key) || ["Tab", "Enter", "ArrowLeft", "ArrowRight", "Shift", "Control", "Alt", "Meta"].includes(key))
      this.said.textContent = "This key has a fixed meaning; choose another one.";
    else if (owner && owner !== action)
      this.said.textContent = `That key is taken: ${ACTIONS.find(([name]) => name === owner)[2]}.`;
    else this.#use({ ...this.chosen, [action]: key });
    this.list.querySelector(`[data-action="${action}"]`)?.focus();
  }

  #key(event) {
    return event.key.length === 1 ? event.key.toLowerCase() : event.key;
  }

  #down(event) {
    if (this.waiting && !["Shift", "Control", "Alt", "Meta"].includes(event.key)) return this.#take(event);
    if (!this.toggle.checked || event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    if (isField(event.target)) return;
    const key = this.#key(event);
    if (key === "z" && (event.ctrlKey || event.metaKey)) this.acts[event.shiftKey ? "redo" : "undo"]?.();
    else if (key === "ArrowLeft" || key === "ArrowRight") this.#arrow(key === "ArrowRight" ? 1 : -1, event);
    else if (event.ctrlKey || event.metaKey) return;
    else if (key === " " && event.target.closest?.("button, a, summary, [role=radio]")) return;
    else if (/^[1-9]$/.test(key)) this.acts.kind?.(Number(key));
    else if (this.acts.tag?.(key, event.repeat)) {
      event.preventDefault();
      return;
    }
    else if (!this.#act(this.keys.get(key === "=" ? "+" : key), event)) return;
    this.held.add(key);
    event.preventDefault();
  }

  #act(action, event) {
    const { player } = this;
    const withK = this.held.has(this.chosen.stop ?? "k");
    const jump = this.jl.value === "player" ? 10_000 : 0;
    const own = {
      toggle: () => player.toggle(),
      stop: () => event.repeat || player.toggle(),
      reverse: () => (withK ? player.step(-1) : jump ? player.jump(-jump) : player.shuttle(-1)),
      forward: () => (withK ? player.step(1) : jump ? player.jump(jump) : player.shuttle(1)),
      "frame-back": () => player.step(-1),
      "frame-on": () => player.step(1),
      slower: () => player.speed(-1),
      faster: () => player.speed(1),
      mute: () => (player.element.muted = !player.element.muted),
      full: () => document.getElementById("full").click(),
      help: () => this.help.showModal(),
    };
    const act = own[action] ?? this.acts[action];
    if (!act) return false;
    act(event);
    return true;
  }

  #arrow(direction, event) {
    if (event.ctrlKey) this.player.jump(5000 * direction);
    else if (event.shiftKey) this.player.jump(1000 * direction);
    else this.player.step(direction);
  }
}

function isField(target) {
  return Boolean(target.closest?.("input:not([type=checkbox], [type=range]), select, textarea, [contenteditable]")) ||
    target.type === "range";
}
