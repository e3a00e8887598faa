// Draws one figure when it comes near the window, in the colours that the page has now; gives it away as a picture.
// plotly's script is fetched once, only when the first figure needs it. Without any of this the tables say the same.
const NEAR = "400px";
const NARROW = 520;
const ROOMIER = 16;
const QUIET = { displayModeBar: false, displaylogo: false, responsive: true, doubleClick: false, scrollZoom: false };
const dark = matchMedia("(prefers-color-scheme: dark)");
let loading;

function plotly(address) {
  loading ??= new Promise((loaded, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => loaded(window.Plotly);
    script.onerror = () => failed(new Error(`${address} did not load`));
    document.head.append(script);
  });
  return loading;
}

// The figure with every `var(--…)` put into what it is in the style of `element`.
function coloured(value, style) {
  if (typeof value === "string") {
    return value.startsWith("var(--") ? style.getPropertyValue(value.slice(4, -1)).trim() : value;
  }
  if (Array.isArray(value)) return value.map((one) => coloured(one, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one, style)]));
  }
  return value;
}

// Colours for paper, whatever the reader's system says.
function onPaper(figure) {
  const probe = document.createElement("div");
  probe.className = "chart-print";
  document.body.append(probe);
  const made = coloured(figure, getComputedStyle(probe));
  probe.remove();
  return made;
}

// On a phone names stand above their bars, so that the bars have the whole width.
function fitted(figure, canvas) {
  const { xaxis, yaxis, height } = figure.layout;
  if (canvas.clientWidth >= NARROW || !yaxis.ticktext) return figure;
  const above = { xref: "paper", x: 0, xanchor: "left", yref: "y", yanchor: "bottom", yshift: 10, showarrow: false };
  const annotations = yaxis.ticktext.map((name, y) => ({ ...above, y, text: name.replace("<br>", " "), font: { size: 12 } }));
  const layout = { ...figure.layout, annotations, bargap: 0.56, height: height + ROOMIER * annotations.length };
  layout.xaxis = { ...xaxis, nticks: 4, ticksuffix: xaxis.ticksuffix === "%" ? "%" : "" };
  layout.yaxis = { ...yaxis, showticklabels: false, range: [annotations.length - 0.6, -0.85] };
  return { data: figure.data.map((one) => (one.width ? { ...one, width: one.width * 0.55 } : one)), layout };
}

function near(element) {
  return new Promise((arrived) => {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      arrived();
    }, { rootMargin: NEAR });
    watch.observe(element);
    addEventListener("beforeprint", arrived, { once: true });
  });
}

// Beside the drawing stands what it is about: a picture travels without its page.
function picture(frame, figure) {
  const { data, layout } = onPaper(figure);
  const place = { x: 0, xanchor: "left", y: 1, yanchor: "top", yref: "container", pad: { t: 16, l: 16 } };
  const title = { ...place, text: frame.dataset.title, font: { size: 18 } };
  title.subtitle = { text: frame.dataset.under, font: { size: 12 } };
  const top = 128;
  const height = layout.height + top;
  return { data, layout: { ...layout, title, height, width: 1000, autosize: false, margin: { ...layout.margin, t: top } }, config: QUIET };
}

export default async function charts(frame) {
  const figure = JSON.parse(frame.querySelector("script").textContent);
  const canvas = frame.querySelector(".chart-canvas");
  await near(frame);
  let Plotly;
  try {
    Plotly = await plotly(frame.dataset.plotly);
  } catch (wrong) {
    loading = undefined;
    frame.classList.add("chart-failed");
    canvas.textContent = frame.dataset.failed;
    throw wrong;
  }
  const show = (made) => Plotly.react(canvas, made.data, made.layout, QUIET);
  const now = () => show(coloured(fitted(figure, canvas), getComputedStyle(document.documentElement)));
  await now();
  frame.dataset.drawn = "yes";
  dark.addEventListener("change", now);
  addEventListener("beforeprint", () => show(onPaper(figure)));
  addEventListener("afterprint", now);
  canvas.on("plotly_click", ({ points }) => {
    const way = points[0]?.customdata?.[2];
    if (typeof way === "string" && way.startsWith("/") && !way.startsWith("//")) location.assign(way);
  });
  const buttons = frame.querySelector(".chart-pictures");
  for (const button of buttons.querySelectorAll("[data-picture]")) {
    button.addEventListener("click", () => {
      const { data, layout, config } = picture(frame, figure);
      const size = { width: layout.width, height: layout.height, scale: button.dataset.picture === "png" ? 2 : 1 };
      Plotly.downloadImage({ data, layout, config }, { format: button.dataset.picture, filename: frame.dataset.file, ...size });
    });
  }
  buttons.hidden = false;
}
