// A crowd of nodes: it opens without freezing the page, says what it does not draw, and is taken hold of like any other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, settle, state, until } from "./lab.mjs";

const crowd = (nodes, lines = []) =>
  ["faultline 2", "protocol gossip", `nodes ${nodes}`, "seed 5", "until 8s", "at 20ms n1 Update 7", ...lines].join("\n");

/** Opens a run, and waits until all of it is known. */
async function open(page, text, nodes) {
  await openText(page, text);
  await until(page, (nodes) => document.querySelector(".tally")?.textContent.includes(nodes), nodes);
  await until(page, () => !document.querySelector(".tally [role=status]"));
}

/** The number of pixels of a canvas that are painted. */
const painted = (page, nth) =>
  page.locator("canvas.crowd").nth(nth).evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, place) => place % 4 === 3 && value > 0).length;
  });

/** The number of pixels of the nodes' canvas that are neither paper nor a plain rim: those of nodes that have heard. */
const filled = (page) =>
  page.locator("canvas.crowd").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((red, place) => place % 4 === 0 && data[place + 3] > 200 && red < 120).length;
  });

test("gossip opens with a rumour that is under way at once", async (t) => {
  const page = await openLab(t, { rest: "#/gossip" });
  await until(page, () => document.querySelector('.stage [data-role="infective"]'));
  await settle(page);
  await page.keyboard.press("Home");
  await until(page, () => document.querySelector("#lab").dataset.time === "0");
  await page.keyboard.press("ArrowRight");
  await until(page, () => document.querySelector('.stage [data-role="infective"]'));
  assert.ok((await state(page)).time < 1_000_000, "the first event is within the first second");
  // A speed at which its messages are seen, though they take ten times as long as others.
  assert.equal(await page.locator(".speed input").getAttribute("aria-valuetext"), "1/10×");
});

test("ten thousand nodes play, and the page says what it leaves out", async (t) => {
  const page = await openLab(t);
  await open(page, crowd(10_000), "10\u2009000 nodes");
  const speed = page.locator(".speed input");
  while ((await speed.getAttribute("aria-valuetext")) !== "1×") await speed.press("ArrowRight");
  await speed.blur();
  await until(page, () => Number(document.querySelector("#lab").dataset.event) > 40_000);
  if ((await state(page)).playing === "true") await page.keyboard.press("Space");
  const words = await page.locator(".tally").innerText();
  assert.match(words, /infective/);
  assert.match(words, /10\u2009000 nodes without names or timers/);
  assert.match(await page.locator(".chosen").innerText(), /^12 of 10\u2009000 lifelines: n1 /);
  assert.equal(await page.locator(".diagram-picture line.life").count(), 12);
  assert.ok((await painted(page, 0)) > 10_000, "every node is a dot");
  await shot(page, "crowd-10000");
});

test("the picture grows with those who know", async (t) => {
  const page = await openLab(t);
  await open(page, crowd(1_000, ["show 50ms"]), "1\u2009000 nodes");
  const before = await filled(page);
  await page.keyboard.press("End");
  await until(page, () => Number(document.querySelector("#lab").dataset.event) > 1_100);
  await until(page, () => /\d infective/.test(document.querySelector(".tally").textContent));
  const knows = Number((await page.locator(".tally").innerText()).match(/(\d+) infective/)[1]);
  // Of a node that knows, many more pixels are full than of one that has only a rim.
  const added = async () => ((await filled(page)) - before) / knows;
  // What is counted may be told a frame before it is painted.
  for (let tries = 0; tries < 20 && (await added()) <= (2 * before) / 1_000; tries += 1) await page.waitForTimeout(100);
  assert.ok((await added()) > (2 * before) / 1_000, "a node that knows is filled");
  assert.deepEqual(await violations(page), []);
});

test("a node of a crowd is picked by pointer and by number, and crashes", async (t) => {
  const page = await openLab(t);
  await open(page, crowd(1_000, ["show 2s"]), "1\u2009000 nodes");
  for (const figure of "701") await page.keyboard.press(figure);
  await until(page, () => document.querySelector(".inspector h2")?.textContent.startsWith("n701"));
  assert.match(await page.locator(".chosen").innerText(), /lifelines: n701 and the first/);
  await page.keyboard.press("x");
  await until(page, () => document.querySelector(".tally").textContent.includes("1 crashed"));
  assert.match(await page.locator(".inspector h2").innerText(), /crashed/);

  const box = await page.locator("svg.stage-picture").boundingBox();
  await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.5);
  await until(page, () => !document.querySelector(".inspector h2")?.textContent.startsWith("n701"));
  const name = (await page.locator(".inspector h2").innerText()).match(/^n\d+/)[0];
  await page.keyboard.press("x");
  await until(page, () => document.querySelector(".tally").textContent.includes("2 crashed"));
  assert.match(await page.locator(".inspector h2").innerText(), new RegExp(`^${name}`));
  // What was worked out of the run before is worked out again after what was done to it.
  await until(page, () => !document.querySelector(".tally [role=status]"));
  await page.keyboard.press("Control+z");
  await until(page, () => document.querySelector(".tally").textContent.includes("1 crashed"));
});

test("many messages between few nodes are painted, and picked by pointer and by key", async (t) => {
  const page = await openLab(t);
  await openText(page, "faultline 2\nprotocol raft\nnodes 51\nseed 42\nuntil 3s\n");
  await page.keyboard.press("Space");
  // A leader's heartbeats and the answers are more than are drawn one by one.
  for (let step = 0; step < 400 && !(await page.locator("canvas.crowd").count()); step += 1) {
    await page.keyboard.press("l");
  }
  assert.equal(await page.locator("canvas.crowd").count(), 1);
  assert.equal(await page.locator(".stage .message").count(), 0);
  assert.equal(await page.locator(".stage [data-node]").count(), 51, "nodes stay as they were");
  assert.ok((await painted(page, 0)) > 200);
  await page.keyboard.press("m");
  await until(page, () => document.querySelector(".inspector h2 .way")?.textContent.includes("→"));
  await page.keyboard.press("d");
  await until(page, () => document.querySelector(".log .act"));
});

/** The number of pixels of the nodes' canvas that have the colour of what is under way. */
const accented = (page) =>
  page.locator("canvas.crowd").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const is = (place, value) => Math.abs(data[place] - value) < 12;
    return data.filter((alpha, place) => place % 4 === 3 && alpha > 200 && is(place - 3, 0) && is(place - 2, 0x72) && is(place - 1, 0xb2)).length;
  });

test("the way of a lookup through a crowd is painted", async (t) => {
  const page = await openLab(t, { colorScheme: "light" });
  const lines = ["faultline 2", "protocol chord", "nodes 200", "set bits 8", "set ring 200", "set period 60s", "until 2s"];
  await open(page, [...lines, "at 500ms n1 Lookup 199", "show 400ms"].join("\n"), "200 nodes");
  assert.equal(await accented(page), 0, "nothing was asked yet");
  await page.keyboard.press("End");
  for (let tries = 0; tries < 40 && (await accented(page)) < 500; tries += 1) await page.waitForTimeout(100);
  assert.ok((await accented(page)) >= 500, "hops are broad strokes");
  await shot(page, "crowd-way");
});
