// Right areas of a picture, drawn over it as they are typed; a tap on the picture adds a circle.
const SVG = "http://www.w3.org/2000/svg";
const RADIUS = 60;

function shape(line) {
  const [name, ...numbers] = line.trim().split(/[\s,，]+/);
  const [a, b, c, d] = numbers.map(Number);
  const drawn = (kind, attributes) => {
    const made = document.createElementNS(SVG, kind);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.setAttribute("class", "spot-area");
    return made;
  };
  if (numbers.some((one) => !/^\d{1,4}$/.test(one))) return null;
  if (name === "circle" && numbers.length === 3) return drawn("circle", { cx: a, cy: b, r: c });
  if (name === "rect" && numbers.length === 4 && a < c && b < d) return drawn("rect", { x: a, y: b, width: c - a, height: d - b });
  if (name === "polygon" && numbers.length >= 6) return drawn("polygon", { points: numbers.join(" ") });
  return null;
}

export default function areas(box) {
  const lines = document.getElementById(box.dataset.lines);
  const draw = () => box.querySelector("svg").replaceChildren(...lines.value.split("\n").map(shape).filter(Boolean));
  lines.addEventListener("input", draw);
  box.querySelector("img").addEventListener("click", (event) => {
    const at = event.target.getBoundingClientRect();
    const x = Math.round((1000 * (event.clientX - at.left)) / at.width);
    const y = Math.round((1000 * (event.clientY - at.top)) / at.height);
    lines.value = `${lines.value.trim()}\ncircle ${x} ${y} ${RADIUS}`.trim();
    draw();
  });
  draw();
}
