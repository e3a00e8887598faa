// On the page behind the QR code: what the paper itself says (it stands behind the # and was never sent), whether its
// signature holds, and whether it says the same as this page. Also keeps the page that works without a network.
export default async function scanned(root) {
  const { proof, ed25519, data, number, worker, scope } = root.dataset;
  navigator.serviceWorker?.register(worker, { scope, updateViaCache: "none" }).catch(() => {});
  if (location.hash.length < 20) return;
  const [checks, { default: verify }] = await Promise.all([import(proof), import(ed25519)]);
  const made = checks.unpack(location.hash);
  const known = await checks.known(await (await fetch(data, { credentials: "omit" })).json(), verify);
  const key = made && known.keys.get(made.card.key);
  const holds = Boolean(key) && (await verify(key, made.signed, made.signature));
  const same = holds && made.card.number === number;
  root.querySelector(`[data-paper="${same ? "same" : holds ? "other" : "forged"}"]`).hidden = false;
  for (const one of root.querySelectorAll("[data-fact]")) one.textContent = holds ? (made.card[one.dataset.fact] ?? "") : "";
  root.querySelector("[data-part=paper-facts]").hidden = !holds;
  root.hidden = false;
}
