// Buttons under the picture, kept in step with the player.

import { clockText } from "./clock.js";

const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M7 5h4v14H7zm6 0h4v14h-4z",
  sound: "M4 9v6h4l5 5V4L8 9zm12 .5v5a3 3 0 0 0 0-5z",
  mute: "M4 9v6h4l5 5V4L8 9zm11.3.3 1-1 2 2 2-2 1 1-2 2 2 2-1 1-2-2-2 2-1-1 2-2z",
};

/** `1H 12:34` where a kick-off is known, else nothing. */
function periodText(periods, player) {
  const begun = periods.filter((row) => row.video === player.current?.id && row.kickoff_ms <= player.positionMs);
  const period = begun.sort((a, b) => a.kickoff_ms - b.kickoff_ms).at(-1);
  return period ? `${period.number}H ${clockText(player.positionMs - period.kickoff_ms)}` : "";
}

export function bindControls(player, part, periods = []) {
  const { element } = player;
  part("play").addEventListener("click", () => player.toggle());
  part("big-play").addEventListener("click", () => player.toggle());
  element.addEventListener("click", () => player.toggle());
  part("frame-back").addEventListener("click", () => player.step(-1));
  part("frame-on").addEventListener("click", () => player.step(1));
  part("mute").addEventListener("click", () => (element.muted = !element.muted));
  part("speed").addEventListener("change", (change) => player.setSpeed(Number(change.target.value)));
  part("help-open").addEventListener("click", () => part("help").showModal());
  part("full").addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else part("screen").requestFullscreen?.().catch(() => {});
  });
  part("halves")?.addEventListener("click", (click) => {
    const row = player.videos.find((video) => String(video.id) === click.target.dataset.video);
    if (row) player.load(row.id, row.start_ms);
  });

  const showState = () => {
    const { isPlaying } = player;
    part("play").setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    part("play-icon").setAttribute("d", isPlaying ? ICONS.pause : ICONS.play);
    part("big-play").hidden = isPlaying || player.positionMs > (player.current?.start_ms ?? 0) + 50;
    part("mute").setAttribute("aria-pressed", String(element.muted));
    part("mute-icon").setAttribute("d", element.muted ? ICONS.mute : ICONS.sound);
    if ([...part("speed").options].some((option) => Number(option.value) === element.playbackRate))
      part("speed").value = String(element.playbackRate);
  };
  const showClock = () => {
    const start = player.current?.start_ms ?? 0;
    part("clock").textContent = clockText(player.positionMs - start);
    part("clock-rest").textContent = ` / ${clockText(player.durationMs)}`;
    const period = periodText(periods, player);
    part("clock-period").hidden = !period;
    part("clock-period").textContent = period;
    part("room").dataset.timeMs = String(Math.round(player.positionMs));
    if (!part("big-play").hidden) showState();
  };
  player.addEventListener("state", showState);
  player.addEventListener("time", showClock);
  player.addEventListener("video", () => {
    part("video-problem").hidden = true;
    part("halves")?.querySelectorAll("[data-video]").forEach((button) =>
      button.setAttribute("aria-checked", String(button.dataset.video === String(player.current.id))));
  });
  player.addEventListener("problem", () => {
    part("video-problem").textContent =
      "This video cannot be played here. Reload the page; if it stays, the playback copy may still be in the making.";
    part("video-problem").hidden = false;
  });
}
