// One examiner's part of a tablet, sealed. Its key is random and lies here twice, each time under this browser's own key too,
// so that neither copy opens anywhere else: once under the PIN, good for one day and five tries, and once under a secret
// that the centre gives to nobody but its owner, after a full sign-in. With the second a new PIN is chosen, and what
// waited here from days before is there again.
import { finished } from "../lms/js/disk.js";
import { get, put } from "./keys.js";

export const TRIES = 5;
const ROUNDS = 600_000;
const text = new TextEncoder();

export class Wrong extends Error {
  constructor(left) {
    super("wrong PIN");
    this.left = left;
  }
}

// The PIN opens nothing (any more): five were wrong, or its day is over. Signing in opens it.
export class Locked extends Error {}

// Sealed for somebody by a secret that has changed since; what waits in it must not be covered up.
export class Lost extends Error {}

const random = (length) => crypto.getRandomValues(new Uint8Array(length));

async function seal(key, bytes, about) {
  const iv = random(12);
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: text.encode(about) }, key, bytes) };
}

const unseal = (key, { iv, bytes }, about) =>
  crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: text.encode(about) }, key, bytes);

async function keyOfPin(pin, salt, rounds) {
  const plain = await crypto.subtle.importKey("raw", text.encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, plain, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const keyOfSecret = (secret) =>
  crypto.subtle.importKey("raw", Uint8Array.from(secret.match(/../g), (pair) => parseInt(pair, 16)), "AES-GCM", false, ["encrypt", "decrypt"]);

async function doubly(device, key, raw, about) {
  const inner = await seal(key, raw, about);
  const both = new Uint8Array(12 + inner.bytes.byteLength);
  both.set(inner.iv);
  both.set(new Uint8Array(inner.bytes), 12);
  return device.wrap(both);
}

async function undoubly(device, key, sealed, about) {
  const both = new Uint8Array(await device.unwrap(sealed));
  return unseal(key, { iv: both.slice(0, 12), bytes: both.slice(12) }, about);
}

// Open for work: seals what is written, opens what was.
export class Vault {
  #key;
  #names;

  constructor(id, key, names) {
    this.id = id;
    this.#key = key;
    this.#names = names;
  }

  static async of(id, raw) {
    const base = await crypto.subtle.importKey("raw", raw, "HKDF", false, ["deriveKey"]);
    const how = (info) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: text.encode(info) });
    const key = await crypto.subtle.deriveKey(how("seal"), base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const names = await crypto.subtle.deriveKey(how("names"), base, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return new Vault(id, key, names);
  }

  seal(value, about) {
    return seal(this.#key, text.encode(JSON.stringify(value)), about);
  }

  async open(sealed, about) {
    return JSON.parse(new TextDecoder().decode(await unseal(this.#key, sealed, about)));
  }

  // What a row is called on the disk: the same every time, and nothing to whoever reads it there.
  async name(what) {
    const bytes = await crypto.subtle.sign("HMAC", this.#names, text.encode(what));
    return [...new Uint8Array(bytes).slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

// Prepare for a day: a new PIN, what the centre briefed, and the same key as before where there is one.
export async function prepare(database, device, { vault: id, secret, day, until, photos, ...briefing }, pin, prepared) {
  const before = await get(database, "vaults", id);
  const key = await keyOfSecret(secret);
  const raw = before ? await reopened(device, key, before) : random(32);
  const salt = random(16);
  const vault = await Vault.of(id, raw);
  const kept = before ? await vault.open(before.briefing, `briefing ${id}`) : null;
  const row = {
    id,
    day,
    until,
    prepared,
    tries: 0,
    salt,
    rounds: ROUNDS,
    byPin: await doubly(device, await keyOfPin(pin, salt, ROUNDS), raw, `pin ${id} ${day}`),
    byCentre: before?.byCentre ?? (await doubly(device, key, raw, `centre ${id}`)),
    briefing: await vault.seal(await together(database, vault, briefing, kept), `briefing ${id}`),
    photos: await vault.seal(photos ?? {}, `photos ${id}`),
  };
  await put(database, "vaults", row);
  return vault;
}

async function reopened(device, key, before) {
  try {
    return await undoubly(device, key, before.byCentre, `centre ${before.id}`);
  } catch {
    throw new Lost();
  }
}

// The new briefing, and of the old one the stations at which something still waits.
async function together(database, vault, briefing, kept) {
  if (!kept) return briefing;
  const known = new Set(briefing.stations.map((one) => one.station));
  const old = [];
  for (const one of kept.stations) if (!known.has(one.station) && (await waits(database, vault, one.station))) old.push(one);
  return { ...briefing, stations: [...briefing.stations, ...old] };
}

async function waits(database, vault, station) {
  const place = await vault.name(`station ${station}`);
  const transaction = database.transaction(["drafts", "sheets"]);
  const counts = ["drafts", "sheets"].map((name) => transaction.objectStore(name).index("place").count(place));
  await finished(transaction);
  return counts.some((request) => request.result > 0);
}

// Open with the PIN. Each try is counted on the disk before it is made: pulling the plug does not give it back.
export async function open(database, device, id, pin, now) {
  const row = await get(database, "vaults", id);
  if (!row?.byPin) throw new Locked();
  if (now >= Date.parse(row.until)) {
    await put(database, "vaults", { ...row, byPin: null });
    throw new Locked();
  }
  const tries = row.tries + 1;
  await put(database, "vaults", { ...row, tries, byPin: tries >= TRIES ? null : row.byPin });
  let raw;
  try {
    raw = await undoubly(device, await keyOfPin(pin, row.salt, row.rounds), row.byPin, `pin ${id} ${row.day}`);
  } catch {
    if (tries >= TRIES) throw new Locked();
    throw new Wrong(TRIES - tries);
  }
  await put(database, "vaults", { ...row, tries: 0 });
  return Vault.of(id, raw);
}

// What was briefed, each candidate with the picture, while there is one.
export async function briefingOf(database, vault) {
  const row = await get(database, "vaults", vault.id);
  const briefing = await vault.open(row.briefing, `briefing ${vault.id}`);
  const photos = row.photos ? await vault.open(row.photos, `photos ${vault.id}`) : {};
  for (const { candidates } of briefing.stations) for (const one of candidates) one.photo = photos[one.id];
  return briefing;
}

// What is said of each vault to whoever holds the tablet: no names. Pictures do not outlive their day.
export async function listed(database, now) {
  const transaction = database.transaction(["vaults", "drafts", "sheets"]);
  const rows = transaction.objectStore("vaults").getAll();
  await finished(transaction);
  const found = [];
  for (const row of rows.result) {
    const counts = database.transaction(["drafts", "sheets"]);
    const [drafts, sheets] = ["drafts", "sheets"].map((name) => counts.objectStore(name).index("vault").count(row.id));
    await finished(counts);
    const today = now < Date.parse(row.until);
    const open = Boolean(row.byPin) && today;
    if (row.photos && !today) await put(database, "vaults", { ...row, photos: null });
    found.push({ id: row.id, day: row.day, prepared: row.prepared, open, drafts: drafts.result, sheets: sheets.result });
  }
  return found.sort((a, b) => b.prepared - a.prepared);
}
