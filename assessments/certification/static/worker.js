// The service worker of the pages behind the QR code. It keeps the page that checks a certificate without a network, the
// files that belong to it (each named by the hash of its content, so that two sets never mix), and what that page must
// know: public keys and status lists. It keeps no page about any certificate: with a network each is asked for; without
// one the kept page opens in its place and reads what stands behind the #.
const PREFIX = "offline-check-";
const NAME = `${PREFIX}${SHELL.language}-${SHELL.digest.slice(0, 16)}`;
const WAIT = 6000;

async function take() {
  const [shell, ...files] = await wholeSet();
  const cache = await caches.open(NAME);
  for (const [at, [address]] of FILES.entries()) await cache.put(address, files[at]);
  await cache.put(SHELL.address, shell);
  await data();
}

// The newest keys and lists when there is a network, else those that were kept.
async function data() {
  try {
    const answer = await soon(fetch(SHELL.data, { cache: "no-cache", credentials: "omit", redirect: "error" }));
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("another's page");
    const kept = unpacked(answer, await answer.arrayBuffer());
    await (await caches.open(NAME)).put(SHELL.data, kept.clone());
    return kept;
  } catch {
    return (await (await caches.open(NAME)).match(SHELL.data)) ?? Response.error();
  }
}

function soon(promise) {
  return Promise.race([promise, new Promise((_, late) => setTimeout(() => late(new Error("no network")), WAIT))]);
}

async function page(request) {
  try {
    return await soon(fetch(request));
  } catch (away) {
    const shell = await (await caches.open(NAME)).match(SHELL.address);
    if (shell) return shell;
    throw away;
  }
}

async function tidy() {
  const sets = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  for (const name of sets) await caches.delete(name);
}

self.addEventListener("install", (event) => event.waitUntil(take().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request;
  const { pathname, origin } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate") event.respondWith(page(event.request));
  else if (pathname === SHELL.data) event.respondWith(data());
  else if (pathname.startsWith("/static/")) event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
});
