// Whether the centre still knows who is here. Whoever is refused with 401 says so; the dialog that asks for the password
// may come later than that, and asks then.
let out = false;

export const isOut = () => out;

export function signedOut() {
  out = true;
  dispatchEvent(new CustomEvent("signed-out"));
}

export function signedIn(token) {
  out = false;
  dispatchEvent(new CustomEvent("signed-in", { detail: { csrf_token: token } }));
}
