// The tablet's own key: made here, never leaves this browser, known to the centre by its public half.
import { asked, finished } from "../lms/js/disk.js";
import { canonical } from "./canonical.js";

const DATABASE = "tablet";
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const AES = { name: "AES-GCM", length: 256 };

export const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
export const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// One database for the tablet: its key, one vault for each examiner, and what each of them has written, sealed.
export async function openDisk(factory = indexedDB) {
  const request = factory.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    const { result } = request;
    result.createObjectStore("device");
    result.createObjectStore("vaults", { keyPath: "id" });
    for (const name of ["drafts", "sheets"]) {
      const rows = result.createObjectStore(name, { keyPath: "id" });
      rows.createIndex("vault", "vault");
      rows.createIndex("place", "place");
    }
  };
  return asked(request);
}

export async function put(database, store, value, key) {
  const transaction = database.transaction(store, "readwrite", { durability: "strict" });
  transaction.objectStore(store).put(value, ...(key === undefined ? [] : [key]));
  await finished(transaction);
}

export const get = (database, store, key) => asked(database.transaction(store).objectStore(store).get(key));

export class Device {
  constructor({ keys, cover, id, label }) {
    Object.assign(this, { keys, cover, id, label });
  }

  // The key that is here, or null. One whose answer got lost on the way is here without an id.
  static async load(database) {
    const row = await get(database, "device", "key");
    return row ? new Device(row) : null;
  }

  // Make a key, prove it to the centre with the officer's code, and keep it. ask(body): {status, body}. Asked again with the
  // same key it is the same tablet, so that an answer that got lost costs nothing.
  static async enrol(database, code, ask) {
    let device = await Device.load(database);
    if (!device) {
      const keys = await crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"]);
      const cover = await crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
      device = new Device({ keys, cover, id: null, label: "" });
      await put(database, "device", { ...device }, "key");
    }
    const key = base64(await crypto.subtle.exportKey("spki", device.keys.publicKey));
    const body = { code, key };
    const answer = await ask({ ...body, signature: await device.sign(canonical(body)) });
    if (answer.status !== 200) return { refused: answer.body?.detail ?? "" };
    device.id = answer.body.device;
    device.label = answer.body.label;
    await put(database, "device", { ...device }, "key");
    return { device };
  }

  async sign(text) {
    return base64(await crypto.subtle.sign(ECDSA, this.keys.privateKey, new TextEncoder().encode(text)));
  }

  // Seal bytes so that they open in this browser only.
  async wrap(bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.cover, bytes) };
  }

  unwrap({ iv, bytes }) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.cover, bytes);
  }
}
