// Keyboard of the room. Single keys rest while somebody types, and can be switched off for good (WCAG 2.1.4).

const STORE = "room.keys";

export function bindKeys({ player, timeline, goEvent, help, toggle }) {
  toggle.checked = localStorage.getItem(STORE) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(STORE, toggle.checked ? "on" : "off"));
  const keys = {
    " ": () => player.toggle(),
    k: () => player.toggle(),
    j: () => player.shuttle(-1),
    l: () => player.shuttle(1),
    ",": () => player.step(-1),
    ".": () => player.step(1),
    ArrowUp: () => goEvent(-1),
    ArrowDown: () => goEvent(1),
    "<": () => player.speed(-1),
    ">": () => player.speed(1),
    "+": () => timeline?.zoomBy(2),
    "=": () => timeline?.zoomBy(2),
    "-": () => timeline?.zoomBy(0.5),
    m: () => (player.element.muted = !player.element.muted),
    f: () => document.getElementById("full").click(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || event.defaultPrevented || event.altKey || help.open) return;
    if (isField(event.target)) return;
    if (event.key === " " && event.target.closest?.("button, a, summary, [role=radio]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "ArrowLeft" || key === "ArrowRight") arrow(player, key === "ArrowRight" ? 1 : -1, event);
    else if (event.ctrlKey || event.metaKey || !(key in keys)) return;
    else keys[key]();
    event.preventDefault();
  });
}

function arrow(player, direction, event) {
  if (event.ctrlKey) player.jump(5000 * direction);
  else if (event.shiftKey) player.jump(1000 * direction);
  else player.step(direction);
}

function isField(target) {
  return Boolean(target.closest?.("input:not([type=checkbox], [type=range]), select, textarea, [contenteditable]")) ||
    target.type === "range";
}
