// How much of a frame the main thread works: `cargo xtask bench --only frames`. A frame is measured from its first
// callback until the first task after it, so script, style, layout and the recording of the picture are all in it. The
// stage is drawn by the very code of the page from a View of any size (web/src/bench.rs); the last row is a real run.

import { test } from "node:test";
import { openPage } from "./harness.mjs";

const FRAMES = 240;
const ROWS = [
  ["5 nodes, 20 messages", "#/bench/5/20"],
  ["50 nodes, 200 messages", "#/bench/50/200"],
  ["200 nodes, 1 000 messages", "#/bench/200/1000"],
  ["1 000 nodes, 5 000 messages", "#/bench/1000/5000"],
  ["Raft, 51 nodes, playing", "#/raft"],
];

/** Measures frames in the page, in milliseconds. */
const measure = (page, count) =>
  page.evaluate(
    (count) =>
      new Promise((done) => {
        const took = [];
        const { port1, port2 } = new MessageChannel();
        let start;
        port1.onmessage = () => {
          took.push(performance.now() - start);
          if (took.length >= count) done(took);
        };
        const frame = () => {
          requestAnimationFrame(frame);
          start = performance.now();
          port2.postMessage(0);
        };
        requestAnimationFrame(frame);
      }),
    count,
  );

test("frames", { timeout: 120_000 }, async (t) => {
  console.log(`${"main-thread ms a frame".padEnd(30)}${"median".padStart(8)}${"p95".padStart(8)}`);
  for (const [name, rest] of ROWS) {
    const page = await openPage(t, { rest, width: 1440, height: 900 });
    if (rest === "#/raft") {
      await page.waitForSelector("#lab");
      await page.locator("[name=nodes]").fill("51");
      await page.keyboard.press("Enter");
      await page.evaluate(() => document.activeElement.blur());
      await page.waitForSelector("#lab[data-playing=true]");
    } else {
      await page.waitForSelector("#bench");
    }
    await measure(page, 30);
    const took = (await measure(page, FRAMES)).sort((a, b) => a - b);
    const at = (share) => took[Math.floor(took.length * share)].toFixed(1).padStart(8);
    console.log(`${name.padEnd(30)}${at(0.5)}${at(0.95)}`);
    await page.close();
  }
});
