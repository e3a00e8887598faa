// An officer's passkey signs what a form decides (its documents and the purpose); then the form is sent with the answer.
import { send, show } from "../people/passkey.js";

export default function officerKey(frame) {
  const form = frame.closest("form");
  const button = frame.querySelector("button");
  const answer = frame.querySelector("input[name=assertion]");
  const message = frame.querySelector("[role=alert]");
  const { question, purpose, token, failed } = frame.dataset;
  const say = (words) => {
    message.textContent = words;
    message.hidden = !words;
  };
  if (!window.PublicKeyCredential) return;
  const acts = form.querySelector(".acts");
  acts.append(button);
  acts.before(message);
  button.hidden = false;
  // Whoever types a code after all sends the code.
  form.querySelector("input[name$=code]")?.addEventListener("input", () => {
    answer.value = "";
  });
  button.addEventListener("click", async () => {
    button.disabled = true;
    say("");
    try {
      const hashes = [...form.querySelectorAll("input[name=document]")].map((input) => input.value);
      answer.value = JSON.stringify(await show(await send(question, token, { purpose, hashes })));
      form.requestSubmit(acts.querySelector("button[type=submit]"));
    } catch (wrong) {
      // The browser's own refusals (cancelled, timed out) speak its language, not ours.
      say(wrong instanceof DOMException || !wrong.message ? failed : wrong.message);
    }
    button.disabled = false;
  });
}
