// Offline after the first visit: the page, the files that it names and the parts that it has used are kept, and served where
// there is no network. All names but that of the page hold the build, so what is kept under a name never changes; of the
// page itself the network's is newer. Hosts fail in more ways than by silence: they send half a file, a page of theirs in place of
// ours, or nothing for minutes. So what is kept was looked at, and a good copy comes before a bad answer.

const KEPT = "faultline";
const NAMES = /["'](\.\/[^"']+\.(?:js|wasm|css|svg))["']/g;
const BUILD = /-([0-9a-f]{16})\.\w+$/;
/** What only a page of ours has: its build. */
const OURS = /<meta name="build" content="([0-9a-f]{16})">/;
/** After so many milliseconds a page that was kept is served, and the network's is for the next visit. */
const PATIENCE = 4_000;

/** The builds that could not be started from the network. */
const failed = new Set();

/** Keeps a file, unless it is cut off or something else under its name. */
async function put(request, answer) {
  const { pathname } = new URL(answer.url);
  const type = answer.headers.get("content-type") ?? "";
  if (!answer.ok || (type.startsWith("text/html") && !pathname.endsWith("/"))) throw new Error(`${pathname} is not there`);
  if (pathname.endsWith(".wasm") && !WebAssembly.validate(await answer.clone().arrayBuffer())) throw new Error(`${pathname} is damaged`);
  await (await caches.open(KEPT)).put(request, answer);
}

/** Keeps what is not kept yet of some files of ours. */
async function add(urls) {
  const kept = (await (await caches.open(KEPT)).keys()).map(({ url }) => url);
  const unkept = urls.filter((url) => url.startsWith(registration.scope) && !kept.includes(url));
  await Promise.all(unkept.map(async (url) => put(url, await fetch(url))));
}

/** Lets go of files that were kept. */
async function letGo(which) {
  const cache = await caches.open(KEPT);
  const gone = (await cache.keys()).filter(({ url }) => url !== registration.scope && which(url.match(BUILD)?.[1]));
  await Promise.all(gone.map((request) => cache.delete(request)));
}

/** The build of a page; nothing where it is not ours. */
const buildOf = async (page) => (await page?.clone().text())?.match(OURS)?.[1];

/** Keeps a page and the files that it names, and lets go of those of other builds. */
async function keep(page) {
  const build = await buildOf(page);
  if (!page.ok || !build) throw new Error("This is another page.");
  await add([...(await page.clone().text()).matchAll(NAMES)].map(([, name]) => new URL(name, registration.scope).href));
  await (await caches.open(KEPT)).put(registration.scope, page);
  await letGo((other) => other !== build);
}

/** The page from the network, to be kept. Where that does not come, or comes to nothing, the page that was kept. */
async function newest(event) {
  const kept = await caches.match(registration.scope);
  const fetched = fetch(event.request).then(async (page) => {
    if (page.ok) event.waitUntil(keep(page.clone()).catch(() => {}));
    const build = await buildOf(page);
    return kept && (!page.ok || !build || failed.has(build)) ? kept : page;
  });
  if (!kept) return fetched;
  const late = new Promise((done) => setTimeout(done, PATIENCE, kept));
  return Promise.race([fetched.catch(() => kept), late]);
}

/** The text of a run, out of the texts of all runs of its protocol, where those are kept. */
async function textOf(url) {
  const [, all, name, build] = url.match(/(.*\/runs\/[\w-]+)\/([\w-]+)(-[0-9a-f]{16}\.txt)$/) ?? [];
  const kept = all && (await caches.match(all + build));
  const texts = kept ? (await kept.text()).split(/^= /m) : [];
  const text = texts.find((text) => text.startsWith(`${name}\n`));
  return text && new Response(text.slice(name.length + 1), { headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** A file that was kept, unless it turned out to be bad; else from the network, and a part of the program is kept then. */
async function file(event) {
  const { request } = event;
  const kept = request.cache !== "reload" && ((await caches.match(request)) ?? (await textOf(request.url)));
  if (kept) return kept;
  const answer = await fetch(request);
  if (BUILD.test(request.url)) event.waitUntil(put(request, answer.clone()).catch(() => {}));
  return answer;
}

/** Lets go of what is kept of a build that does not start, so that it is fetched again; a page of another build is served meanwhile. */
async function fail(build) {
  await letGo((other) => other === build);
  const kept = await caches.match(registration.scope);
  if ((await buildOf(kept)) === build) await (await caches.open(KEPT)).delete(registration.scope);
  else failed.add(build);
}

addEventListener("install", (event) => {
  event.waitUntil(fetch(registration.scope).then(keep).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
// The page says which files it used before this worker was there, and that it cannot start.
addEventListener("message", (event) => {
  const { used, failed } = event.data;
  if (used) event.waitUntil(add(used.filter((url) => BUILD.test(url))).catch(() => {}));
  if (failed) event.waitUntil(fail(failed).then(() => event.ports[0].postMessage("done")));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const [url] = request.url.split(/[?#]/);
  if (request.method !== "GET" || !url.startsWith(registration.scope)) return;
  if (request.mode !== "navigate") event.respondWith(file(event));
  else if (["", "index.html"].includes(url.slice(registration.scope.length))) event.respondWith(newest(event));
});
