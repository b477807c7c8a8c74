// The real thing in a dialog: a picture, a video, or a package in a frame that may reach nothing.
const MAKE = {
  image: (source, name) => Object.assign(document.createElement("img"), { src: source, alt: name }),
  video: (source) => Object.assign(document.createElement("video"), { src: source, controls: true, muted: true, autoplay: true, loop: true }),
  html: (source, name) => {
    const frame = Object.assign(document.createElement("iframe"), { src: source, title: name });
    frame.setAttribute("sandbox", "allow-scripts");
    return frame;
  },
};

export function startPreviews() {
  const dialog = document.getElementById("preview");
  const stage = dialog.querySelector(".stage");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-preview]");
    if (!button) return;
    const { preview, kind, name } = button.dataset;
    dialog.querySelector("h2").textContent = name;
    dialog.classList.toggle("upright", button.classList.contains("upright"));
    stage.replaceChildren(MAKE[kind](preview, name));
    dialog.showModal();
  });
  dialog.addEventListener("close", () => stage.replaceChildren());
}
