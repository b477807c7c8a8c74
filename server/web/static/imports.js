// Imports: files go to the API as they are; the page of a file says at once what another choice makes of it.
import { show } from "./parts.js";

const NAME = "{name}";
const AGAIN_MS = 2000;

function send(url, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, body: JSON.parse(request.responseText || "{}") });
    request.onerror = () => reject(new Error("broken"));
    request.send(file);
  });
}

function startUpload(form) {
  const [input, told, progress] = [form.querySelector("#file"), form.querySelector(".told"), form.querySelector("progress")];
  form.hidden = false;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    told.classList.remove("bad");
    told.textContent = told.dataset.busy.replace(NAME, file.name);
    progress.hidden = false;
    try {
      const answer = await send(`${form.dataset.upload}?${new URLSearchParams({ name: file.name })}`, file, (share) => (progress.value = share));
      if (answer.status !== 201) throw new Error(answer.body.detail);
      const next = new URL(form.dataset.next, location.href);
      next.searchParams.set("file", answer.body.id);
      next.searchParams.set("subject", form.elements.subject.value);
      location.assign(next);
    } catch (error) {
      told.classList.add("bad");
      told.textContent = error.message === "broken" ? told.dataset.broken : `${file.name}: ${error.message}`;
      progress.hidden = true;
    }
  });
}

// What changes the columns themselves needs the whole page; everything else only its answers.
function startMapping(form) {
  form.addEventListener("change", (event) => {
    const { target } = event;
    if (target.name === "name") return;
    const query = new URLSearchParams([...new FormData(form)].filter(([name, value]) => value && name !== "name"));
    if (target.name === "subject" || target.name === "use") {
      for (const name of [...query.keys()]) if (/^[ckv]\./.test(name) || name === "shown") query.delete(name);
    }
    const url = `${form.getAttribute("action")}?${query}`;
    if ("whole" in target.dataset) location.assign(url);
    else show(url, { push: true });
  });
}

function startRunning() {
  setInterval(() => {
    if (document.querySelector("[data-running]") && !document.hidden) show(location.href);
  }, AGAIN_MS);
}

const [upload, mapping] = [document.querySelector("form[data-upload]"), document.querySelector("form[data-mapping]")];
if (upload) startUpload(upload);
if (mapping) startMapping(mapping);
startRunning();
