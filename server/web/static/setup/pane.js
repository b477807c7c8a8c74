// A drawing that can be moved and enlarged: by wheel, pinch, drag and keys. Its units are the content's own.
const MOST = 16;

export class Pane {
  constructor(svg, name) {
    this.svg = svg;
    this.name = name;
    this.content = { x: 0, y: 0, width: 1, height: 1 };
    this.zoom = 1;
    this.corner = null; // left top of what is shown; null: as a whole
    svg.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  // One screen px in the content's units.
  get u() {
    const { width, height } = this.svg.getBoundingClientRect();
    return Math.max(this.content.width / (width || 1), this.content.height / (height || 1)) / this.zoom;
  }

  show(content) {
    const key = Object.values(content).join();
    if (key !== Object.values(this.content).join()) this.fit();
    this.content = content;
    this.place();
  }

  // What is shown fills the drawing's own proportions, so that no part of it lies idle.
  place() {
    const { width, height } = this.svg.getBoundingClientRect();
    if (!width) return;
    const { content, u } = this;
    const [w, h] = [width * u, height * u];
    const held = (at, least, size, seen) =>
      seen >= size ? least - (seen - size) / 2 : Math.min(Math.max(at, least), least + size - seen);
    this.corner ??= [content.x, content.y];
    this.corner = [held(this.corner[0], content.x, content.width, w), held(this.corner[1], content.y, content.height, h)];
    this.svg.setAttribute("viewBox", `${this.corner[0]} ${this.corner[1]} ${w} ${h}`);
    this.svg.classList.toggle("zoomed", this.zoom > 1);
  }

  // What is to be seen of the content.
  get shown() {
    const { width, height } = this.svg.getBoundingClientRect();
    const [x, y] = this.corner ?? [this.content.x, this.content.y];
    return { x, y, right: x + width * this.u, bottom: y + height * this.u };
  }

  fit() {
    this.zoom = 1;
    this.corner = null;
  }

  at({ clientX, clientY }) {
    const edge = this.svg.getBoundingClientRect();
    const [x, y] = this.corner ?? [0, 0];
    return [x + (clientX - edge.left) * this.u, y + (clientY - edge.top) * this.u];
  }

  get middle() {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    return this.at({ clientX: left + width / 2, clientY: top + height / 2 });
  }

  zoomBy(factor, [x, y] = this.middle) {
    const before = this.u;
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), MOST);
    const grown = this.u / before;
    this.corner = [x - (x - this.corner[0]) * grown, y - (y - this.corner[1]) * grown];
    this.changed();
  }

  panBy(dx, dy) {
    this.corner = [this.corner[0] + dx * this.u, this.corner[1] + dy * this.u];
    this.changed();
  }

  // Bring a place into what is shown.
  reveal([x, y]) {
    const { width, height } = this.svg.getBoundingClientRect();
    const [w, h] = [width * this.u, height * this.u];
    const [left, top] = this.corner ?? [0, 0];
    if (x >= left && x <= left + w && y >= top && y <= top + h) return;
    this.corner = [x - w / 2, y - h / 2];
    this.changed();
  }

  changed() {
    this.place();
    this.svg.dispatchEvent(new CustomEvent("moved", { bubbles: true }));
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== this.svg && this.zoom === 1) return; // let the page scroll
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 300), this.at(event));
  }
}
