/** Drawn people, as streams: enough to judge a layout by, and nobody's face. */

const LOOKS = {
  practitioner: { wall: ["#dfe6e1", "#b9c8c1"], frame: "#c9d5cf", coat: "#fbfbf9", collar: "#8fb3ad", skin: "#c9926f", shade: "#b57f5d", hair: "#3a2b25", long: false },
  patient: { wall: ["#efe4d2", "#d8c5a6"], frame: "#e2d2b7", coat: "#5f7f99", collar: "#51708a", skin: "#e6b995", shade: "#d5a47d", hair: "#7a5536", long: true },
  carer: { wall: ["#dfd9e8", "#bfb5d0"], frame: "#cfc6de", coat: "#7b4e61", collar: "#693f51", skin: "#8d5f45", shade: "#784e37", hair: "#1d1714", long: true },
};

/** A person in front of a wall; `width` by `height` as their camera would give. The same stream each time. */
export function personStream(look, width = 1280, height = 720) {
  return drawn(`${look} ${width} ${height}`, width, height, (pen) => drawPerson(pen, LOOKS[look], width, height));
}

/** `unit` is the width of a head, about, so that an upright picture shows the same person as a wide one. */
function drawPerson(pen, { wall, frame, coat, collar, skin, shade, hair, long }, width, height) {
  const light = pen.createLinearGradient(0, 0, width, height);
  light.addColorStop(0, wall[0]);
  light.addColorStop(1, wall[1]);
  pen.fillStyle = light;
  pen.fillRect(0, 0, width, height);
  const unit = Math.min(width, height) * 0.36;
  const x = width / 2;
  const y = height * 0.43;
  pen.fillStyle = frame;
  pen.beginPath();
  pen.roundRect(x - unit * 2.1, y - unit * 1.05, unit * 1.1, unit * 1.35, unit * 0.06);
  pen.fill();
  if (long) ellipse(pen, hair, x, y + unit * 0.24, unit * 0.56, unit * 0.84);
  ellipse(pen, coat, x, y + unit * 2.02, unit * 1.22, unit * 1.2);
  pen.fillRect(x - unit * 1.22, y + unit * 2.02, unit * 2.44, height);
  pen.fillStyle = shade;
  pen.beginPath();
  pen.roundRect(x - unit * 0.2, y + unit * 0.36, unit * 0.4, unit * 0.56, unit * 0.19);
  pen.fill();
  pen.fillStyle = collar;
  pen.beginPath();
  pen.moveTo(x - unit * 0.34, y + unit * 0.9);
  pen.quadraticCurveTo(x, y + unit * 1.3, x + unit * 0.34, y + unit * 0.9);
  pen.quadraticCurveTo(x, y + unit * 1.06, x - unit * 0.34, y + unit * 0.9);
  pen.fill();
  ellipse(pen, hair, x, y - unit * 0.13, unit * 0.52, unit * 0.58);
  for (const side of [-1, 1]) ellipse(pen, shade, x + side * unit * 0.45, y + unit * 0.08, unit * 0.07, unit * 0.12);
  ellipse(pen, skin, x, y + unit * 0.06, unit * 0.44, unit * 0.55);
  pen.fillStyle = hair;
  pen.beginPath();
  pen.moveTo(x - unit * 0.47, y - unit * 0.02);
  pen.quadraticCurveTo(x - unit * 0.3, y - unit * 0.4, x + unit * 0.1, y - unit * 0.36);
  pen.quadraticCurveTo(x + unit * 0.38, y - unit * 0.34, x + unit * 0.47, y - unit * 0.02);
  pen.quadraticCurveTo(x + unit * 0.5, y - unit * 0.66, x, y - unit * 0.68);
  pen.quadraticCurveTo(x - unit * 0.5, y - unit * 0.66, x - unit * 0.47, y - unit * 0.02);
  pen.fill();
  for (const side of [-1, 1]) {
    ellipse(pen, "#2b211d", x + side * unit * 0.17, y + unit * 0.03, unit * 0.032, unit * 0.042);
    arc(pen, hair, x + side * unit * 0.17, y + unit * 0.02, unit * 0.11, Math.PI * 1.25, Math.PI * 1.75, unit * 0.026);
  }
  arc(pen, shade, x + unit * 0.01, y + unit * 0.13, unit * 0.06, 0.3, Math.PI - 0.9, unit * 0.024);
  arc(pen, "#8d4a40", x, y + unit * 0.2, unit * 0.16, 0.45, Math.PI - 0.45, unit * 0.034);
}

function arc(pen, colour, x, y, radius, from, to, thickness) {
  pen.strokeStyle = colour;
  pen.lineWidth = thickness;
  pen.lineCap = "round";
  pen.beginPath();
  pen.arc(x, y, radius, from, to);
  pen.stroke();
}

/** A page of results, as somebody would share it. */
export function screenStream() {
  return drawn("screen", 1280, 800, (pen) => {
    pen.fillStyle = "#fdfdfb";
    pen.fillRect(0, 0, 1280, 800);
    pen.fillStyle = "#0d6560";
    pen.fillRect(80, 80, 380, 28);
    pen.fillStyle = "#c9d2d0";
    for (let row = 0; row < 12; row++) pen.fillRect(80, 170 + row * 46, 500 + ((row * 173) % 520), 16);
  });
}

/** @type {Map<string, MediaStream>} */
const streams = new Map();

function drawn(name, width, height, draw) {
  const known = streams.get(name);
  if (known) return known;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  draw(pen);
  // A canvas gives a frame when it is drawn.
  setInterval(() => draw(pen), 250);
  const stream = canvas.captureStream(10);
  streams.set(name, stream);
  return stream;
}

function ellipse(pen, colour, x, y, radiusX, radiusY) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.ellipse(x, y, radiusX, radiusY, 0, 0, 2 * Math.PI);
  pen.fill();
}
