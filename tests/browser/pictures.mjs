// Pictures of the page to look at, into target/pictures/: `cargo xtask pictures [WORD…]`. WORD picks those whose names
// hold it; one such as `#/raft/figure-8` is an address, and the pictures show the end of its run. Nothing is compared: a
// person judges whether something overlaps, is cut off, or cannot be read from afar. The word `moments` takes each protocol at
// its best moment, in several sizes, and as it is seen from the last row.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage } from "./harness.mjs";

const FOLDER = fileURLToPath(new URL("../../target/pictures", import.meta.url));
const WORDS = (process.env.FAULTLINE_PICTURES ?? "").split(" ").filter(Boolean);
const SIZES = [
  [1440, 900],
  [1024, 768],
  [768, 1024],
  [360, 740],
];

const RUN = (lines) => ["faultline 2", "protocol raft", "seed 42", ...lines].join("\n");

const FAULTS = RUN([
  "until 3s",
  "at 1s cut n1,n2|n3,n4,n5",
  "at 1.2s pause n4",
  "at 1.3s crash n5",
  "at 1.31s hold n1-n2",
  "show 1.4s",
]);
const LINKS = RUN([
  "until 3s",
  "at 800ms cut n1>n2",
  "at 800ms link n2-n3 latency 60ms..80ms",
  "at 800ms hold n3>n4",
  "at 800ms cut n4-n5",
  "at 800ms link n1>n4 loss 50%",
  "show 900ms",
]);

async function opened(page, text) {
  await page.waitForSelector("#lab");
  await page.keyboard.press("o");
  await page.fill("#open-text", text);
  await page.locator("dialog form button").click();
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForTimeout(150);
}

const press = (...keys) => async (page) => {
  await page.waitForSelector("#lab");
  for (const key of keys) await page.keyboard.press(key);
};

const state = (rest) => async (page) => {
  await page.waitForSelector("#lab");
  for (const key of rest) await page.keyboard.press(key);
  await page.getByRole("tab", { name: "State" }).click();
  await page.waitForSelector(".tab-panel .panels");
};

const dialog = (key) => async (page) => {
  await press("Space", key)(page);
  await page.waitForSelector("dialog[open]");
};

