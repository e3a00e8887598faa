// The film of the lesson “按压四样” as code: `python -m tests.films` draws it picture by picture and writes
// attachments/compressions.webm. What is said stands in attachments/compressions.vtt, at the same times.
// Every figure stands in the lesson's table, with its source.
const BEAT = 60 / 110; // seconds from one compression to the next
const RIGHT = 5.5; // cm
const INK = "#1c2b2d";
const SOFT = "#5d6d6f";
const TEAL = "#0b6e6e";
const BAND = "#cfe8e4";
const WRONG = "#a8321f";
const SKIN = "#e9c9ae";
const RIGHT_SIDE = 356; // where words begin; the picture stands left of it
const FONT = '"Noto Sans CJK SC", sans-serif';

export const film = { width: 640, height: 360, rate: 15, seconds: 72 };

// What happens when: how deep a compression goes and how far it comes back (cm), and what the picture says of it.
const PARTS = [
  { from: 0, to: 8, name: "位置", still: true },
  { from: 8, to: 20, name: "快慢", says: "100～120 次/分" },
  { from: 20, to: 26, name: "深浅", says: "5～6 cm" },
  { from: 26, to: 32, name: "深浅", says: "太浅：3.5 cm", deep: 3.5, wrong: true },
  { from: 32, to: 38, name: "深浅", says: "5～6 cm" },
  { from: 38, to: 44, name: "回弹", says: "每次完全弹起" },
  { from: 44, to: 50, name: "回弹", says: "手靠着，没弹起", back: 1.8, wrong: true },
  { from: 50, to: 61, name: "中断", says: "每次不超过 10 秒", pause: [53, 58] },
  { from: 61, to: 72, name: "跟着按", says: "四样都对" },
];

const partAt = (t) => PARTS.findLast((part) => t >= part.from) ?? PARTS[0];
const rests = (t) => {
  const { still, pause } = partAt(t);
  return still || (pause && t >= pause[0] && t < pause[1]);
};

// When the beat sounds: with each compression, in films that can be heard.
export function beats() {
  const all = [];
  for (let n = 0; n * BEAT < film.seconds - 0.2; n += 1) if (!rests(n * BEAT)) all.push(n * BEAT);
  return all;
}

// How deep the breastbone is pressed, in cm.
function depth(t) {
  const beat = Math.floor(t / BEAT) * BEAT;
  if (rests(beat)) return 0;
  const { deep = RIGHT, back = 0 } = partAt(beat);
  return back + (deep - back) * Math.sin((Math.PI * (t - beat)) / BEAT) ** 2;
}

export function draw(pen, t) {
  const part = partAt(t);
  pen.fillStyle = "#fbfaf7";
  pen.fillRect(0, 0, film.width, film.height);
  heading(pen, part);
  body(pen, depth(t), part);
  if (part.pause) line(pen, t, part);
  else if (part.name === "位置") place(pen, t);
  else gauge(pen, depth(t), part);
  if (!part.still) count(pen, t, part);
}

