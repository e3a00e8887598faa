// What stands behind the # of a QR code, and in a certificate's file: read, checked, and held against the status lists.
// Nothing here asks the network; keys and lists are given. The same rules as rules/document.py and rules/statuslist.py.
const FIRST = ["number", "name", "star", "category", "authority", "from", "until", "key"];
const FIELDS = { 8: FIRST, 9: [...FIRST, "status"] };
const TYPES = { 8: "clinical-skills/star-card/1", 9: "clinical-skills/star-card/2" };
const BITS = 131072;
const LONGEST = 4000;
const PURPOSES = ["revocation", "suspension", "refresh"];
const utf8 = new TextEncoder();

// Base64url without padding, of which one form alone is right; anything else is null.
export function decoded(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return encoded(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

export function encoded(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function words(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

// The one text (RFC 8785) of an object whose values are strings, whole numbers or null.
export function canonical(card) {
  const parts = Object.keys(card).sort().map((name) => `${JSON.stringify(name)}:${JSON.stringify(card[name])}`);
  return `{${parts.join(",")}}`;
}

// The card and its signature out of the text of a QR code (the whole address will do), or null.
export function unpack(text) {
  const bare = text.trim().split("#").pop().trim();
  const parts = bare.split(".");
  if (bare.length > LONGEST || parts.length !== 2) return null;
  const [packed, signature] = parts.map(decoded);
  const values = packed && signature && words(packed);
  if (!Array.isArray(values) || !FIELDS[values.length]) return null;
  const plain = values.every((one) => one === null || typeof one === "string" || Number.isSafeInteger(one));
  if (!plain || encoded(utf8.encode(JSON.stringify(values))) !== parts[0]) return null;
  const card = { type: TYPES[values.length] };
  FIELDS[values.length].forEach((name, at) => (card[name] = values[at]));
  return { card, signature, signed: utf8.encode(canonical(card)) };
}

// The proof out of a certificate's file: what was signed is there word for word. Null where there is none, or more than one.
export function inFile(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  const found = new Set([...text.matchAll(/skills-proof:([A-Za-z0-9_-]{1,20000}[.][A-Za-z0-9_-]{80,100})(?![A-Za-z0-9_.=-])/g)].map((one) => one[1]));
  if (found.size !== 1) return null;
  const [signed, signature] = [...found][0].split(".").map(decoded);
  const full = signed && signature && words(signed);
  if (!full || typeof full !== "object" || !full.authority) return null;
  return { card: { ...full, authority: full.authority.name }, signature, signed };
}

// ---- what is known: keys and lists ----

export async function known(data, verify) {
  const keys = new Map(data.keys.map(({ kid, x }) => [kid, decoded(x)]));
  const lists = new Map();
  for (const text of data.lists) {
    const list = await listIn(text, keys, verify);
    if (list) lists.set(list.url, list);
  }
  return { address: data.address, keys, lists, asOf: earliest([...lists.values()]) };
}

function earliest(lists) {
  return lists.length ? lists.map((one) => one.asOf).sort()[0] : null;
}

async function listIn(text, keys, verify) {
  const parts = text.split(".");
  const [head, claims, signature] = parts.map(decoded);
  const [header, said] = [head && words(head), claims && words(claims)];
  const key = keys.get(String(header?.kid ?? "").split("/").pop());
  if (parts.length !== 3 || !signature || header?.alg !== "EdDSA" || !key) return null;
  if (!(await verify(key, utf8.encode(`${parts[0]}.${parts[1]}`), signature))) return null;
  const subject = said?.credentialSubject;
  const bits = PURPOSES.includes(subject?.statusPurpose) ? await unpacked(subject.encodedList) : null;
  return bits && { url: said.id, bits, asOf: said.validFrom };
}

async function unpacked(text) {
  const packed = text.startsWith("u") ? decoded(text.slice(1)) : null;
  if (!packed || !globalThis.DecompressionStream) return null;
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const bits = new Uint8Array(await new Response(stream).arrayBuffer());
    return bits.length === BITS / 8 ? bits : null;
  } catch {
    return null;
  }
}

// ---- the verdict ----

// One word for what a proof is worth on a day (YYYY-MM-DD), by these keys and lists.
export async function verdict(proof, { address, keys, lists }, verify, today) {
  if (!proof) return { outcome: "unreadable" };
  const { card, signature, signed } = proof;
  const key = keys.get(card.key);
  if (!key) return { outcome: "unknown_key", card };
  if (signature.length !== 64 || !(await verify(key, signed, signature))) return { outcome: "forged" };
  const bits = statusOf(card.status, address, lists);
  return { outcome: worth(card, bits, today), card, asOf: bits?.asOf ?? null };
}

function worth(card, bits, today) {
  if (bits?.revocation) return "revoked";
  if (bits?.refresh) return "replaced";
  if (today < card.from) return "not_yet";
  if (card.until !== null && today > card.until) return "expired";
  if (bits?.suspension) return "suspended";
  return bits ? "good" : "genuine";
}

// The three bits of one certificate, or null unless every list that holds one of them is known.
function statusOf(status, address, lists) {
  if (!Number.isSafeInteger(status) || status < 0) return null;
  const [number, index] = [Math.floor(status / BITS), status % BITS];
  const found = PURPOSES.map((purpose) => lists.get(`${address}/v/status/${number}/${purpose}`));
  if (found.some((list) => !list)) return null;
  const bits = found.map((list) => (list.bits[index >> 3] & (0x80 >> (index & 7))) !== 0);
  return { revocation: bits[0], suspension: bits[1], refresh: bits[2], asOf: earliest(found) };
}
