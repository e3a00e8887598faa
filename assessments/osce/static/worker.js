// The service worker of the tablet's page. It keeps one set of files that belong together (SHELL and FILES come from the
// centre, each with the hash of its content) and nothing else: no answer of the centre, no page with anybody's name.
//
// A new set is taken in whole or not at all: a portal's page, half a file or a file of another release gives the
// installation up, and the tablet goes on with the set it has. The last set stays beside the new one, for pages that are
// open while it comes.
const PREFIX = "osce-tablet-";
const KNOWN = new Set(FILES.map(([, plain]) => plain));
const NAME = `${PREFIX}${SHELL.language}-${SHELL.digest.slice(0, 16)}`;

async function tidy() {
  const sets = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  for (const name of sets.slice(0, -1)) await caches.delete(name);
}

async function answered(request) {
  const { pathname, origin } = new URL(request.url);
  if (request.mode === "navigate" && pathname === SHELL.address) {
    return (await kept(SHELL.address)) ?? fetch(request);
  }
  // The page of an older set asks for its own files, wherever they are kept.
  return (origin === location.origin && ((await kept(request)) ?? (await caches.match(request)))) || fetch(request);
}

async function kept(what) {
  return (await caches.has(NAME)) ? (await caches.open(NAME)).match(what) : undefined;
}

self.addEventListener("install", (event) => event.waitUntil(takeSet(NAME)));
// Said by a page that has loaded all it needs: scripts of two sets are never mixed on one page.
self.addEventListener("message", (event) => event.data === "over" && self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request;
  const { pathname } = new URL(url);
  // Only files and the shell itself: whatever else the page asks goes to the centre untouched.
  if (method === "GET" && (KNOWN.has(pathname) || pathname.startsWith("/static/") || (mode === "navigate" && pathname === SHELL.address))) {
    event.respondWith(answered(event.request));
  }
});
