// Puts the room together: one player, and everything else drawn for the player's time.

import { EventList } from "./events.js";
import { bindKeys } from "./keys.js";
import { bindControls } from "./controls.js";
import { Player } from "./player.js";
import { watchProgress } from "./progress.js";
import { Radar } from "./radar.js";
import { copyLink, startFromLink } from "./links.js";
import { Timeline } from "./timeline.js";
import { PositionWindows } from "./windows.js";

const part = (id) => document.getElementById(id);
const values = JSON.parse(part("room-values").textContent);

document.querySelectorAll(".kit[data-colour]").forEach((dot) => (dot.style.background = dot.dataset.colour));
watchProgress(part("progress"));

/** Columns as the server sends them, turned into rows once. */
function eventRows(columns) {
  return columns.id.map((id, i) => ({
    id,
    video: columns.video_id[i],
    ms: columns.position_ms[i],
    period: columns.period[i],
    label: columns.labels[columns.label[i]],
    lane: columns.label[i],
    team: columns.team[i],
    confidence: columns.confidence[i],
  }));
}

function furnish() {
  const player = new Player(part("video"), values.videos);
  const order = values.videos.map((row) => row.id);
  if (!values.events) {
    bindControls(player, part);
    bindKeys({ player, timeline: null, goEvent: () => {}, help: part("help"), toggle: part("keys-on") });
    player.load(order[0], values.videos[0].start_ms);
    return;
  }
  const events = eventRows(values.events);
  const timeline = new Timeline(
    { lanes: part("lanes"), svg: part("timeline"), names: part("lane-names"), zoomWords: part("zoom-words") },
    values, events, player,
  );
  const list = new EventList(
    {
      list: part("event-list"), empty: part("event-empty"), count: part("event-count"),
      labelField: part("filter-label"), teamField: part("filter-team"),
      confidenceField: part("filter-confidence"), confidenceWords: part("filter-confidence-words"),
    },
    values, events, values.videos,
  );
  const windows = new PositionWindows(values.urls.positions, () => radar.draw());
  const radar = new Radar(
    {
      box: part("radar"), canvas: part("radar-canvas"), note: part("radar-note"), table: part("radar-table"),
      stateWords: part("camera-state"), legend: part("radar-legend"),
    },
    values, windows, player,
  );

  const choose = (event, options) => {
    player.load(event.video, event.ms);
    list.select(event, options);
    timeline.select(event);
    history.replaceState(null, "", copyLink.address(player, event));
  };
  const goEvent = (direction) => {
    const next = list.neighbour(direction, player.current.id, player.positionMs, order);
    if (next) choose(next);
  };

  timeline.hidden = (event) => list.isHidden(event);
  timeline.addEventListener("event", (found) => choose(found.detail));
  list.addEventListener("event", (found) => choose(found.detail));
  list.addEventListener("filter", () => timeline.draw());
  player.addEventListener("time", () => {
    timeline.follow();
    radar.draw();
  });
  player.addEventListener("video", () => timeline.draw());
  player.addEventListener("ended", () => {
    // A file that is shorter than its row says must not throw a seek into the other half.
    const isOver = player.positionMs - player.current.start_ms > player.durationMs - 2000;
    const next = order[order.indexOf(player.current.id) + 1];
    if (next && isOver) player.load(next, values.videos.find((row) => row.id === next).start_ms);
  });
  part("zoom-in").addEventListener("click", () => timeline.zoomBy(2));
  part("zoom-out").addEventListener("click", () => timeline.zoomBy(0.5));
  part("trails").addEventListener("change", (change) => {
    radar.wantsTrails = change.target.checked;
    radar.draw();
  });
  part("radar-table-toggle").addEventListener("click", (click) =>
    click.currentTarget.setAttribute("aria-expanded", String(radar.toggleTable())));
  part("copy-link").addEventListener("click", async () => {
    const address = new URL(copyLink.address(player, list.selected), location.href);
    part("copy-said").textContent = (await copyLink.toClipboard(address.href)) ? "Copied" : address.href;
  });
  bindControls(player, part, values.periods);
  bindKeys({ player, timeline, goEvent, help: part("help"), toggle: part("keys-on") });
  startFromLink(player, values.videos, events, choose);
  timeline.draw();
  part("room").dataset.ready = "true";
  performance.measure("room: list, timeline and radar drawn", "room: begin");
}

performance.mark("room: begin");
if (values.videos.length) furnish();
