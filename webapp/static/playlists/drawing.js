// Drawing on a frozen picture: arrows, circles, zones, and players connected with their distance in metres.

export function drawShapes(context, { width, height }, shapes) {
  const place = ([x, y]) => [x * width, y * height];
  const thick = Math.max(2, height / 180);
  for (const shape of shapes) {
    const points = shape.points.map(place);
    context.strokeStyle = context.fillStyle = shape.colour;
    context.lineWidth = thick;
    context.lineCap = context.lineJoin = "round";
    DRAW[shape.kind](context, points, thick);
    if (shape.text) label(context, shape.text, points, height);
  }
}

function label(context, text, points, height) {
  const [[x0, y0], [x1, y1]] = [points[0], points.at(-1)];
  context.font = `600 ${Math.max(12, height / 22)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.lineWidth = 4;
  context.strokeStyle = "rgba(10, 20, 14, .85)";
  context.fillStyle = "#ffffff";
  context.strokeText(text, (x0 + x1) / 2, (y0 + y1) / 2 - 6);
  context.fillText(text, (x0 + x1) / 2, (y0 + y1) / 2 - 6);
}

function line(context, points) {
  context.beginPath();
  points.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x, y));
}

const ring = (context, [x, y], radius, flat) => {
  context.beginPath();
  context.ellipse(x, y, radius, radius * flat, 0, 0, 2 * Math.PI);
  context.stroke();
};

const DRAW = {
  arrow(context, [from, to], thick) {
    line(context, [from, to]);
    context.stroke();
    const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
    const size = Math.max(5 * thick, 0.18 * Math.hypot(to[0] - from[0], to[1] - from[1]));
    for (const side of [-1, 1]) {
      line(context, [to, [to[0] - size * Math.cos(angle + side * 0.5), to[1] - size * Math.sin(angle + side * 0.5)]]);
      context.stroke();
    }
  },
  circle(context, [centre, rim]) {
    ring(context, centre, Math.max(3, Math.hypot(rim[0] - centre[0], rim[1] - centre[1])), 0.42);
  },
  zone(context, points) {
    line(context, points);
    context.closePath();
    context.globalAlpha = 0.35;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
  },
  connect(context, points, thick) {
    line(context, points);
    context.stroke();
    points.forEach((point) => ring(context, point, 5 * thick, 0.4));
  },
};

/** Ground position in metres of a pixel under `image_from_pitch` (nine numbers, row by row); null beyond the horizon. */
export function groundOf(m, [x, y]) {
  const [a, b, c, d, e, f, g, h, i] = m;
  // Two linear equations in (X, Y): (a - g x) X + (b - h x) Y = i x - c, and the same for y.
  const [p, q, r] = [a - g * x, b - h * x, i * x - c];
  const [s, t, u] = [d - g * y, e - h * y, i * y - f];
  const determinant = p * t - q * s;
  if (Math.abs(determinant) < 1e-9) return null;
  const ground = [(r * t - q * u) / determinant, (p * u - r * s) / determinant];
  return g * ground[0] + h * ground[1] + i > 0 ? ground : null;
}

export class DrawingBoard extends EventTarget {
  constructor(canvas) {
    super();
    Object.assign(this, { canvas, tool: "arrow", colour: "#ffe13c", shapes: [], open: null, matrix: null, sizePx: [1280, 720] });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  get isActive() {
    return this.canvas.dataset.active === "true";
  }

  begin(shapes, matrix, sizePx) {
    Object.assign(this, { shapes: [...shapes], open: null, matrix, sizePx });
    this.canvas.dataset.active = "true";
    this.draw();
  }

  end() {
    this.canvas.dataset.active = "false";
    this.show([]);
  }

  show(shapes) {
    this.shapes = shapes;
    this.open = null;
    this.draw();
  }

  undo() {
    if (this.open) this.open = null;
    else this.shapes.pop();
    this.draw();
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  #down(event) {
    const point = this.#place(event);
    if (this.tool === "zone") {
      this.open ??= { kind: "zone", points: [], colour: this.colour, text: "" };
      const [first] = this.open.points;
      if (first && this.open.points.length > 2 && Math.hypot(first[0] - point[0], first[1] - point[1]) < 0.025) return this.close();
      this.open.points.push(point);
    } else {
      this.canvas.setPointerCapture(event.pointerId);
      this.open = { kind: this.tool, points: [point, point], colour: this.colour, text: "" };
    }
    this.draw();
  }

  #move(event) {
    if (!this.open || this.open.kind === "zone") return;
    this.open.points = [this.open.points[0], this.#place(event)];
    this.open.text = this.open.kind === "connect" ? this.#metres(this.open.points) : "";
    this.draw();
  }

  #up() {
    if (!this.open || this.open.kind === "zone") return;
    const [from, to] = this.open.points;
    if (Math.hypot(from[0] - to[0], from[1] - to[1]) > 0.008) this.shapes.push(this.open);
    this.open = null;
    this.draw();
    this.dispatchEvent(new CustomEvent("drawn"));
  }

  /** Close a zone that has three corners or more. */
  close() {
    if (this.open?.kind === "zone" && this.open.points.length > 2) {
      this.shapes.push(this.open);
      this.dispatchEvent(new CustomEvent("drawn"));
    }
    this.open = null;
    this.draw();
  }

  #metres(points) {
    if (!this.matrix) return "";
    const [a, b] = points.map(([x, y]) => groundOf(this.matrix, [x * this.sizePx[0], y * this.sizePx[1]]));
    return a && b ? `${Math.hypot(a[0] - b[0], a[1] - b[1]).toFixed(1)} m` : "";
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const shapes = this.open && this.open.points.length > 1 ? [...this.shapes, this.open] : this.shapes;
    drawShapes(context, { width, height }, shapes);
    this.canvas.dataset.shapes = String(this.shapes.length);
  }
}
