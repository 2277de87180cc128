// Offline after the first visit: the page and the files that it names are kept, and served where there is no network.
// Their names carry a hash, so what is kept under a name never changes; of the page itself the network's is newer.

const KEPT = "faultline";
const NAMES = /["'](\.\/[^"']+\.(?:js|wasm|css|svg))["']/g;

/** Keeps a page and its files, and lets go of those of older pages. */
async function keep(page) {
  const names = [...(await page.clone().text()).matchAll(NAMES)].map(([, name]) => new URL(name, registration.scope).href);
  const cache = await caches.open(KEPT);
  const kept = (await cache.keys()).map(({ url }) => url);
  await Promise.all(names.filter((name) => !kept.includes(name)).map((name) => cache.add(name)));
  await cache.put(registration.scope, page);
  const old = kept.filter((url) => url !== registration.scope && !names.includes(url));
  await Promise.all(old.map((url) => cache.delete(url)));
}

/** The page from the network, to be kept; without one, the page that was kept. */
async function newest(event) {
  try {
    const page = await fetch(event.request);
    if (page.ok) event.waitUntil(keep(page.clone()).catch(() => {}));
    return page;
  } catch (error) {
    const kept = await caches.match(registration.scope);
    if (kept) return kept;
    throw error;
  }
}

addEventListener("install", (event) => {
  event.waitUntil(fetch(registration.scope).then(keep).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const [url] = request.url.split(/[?#]/);
  if (request.method !== "GET" || !url.startsWith(registration.scope)) return;
  if (request.mode !== "navigate") event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  else if (["", "index.html"].includes(url.slice(registration.scope.length))) event.respondWith(newest(event));
});
