// Sends a file piece by piece (tus 1.0.0): a broken line costs one piece, and the same file chosen again, even after the
// page was closed, goes on where it stopped.
const LEAST = 1 << 20;
const LARGEST = 4 << 20; // what the server takes at a time
const TUS = { "Tus-Resumable": "1.0.0" };
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

class Refused extends Error {}
// What came is kept: the same file goes on when there is room.
class Full extends Refused {}

async function keepText() {
  const waits = [];
  const until = (one) => waits.push(one);
  document.querySelector("[data-live]")?.dispatchEvent(new CustomEvent("keep-now", { detail: { until } }));
  await Promise.all(waits);
}

export default function upload(form) {
  const says = form.dataset;
  const input = form.querySelector("input[type=file]");
  const bar = form.querySelector("[data-bar]");
  const words = form.querySelector("[data-says]");
  const stop = form.querySelector("[data-stop]");
  const button = form.querySelector("button[type=submit]");
  let stopped = null;

  const ask = (address, method, headers, body) =>
    fetch(address, { method, body, signal: stopped.signal, headers: { ...TUS, "X-CSRFToken": says.token, ...headers } });
  // Words for people are plain text; a whole page (somebody signed out, a server between) is not shown.
  const said = (answer) => (answer.headers.get("Content-Type")?.startsWith("text/plain") ? answer.text() : says.saysStopped);
  const remembered = (file) => `upload:${says.account}:${says.address}:${says.lesson}:${file.name}:${file.size}:${file.lastModified}`;
  const show = (text, at, size, wrong = false) => {
    words.hidden = false;
    bar.hidden = wrong;
    words.classList.toggle("upload-wrong", wrong);
    words.textContent = text;
    if (size) bar.value = Math.floor((at * 100) / size);
  };

  // How far it has come; null where nothing is known of it (any more).
  async function where(address, length) {
    const answer = await ask(address, "HEAD", {});
    if (answer.status >= 500) throw new Error(String(answer.status));
    const same = answer.ok && Number(answer.headers.get("Upload-Length")) === length;
    return same ? Number(answer.headers.get("Upload-Offset")) : null;
  }

  async function announce(file) {
    const about = `filename ${base64(file.name)},lesson ${base64(says.lesson ?? "")}`;
    const answer = await ask(says.address, "POST", { "Upload-Length": String(file.size), "Upload-Metadata": about });
    if (answer.status !== 201) throw new Refused(await said(answer));
    return answer.headers.get("Location");
  }

  async function send(file) {
    let address = localStorage.getItem(remembered(file));
    let at = address ? await where(address, file.size) : null;
    if (at === null) {
      address = await announce(file);
      localStorage.setItem(remembered(file), address);
      at = 0;
    }
    const step = Math.min(LARGEST, Math.max(LEAST, Math.ceil(file.size / 200)));
    for (let pause = 1000; ; ) {
      show(`${says.saysSending} ${Math.floor((at * 100) / file.size)} %`, at, file.size);
      // what was typed goes before the last piece: with it the lesson changes on the server
      const last = at + step >= file.size;
      if (last) {
        await keepText();
        show(says.saysChecking, at, file.size);
      }
      try {
        const headers = { "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" };
        const answer = await ask(address, "PATCH", headers, file.slice(at, at + step));
        if (answer.status === 204) {
          at = Number(answer.headers.get("Upload-Offset"));
          if (at >= file.size) return answer.headers.get("Content-Location");
          pause = 1000;
          continue;
        }
        // Nothing is known of it any more: all was there, and a browser that lost the answer has sent the end once more.
        if (answer.status === 404 && last) return null;
        if (answer.status === 507) throw new Full(await said(answer));
        if (answer.status < 500 && answer.status !== 409 && answer.status !== 429) throw new Refused(await said(answer));
      } catch (wrong) {
        if (wrong instanceof Refused || wrong.name === "AbortError") throw wrong;
      }
      show(says.saysBroken, at, file.size);
      await wait(pause);
      pause = Math.min(pause * 2, 15000);
      const known = await where(address, file.size).catch((wrong) => {
        if (wrong.name === "AbortError") throw wrong;
        return at;
      });
      if (known === null && last) return null; // all was there, only the answer was lost
      at = known ?? at;
    }
  }

  form.addEventListener("submit", async (event) => {
    const file = input.files[0];
    if (!file) return;
    event.preventDefault();
    if (stopped) return;
    stopped = new AbortController();
    button.disabled = true;
    stop.hidden = false;
    try {
      const there = await send(file);
      localStorage.removeItem(remembered(file));
      show(says.saysDone, 1, 1);
      if (says.goes !== undefined) return location.assign(there ?? says.goes);
      location.hash = "files";
      location.reload();
    } catch (wrong) {
      if (wrong instanceof Refused && !(wrong instanceof Full)) localStorage.removeItem(remembered(file));
      show(wrong.name === "AbortError" ? says.saysStopped : wrong.message || says.saysBroken, 0, 0, wrong instanceof Refused);
    } finally {
      stopped = null;
      button.disabled = false;
      stop.hidden = true;
    }
  });
  stop.addEventListener("click", () => stopped?.abort());
}
