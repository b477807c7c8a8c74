// A chart as PNG: the drawing is copied with its computed colours, painted on a canvas at double size, and saved.
const KEPT = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linejoin", "paint-order", "font-family", "font-size", "font-weight", "text-anchor", "visibility", "r", "transform", "opacity", "display"];

function standalone(svg) {
  const copy = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll("*")];
  const to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of KEPT) to[i].style.setProperty(name, style.getPropertyValue(name));
    if (style.vectorEffect === "non-scaling-stroke") to[i].style.setProperty("vector-effect", "non-scaling-stroke");
  });
  return copy;
}

// A drawing on a canvas may ask for nothing: pictures of the server are taken into it.
async function inlined(image) {
  const address = image.getAttribute("href");
  if (!address || address.startsWith("data:")) return;
  const answer = await fetch(address, { credentials: "same-origin" });
  const reader = new FileReader();
  reader.readAsDataURL(await answer.blob());
  await new Promise((done) => reader.addEventListener("loadend", done));
  image.setAttribute("href", reader.result);
}

async function picture(svg) {
  const box = svg.getBoundingClientRect();
  const copy = standalone(svg);
  await Promise.all([...copy.querySelectorAll("image")].map(inlined));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return { image, box };
}

async function save(figure) {
  const svg = [...figure.querySelectorAll("svg")].find((drawing) => drawing.getBoundingClientRect().width > 0);
  const { image, box } = await picture(svg);
  const margin = 16;
  const canvas = document.createElement("canvas");
  canvas.width = 2 * (box.width + 2 * margin);
  canvas.height = 2 * (box.height + 2 * margin + 24);
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.body);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.scale(2, 2);
  pen.drawImage(image, margin, margin + 24, box.width, box.height);
  pen.fillStyle = style.color;
  pen.font = `600 13px ${style.fontFamily}`;
  pen.fillText(svg.getAttribute("aria-label"), margin, margin + 8, box.width);
  const link = document.createElement("a");
  link.download = `${figure.id.replace("figure-", "vitrina-")}.png`;
  link.href = canvas.toDataURL("image/png");
  link.click();
}

export function startPng() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-png]");
    const figure = button && document.getElementById(button.dataset.png);
    if (figure) save(figure);
  });
}
