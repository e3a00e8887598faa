// Hears "signed-out", asks for the password (and the code) in place, and says "signed-in" with a fresh CSRF token.
import { isOut, signedIn } from "../lms/js/session.js";

export default function signInAgain(dialog) {
  const form = dialog.querySelector("form");
  const message = dialog.querySelector("[role=alert]");
  const { address, codeAddress, away } = dialog.dataset;
  let token = "";
  let stage = "password";
  let owner = null;

  const say = (words) => {
    message.textContent = words;
    message.hidden = !words;
  };

  const ask = async (where, body) => {
    const headers = { Accept: "application/json" };
    if (body) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": token });
    const answer = await fetch(where, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    const said = await answer.json();
    if (said.csrf_token) token = said.csrf_token;
    return said;
  };

  const turnTo = (next) => {
    stage = next;
    for (const field of dialog.querySelectorAll("[data-stage]")) field.hidden = field.dataset.stage !== stage;
    form.elements[stage === "code" ? "code" : form.elements.account.readOnly ? "password" : "account"].focus();
  };

  const isIn = () => {
    form.reset();
    dialog.close();
    signedIn(token);
  };

  const look = async () => {
    const stand = await ask(address);
    if (stand.signed_in) {
      if (owner && stand.account !== owner) location.reload();
      else isIn();
    }
    return stand;
  };

  // Whose page this is comes a moment later; what somebody has begun to type by then stays.
  const open = async () => {
    if (dialog.open) return;
    dialog.showModal();
    say("");
    turnTo("password");
    const { account: typed, password } = form.elements;
    try {
      const { signed_in: already, account } = await look();
      if (already) return;
      owner = account || owner;
    } catch {
      say(away);
    }
    if (!owner) return;
    typed.value = owner;
    typed.readOnly = true;
    if (document.activeElement === typed) password.focus();
  };

  const goOn = (said) => {
    if (said.same_person === false) location.reload();
    else if (said.signed_in) isIn();
    else if (said.step === "second_factor") turnTo("code");
    else if (said.address) location.assign(said.address);
    else say(said.detail || "");
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    const { account, password, code } = form.elements;
    try {
      if (!token) await ask(address);
      if (stage === "password") {
        goOn(await ask(address, { account: account.value, password: password.value }));
      } else {
        const said = await ask(codeAddress, { code: code.value });
        if (said.passed) await look();
        else say(said.detail || "");
      }
    } catch {
      say(away);
    }
  });

  addEventListener("signed-out", open);
  addEventListener("focus", () => dialog.open && stage === "code" && look().catch(() => {}));
  // Escape would leave the page without anybody signed in and nobody told.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  if (isOut()) open();
}
