// The mark of each class of event: a shape of its own, so that no meaning rests on colour alone.

const SHAPES = {
  circle: "M0-6a6 6 0 1 0 .01 0z",
  ring: "M0-6a6 6 0 1 0 .01 0zM0-2.6a2.6 2.6 0 1 1-.01 0z",
  star: "M0-7.6 2.2-2.6 7.4-2.2 3.4 1.3 4.7 6.6 0 3.7-4.7 6.6-3.4 1.3-7.4-2.2-2.2-2.6z",
  triangle: "M0-6.6 6.4 5.4H-6.4z",
  "triangle-down": "M0 6.6-6.4-5.4H6.4z",
  diamond: "M0-7.2 6.4 0 0 7.2-6.4 0z",
  flag: "M-5-7h1.8v.9L6-2.4-3.2 1.3V7H-5z",
  chevron: "M-6.4-5.6h4.2L3-.2l-5.2 5.6h-4.2L-1.4-.2zM0-5.6h2.4L7.2-.2 2.4 5.4H0L5-.2z",
  square: "M-5.4-5.4H5.4V5.4H-5.4z",
  cross: "M-6-3.6-3.6-6 0-2.4 3.6-6 6-3.6 2.4 0 6 3.6 3.6 6 0 2.4-3.6 6-6 3.6-2.4 0z",
  bar: "M-2.2-7h4.4V7h-4.4z",
  hexagon: "M-3.4-6h6.8L6.8 0 3.4 6h-6.8L-6.8 0z",
  swap: "M-7-1.2-2.6-6v3h8v3.2h-8v3zM7 1.4 2.6 6.4V3.6h-5V1.8h5z",
  card: "M-4.4-6.6h8.8V6.6h-8.8z",
};

/** SVG path data of a shape, drawn round the origin in about 14 px. */
export function markPath(shape) {
  return SHAPES[shape] ?? SHAPES.circle;
}

/** A stand-alone SVG of a class's mark. */
export function markSvg(look, sure = true) {
  const paint = sure ? `fill="${look.colour}"` : `fill="none" stroke="${look.colour}" stroke-width="1.6"`;
  return `<svg class="mark-icon" viewBox="-9 -9 18 18" aria-hidden="true"><path d="${markPath(look.shape)}" ${paint} fill-rule="evenodd"/></svg>`;
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that is safe inside markup and attributes. */
export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (c) => ESCAPES[c]);
}
