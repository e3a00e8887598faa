// Speaking with the centre: JSON there and back, and an acknowledgement that only the centre can have made.
export class NoAnswer extends Error {}

export class Refused extends Error {
  constructor(status, detail) {
    super(`refused: ${status}`);
    this.status = status;
    this.detail = detail;
  }
}

const PATIENCE = 12_000;

export async function ask(address, { body, token } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": token });
  let answer;
  try {
    answer = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
      redirect: "error",
      cache: "no-store",
    });
  } catch {
    throw new NoAnswer("no network");
  }
  // A captive portal or a proxy answers with a page; the centre answers such a request with JSON only.
  let said;
  try {
    said = await answer.json();
  } catch {
    throw new NoAnswer("not the centre");
  }
  if (answer.ok && said && typeof said === "object") return said;
  if (answer.status >= 500 || answer.status === 429) throw new NoAnswer(`status ${answer.status}`);
  throw new Refused(answer.status, said?.detail);
}

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

// The ids the centre holds by its own proof; none when the answer is not an acknowledgement.
export async function held(said, attempt, receipt) {
  const names = (list) => Array.isArray(list) && list.every((id) => typeof id === "string");
  if (!names(said.held) || !names(said.late) || typeof said.proof !== "string") throw new NoAnswer("no acknowledgement");
  const ids = [...said.held, ...said.late];
  if (globalThis.crypto?.subtle) {
    const key = await crypto.subtle.importKey("raw", bytes(receipt), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    const text = new TextEncoder().encode([attempt, ...[...ids].sort()].join("\n"));
    if (!(await crypto.subtle.verify("HMAC", key, bytes(said.proof), text))) throw new NoAnswer("false proof");
  }
  return ids;
}
