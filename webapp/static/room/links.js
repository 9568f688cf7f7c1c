// Links to a moment: `?t=<seconds>&video=<id>&event=<id>`.

export const copyLink = {
  /** Address of the moment on screen; names the event only while the picture is still at it. */
  address(player, event) {
    const query = new URLSearchParams({ t: (player.positionMs / 1000).toFixed(3) });
    if (player.videos.length > 1) query.set("video", player.current.id);
    if (event && event.video === player.current.id && Math.abs(event.ms - player.positionMs) < 1000)
      query.set("event", event.id);
    return `?${query}`;
  },

  /** Whether the text reached the clipboard; plain-http pages have to go the old way. */
  async toClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const field = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(field);
      field.select();
      const copied = document.execCommand("copy");
      field.remove();
      return copied;
    }
  },
};

/** Open where the address says, else at the beginning. */
export function startFromLink(player, videos, events, choose) {
  const query = new URLSearchParams(location.search);
  const event = events.find((row) => String(row.id) === query.get("event"));
  const video = videos.find((row) => String(row.id) === query.get("video")) ?? videos[0];
  const seconds = Number(query.get("t"));
  if (event) choose(event);
  else player.load(video.id, query.has("t") && Number.isFinite(seconds) ? seconds * 1000 : video.start_ms);
  if (event && query.has("t") && Number.isFinite(seconds)) player.seek(seconds * 1000);
}
