// What arrives when it is needed: every protocol in every way, and only what is shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { TITLES, openLab, openText, settle, shows, until, whole } from "./lab.mjs";

const SLUGS = Object.keys(TITLES);
const part = (name) => new RegExp(`/${name}-[0-9a-f]{16}\\.wasm$`);

/** The parts that the page has asked for, by their names. */
function parts(page) {
  page.parts = [];
  page.on("request", (request) => {
    const name = request.url().match(/\/([\w-]+)-[0-9a-f]{16}\.wasm$/)?.[1];
    if (name && !page.parts.includes(name)) page.parts.push(name);
  });
  return page;
}

for (const slug of SLUGS) {
  test(`${slug} opens cold by link, by palette, by text and by file`, async (t) => {
    const linked = await openPage(t, { rest: `#/${slug}` });
    await shows(linked, slug);
    const home = slug === "raft" ? "gossip" : "raft";

    const palette = await openLab(t, { rest: `#/${home}` });
    await palette.keyboard.press("Control+k");
    await palette.locator("#palette-text").fill(`protocol ${slug}`);
    await palette.locator("[role=option]").first().click();
    await shows(palette, slug);

    const text = `faultline 2\nprotocol ${slug}\nseed 5\n`;
    const pasted = await openLab(t, { rest: `#/${home}` });
    await settle(pasted);
    await openText(pasted, text);
    await shows(pasted, slug);

    // On the first page, where there is no laboratory yet.
    const dropped = await openPage(t);
    await dropped.waitForSelector(".hero-picture .node");
    await dropped.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "run.txt"));
      window.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, text);
    await shows(dropped, slug);
  });
}

test("a page asks for what it shows and for nothing else", async (t) => {
  const home = parts(await openPage(t, { blank: true, height: 500 }));
  await home.goto(home.home);
  await home.waitForSelector(".hero-picture .node");
  // What is below the run, and more of its stage, comes once it has been drawn.
  const first = home.parts.filter((name) => !["below", "more"].includes(name) && !name.startsWith("shared-"));
  assert.deepEqual(first.sort(), ["faultline", "raft"]);

  const lab = parts(await openPage(t, { blank: true }));
  await lab.goto(`${lab.home}#/gossip`);
  await shows(lab, "gossip");
  await settle(lab);
  await lab.waitForSelector(".idea-panel .panels");
  const rooms = lab.parts.filter((name) => !name.startsWith("shared-"));
  assert.deepEqual(rooms.sort(), ["around", "faultline", "gossip", "laboratory", "more", "panels"]);
  await lab.getByRole("tab", { name: "State" }).click();
  await lab.waitForSelector(".tab-panel .panels");
  assert.ok(!lab.parts.includes("dialogs"));
  await lab.keyboard.press("Shift+P");
  await lab.waitForSelector(".about");
  assert.ok(lab.parts.includes("dialogs") && !lab.parts.includes("work"));
});

test("a page asks for the text of the run that it shows, and once that moves for those of its protocol", async (t) => {
  for (const [rest, first, then] of [
    ["#/raft/figure-8", ["raft/figure-8"], ["raft/figure-8", "raft"]],
    ["#/raft/figure-8?120ms", ["raft/figure-8"], ["raft/figure-8", "raft"]],
    ["#/raft", [], ["raft"]],
    ["?embed#/gossip", ["gossip/default"], ["gossip/default"]],
    ["#/learn/gossip", ["gossip"], ["gossip"]],
    ["#/present/gossip/first-steps", ["gossip/first-steps"], ["gossip/first-steps"]],
  ]) {
    const page = await openPage(t, { blank: true, alone: true });
    const texts = [];
    page.on("request", (request) => {
      const name = request.url().match(/\/runs\/([\w/-]+)-[0-9a-f]{16}\.txt$/)?.[1];
      if (name && !texts.includes(name)) texts.push(name);
    });
    let go;
    await page.route(part("around"), async (route) => {
      await new Promise((done) => (go = done));
      await route.continue();
    });
    await page.goto(page.home + rest);
    await page.waitForSelector(".stage .node");
    assert.deepEqual(texts, first, rest);
    if (then.length === first.length) continue;
    while (!go) await page.waitForTimeout(50);
    const came = page.waitForResponse(/\/runs\/raft-[0-9a-f]{16}\.txt$/);
    go();
    await came;
    assert.deepEqual(texts, then, rest);
  }
});

for (const size of [{ width: 1440, height: 900 }, { width: 360, height: 740, touch: true }]) {
  test(`the stage moves before the rest of the laboratory is here, and stays where it is when that comes, at ${size.width}`, async (t) => {
    const page = parts(await openPage(t, { ...size, blank: true }));
    let go;
    await page.route(part("around"), async (route) => {
      await new Promise((done) => (go = done));
      await route.continue();
    });
    await page.goto(`${page.home}#/gossip`);
    await page.waitForSelector("#lab");
    const time = await page.locator("#clock").innerText();
    await until(page, (time) => document.querySelector("#clock").textContent !== time, time);
    const places = () =>
      page.locator(".top, .stage, .lab > .idea-panel, .lab > .timeline, .side, .transport, .transport > :not(.shortcuts, .space)").evaluateAll((all) =>
        all.map((it) => [it.className, ...["x", "y", "width", "height"].map((name) => it.getBoundingClientRect()[name])].join()),
      );
    const before = await places();
    assert.equal(await page.locator(".tabs").count(), 0);
    go();
    await whole(page);
    assert.deepEqual(await places(), before);
  });
}

test("a link that holds a run opens before the rest of the laboratory is here", async (t) => {
  const page = await openPage(t, { blank: true });
  await page.route(part("around"), () => {});
  await page.goto(`${page.home}#/raft?2&seed+42&k=ixgvuc8vvz`);
  await page.waitForSelector("#lab");
  assert.equal(await page.locator("[name=seed]").inputValue(), "42");
});

test("a key that is meant for a dialog that has still to arrive does nothing to the run", async (t) => {
  const page = await openLab(t);
  const { acts } = await page.locator("#lab").evaluate((lab) => ({ ...lab.dataset }));
  let go;
  await page.route(part("dialogs"), async (route) => {
    await new Promise((done) => (go = done));
    await route.continue();
  });
  await page.keyboard.press("Control+k");
  await page.keyboard.type("x1x2x");
  await until(page, () => document.body.textContent.includes("Loading…"));
  go();
  await page.waitForSelector("#palette-text");
  assert.equal(await page.locator("#lab").getAttribute("data-acts"), acts);
});

test("under a strict policy the page works, with its parts", async (t) => {
  const page = await openPage(t, { blank: true });
  await page.route(/\/a\/b\/$/, async (route) => {
    const answer = await route.fetch();
    const policy = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'";
    await route.fulfill({ response: answer, headers: { ...answer.headers(), "content-security-policy": policy } });
  });
  await page.goto(`${page.home}#/chord`);
  await shows(page, "chord");
  await settle(page);
  await page.getByRole("tab", { name: "State" }).click();
  await page.waitForSelector(".tab-panel .panels");
});
