// What the offline page's scripts make of altered proofs: `mutations.mjs FILE`. Every hundredth is asked of the whole-number
// arithmetic too, which stands in where a browser does not know the curve.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const folder = resolve(import.meta.dirname, "../../assessments/certification/static");
const loaded = (name) => import(pathToFileURL(`${folder}/${name}`));
const [{ default: verify, inWholeNumbers }, checks] = [await loaded("ed25519.js"), await loaded("proof.js")];
const { address, keys, genuine, texts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const REFUSED = ["unreadable", "unknown_key", "forged"];
const utf8 = new TextEncoder();

async function believes(kind, text, by) {
  if (kind === "list") return (await checks.known({ address, keys, lists: [text] }, by)).lists.size > 0;
  const known = await checks.known({ address, keys, lists: [] }, by);
  const proof = kind === "card" ? checks.unpack(text) : checks.inFile(utf8.encode(`%PDF-1.7 skills-proof:${text})`));
  return !REFUSED.includes((await checks.verdict(proof, known, by, "2027-01-01")).outcome);
}

const said = { genuine: {}, believed: [] };
for (const [kind, all] of Object.entries(genuine)) {
  said.genuine[kind] = 0;
  for (const text of all) if ((await believes(kind, text, verify)) && (await believes(kind, text, inWholeNumbers))) said.genuine[kind] += 1;
}
for (const kind of ["card", "file", "list"])
  for (const [at, text] of texts[kind].entries())
    if ((await believes(kind, text, verify)) || (at % 100 === 0 && (await believes(kind, text, inWholeNumbers)))) said.believed.push([kind, text]);
process.stdout.write(JSON.stringify(said));
