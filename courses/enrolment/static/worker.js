// The service worker of the doctor's pages. It keeps one set of files that belong together (SHELL and FILES come from the
// centre, each with the hash of its content) and nothing else: no answer of the centre, no page with anybody's name. Pages
// always come from the centre; where it cannot be reached, the shell stands in for them and shows what is kept here.
//
// A new set is taken in whole or not at all: a portal's page, half a file or a file of another release gives the
// installation up, and the phone goes on with the set it has. The last set stays beside the new one, for pages that are open
// while it comes.
const PREFIX = "learning-";
const NAME = `${PREFIX}${SHELL.language}-${SHELL.digest.slice(0, 16)}`;
const COURSES = "/courses/";
const PATIENCE = 15_000;
const VERSIONED = new Set(FILES.map(([address]) => address));
const PLAIN = new Set(FILES.map(([, plain]) => plain));
// What stands before the centre and cannot reach it.
const GATEWAY = [502, 503, 504];

async function tidy() {
  const sets = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  for (const name of sets.slice(0, -1)) await caches.delete(name);
  await self.clients.claim();
}

async function kept(what) {
  const cache = await caches.open(NAME);
  return cache.match(what);
}

const late = () => new Promise((_resolve, reject) => { setTimeout(() => reject(new Error("too late")), PATIENCE); });

// From the centre; without it, the shell.
async function page(request) {
  try {
    const answer = await Promise.race([fetch(request), late()]);
    if (!GATEWAY.includes(answer.status)) return answer;
    return (await kept(SHELL.address)) ?? answer;
  } catch (away) {
    const shell = await kept(SHELL.address);
    if (shell) return shell;
    throw away;
  }
}

// An address with its version means one content for ever. One without (what modules import) means today's, as long as there
// is somebody to ask: a page of a new release must not get scripts of the old one.
async function file(request) {
  if (VERSIONED.has(request.address)) return (await kept(request.asked)) ?? fetch(request.asked);
  try {
    return await fetch(request.asked);
  } catch (away) {
    const known = await kept(request.address);
    if (known) return known;
    throw away;
  }
}

self.addEventListener("install", (event) => event.waitUntil(takeSet(NAME).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request;
  const { pathname, search, origin } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  const doctors = SHELL.pages.includes(pathname) || pathname.startsWith(COURSES) || pathname === SHELL.address;
  if (mode === "navigate" && doctors) event.respondWith(page(event.request));
  else if (VERSIONED.has(pathname + search)) event.respondWith(file({ asked: event.request, address: pathname + search }));
  else if (!search && PLAIN.has(pathname)) event.respondWith(file({ asked: event.request, address: pathname }));
});
