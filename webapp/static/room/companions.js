// What lies beside a video: the exact time of each of its frames, and small pictures for hovering.

/** Fetch the frames' times once the room stands; until then (and without them) steps go by the frame rate. */
export async function loadFrameTimes(videos, onArrival) {
  for (const row of videos) {
    if (!row.frames_url) continue;
    try {
      const answer = await fetch(row.frames_url);
      if (!answer.ok) continue;
      const bytes = new DataView(await answer.arrayBuffer());
      const times = new Float64Array(bytes.byteLength >> 2);
      for (let i = 0; i < times.length; i++) times[i] = bytes.getUint32(4 * i, true);
      if (times.length) row.frames = times;
    } catch {
      // The frame rate has to do.
    }
  }
  onArrival();
}

/** Show the small picture of a time in an element; false where there is none. */
export function showTile(element, row, ms) {
  const board = row?.storyboard;
  if (!board) return false;
  const perSheet = board.columns * board.rows;
  const tile = Math.max(0, Math.round((ms - row.start_ms) / board.step_ms));
  const sheet = Math.min(board.n_sheets, Math.floor(tile / perSheet) + 1);
  const place = Math.min(tile - (sheet - 1) * perSheet, perSheet - 1);
  element.style.width = `${board.width_px}px`;
  element.style.height = `${board.height_px}px`;
  element.style.backgroundImage = `url("${row.sheet_url.replace("/0.jpg", `/${sheet}.jpg`)}")`;
  element.style.backgroundPosition =
    `${-(place % board.columns) * board.width_px}px ${-Math.floor(place / board.columns) * board.height_px}px`;
  element.dataset.tile = String(tile);
  return true;
}
