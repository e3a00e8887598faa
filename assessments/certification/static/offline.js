// The page that checks a certificate on the device itself. What is typed, pasted or opened here is sent nowhere.
export default async function offline(root) {
  const { proof, ed25519, data, worker, scope, language, zone } = root.dataset;
  const [checks, { default: verify }] = await Promise.all([import(proof), import(ed25519)]);
  keep(worker, scope, root);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [form, text, file, facts] = ["form", "text", "file", "facts"].map(part);
  part("busy").hidden = location.hash.length < 20;
  const known = await learn(data, checks, verify);
  part("busy").hidden = true;
  say(part, known, language);

  async function show(made) {
    const found = await checks.verdict(made, known, verify, today(zone));
    for (const one of root.querySelectorAll("[data-outcome]")) one.hidden = one.dataset.outcome !== found.outcome;
    for (const one of root.querySelectorAll("[data-as-of]")) one.textContent = found.asOf ? moment(found.asOf, language) : "";
    facts.hidden = !found.card || found.outcome === "unknown_key";
    if (!facts.hidden) fill(facts, found.card);
    part("answer").dataset.shown = found.outcome;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [chosen] = file.files;
    await show(chosen ? checks.inFile(new Uint8Array(await chosen.arrayBuffer())) : checks.unpack(text.value));
  });
  text.addEventListener("input", () => (file.value = ""));
  const read = async () => {
    if (location.hash.length < 20) return;
    text.value = location.hash.slice(1);
    await show(checks.unpack(text.value));
  };
  addEventListener("hashchange", read);
  await read();
  root.dataset.ready = "yes";
}

// Keys and lists: from the network, else as the worker kept them, else none.
async function learn(address, checks, verify) {
  try {
    const answer = await fetch(address, { credentials: "omit" });
    return await checks.known(await answer.json(), verify);
  } catch {
    return checks.known({ address: "", keys: [], lists: [] }, verify);
  }
}

async function keep(worker, scope, root) {
  try {
    await navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    root.dataset.kept = "yes";
  } catch {
    root.dataset.kept = "no"; // it works while there is a network
  }
}

function say(part, known, language) {
  part("keys").textContent = known.keys.size;
  part("lists").textContent = known.asOf ? moment(known.asOf, language) : "–";
  part("nothing").hidden = known.keys.size > 0;
}

function fill(facts, card) {
  for (const one of facts.querySelectorAll("[data-fact]")) {
    const value = card[one.dataset.fact];
    const words = one.dataset.words ? JSON.parse(one.dataset.words) : {};
    one.textContent = words[String(value)] ?? value ?? words.none ?? "";
  }
}

const moment = (at, language) => new Date(at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });

// The day where the certificates are issued, wherever this device is: YYYY-MM-DD.
function today(zone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts();
  const named = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${named.year}-${named.month}-${named.day}`;
}
