// What all service workers share, read before their own script. A worker keeps one set of files that belong together: SHELL
// and FILES come from the centre, each file as [address, address without its version, beginning of its hash].
const { SHELL, FILES } = self;

async function digestOf(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Unpacked already: what is kept says so, and keeps its policy.
function unpacked(answer, bytes) {
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length", "Vary"]) headers.delete(name);
  return new Response(bytes, { status: 200, headers });
}

// A portal's page, half a file or a file of another release is not taken. Without cookies: what is kept cannot hold anything
// that belongs to whoever is signed in.
async function fetched(address, digest) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit", redirect: "error" });
  const bytes = await answer.arrayBuffer();
  if (!answer.ok || !(await digestOf(bytes)).startsWith(digest)) throw new Error(`${address} is not what was named`);
  return unpacked(answer, bytes);
}

// The shell, then the files in their order: all of them or none.
function wholeSet() {
  return Promise.all([
    fetched(`${SHELL.address}?in=${SHELL.language}`, SHELL.digest),
    ...FILES.map(([address, , digest]) => fetched(address, digest)),
  ]);
}

// Keep the set under a name, each file by both its addresses.
async function takeSet(name) {
  const [shell, ...files] = await wholeSet();
  const cache = await caches.open(name);
  for (const [at, [address, plain]] of FILES.entries()) {
    await cache.put(address, files[at].clone());
    await cache.put(plain, files[at]);
  }
  await cache.put(SHELL.address, shell);
}
