// Offline after the first visit: the page, the files that it names and the parts that it has used are kept, and served where
// there is no network. All names but that of the page hold the build, so what is kept under a name never changes; of the
// page itself the network's is newer.

const KEPT = "faultline";
const NAMES = /["'](\.\/[^"']+\.(?:js|wasm|css|svg))["']/g;
const BUILD = /-([0-9a-f]{16})\.\w+$/;

/** Keeps what is not kept yet of some files of ours. */
async function add(urls) {
  const cache = await caches.open(KEPT);
  const kept = (await cache.keys()).map(({ url }) => url);
  const unkept = urls.filter((url) => url.startsWith(registration.scope) && !kept.includes(url));
  await Promise.all(unkept.map((url) => cache.add(url)));
}

/** Keeps a page and the files that it names, and lets go of those of other builds. */
async function keep(page) {
  const names = [...(await page.clone().text()).matchAll(NAMES)].map(([, name]) => new URL(name, registration.scope).href);
  await add(names);
  const cache = await caches.open(KEPT);
  await cache.put(registration.scope, page);
  const builds = names.map((url) => url.match(BUILD)?.[1]);
  const old = (await cache.keys()).filter(({ url }) => url !== registration.scope && !builds.includes(url.match(BUILD)?.[1]));
  await Promise.all(old.map((request) => cache.delete(request)));
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

/** A file that was kept; else from the network, and a part of the program is kept then. */
async function file(event) {
  const kept = await caches.match(event.request);
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (answer.ok && BUILD.test(event.request.url)) {
    const copy = answer.clone();
    event.waitUntil(caches.open(KEPT).then((cache) => cache.put(event.request, copy)));
  }
  return answer;
}

addEventListener("install", (event) => {
  event.waitUntil(fetch(registration.scope).then(keep).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
// The page says which files it used before this worker was there.
addEventListener("message", (event) => event.waitUntil(add(event.data.filter((url) => BUILD.test(url)))));
addEventListener("fetch", (event) => {
  const { request } = event;
  const [url] = request.url.split(/[?#]/);
  if (request.method !== "GET" || !url.startsWith(registration.scope)) return;
  if (request.mode !== "navigate") event.respondWith(file(event));
  else if (["", "index.html"].includes(url.slice(registration.scope.length))) event.respondWith(newest(event));
});
