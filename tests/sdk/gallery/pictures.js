/** Drawn people, as streams: enough to judge a layout by, and nobody's face. */

const LOOKS = {
  practitioner: { wall: ["#cfd9d3", "#aebdb6"], coat: "#f5f6f4", skin: "#c98f6c", hair: "#3a2c26" },
  patient: { wall: ["#e6d8c3", "#cdb896"], coat: "#5b7a94", skin: "#e3b48f", hair: "#7b5a3a" },
  carer: { wall: ["#d6cfe0", "#b6abc9"], coat: "#7c4d5e", skin: "#8a5a3f", hair: "#191514" },
};

/** A person in front of a wall; `width` by `height` as their camera would give. */
export function personStream(look, width = 1280, height = 720) {
  return drawn(width, height, (pen) => {
    const { wall, coat, skin, hair } = LOOKS[look];
    const light = pen.createLinearGradient(0, 0, width, height);
    light.addColorStop(0, wall[0]);
    light.addColorStop(1, wall[1]);
    pen.fillStyle = light;
    pen.fillRect(0, 0, width, height);
    const unit = Math.min(width, height);
    const x = width / 2;
    const y = height * 0.44;
    ellipse(pen, coat, x, height * 1.08, unit * 0.44, unit * 0.4);
    ellipse(pen, skin, x, y + unit * 0.24, unit * 0.085, unit * 0.14);
    ellipse(pen, hair, x, y - unit * 0.05, unit * 0.19, unit * 0.225);
    ellipse(pen, skin, x, y, unit * 0.158, unit * 0.2);
    for (const side of [-1, 1]) ellipse(pen, hair, x + side * unit * 0.06, y - unit * 0.02, unit * 0.014, unit * 0.018);
    pen.strokeStyle = "#7d3f35";
    pen.lineWidth = unit * 0.012;
    pen.beginPath();
    pen.arc(x, y + unit * 0.055, unit * 0.06, 0.25, Math.PI - 0.25);
    pen.stroke();
  });
}

/** A page of results, as somebody would share it. */
export function screenStream() {
  return drawn(1280, 800, (pen) => {
    pen.fillStyle = "#fdfdfb";
    pen.fillRect(0, 0, 1280, 800);
    pen.fillStyle = "#0d6560";
    pen.fillRect(80, 80, 380, 28);
    pen.fillStyle = "#c9d2d0";
    for (let row = 0; row < 12; row++) pen.fillRect(80, 170 + row * 46, 500 + ((row * 173) % 520), 16);
  });
}

function drawn(width, height, draw) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  draw(pen);
  // A canvas gives a frame when it changes.
  setInterval(() => draw(pen), 200);
  return canvas.captureStream(10);
}

function ellipse(pen, colour, x, y, radiusX, radiusY) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.ellipse(x, y, radiusX, radiusY, 0, 0, 2 * Math.PI);
  pen.fill();
}
