// A button that has the browser make a passkey (data-way="make") or show one (data-way="show").
const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const withBytes = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function make(question) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...question,
      challenge: toBytes(question.challenge),
      user: { ...question.user, id: toBytes(question.user.id) },
      excludeCredentials: withBytes(question.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
    },
  };
}

export async function show(question) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...question,
      challenge: toBytes(question.challenge),
      allowCredentials: withBytes(question.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature } = shown.response;
  return {
    id: shown.id,
    rawId: toText(shown.rawId),
    type: shown.type,
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
    },
  };
}

export async function send(address, token, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail || "");
  return said;
}

export default function passkey(frame) {
  const button = frame.querySelector("button");
  const message = frame.querySelector("[role=alert]");
  const { way, question, answer, token, next, failed, missing } = frame.dataset;
  const say = (words) => {
    message.textContent = words;
    message.hidden = !words;
  };
  if (!window.PublicKeyCredential) {
    say(missing);
    return;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    say("");
    try {
      const asked = await send(question, token, {});
      const said = await send(answer, token, await (way === "make" ? make(asked) : show(asked)));
      location.assign(said.next || next);
    } catch (wrong) {
      // The browser's own refusals (cancelled, timed out) speak its language, not ours.
      say(wrong instanceof DOMException || !wrong.message ? failed : wrong.message);
      button.disabled = false;
    }
  });
}
