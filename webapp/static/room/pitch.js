// The pitch on a canvas: metres to pixels, grass, marks, and what the camera saw of it.

const MARGIN_M = 4;

/** How metres become canvas pixels for a width; y grows upwards on the pitch and downwards on the canvas. */
export function pitchScale([length, width], canvasWidth) {
  const perMetre = canvasWidth / (length + 2 * MARGIN_M);
  return {
    perMetre,
    height: Math.round(perMetre * (width + 2 * MARGIN_M)),
    width: canvasWidth,
    dot: Math.max(4.5, Math.min(8, perMetre * 1.35)),
    x: (metres) => (metres + length / 2 + MARGIN_M) * perMetre,
    y: (metres) => (width / 2 + MARGIN_M - metres) * perMetre,
  };
}

export function drawPitch(context, scale, pitchM, view) {
  const [length, width] = pitchM;
  context.globalAlpha = 1;
  context.fillStyle = "#22513b";
  context.fillRect(0, 0, scale.width, scale.height);
  const stripes = 12;
  context.fillStyle = "#265943";
  for (let i = 0; i < stripes; i += 2)
    context.fillRect(
      scale.x(-length / 2 + (i * length) / stripes),
      scale.y(width / 2),
      (length / stripes) * scale.perMetre,
      width * scale.perMetre,
    );
  if (view) shadeUnseen(context, scale, view);
  drawMarks(context, scale, length, width);
}

/** Everything outside the camera's view is dimmed: nobody there was seen. */
function shadeUnseen(context, scale, view) {
  const outline = () => {
    for (let i = 0; i < view.length; i += 2)
      context[i ? "lineTo" : "moveTo"](scale.x(view[i]), scale.y(view[i + 1]));
    context.closePath();
  };
  context.fillStyle = "rgba(7, 18, 13, .5)";
  context.beginPath();
  context.rect(0, 0, scale.width, scale.height);
  outline();
  context.fill("evenodd");
  context.beginPath();
  outline();
  context.strokeStyle = "rgba(255, 244, 200, .55)";
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  context.stroke();
  context.setLineDash([]);
}

function drawMarks(context, scale, length, width) {
  const box = (x0, y0, x1, y1) =>
    context.strokeRect(scale.x(x0), scale.y(y1), (x1 - x0) * scale.perMetre, (y1 - y0) * scale.perMetre);
  const arc = (x, y, from, to, radius = 9.15) => {
    context.beginPath();
    context.arc(scale.x(x), scale.y(y), radius * scale.perMetre, from, to);
    context.stroke();
  };
  const spot = (x) => {
    context.beginPath();
    context.arc(scale.x(x), scale.y(0), Math.max(1.5, 0.3 * scale.perMetre), 0, 2 * Math.PI);
    context.fill();
  };
  context.strokeStyle = context.fillStyle = "rgba(255, 255, 255, .62)";
  context.lineWidth = 1.2;
  box(-length / 2, -width / 2, length / 2, width / 2);
  context.beginPath();
  context.moveTo(scale.x(0), scale.y(-width / 2));
  context.lineTo(scale.x(0), scale.y(width / 2));
  context.stroke();
  arc(0, 0, 0, 2 * Math.PI);
  spot(0);
  const reach = Math.acos(5.5 / 9.15);
  for (const side of [-1, 1]) {
    const line = (side * length) / 2;
    for (const [depth, span] of [[16.5, 40.32], [5.5, 18.32]])
      box(Math.min(line, line - side * depth), -span / 2, Math.max(line, line - side * depth), span / 2);
    box(Math.min(line, line + side * 2), -3.66, Math.max(line, line + side * 2), 3.66);
    const mark = line - side * 11;
    spot(mark);
    arc(mark, 0, (side > 0 ? Math.PI : 0) - reach, (side > 0 ? Math.PI : 0) + reach);
  }
}
