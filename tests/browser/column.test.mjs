// What the protocol is about stands beside the stage, the log has its rows, and the hint names what is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";
import { TITLES, inSight, openLab, settle, until } from "./lab.mjs";

/** What the panel of each protocol shows at the end of its default run. */
const ABOUT = {
  raft: ["Logs", ".logs tbody tr"],
  pbft: ["Logs", ".logs tbody tr"],
  "two-phase-commit": ["Log records", ".record"],
  "quorum-kv": ["Values", ".values td, .operation"],
  gossip: ["Informed", ".chart .measured"],
  chord: ["Request paths", ".paths .way"],
  amqp: ["Queues", ".lane"],
  "causal-broadcast": ["Queues", ".lane .item"],
  "two-generals": ["Values", ".values td"],
  paxos: ["Values", ".values td"],
  snapshot: ["Values", ".values td"],
  bully: ["Members", ".members td"],
  rpc: ["Values", ".values td"],
  "reliable-transport": ["Queues", ".lane"],
  swim: ["Members", ".members td"],
  crdt: ["Values", ".values td"],
  "load-balancing": ["Queues", ".lane"],
  "log-shipping": ["Logs", ".logs tbody tr"],
  kafka: ["Partitions", ".lane"],
  "proof-of-work": ["Logs as a tree", ".block-tree .cell"],
};

/** How many rows of the log are wholly in sight. */
const rows = async (page) => (await inSight(page, ".log .row")).filter(Boolean).length;

for (const [width, height] of [[1440, 900], [1366, 768]]) {
  for (const slug of Object.keys(TITLES)) {
    test(`the log has eight rows and the panel stands beside the stage: ${slug} at ${width}×${height}`, async (t) => {
      const page = await openLab(t, { rest: `#/${slug}`, width, height });
      await settle(page);
      await page.keyboard.press("End");
      const [title, content] = ABOUT[slug];
      await page.waitForSelector(`.idea-panel :is(${content})`);
      assert.equal(await page.locator(".idea-panel h3").first().innerText(), title);
      const [stage, panel, column] = await Promise.all(["#stage", ".idea-panel", ".side"].map((it) => page.locator(it).boundingBox()));
      assert.deepEqual([stage.x + stage.width, panel.x + panel.width], [panel.x, column.x], "they touch");
      assert.equal(panel.height, stage.height);
      await page.locator("label.switch:has-text('every event') input").check();
      await page.evaluate(() => document.activeElement.blur());
      // A run with fewer events has no more rows.
      const least = Math.min(8, await page.locator(".log .row").count());
      assert.ok((await rows(page)) >= least, `${await rows(page)} rows`);
      await shot(page, `column-${slug}-${width}`);
      await page.keyboard.press("1");
      await page.waitForSelector(".inspector");
      assert.ok((await rows(page)) >= least, `${await rows(page)} rows while a node is selected`);
      // It comes into sight once the column has its new height.
      for (let tries = 0; tries < 20 && !(await inSight(page, ".row[aria-current]"))[0]; tries += 1) await page.waitForTimeout(50);
      assert.ok((await inSight(page, ".row[aria-current]"))[0], "the current one among them");
      await page.keyboard.press("Escape");
      await page.getByRole("tab", { name: "State" }).click();
      await page.waitForSelector(".tab-panel .panels");
      assert.equal(await page.locator(`.tab-panel :is(${content})`).count(), 0, "the tab has no second copy");
    });
  }
}

test("the twelve columns of Figure 7 are in sight at 1280", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-7", width: 1280, height: 800 });
  await settle(page);
  await page.keyboard.press("End");
  await page.waitForSelector(".idea-panel .logs .entry");
  const scroll = page.locator(".idea-panel .scroll");
  assert.ok(await scroll.evaluate((it) => it.querySelectorAll("thead th").length === 13 && it.scrollWidth <= it.clientWidth));
  assert.ok(await page.locator(".logs .entry b").first().evaluate((it) => parseFloat(getComputedStyle(it).fontSize) >= 12));
});

test("on a narrow page the panel can be put away, and comes only when asked where there is no place", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8", width: 360, height: 780, touch: true });
  await settle(page);
  const height = async () => (await page.locator("#diagram").boundingBox()).height;
  await page.waitForSelector(".idea-panel .logs");
  assert.equal(await page.locator(".idea-panel .logs").isVisible(), true);
  const before = await height();
  await page.locator(".idea-panel > summary").tap();
  await until(page, (before) => document.querySelector("#diagram").getBoundingClientRect().height > before, before);
  assert.deepEqual(await violations(page), []);
  const low = await openLab(t, { rest: "#/raft/figure-8", width: 360, height: 640, touch: true });
  await low.waitForSelector(".idea-panel .logs", { state: "attached" });
  assert.equal(await low.locator(".idea-panel .logs").isVisible(), false);
});

test("the hint names who leads and nobody before, and goes for good once it was followed", async (t) => {
  const page = await openPage(t, { rest: "#/raft", reducedMotion: "reduce" });
  await page.waitForSelector(".hint");
  await page.keyboard.press("Home");
  const hint = () => page.locator(".hint").innerText();
  assert.match(await hint(), /press 1 and X to crash n1$/m, "nothing is in flight and nobody leads");
  for (let step = 0; step < 12 && !(await page.locator(".stage [data-message]").count()); step += 1) await page.keyboard.press("ArrowRight");
  assert.match(await hint(), /click a message in flight, then press D to drop it/);
  for (let step = 0; step < 20 && !(await page.locator('.stage [data-role="leader"]').count()); step += 1) await page.keyboard.press("ArrowRight");
  const leader = await page.locator('.stage [data-role="leader"]').getAttribute("data-node");
  assert.ok((await hint()).includes(`press X to crash ${leader}, the leader`), await hint());
  await page.keyboard.press("x");
  assert.equal(await page.locator(".hint .try").count(), 0);
  await page.reload();
  await page.waitForSelector(".hint");
  assert.equal(await page.locator(".hint .try").count(), 0);
});

for (const slug of ["chord", "quorum-kv"]) {
  test(`something is under way within two seconds: ${slug}`, async (t) => {
    const page = await openPage(t, { rest: `#/${slug}` });
    await page.waitForSelector("#stage .node");
    await page.waitForSelector("#stage [data-message]", { timeout: 2_000 });
  });
}
