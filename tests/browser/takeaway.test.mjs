// Pictures that are taken away, drawn beside the page and read back by what shows them: an image, a decoder, a page of their own.

import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { openPage, shot } from "./harness.mjs";
import { openLab, settle } from "./lab.mjs";

/** Opens the dialog in which a run is given away. */
const share = async (t, options = {}) => {
  const page = await openLab(t, { rest: "#/raft/figure-8?500ms", ...options });
  await settle(page);
  await page.keyboard.press("s");
  await page.locator("#share-kind").waitFor();
  return page;
};

/** Saves a picture; what is chosen of it is given by the names of its fields. */
const save = async (page, kind, fields = {}) => {
  await page.locator("#share-kind").selectOption(kind);
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`.take-away select[name=${name}]`);
    if (await field.count()) await field.selectOption(value);
    else {
      await page.locator(".take-away label", { hasText: name }).locator("input").fill(value);
      await page.keyboard.press("Tab");
    }
  }
  const download = page.waitForEvent("download", { timeout: 60_000 });
  await page.locator("[data-tool=take-away]").click();
  const file = await download;
  return { name: file.suggestedFilename(), path: await file.path(), bytes: await readFile(await file.path()) };
};

/** What a browser's own parser makes of a file. */
const parsed = (page, text) =>
  page.evaluate((text) => {
    const document = new DOMParser().parseFromString(text, "image/svg+xml");
    const count = (selector) => document.querySelectorAll(selector).length;
    return {
      wrong: count("parsererror"),
      texts: [...document.querySelectorAll("text")].map((it) => it.textContent),
      says: document.querySelector("desc")?.textContent,
      foreign: count("script, style, foreignObject, image, use, [class], [style], [id]"),
      moving: count("animateTransform"),
    };
  }, text);

/** The size of a picture as an image shows it, and whether a canvas may read it. */
const shown = (page, bytes, type) =>
  page.evaluate(
    async ([bytes, type]) => {
      const image = new Image();
      image.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      return { size: [canvas.width, canvas.height], paper: [...context.getImageData(2, canvas.height - 3, 1, 1).data] };
    },
    [[...bytes], type],
  );