/** Name, the rest of the address, and what is done before the picture. */
const PICTURES = [
  ["home", "#/", async () => {}],
  ["home-protocols", "#/", (page) => page.evaluate(() => document.querySelector("#protocols").scrollIntoView({ behavior: "instant" }))],
  ["home-about", "#/", async (page) => {
    await page.locator(".entry summary").first().click();
    await page.evaluate(() => document.querySelector(".entry").scrollIntoView({ behavior: "instant" }));
  }],
  ["home-words", "#/", (page) => page.evaluate(() => document.querySelector("#words").scrollIntoView({ behavior: "instant" }))],
  ["calm", "#/raft", press("Space", "Home", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "ArrowRight")],
  ["two-phase", "#/two-phase-commit", press("Space", "End", "Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft")],
  ["faults", "#/raft", (page) => opened(page, FAULTS)],
  ["links", "#/raft", (page) => opened(page, LINKS)],
  ["violated", "#/raft/figure-8-unsafe", press("Space", "End")],
  ["message", "#/raft/figure-8", press("Space", "Home", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "m")],
  ["fifty", "#/raft", (page) => opened(page, RUN(["nodes 51", "show 400ms"]))],
  ["legend", "#/raft", async (page) => {
    await press("Space")(page);
    await page.locator(".legend-box summary").click();
  }],
  ["state", "#/raft/figure-8", state(["Space", "End"])],
  ["tiers", "#/amqp/dead-letters", state(["Space", "End", "Shift+ArrowLeft"])],
  ["liar", "#/pbft/equivocation", state(["Space", "End", "Shift+ArrowLeft", "Shift+ArrowLeft"])],
  ["history", "#/quorum-kv/not-linearizable", async (page) => {
    await state(["Space", "End"])(page);
    await page.locator(".history").scrollIntoViewIfNeeded();
  }],
  ["siblings", "#/quorum-kv/siblings", state(["Space", "End"])],
  ["ring", "#/chord/join", state(["Space", "End", "Shift+ArrowLeft"])],
  ["hops", "#/chord/first-steps", async (page) => {
    await state(["Space", "End"])(page);
    await page.locator(".chart").last().scrollIntoViewIfNeeded();
  }],
  ["why", "#/raft/figure-8-unsafe", async (page) => {
    await press("Space", "End", "Shift+W")(page);
    await page.waitForSelector("dialog .chain");
  }],
  ["found", "#/raft", async (page) => {
    await opened(page, RUN(["nodes 3", "twin replaces-old-entries"]));
    await page.keyboard.press("Shift+V");
    await page.waitForSelector("[data-report] [data-found]", { timeout: 60_000 });
  }],
  ["comparison", "#/raft/first-steps", async (page) => {
    await press("Space", "Home", "Shift+ArrowRight", "1", "x", "b")(page);
    await page.locator("[data-tool=compare]").click();
    await page.waitForSelector(".compare");
  }],
  ["beside", "#/raft/first-steps", async (page) => {
    await press("Space", "Home", "Shift+ArrowRight", "1", "x", "Escape", "b")(page);
    await page.locator("[data-tool=beside]").click();
    await page.waitForSelector("[data-beside]");
    for (let step = 0; step < 4; step += 1) await page.keyboard.press("Shift+ArrowRight");
  }],
  ["protocols-beside", "#/raft/first-steps", async (page) => {
    await press("Space", "Home", "Shift+ArrowRight", "1", "x", "Escape", "b")(page);
    await page.selectOption("#under", "quorum-kv");
    await page.locator(".under button").click();
    await page.waitForSelector("[data-beside]");
    await press("End")(page);
  }],
  ["branches", "#/raft/first-steps", async (page) => {
    await press("Space", "Home", "Shift+ArrowRight", "1", "x", "Escape", "b")(page);
    await page.waitForSelector("[data-branch]");
  }],
  ["votes", "#/raft", press("Space", "Home", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")],
  ["inbox", "#/raft", async (page) => {
    await press("Space", "Home", "i")(page);
    await page.locator('[data-inbox="n3"]').getByRole("button", { name: "Fire Election" }).click();
  }],
  ["editor", "#/raft/figure-8", async (page) => {
    await press("Space")(page);
    await page.getByRole("tab", { name: "Scenario" }).click();
  }],
  ["lanes", "#/causal-broadcast/question-and-answer", state(["Space", "End", "ArrowLeft", "ArrowLeft", "ArrowLeft"])],
  ["crowd", "#/gossip", state(["Space", "End"])],
  ["palette", "#/raft", dialog("Control+k")],
  ["open", "#/raft", dialog("o")],
  ["share", "#/raft", dialog("s")],
  ["keys", "#/raft", dialog("?")],
  ["set", "#/raft", dialog("e")],
];

/** Each protocol at its best moment: a still picture of it should say what is going on. */
const MOMENTS = [
  "amqp/dead-letters?720ms",
  "kafka/acks-one?300ms",
  "rpc/double-charge?86ms",
  "reliable-transport/selective-repeat?100ms",
  "two-generals/last-lost-5?140ms",
  "causal-broadcast/question-and-answer?60ms",
  "gossip/first-steps?6.6s",
  "chord/default?170ms",
  "two-phase-commit/blocking?330ms",
  "raft/figure-8-unsafe?790ms",
  "paxos/highest-number?155ms",
  "pbft/equivocation?45ms",
  "proof-of-work/double-spend?126ms",
  "bully/partition?500ms",
  "quorum-kv/sloppy?125ms",
  "crdt/first-steps?130ms",
  "log-shipping/lost-suffix?235ms",
  "snapshot/never-happened?60ms",
  "swim/refuted?600ms",
  "load-balancing/herd?1500ms",
];

/**
 * How they are looked at. From the last row, a screen of 1920 × 1080 is as small as a quarter of it on a desk. A lecture stands
 * at the last cue before the moment, so the laboratory is seen from there, too.
 */
const VIEWS = [
  ["light", "#/", { width: 1440, height: 900 }],
  ["dark", "#/", { width: 1440, height: 900, colorScheme: "dark" }],
  ["embed", "?embed#/", { width: 640, height: 400 }],
  ["phone", "#/", { width: 360, height: 740, touch: true }],
  ["last-row", "#/present/", { width: 1920, height: 1080, scale: 0.25 }],
  ["last-row-lab", "#/", { width: 1920, height: 1080, scale: 0.25 }],
];

if (!WORDS.length || WORDS.includes("moments")) {
  for (const [view, room, size] of VIEWS) {
    test(`moments, ${view}`, async (t) => {
      await mkdir(FOLDER, { recursive: true });
      const taken = [];
      for (const moment of MOMENTS) {
        const page = await openPage(t, { rest: room + moment, reducedMotion: "reduce", ...size });
        await page.waitForFunction(() => !document.querySelector("#shell"));
        await page.waitForTimeout(1_200);
        taken.push(await page.screenshot({ path: join(FOLDER, `moment-${moment.split("/")[0]}-${view}.png`) }));
        await page.close();
      }
      // All on one sheet, each as large as it was taken.
      const sheet = await openPage(t, { rest: "", width: 3 * size.width * (size.scale ?? 1) + 16, height: 400 });
      const images = taken.map((it) => `<img src="data:image/png;base64,${it.toString("base64")}">`).join("");
      await sheet.setContent(`<body style="display: flex; flex-wrap: wrap; gap: 4px; margin: 0">${images}`);
      await sheet.screenshot({ path: join(FOLDER, `moments-${view}.png`), fullPage: true });
    });
  }
}

const OWN = WORDS.filter((word) => word.startsWith("#/"));
const named = PICTURES.filter(([name]) => !WORDS.length || WORDS.some((word) => name.includes(word)));
const own = OWN.map((rest) => [rest.slice(2).replace(/\W/g, "-"), rest, state(["Space", "End"])]);

for (const [name, rest, act] of [...named, ...own]) {
  test(name, async (t) => {
    await mkdir(FOLDER, { recursive: true });
    for (const colorScheme of ["light", "dark"]) {
      for (const [width, height] of SIZES) {
        const page = await openPage(t, { rest, width, height, colorScheme, touch: width < 800 });
        await page.waitForFunction(() => !document.querySelector("#shell"));
        await act(page);
        await page.waitForTimeout(200);
        await page.screenshot({ path: join(FOLDER, `${name}-${width}-${colorScheme}.png`) });
        await page.close();
      }
    }
  });
}
