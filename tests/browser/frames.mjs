// How much of a frame the main thread works: `cargo xtask bench --only frames`. All tasks that begin between two frames are
// added up, as the browser's own trace has them: script, style, layout, the recording of the picture, and what the page
// puts off until after the frame. The stage is drawn by the very code of the page from a View of any size
// (web/src/stage/bench.rs); the last rows are real runs.

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

/** What the main thread did in each of so many frames: milliseconds on the clock and of the processor. */
async function measure(page, count) {
  const session = await page.context().browser().newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const includedCategories = ["devtools.timeline", "disabled-by-default-devtools.timeline"];
  await session.send("Tracing.start", { traceConfig: { includedCategories }, transferMode: "ReportEvents" });
  await page.evaluate(
    (count) =>
      new Promise((done) => {
        const frame = () => (count-- > 0 ? requestAnimationFrame(frame) : done());
        frame();
      }),
    count,
  );
  const over = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.end");
  await over;
  await session.detach();
  const { pid, tid } = events.find(({ name }) => name === "FireAnimationFrame");
  const here = events.filter((event) => event.pid === pid && event.tid === tid).sort((a, b) => a.ts - b.ts);
  const frames = [];
  let task;
  for (const event of here) {
    if (event.name === "RunTask") {
      task = event;
      if (frames.length > 0) add(frames.at(-1), task);
    }
    // The task in which the first callback of a frame runs is the first of that frame.
    if (event.name === "FireAnimationFrame" && task && task !== frames.at(-1)?.first) {
      if (frames.length > 0) add(frames.at(-1), task, -1);
      frames.push({ first: task, clock: 0, processor: 0 });
      add(frames.at(-1), task);
    }
  }
  return frames.slice(1, -1);
}

function add(frame, { dur = 0, tdur = 0 }, sign = 1) {
  frame.clock += (sign * dur) / 1000;
  frame.processor += (sign * tdur) / 1000;
}

test("frames", { timeout: 120_000 }, async (t) => {
  const heads = ["median", "p95", "median", "p95", "tasks > 50 ms"];
  console.log(`${"main-thread ms a frame".padEnd(30)}${"clock".padStart(12)}${"processor".padStart(20)}`);
  console.log(" ".repeat(30) + heads.map((head) => head.padStart(8)).join(" "));
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
    const frames = await measure(page, FRAMES);
    const at = (sort, share) => {
      const took = frames.map((frame) => frame[sort]).sort((a, b) => a - b);
      return took[Math.floor(took.length * share)].toFixed(1).padStart(8);
    };
    const long = String(frames.filter(({ first }) => first.dur > 50_000).length).padStart(8);
    const columns = ["clock", "processor"].flatMap((sort) => [at(sort, 0.5), at(sort, 0.95)]);
    console.log(name.padEnd(30) + [...columns, long].join(" "));
    await page.close();
  }
});
