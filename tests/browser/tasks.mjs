// The longest tasks of the main thread while the page works: `cargo xtask bench --only tasks`. Each row is what was
// done, from the key that began it until a second after its result has opened; the browser reports tasks of 50 ms and
// more. The best of several rounds is printed, for a busy machine makes tasks longer and never shorter.

import { test } from "node:test";
import { openLab, openText, settle, until } from "./lab.mjs";

const ROUNDS = 3;
const PROTOCOLS = [
  ["raft", "truncates-always"],
  ["quorum-kv", "repair-overwrites"],
  ["pbft", "executes-prepared"],
];

/** What the browser calls long, measured while something is done; the longest in milliseconds, and how many. */
async function longest(page, act) {
  await page.evaluate(() => {
    window.tasks = [];
    window.observer = new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((it) => it.duration)));
    window.observer.observe({ type: "longtask" });
  });
  await act();
  await page.waitForTimeout(1_000);
  return page.evaluate(() => {
    window.tasks.push(...window.observer.takeRecords().map((it) => it.duration));
    window.observer.disconnect();
    return [Math.max(0, ...window.tasks), window.tasks.length];
  });
}

const report = (page, wanted) =>
  page.waitForFunction((wanted) => document.querySelector("[data-report]")?.dataset.report.match(wanted), wanted, { timeout: 60_000 });
const gone = (page) => until(page, () => !document.querySelector("dialog"));
const run = (slug, ...lines) => ["faultline 2", `protocol ${slug}`, ...lines].join("\n");

async function opened(page, text) {
  await openText(page, text);
  await gone(page);
  await page.evaluate(() => document.activeElement.blur());
  await settle(page);
}

const LONG = ["until 60s", "ask 20ms", "at 30s crash n2", "at 31s restart n2"];
const tab = (page, name) => page.getByRole("tab", { name }).click();

/** What is done, each on the page as the one before left it: its name, what is prepared for it, and what is measured. */
const ACTS = [
  ["a run of a minute opens", async () => {}, (page, slug) => opened(page, run(slug, ...LONG))],
  ["why, of its last event", (page) => page.keyboard.press("End"), async (page) => {
    await page.keyboard.press("Shift+W");
    await page.waitForSelector(".chain");
  }],
  ["its state opens, at its end", async (page) => {
    await page.keyboard.press("Escape");
    await gone(page);
  }, (page) => tab(page, "State")],
  ["why, of facts at its end", async () => {}, async (page) => {
    for (const node of [0, 1, 2]) {
      const facts = page.locator(".card").nth(node).locator(".fact");
      for (let fact = 0; fact < (await facts.count()); fact += 1) {
        await facts.nth(fact).click();
        await page.waitForSelector(".chain, dialog .empty");
        await page.keyboard.press("Escape");
        await gone(page);
      }
    }
  }],
  ["compare two of its branches", async (page) => {
    await tab(page, "Log");
    await page.keyboard.press("Home");
    for (let step = 0; step < 20; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("1");
    await page.keyboard.press("x");
    await settle(page);
    await page.keyboard.press("b");
  }, async (page) => {
    await page.locator("[data-tool=compare]").click();
    await page.waitForSelector(".compare");
  }],
  ["attack for three seconds", async (page, slug) => {
    await page.keyboard.press("Escape");
    await gone(page);
    await opened(page, run(slug));
  }, async (page) => {
    await page.keyboard.press("Shift+V");
    await page.waitForTimeout(3_000);
    // On a fast machine all seeds have been tried by then.
    const cancel = page.locator("[data-tool=cancel]");
    if (await cancel.count()) await cancel.click();
  }],
  ["search", async () => {}, async (page) => {
    await page.keyboard.press("v");
    await page.locator("#bound-states").fill("40000");
    await page.locator("dialog .dark").click();
    await report(page, "nothing|found");
  }],
  ["attack until it breaks", (page, slug, twin) => opened(page, run(slug, `twin ${twin}`)), async (page) => {
    await page.keyboard.press("Shift+V");
    await report(page, "found|nothing");
  }],
  ["shrink", async () => {}, async (page) => {
    await page.keyboard.press("Shift+S");
    await until(page, () => document.querySelector("[data-report=found] h3")?.textContent === "Shrunk");
  }],
];

test("tasks", { timeout: 1_200_000 }, async (t) => {
  console.log(`${"longest task in ms (how many over 50)".padEnd(40)}${PROTOCOLS.map(([slug]) => slug.padStart(14)).join("")}`);
  const found = {};
  for (const [slug, twin] of PROTOCOLS) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const page = await openLab(t, { rest: `#/${slug}`, width: 1440, height: 900 });
      await settle(page);
      for (const [name, prepare, act] of ACTS) {
        await prepare(page, slug, twin);
        const measured = await longest(page, () => act(page, slug, twin));
        const best = (found[name] ??= {})[slug];
        if (!best || measured[0] < best[0]) found[name][slug] = measured;
      }
      await page.close();
    }
  }
  for (const [name, row] of Object.entries(found)) {
    const cell = ([slug]) => (row[slug][0] ? `${row[slug][0].toFixed(0)} (${row[slug][1]})` : "–").padStart(14);
    console.log(`${name.padEnd(40)}${PROTOCOLS.map(cell).join("")}`);
  }
});
