// Areas on the radar: the hull of each team, or who is nearest to each place (Voronoi), from the players seen now.

const CELL_M = 1.5;

/** Convex hull of points [[x, y], ...], anticlockwise (A. M. Andrew, 1979). */
export function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const cross = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const chain = (list) => {
    const kept = [];
    for (const point of list) {
      while (kept.length > 1 && cross(kept.at(-2), kept.at(-1), point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}

export function drawHulls(context, scale, people, colourOf) {
  for (const team of [0, 1]) {
    const players = people.filter((person) => person.team === team && person.role === 0);
    const outline = hull(players.map((person) => [person.x, person.y]));
    if (outline.length < 3) continue;
    context.beginPath();
    outline.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](scale.x(x), scale.y(y)));
    context.closePath();
    context.fillStyle = context.strokeStyle = colourOf({ team, role: 0 });
    context.globalAlpha = 0.22;
    context.fill();
    context.globalAlpha = 0.85;
    context.lineWidth = 1.5;
    context.stroke();
    context.globalAlpha = 1;
  }
}

/** Each place in the colour of the team whose player is nearest, inside the camera's view: elsewhere nobody was seen. */
export function drawNearest(context, scale, people, [length, width], view, colourOf) {
  const players = people.filter((person) => person.team >= 0 && person.role < 2);
  if (!players.length) return;
  context.save();
  if (view) {
    context.beginPath();
    for (let i = 0; i < view.length; i += 2) context[i ? "lineTo" : "moveTo"](scale.x(view[i]), scale.y(view[i + 1]));
    context.closePath();
    context.clip();
  }
  context.globalAlpha = 0.3;
  // Whole pixels, so that neighbouring cells neither overlap nor leave a gap.
  const [px, py] = [(x) => Math.round(scale.x(x)), (y) => Math.round(scale.y(y))];
  for (let x = -length / 2; x < length / 2; x += CELL_M)
    for (let y = -width / 2; y < width / 2; y += CELL_M) {
      let [best, owner] = [Infinity, null];
      for (const player of players) {
        const distance = (player.x - x - CELL_M / 2) ** 2 + (player.y - y - CELL_M / 2) ** 2;
        if (distance < best) [best, owner] = [distance, player];
      }
      context.fillStyle = colourOf({ team: owner.team, role: 0 });
      context.fillRect(px(x), py(y + CELL_M), px(x + CELL_M) - px(x), py(y) - py(y + CELL_M));
    }
  context.restore();
}
