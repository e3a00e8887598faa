// While one types a question: what is like it, and the words by which a patient might be known. Without network or
// script the page works all the same: the centre looks once more when the question is sent.
import { hearEarlier } from "../lms/js/early.js";

const PAUSE = 600;

export default function ask(frame) {
  const { address, token } = frame.dataset;
  const [title, body] = ["title", "body"].map((name) => frame.querySelector(`[name=${name}]`));
  const like = frame.querySelector("[data-like]");
  const doubt = frame.querySelector("[data-doubt]");
  let timer = 0;
  let asked = "";
  let running = null;

  const row = ({ title: words, address: where, answers }) => {
    const item = document.createElement("li");
    item.className = "row-item";
    const line = document.createElement("div");
    line.className = "row-words";
    const link = document.createElement("a");
    link.className = "row-link";
    link.href = where;
    link.textContent = words;
    const detail = document.createElement("p");
    detail.className = "row-detail";
    detail.textContent = answers;
    line.append(link, detail);
    item.append(line);
    return item;
  };
  const text = (parts) => {
    const line = document.createElement("p");
    line.className = "written-lines";
    line.lang = "zh-CN";
    line.append(...parts.map(({ text: words, kind }) => {
      if (!kind) return words;
      const mark = document.createElement("mark");
      mark.textContent = words;
      return mark;
    }));
    return line;
  };

  function show(found) {
    frame.querySelector("[data-found]").replaceChildren(...found.like.map(row));
    like.hidden = !found.like.length;
    if (found.like.length) frame.querySelector("[name=looked]").value = "1";
    frame.querySelector("[data-marked]").replaceChildren(...found.marked.map(text));
    doubt.hidden = !found.marked.length;
  }

  async function look() {
    const said = JSON.stringify({ title: title.value, body: body.value });
    if (said === asked) return;
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(address, {
        method: "POST",
        redirect: "error",
        signal: running.signal,
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
        body: said,
      });
      if (!answer.ok) return;
      show(await answer.json());
      asked = said;
    } catch {
      // Away: the next letter asks again.
    }
  }

  frame.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  hearEarlier(frame);
}
