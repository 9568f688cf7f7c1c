// Times as people read them. All times are milliseconds of the video's own clock.

/** `mm:ss`, with hours once there are any. */
export function clockText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const pair = (n) => String(n).padStart(2, "0");
  const tail = `${pair(Math.floor(seconds / 60) % 60)}:${pair(seconds % 60)}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** "13 minutes 12 seconds", for screen readers. */
export function clockWords(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 3600), "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ];
  const said = parts.filter(([n], i) => n || i === 2);
  return said.map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`).join(" ");
}

/** Step of the ruler that leaves at least `gapPx` between two ticks. */
export function rulerStep(msPerPx, gapPx = 72) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((s) => s * 1000);
  return steps.find((step) => step / msPerPx >= gapPx) ?? steps[steps.length - 1];
}

export const PERIOD_WORDS = { 1: "first half", 2: "second half", 3: "extra time 1", 4: "extra time 2", 5: "shoot-out" };
