// Panels that show all nodes together: who holds whom for a member, and the logs as a tree.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, preset, settle } from "./lab.mjs";

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** The State tab of a scenario that comes with Raft, opened at a time. */
async function stateOf(t, name, show, options) {
  const page = await openLab(t, options);
  await settle(page);
  await openText(page, `${await preset(name)}show ${show}\n`);
  await page.waitForSelector("dialog", { state: "detached" });
  await settle(page);
  await page.getByRole("tab", { name: "State" }).click();
  await page.waitForSelector(".tab-panel .panels");
  return page;
}

const SIZES = [
  { width: 1440, height: 900, colorScheme: "light" },
  { width: 360, height: 740, colorScheme: "dark", touch: true },
];

for (const size of SIZES) {
  test(`every server's members stand in a matrix, at ${size.width}`, async (t) => {
    const page = await stateOf(t, "joint-change", "270ms", size);
    const rows = await page.locator(".members tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
    const [old, both, coming] = ["votes in the old set only", "votes in both sets", "votes in the new set only"];
    const joint = [old, old, both, coming, coming];
    assert.deepEqual(rows, [
      ["held by", "n1", "n2", "n3", "n4", "n5"],
      ...["n1", "n2", "n3", "n4"].map((node) => [node, ...joint]),
      ["n5", "votes", "votes", "votes", "no member", "no member"],
    ]);
    assert.ok((await overflow(page)) <= 0);
    assert.deepEqual(await violations(page), []);
    await page.locator(".members").scrollIntoViewIfNeeded();
    await shot(page, `panels-members-${size.width}`);
  });
}

test("where members cannot change there is no matrix", async (t) => {
  const page = await stateOf(t, "figure-7", "850ms", SIZES[0]);
  assert.equal(await page.locator(".logs").count(), 1);
  assert.equal(await page.locator(".members").count(), 0);
});

for (const size of SIZES) {
  test(`the logs of Figure 7 stand as one tree, at ${size.width}`, async (t) => {
    const page = await stateOf(t, "figure-7", "850ms", size);
    const said = await page.locator(".block-tree > [role=img]").evaluateAll((all) => all.map((it) => it.ariaLabel));
    assert.equal(said.length, 23);
    for (const words of [
      "Entry 4 of term 4, Put x=4, after entry 3 of term 1, committed; logs that end here: S3",
      "Entry 12 of term 7, Put z=5, after entry 11 of term 7; logs that end here: S5",
      "Entry 11 of term 3, Put y=8, after entry 10 of term 3; logs that end here: S7",
    ]) assert.ok(said.includes(words), `${words} in\n${said.join("\n")}`);
    const tops = await page.locator(".block-tree .cell").evaluateAll((all) => all.map((it) => it.getBoundingClientRect().top));
    assert.equal(new Set(tops).size, 3, "in three rows");
    assert.ok((await overflow(page)) <= 0);
    assert.deepEqual(await violations(page), []);
    await page.locator(".block-tree").scrollIntoViewIfNeeded();
    await shot(page, `panels-tree-${size.width}`);
  });
}
