// Puts the room together: one player, and everything else drawn for the player's time.

import { EventList } from "./events.js";
import { EventCard } from "./card.js";
import { Clips } from "./clips.js";
import { loadFrameTimes } from "./companions.js";
import { bindControls } from "./controls.js";
import { Keys } from "./keys.js";
import { PitchLines } from "./lines.js";
import { Player } from "./player.js";
import { watchProgress } from "./progress.js";
import { Radar } from "./radar.js";
import { CameraRepair } from "./repair.js";
import { copyLink, startFromLink } from "./links.js";
import { Review } from "./review.js";
import { Tags } from "./tags.js";
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
    team: columns.team[i],
    confidence: columns.confidence[i],
    status: columns.status[i],
    source: columns.source[i],
    player_number: columns.player_number[i],
    player_name: columns.player_name[i],
    note: columns.note[i],
    is_withheld: columns.is_withheld[i],
  }));
}

function keysOf(player, acts) {
  return new Keys({
    player, acts, help: part("help"), toggle: part("keys-on"), list: part("key-list"), reset: part("keys-reset"),
    said: part("key-said"), jl: part("keys-jl"),
  });
}

function furnish() {
  const player = new Player(part("video"), values.videos);
  const order = values.videos.map((row) => row.id);
  if (!values.events) {
    bindControls(player, part);
    keysOf(player, {});
    player.load(order[0], values.videos[0].start_ms);
    return;
  }
  const events = eventRows(values.events);
  values.looks = { ...values.kinds, ...values.looks };
  const timeline = new Timeline(
    { lanes: part("lanes"), svg: part("timeline"), names: part("lane-names"), zoomWords: part("zoom-words") },
    values, events, player,
  );
  const list = new EventList(
    {
      list: part("event-list"), empty: part("event-empty"), count: part("event-count"),
      labelField: part("filter-label"), teamField: part("filter-team"),
      stateField: part("filter-state"), badge: part("class-badge"),
      confidenceField: part("filter-confidence"), confidenceWords: part("filter-confidence-words"),
    },
    values, events, values.videos,
  );
  const windows = new PositionWindows(values.urls.positions, () => {
    radar.draw();
    lines.draw();
  });
  const radar = new Radar(
    {
      box: part("radar"), canvas: part("radar-canvas"), note: part("radar-note"), table: part("radar-table"),
      stateWords: part("camera-state"), legend: part("radar-legend"),
    },
    values, windows, player,
  );

  const lines = new PitchLines(
    { canvas: part("lines"), video: part("video"), toggle: part("lines-on") }, values, windows, player,
  );
  const repair = values.may_correct ? new CameraRepair(part, values, player, windows) : null;
  repair?.addEventListener("mended", (found) => {
    values.camera = found.detail;
    timeline.draw();
  });
  const review = new Review(values.urls, events);
  const card = new EventCard(part, values, review, player, { mayCorrect: values.may_correct });

  const clips = values.may_correct ? new Clips(part, values, player, list) : null;

  const tags = values.may_correct ? new Tags(part, values, review, player) : null;
  tags?.addEventListener("looks", (found) => {
    card.offer(found.detail);
    timeline.refresh();
    list.filter();
  });
  // The video runs on: the event is shown where it stands, and nothing is sought.
  tags?.addEventListener("pressed", (found) => {
    list.select(found.detail);
    timeline.select(found.detail);
    card.show(found.detail);
  });

  const choose = (event, options) => {
    player.load(event.video, event.ms);
    list.select(event, options);
    timeline.select(event);
    card.show(event);
    history.replaceState(null, "", copyLink.address(player, event));
    const next = list.neighbour(1, event.video, event.ms);
    if (next) windows.expect(next.video, next.ms);
  };
  const goEvent = (direction) => {
    const next = list.neighbour(direction, player.current.id, player.positionMs);
    if (next) choose(next);
  };
  const goUnreviewed = (direction = 1) => {
    const next = review.next(list.selected, direction);
    if (next) choose(next);
    else card.say("Every event has been reviewed.");
  };

  timeline.hidden = (event) => list.isHidden(event);
  timeline.addEventListener("event", (found) => choose(found.detail));
  list.addEventListener("event", (found) => choose(found.detail));
  list.addEventListener("filter", () => timeline.draw());
  // Where the pointer rests, positions are fetched before the click.
  for (const each of [timeline, list])
    each.addEventListener("hover", ({ detail }) => windows.expect(detail.video, detail.ms));
  review.addEventListener("changed", () => {
    timeline.refresh();
    list.filter();
  });
  review.addEventListener("standing", () => list.tellRandom(review.meter?.random_by_label));
  card.addEventListener("next", () => goUnreviewed());
  for (const name of ["jump", "added"]) card.addEventListener(name, (found) => choose(found.detail));
  player.addEventListener("time", () => {
    timeline.follow();
    radar.draw();
    lines.draw();
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
  part("fov").addEventListener("change", (change) => {
    radar.wantsView = change.target.checked;
    radar.draw();
  });
  document.querySelectorAll("[name=areas]").forEach((choice) =>
    choice.addEventListener("change", () => {
      radar.areas = choice.value;
      radar.draw();
    }));
  part("radar-table-toggle").addEventListener("click", (click) =>
    click.currentTarget.setAttribute("aria-expanded", String(radar.toggleTable())));
  document.querySelectorAll("[data-mark]").forEach((link) =>
    link.addEventListener("click", () => {
      const at = (player.frameMs() / 1000).toFixed(3);
      link.search = `?mark=${link.dataset.mark}&video=${player.current.id}&t=${at}`;
    }));
  part("copy-link").addEventListener("click", async () => {
    const address = new URL(copyLink.address(player, list.selected), location.href);
    part("copy-said").textContent = (await copyLink.toClipboard(address.href)) ? "Copied" : address.href;
  });
  bindControls(player, part, values.periods);
  keysOf(player, {
    "event-before": () => goEvent(-1),
    "event-after": () => goEvent(1),
    "review-next": (event) => goUnreviewed(event.shiftKey ? -1 : 1),
    accept: () => card.accept(),
    reject: () => card.reject(),
    "nudge-back": () => card.nudge(-1),
    "nudge-on": () => card.nudge(1),
    tag: (key, isRepeated) => tags?.key(key, isRepeated) ?? false,
    kind: (n) => card.relabel(Object.keys(values.kinds)[n - 1]),
    "clip-in": () => clips?.mark("in"),
    "clip-out": () => clips?.mark("out"),
    "clip-make": () => clips?.open(),
    add: () => card.openAdd(),
    undo: () => card.undo(),
    redo: () => card.redo(),
    lines: () => lines.flip(),
    repair: () => repair?.open(),
    "zoom-in": () => timeline.zoomBy(2),
    "zoom-out": () => timeline.zoomBy(0.5),
  });
  startFromLink(player, values.videos, events, choose);
  timeline.draw();
  part("room").dataset.ready = "true";
  review.begin();
  tags?.begin();
  loadFrameTimes(values.videos, () => (part("room").dataset.frames = "known"));
  performance.measure("room: list, timeline and radar drawn", "room: begin");
}

performance.mark("room: begin");
if (values.videos.length) furnish();
