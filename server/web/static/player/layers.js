// One layer of the picture per kind: made and decoded out of sight, shown, watched, taken down.
//   ready: resolves when its first frame can be painted      start(offset): let it run      stuck(ms): words, or null
const PATIENCE_MS = 8000;

function within(promise, what) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} for ${PATIENCE_MS / 1000} s`)), PATIENCE_MS));
  return Promise.race([promise, late]);
}

class Layer {
  #addresses = [];
  ready = Promise.resolve();

  constructor(...children) {
    this.element = document.createElement("div");
    this.element.className = "layer";
    this.element.append(...children);
  }
  address(blob) {
    const address = URL.createObjectURL(blob);
    this.#addresses.push(address);
    return address;
  }
  start() {}
  stuck() {
    return null;
  }
  // What a picture of the screen is drawn from; null: it cannot be looked into.
  get picture() {
    return null;
  }
  dispose() {
    this.element.remove();
    this.#addresses.forEach(URL.revokeObjectURL);
  }
  // A QR code in the corner.
  async mark(blob) {
    const code = new Image();
    code.className = "qr";
    code.alt = "";
    code.src = this.address(blob);
    await within(code.decode(), "the QR code did not decode");
    this.element.append(code);
  }
}

export class ImageLayer extends Layer {
  constructor(blob) {
    const image = new Image();
    super(image);
    this.image = image;
    image.alt = "";
    image.src = this.address(blob);
    this.ready = within(image.decode(), "the picture did not decode");
  }
  get picture() {
    return this.image;
  }
}

export class VideoLayer extends Layer {
  #seen = { place: 0, at: performance.now() };
  #running = false;

  constructor(blob, seconds) {
    const video = document.createElement("video");
    super(video);
    this.video = video;
    this.seconds = seconds;
    Object.assign(video, { muted: true, playsInline: true, preload: "auto", disableRemotePlayback: true });
    this.ready = within(decoded(video), "the video did not decode");
    video.src = this.address(blob);
  }
  // A video that is shorter than its play begins again; one as long stays on its last frame until the next is there.
  start(offset = 0) {
    const { video } = this;
    video.loop = video.duration < this.seconds - 0.5;
    video.currentTime = video.duration > 0 ? offset % video.duration : 0;
    this.#running = true;
    this.#seen = { place: video.currentTime, at: performance.now() };
    video.play().catch(() => {}); // `stuck` notices
  }
  stuck(patience) {
    const { video } = this;
    const place = video.currentTime;
    if (!this.#running || video.ended || place !== this.#seen.place) this.#seen = { place, at: performance.now() };
    const quiet = performance.now() - this.#seen.at;
    if (quiet > patience / 2) video.play().catch(() => {});
    return quiet > patience ? `the video stood still at ${place.toFixed(1)} s` : null;
  }
  get picture() {
    return this.video;
  }
  dispose() {
    this.video.removeAttribute("src");
    this.video.load(); // gives the decoder back at once
    super.dispose();
  }
}

function decoded(video) {
  return new Promise((resolve, reject) => {
    video.addEventListener("canplaythrough", resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error?.message || "not a video")), { once: true });
  });
}

// Runs in a frame of its own, which has a policy of its own; the package itself in a sandbox within.
export class PackageLayer extends Layer {
  constructor(blob) {
    const frame = document.createElement("iframe");
    super(frame);
    this.ready = within(this.#open(frame, blob), "the package did not load");
    frame.src = "/screens/package.html";
  }
  async #open(frame, blob) {
    const html = await blob.text();
    await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    const running = new Promise((resolve) => {
      const hear = ({ source, data }) => {
        if (source !== frame.contentWindow || data !== "running") return;
        removeEventListener("message", hear);
        resolve();
      };
      addEventListener("message", hear);
    });
    frame.contentWindow.postMessage({ html }, location.origin);
    await running;
  }
}

export class HouseLayer extends Layer {
  constructor(house) {
    super(house.cloneNode(true));
    this.element.firstChild.hidden = false;
  }
}
