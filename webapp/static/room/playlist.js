// Reads the two playlists of a video (RFC 8216): codecs from the first, byte ranges and times from the second.

/** Address, codecs and rate of the first rendition of a playlist of playlists. */
export function readIndex(text, address) {
  const lines = text.split("\n").map((line) => line.trim());
  const at = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF:"));
  const codecs = /CODECS="([^"]+)"/.exec(lines[at] ?? "")?.[1];
  const uri = lines.slice(at + 1).find((line) => line && !line.startsWith("#"));
  if (at < 0 || !codecs || !uri) throw new Error("no rendition in the playlist");
  return { url: new URL(uri, address).href, codecs };
}

/** The file, the bytes of its head, and its segments: {start, end} in seconds, {first, last} bytes inclusive. */
export function readSegments(text, address) {
  const found = { url: "", head: null, segments: [] };
  let start = 0;
  let seconds = 0;
  let range = null;
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line.startsWith("#EXT-X-MAP:")) {
      found.url = new URL(/URI="([^"]+)"/.exec(line)[1], address).href;
      found.head = bytesOf(/BYTERANGE="([^"]+)"/.exec(line)[1]);
    } else if (line.startsWith("#EXTINF:")) seconds = parseFloat(line.slice(8));
    else if (line.startsWith("#EXT-X-BYTERANGE:")) range = bytesOf(line.slice(17));
    else if (line && !line.startsWith("#")) {
      found.segments.push({ start, end: start + seconds, ...range });
      start += seconds;
    }
  }
  if (!found.head || !found.segments.length || !found.segments[0].last) throw new Error("no segments in the playlist");
  return found;
}

/** `length@first` as first and last byte. */
function bytesOf(text) {
  const [length, first] = text.split("@").map(Number);
  return { first, last: first + length - 1 };
}