function words(pen, text, x, y, size, colour = INK, weight = 500) {
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function heading(pen, part) {
  pen.textAlign = "left";
  words(pen, part.name, RIGHT_SIDE, 40, 26, TEAL, 700);
  if (!part.says) return;
  const x = RIGHT_SIDE + part.name.length * 26 + 16;
  mark(pen, x + 10, 30, part.wrong);
  words(pen, part.says, x + 30, 39, 22, part.wrong ? WRONG : INK, 600);
}

// Right or wrong by its shape as well: a tick, a cross.
function mark(pen, x, y, wrong) {
  pen.strokeStyle = wrong ? WRONG : TEAL;
  pen.lineWidth = 5;
  pen.lineCap = "round";
  pen.beginPath();
  const points = wrong ? [[-8, -8], [8, 8], null, [8, -8], [-8, 8]] : [[-10, 0], [-3, 8], [10, -8]];
  let pick = "moveTo";
  for (const point of points) {
    if (point) pen[pick](x + point[0], y + point[1]);
    pick = point ? "lineTo" : "moveTo";
  }
  pen.stroke();
}

// The chest cut across, on hard ground, and whoever presses kneeling over it. 9 pixels are a centimetre.
const CM = 9;
const CHEST = { x: 210, top: 186, ground: 284, wide: 118 };

function body(pen, cm, part) {
  const down = cm * CM;
  pen.fillStyle = "#d9d3c7";
  pen.fillRect(30, CHEST.ground, 360, 8);
  trunk(pen, down);
  heart(pen, down);
  arms(pen, down, part);
}

function trunk(pen, down) {
  const { x, top, ground, wide } = CHEST;
  pen.beginPath();
  pen.moveTo(x - wide, ground - 34);
  pen.bezierCurveTo(x - wide, top + 12, x - 70, top + 2, x - 34, top + 4 + down * 0.75);
  pen.bezierCurveTo(x - 16, top + down, x + 16, top + down, x + 34, top + 4 + down * 0.75);
  pen.bezierCurveTo(x + 70, top + 2, x + wide, top + 12, x + wide, ground - 34);
  pen.bezierCurveTo(x + wide, ground, x + 60, ground, x, ground);
  pen.bezierCurveTo(x - 60, ground, x - wide, ground, x - wide, ground - 34);
  pen.fillStyle = SKIN;
  pen.fill();
  pen.strokeStyle = INK;
  pen.lineWidth = 2.5;
  pen.stroke();
  block(pen, x - 17, top + 9 + down, 34, 8, "#fff"); // breastbone
  block(pen, x - 14, ground - 22, 28, 17, "#fff"); // spine
}

function block(pen, x, y, wide, high, colour) {
  pen.beginPath();
  pen.roundRect(x, y, wide, high, 4);
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = SOFT;
  pen.lineWidth = 2;
  pen.stroke();
}

// The heart between breastbone and spine: pressed flat it sends blood out, let go it fills.
function heart(pen, down) {
  const { x, top, ground } = CHEST;
  const above = top + 19 + down;
  const below = ground - 24;
  pen.beginPath();
  pen.ellipse(x, (above + below) / 2, 34 + down * 0.18, Math.max(5, (below - above) / 2 - 2), 0, 0, 2 * Math.PI);
  pen.fillStyle = "#c65a4b";
  pen.fill();
}

function arms(pen, down, part) {
  const { x, top } = CHEST;
  const y = top + down;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  limb(pen, [[x, y - 149], [x, y - 146]], 36, "#dcb493"); // the head, seen from the front
  limb(pen, [[x - 44, y - 112], [x - 2, y - 10]], 17, "#f2f5f4");
  limb(pen, [[x + 44, y - 112], [x + 2, y - 10]], 17, "#f2f5f4");
  limb(pen, [[x - 46, y - 113], [x + 46, y - 113]], 24, "#f2f5f4");
  block(pen, x - 25, y - 13, 50, 13, part.wrong && part.back ? "#e2a08f" : "#dcb493");
  block(pen, x - 19, y - 24, 38, 12, "#dcb493");
}

function limb(pen, points, wide, colour) {
  for (const [extra, shade] of [[4, INK], [0, colour]]) {
    pen.strokeStyle = shade;
    pen.lineWidth = wide + extra;
    pen.beginPath();
    points.forEach(([x, y], n) => pen[n ? "lineTo" : "moveTo"](x, y));
    pen.stroke();
  }
}

// Where the hands and shoulders are, one after another.
function place(pen, t) {
  const told = [
    [1.5, "掌根放胸骨下半段", 222, 180],
    [3.5, "肩在手的正上方", 262, 74],
    [5.5, "肘伸直，垂直往下", 240, 130],
  ];
  pen.textAlign = "left";
  for (const [from, text, x, y] of told) {
    if (t < from) continue;
    pen.strokeStyle = TEAL;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(396, y);
    pen.stroke();
    words(pen, text, 404, y + 7, 20);
  }
}

// Depth on a ruler: what is wanted is a band with a frame and its words, where the breastbone is an arrow.
function gauge(pen, cm, part) {
  const x = 452;
  const y = 76;
  const unit = 28;
  pen.fillStyle = BAND;
  pen.fillRect(x, y + 5 * unit, 92, unit);
  pen.strokeStyle = TEAL;
  pen.lineWidth = 2;
  pen.strokeRect(x, y + 5 * unit, 92, unit);
  pen.textAlign = "right";
  for (let n = 0; n <= 7; n += 1) {
    pen.fillStyle = SOFT;
    pen.fillRect(x - 8, y + n * unit - 1, n % 5 ? 8 : 14, 2);
    words(pen, String(n), x - 14, y + n * unit + 6, 16, SOFT);
  }
  pen.textAlign = "left";
  words(pen, "5～6 cm", x + 100, y + 5.5 * unit + 6, 17, TEAL, 600);
  words(pen, part.back ? "没回到 0" : "回到 0", x + 100, y + 6, 17, part.back ? WRONG : TEAL, 600);
  const at = y + cm * unit;
  pen.fillStyle = part.wrong ? WRONG : TEAL;
  pen.fillRect(x, y, 14, at - y);
  pen.beginPath();
  pen.moveTo(x + 18, at);
  pen.lineTo(x + 34, at - 10);
  pen.lineTo(x + 34, at + 10);
  pen.fill();
}

// Time as a line: bars are compressions, the gap is a pause and its seconds are counted.
function line(pen, t, { from, to, pause }) {
  const x = 424;
  const wide = 196;
  const at = (moment) => x + ((moment - from) / (to - from)) * wide;
  for (const beat of beats()) {
    if (beat < from || beat >= Math.min(to, t)) continue;
    pen.fillStyle = TEAL;
    pen.fillRect(at(beat), 120, 4, 44);
  }
  if (t >= pause[0]) {
    const end = Math.min(t, pause[1]);
    pen.strokeStyle = WRONG;
    pen.lineWidth = 2;
    pen.strokeRect(at(pause[0]), 120, Math.max(2, at(end) - at(pause[0]) - 4), 44);
    pen.textAlign = "left";
    words(pen, `停了 ${Math.floor(end - pause[0])} 秒`, x, 200, 22, t < pause[1] ? WRONG : INK, 600);
    if (t < pause[1]) words(pen, "两次吹气", x, 232, 20);
    else words(pen, "马上接着按", x, 232, 20, TEAL, 600);
  }
  pen.fillStyle = SOFT;
  pen.fillRect(x, 168, wide, 2);
}

// Beats since this part began, and a lamp that goes with the sound for who cannot hear it.
function count(pen, t, part) {
  const beat = Math.floor(t / BEAT);
  const first = Math.ceil(part.from / BEAT);
  const lit = !rests(beat * BEAT) && t - beat * BEAT < 0.14;
  pen.beginPath();
  pen.arc(46, 92, lit ? 17 : 11, 0, 2 * Math.PI);
  pen.fillStyle = lit ? TEAL : "#fbfaf7";
  pen.fill();
  pen.strokeStyle = TEAL;
  pen.lineWidth = 3;
  pen.stroke();
  pen.textAlign = "left";
  words(pen, "110 次/分", 22, 142, 17, SOFT);
  if (part.name === "跟着按" || part.name === "快慢") words(pen, String(Math.max(1, beat - first + 1)), 74, 102, 30, INK, 700);
}
