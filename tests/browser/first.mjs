// What a first visit costs: `cargo xtask bench --only first`. Every page is opened with empty caches, on a processor four
// times slower and a line of 1.6 Mbit/s with 150 ms there and back, and from a server that compresses (gzip). A row says when
// something moves, a message or the clock, and which files had come until then, with their sizes as they were sent. The best of several
// rounds is printed, since a busy machine makes a visit longer and never shorter. There is no service worker, because what it
// fetches is not slowed down.

import { test } from "node:test";
import { DIST, openPage } from "./harness.mjs";
import { serve } from "./server.mjs";

const ROUNDS = 3;
const PAGES = ["", "#/raft", "#/gossip", "#/causal-broadcast/concurrent"];
const LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };

/** Runs in the page before its own: keeps when a node is drawn, and when something stands elsewhere than a frame before. */
function watch() {
  let before;
  const look = (now) => {
    const marks = [...document.querySelectorAll(".stage-picture [data-message]")].map((mark) => mark.getAttribute("transform"));
    const places = [document.querySelector("#clock")?.textContent, ...marks].join();
    const drawn = document.querySelector(".stage-picture [data-node]");
    if (drawn) window.drawn ??= performance.now();
    if (drawn && before !== undefined && places !== before) window.moved ??= performance.now();
    before = drawn ? places : undefined;
    if (!window.moved) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function visit(t, rest) {
  const server = await serve(DIST, true);
  t.after(() => server.close());
  const page = await openPage(t, { base: server.url, script: watch, blank: true });
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", LINE);
  await page.goto(server.url + rest, { waitUntil: "commit" });
  const moved = await (await page.waitForFunction(() => window.moved, undefined, { timeout: 120_000 })).jsonValue();
  const files = await page.evaluate((moved) =>
    performance.getEntriesByType("resource").filter((it) => it.responseEnd <= moved).map(({ name, encodedBodySize }) => [name.split("/").at(-1), encodedBodySize]), moved);
  const drawn = await page.evaluate(() => window.drawn);
  const [{ encodedBodySize }] = JSON.parse(await page.evaluate(() => JSON.stringify(performance.getEntriesByType("navigation"))));
  return { moved, drawn, files: [["index.html", encodedBodySize], ...files] };
}

test("first visits", { timeout: 900_000 }, async (t) => {
  for (const rest of PAGES) {
    let best;
    for (let round = 0; round < ROUNDS; round += 1) {
      // A test of its own closes its page, which would otherwise go on playing beside the next visit.
      await t.test(`visit ${round + 1} of ${rest || "home"}`, async (t) => {
        const seen = await visit(t, rest);
        if (!best || seen.moved < best.moved) best = seen;
      });
    }
    const sum = best.files.reduce((sum, [, size]) => sum + size, 0);
    console.log(`${rest || "home"}: drawn after ${(best.drawn / 1000).toFixed(2)} s, moves after ${(best.moved / 1000).toFixed(2)} s, ${(sum / 1000).toFixed(1)} kB`);
    for (const [name, size] of best.files.sort((a, b) => b[1] - a[1])) console.log(`${(size / 1000).toFixed(1).padStart(12)} kB  ${name.replace(/-[0-9a-f]{16}/, "")}`);
  }
});
