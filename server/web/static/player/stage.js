// What is painted: the layer that is on, and beneath it those that are being made ready. The house picture lies under all.
import { HouseLayer, ImageLayer, PackageLayer, VideoLayer } from "./layers.js";

const FADE_MS = 300;
const SHOT_PX = 960;
const KINDS = { image: ImageLayer, video: VideoLayer, html: PackageLayer };

export class Stage {
  #root;
  #house;
  #library;
  #on = null;
  #height = 2; // the house picture is at 1, what is being made ready at 0

  constructor(root, house, library) {
    this.#root = root;
    this.#house = house;
    this.#library = library;
  }

  // A layer that can be painted at once. Throws where it cannot: Away where the file cannot be had.
  async prepare(item) {
    if (!item.media) return new HouseLayer(this.#house);
    const blob = await this.#library.get(item.media);
    const layer = new KINDS[item.media.kind](blob, item.media.seconds);
    this.#root.append(layer.element); // beneath what is on, where it is painted and not seen; a frame must not be moved
    try {
      await layer.ready;
      if (item.qr) await this.#mark(layer, item.qr);
    } catch (error) {
      layer.dispose();
      throw error;
    }
    return layer;
  }

  // Put `layer` on, at once or softly; what was on goes when it is covered.
  show(layer, { offset = 0, soft = true } = {}) {
    const before = this.#on;
    this.#on = layer;
    if (!layer.element.isConnected) this.#root.append(layer.element);
    layer.element.style.zIndex = this.#height++;
    layer.start(offset);
    if (!before) return;
    if (!soft) return before.dispose();
    const fading = layer.element.animate({ opacity: [0, 1] }, { duration: FADE_MS, easing: "ease-in-out" });
    fading.finished.catch(() => {}).then(() => before.dispose());
  }

  // Nothing but the house picture.
  clear() {
    this.#on?.dispose();
    this.#on = null;
  }

  // A small JPEG of what is on, for an administrator who asked.
  async shot() {
    const { clientWidth: width, clientHeight: height } = this.#root;
    const scale = Math.min(1, SHOT_PX / Math.max(width, height, 1));
    const canvas = new OffscreenCanvas(Math.max(1, width * scale), Math.max(1, height * scale));
    drawShot(canvas, this.#on);
    return canvas.convertToBlob({ type: "image/jpeg", quality: 0.7 });
  }

  // A code that cannot be had does not keep its creative off the screen.
  async #mark(layer, address) {
    const path = `${new URL(address, location.origin).pathname}.svg`;
    const code = await this.#library.get({ path, type: "image/svg+xml" }).catch(() => null);
    if (code) await layer.mark(code).catch(() => {});
  }
}

function drawShot(canvas, layer) {
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#24282d";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const picture = layer?.picture;
  if (!picture) {
    pen.fillStyle = "#fff";
    pen.font = `${Math.round(canvas.height / 16)}px sans-serif`;
    pen.textAlign = "center";
    return pen.fillText(layer?.element.querySelector("iframe") ? "HTML" : "Vitrina", canvas.width / 2, canvas.height / 2);
  }
  const [w, h] = [picture.videoWidth || picture.naturalWidth, picture.videoHeight || picture.naturalHeight];
  const scale = Math.min(canvas.width / w, canvas.height / h);
  pen.drawImage(picture, (canvas.width - w * scale) / 2, (canvas.height - h * scale) / 2, w * scale, h * scale);
}
