// A quick view that agrees with what was dragged: drawn while the hand moves. The server fits a real camera afterwards.

import { project } from "./lines.js";

// How much a place that nobody dragged holds on to the old view, against a dragged one.
const HOLD = 0.04;

/** The 3x3 product of two matrices given row by row. */
export function times(a, b) {
  return [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j]));
}

/** Solve a small symmetric system by elimination with the largest pivot. */
function solved(matrix, right) {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let k = 0; k < n; k += 1) {
    let best = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let i = 0; i < n; i += 1) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j += 1) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

/**
 * The view that meets the drags and elsewhere stays near the old one, by linear least squares of a movement of the picture.
 *
 * @param {number[]} base image_from_pitch row by row
 * @param {Array<{place: number[], pixel: number[]}>} points
 * @param {Array<{ends: number[][], pixels: number[][]}>} lines two places of the mark, two pixels of its new line
 * @param {number[]} size width and height of the picture
 */
export function fitted(base, points, lines, [width, height]) {
  const normal = Array.from({ length: 8 }, () => new Float64Array(8));
  const right = new Float64Array(8);
  const add = (row, value, weight) => {
    for (let i = 0; i < 8; i += 1) {
      right[i] += weight * row[i] * value;
      for (let j = 0; j < 8; j += 1) normal[i][j] += weight * row[i] * row[j];
    }
  };
  const at = (place) => project(base, place)?.map((value) => value / width);
  const meet = ([x, y], [u, v], weight) => {
    add([x, y, 1, 0, 0, 0, -u * x, -u * y], u, weight);
    add([0, 0, 0, x, y, 1, -v * x, -v * y], v, weight);
  };
  for (let i = 0; i <= 4; i += 1)
    for (let j = 0; j <= 3; j += 1) {
      const place = [i / 4, (j / 3) * (height / width)];
      meet(place, place, HOLD * HOLD);
    }
  for (const { place, pixel } of points) {
    const from = at(place);
    if (from) meet(from, pixel.map((value) => value / width), 1);
  }
  for (const { ends, pixels } of lines) {
    const [p, q] = pixels.map((pixel) => pixel.map((value) => value / width));
    const length = Math.hypot(q[0] - p[0], q[1] - p[1]) || 1;
    const [nx, ny] = [-(q[1] - p[1]) / length, (q[0] - p[0]) / length];
    const c = nx * p[0] + ny * p[1];
    for (const end of ends) {
      const from = at(end);
      if (from) add([nx * from[0], nx * from[1], nx, ny * from[0], ny * from[1], ny, -c * from[0], -c * from[1]], c, 1);
    }
  }
  const moved = [...solved(normal, right), 1];
  const scale = [width, 0, 0, 0, width, 0, 0, 0, 1];
  const unscale = [1 / width, 0, 0, 0, 1 / width, 0, 0, 0, 1];
  return times(times(times(scale, moved), unscale), base);
}
