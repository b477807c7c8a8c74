// Within the player: takes a package, made into one document, and runs it where it can reach nothing.
addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || origin !== location.origin) return;
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.addEventListener("load", () => parent.postMessage("running", location.origin), { once: true });
  frame.srcdoc = data.html;
  document.body.replaceChildren(frame);
});
