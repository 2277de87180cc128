// Pictures that were drawn with the page: of the run that the address names, and on the cards of the first page.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DIST, openPage, shot } from "./harness.mjs";
import { until } from "./lab.mjs";

/** Holds back what the program consists of, until that is let go. */
async function held(page, names) {
  let release;
  const free = new Promise((resolve) => (release = resolve));
  await page.route(names, async (route) => {
    await free;
    await route.continue();
  });
  return release;
}

const OF = { "#/raft/figure-8": "a named run", "#/learn/raft": "a lesson" };
for (const [width, height, address] of [1440, 360].flatMap((it) => Object.keys(OF).map((address) => [it, it > 400 ? 900 : 740, address]))) {
  test(`the picture of ${OF[address]} is there before any wasm, where its stage will be, at ${width}`, async (t) => {
    const page = await openPage(t, { width, height, blank: true });
    const release = await held(page, /\.wasm$/);
    await page.goto(page.home + address);
    await until(page, () => document.querySelector(".poster")?.naturalWidth > 0);
    const place = (name) => page.locator(name).evaluate((it) => {
      const { left, top, width, height } = it.getBoundingClientRect();
      return [left, top, width, height].map(Math.round);
    });
    const poster = await place(".poster");
    await shot(page, `posters-shell-${width}${address.replaceAll(/\W/g, "-")}`);
    release();
    await page.waitForSelector("#stage");
    assert.deepEqual(poster, await place("#stage"));
    assert.equal(await page.locator(".poster:visible").count(), 0);
  });
}

test("a card shows its picture until its protocol is there", async (t) => {
  const page = await openPage(t, { width: 1440, height: 1600, blank: true });
  const release = await held(page, /\/gossip-.*\.wasm$/);
  await page.goto(page.home);
  const still = page.locator('.entry a[href="#/gossip"] .still');
  await still.scrollIntoViewIfNeeded();
  await until(page, () => document.querySelector('.entry a[href="#/gossip"] .still')?.naturalWidth > 0);
  await shot(page, "posters-cards");
  release();
  await still.waitFor({ state: "detached" });
});

test("every picture is an image with something in it, and names nothing outside", async (t) => {
  const page = await openPage(t, { blank: true });
  const folder = join(DIST, "pictures");
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".svg"));
  assert.ok(files.length > 150, `${files.length}`);
  for (const file of files) {
    const text = await readFile(join(folder, file), "utf8");
    const found = await page.evaluate((text) => {
      const picture = new DOMParser().parseFromString(text, "image/svg+xml");
      const messages = [...picture.querySelectorAll(".message")].map((it) => it.getAttribute("transform"));
      const nodes = [...picture.querySelectorAll(".node")].map((it) => it.getAttribute("transform"));
      return { root: picture.documentElement.tagName, nodes, late: messages.filter((place) => nodes.includes(place)) };
    }, text);
    assert.equal(found.root, "svg", file);
    assert.ok(found.nodes.length > 1, file);
    assert.deepEqual(found.late, [], `${file}: a message stands on a node`);
    assert.doesNotMatch(text.replace("http://www.w3.org/2000/svg", ""), /https?:|url\(|data-|onclick/, file);
  }
});