test("stage, diagram and both are files that need no other, in both themes", async (t) => {
  const page = await share(t);
  for (const [colours, paper] of [["light", [251, 250, 247, 255]], ["dark", [20, 21, 24, 255]]]) {
    for (const seen of ["stage", "diagram", "both"]) {
      const { name, bytes } = await save(page, "svg", { seen, colours });
      assert.equal(name, "raft.svg");
      const file = await parsed(page, bytes.toString());
      assert.deepEqual([file.wrong, file.foreign], [0, 0], seen);
      assert.equal(file.texts.includes("follower"), seen !== "diagram", seen);
      assert.equal(file.texts.includes("0.50 s"), seen !== "stage", seen);
      assert.match(file.says, /at 500ms of simulated time\..*#\/raft\/figure-8\?500ms/);
      assert.deepEqual((await shown(page, bytes, "image/svg+xml")).paper, paper);
    }
  }
});

test("a picture opened alone shows the same with scripts off", async (t) => {
  const page = await share(t);
  const { path } = await save(page, "svg", { seen: "both" });
  const alone = await openPage(t, { javaScript: false, blank: true });
  const svg = path + ".svg";
  await (await import("node:fs/promises")).copyFile(path, svg);
  await alone.goto(pathToFileURL(svg).href);
  await alone.locator("text", { hasText: "Open this run in Faultline" }).waitFor();
});

test("a PNG has the size of the picture times its scale", async (t) => {
  const page = await share(t);
  const file = (await save(page, "png", { scale: "1" })).bytes;
  assert.match(file.toString("latin1"), /iTXtDescription\0{5}The nodes and the messages in flight of a run of Raft, at 500ms .*#\/raft\/figure-8/);
  const one = await shown(page, file, "image/png");
  const three = await shown(page, (await save(page, "png", { scale: "3" })).bytes, "image/png");
  assert.deepEqual(three.size, one.size.map((side) => side * 3));
});

test("a stretch plays as SVG, as GIF and as APNG", async (t) => {
  const page = await share(t);
  const stretch = { from: "380ms", to: "410ms" };
  const playing = await save(page, "playing-svg", stretch);
  const file = await parsed(page, playing.bytes.toString());
  assert.deepEqual([file.wrong, file.foreign], [0, 0]);
  assert.ok(file.moving > 5, `${file.moving} messages move`);
  assert.match(file.says, /from 380ms to 410ms/);
  for (const [kind, type] of [["gif", "image/gif"], ["apng", "image/png"]]) {
    const { bytes } = await save(page, kind, { ...stretch, scale: "1" });
    const frames = await page.evaluate(
      async ([bytes, type]) => {
        const decoder = new ImageDecoder({ data: new Uint8Array(bytes), type });
        await decoder.tracks.ready;
        const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
        return { frameCount, endless: repetitionCount === Infinity };
      },
      [[...bytes], type],
    );
    assert.ok(frames.frameCount > 10 && frames.endless, `${kind}: ${JSON.stringify(frames)}`);
  }
});

test("a page plays from a disk, and has hands for it", async (t) => {
  const page = await share(t);
  const { name, path, bytes } = await save(page, "html", { from: "0s", to: "490ms" });
  assert.equal(name, "raft.html");
  assert.ok(bytes.length < 600_000);
  const alone = await page.context().newPage();
  const asked = [];
  alone.on("request", (request) => asked.push(request.url()));
  await alone.emulateMedia({ reducedMotion: "no-preference" });
  await copyFile(path, `${path}.html`); // A browser knows a page on a disk by its name.
  await alone.goto(pathToFileURL(`${path}.html`).href);
  const now = () => alone.evaluate(() => document.querySelector("svg").getCurrentTime());
  await alone.waitForFunction(() => document.querySelector("input").value > 0.2);
  await alone.locator("#play").click();
  const still = await now();
  await alone.waitForTimeout(200);
  assert.equal(await now(), still, "it stands still");
  const cue = alone.locator("li button").nth(1);
  await cue.click();
  assert.equal(Math.abs((await now()) - Number(await cue.getAttribute("data-at"))) < 0.01, true, "a caption leads to its moment");
  await alone.locator("input").focus();
  await alone.keyboard.press("End");
  assert.ok((await now()) > still, "the slider moves the picture");
  assert.deepEqual(asked.length, 1, "it asks nobody for anything");
  await alone.setViewportSize({ width: 360, height: 640 });
  assert.equal(await alone.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  await shot(alone, "takeaway-alone");
});

test("what is too long, or no time, is refused with a sentence", async (t) => {
  const page = await share(t);
  await page.locator("#share-kind").selectOption("playing-svg");
  const from = page.locator(".take-away label", { hasText: "from" }).locator("input");
  for (const [value, says] of [["soon", "`soon` is no time"], ["900s", "is not before"]]) {
    await from.fill(value);
    await page.keyboard.press("Tab");
    await page.locator("[data-tool=take-away]").click();
    await page.locator(".share .refused", { hasText: says }).waitFor();
  }
});

test("a stretch that would play for too long is refused with one that does not", async (t) => {
  const page = await share(t, { rest: "#/load-balancing/herd" });
  await page.locator("#share-kind").selectOption("playing-svg");
  await page.locator("[data-tool=take-away]").click();
  const refused = await page.locator(".share .refused").innerText();
  const [, to] = refused.match(/plays for at most 60; choose a shorter stretch, as until (\S+)\.$/);
  const { bytes } = await save(page, "playing-svg", { to });
  assert.equal((await parsed(page, bytes.toString())).wrong, 0);
});
