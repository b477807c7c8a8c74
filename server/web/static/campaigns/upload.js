// Uploads go to the API as they are; then the page is asked for the new creative's tile.
const NAME = "{name}";

function send(url, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, body: JSON.parse(request.responseText || "{}") });
    request.onerror = () => reject(new Error("broken"));
    request.send(file);
  });
}

async function tileOf(creative) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  return page.querySelector(`[data-creative="${creative}"]`);
}

export function startUploads(form, checkSoon) {
  const box = form.querySelector("[data-upload]");
  if (!box) return;
  const [tiles, told, progress] = [document.getElementById("creatives"), box.querySelector(".told"), box.querySelector("progress")];
  box.hidden = false;

  async function upload(file) {
    const say = (words) => (told.textContent = words.replace(NAME, file.name));
    told.classList.remove("fault-note");
    say(told.dataset.busy);
    progress.hidden = false;
    try {
      const query = new URLSearchParams({ name: file.name.replace(/\.[^.]*$/, "").slice(0, 120) || file.name, filename: file.name });
      const answer = await send(`${box.dataset.upload}?${query}`, file, (share) => {
        progress.value = share;
        if (share === 1) say(told.dataset.looking);
      });
      if (answer.status !== 201) throw new Error(answer.body.detail);
      const tile = await tileOf(answer.body.id);
      tiles.querySelector("[data-none]")?.remove();
      tiles.prepend(tile);
      tile.querySelector("input").checked = true;
      say(told.dataset.done);
      checkSoon();
    } catch (error) {
      told.classList.add("fault-note");
      say(error.message === "broken" ? told.dataset.broken : `${NAME}: ${error.message}`);
    } finally {
      progress.hidden = true;
    }
  }

  box.querySelector("input").addEventListener("change", async (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    for (const file of files) await upload(file);
  });
}
