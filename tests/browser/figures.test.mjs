// Links open in the browser to the very run that the command line plays: the same checksum, the same end.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openLab, settle } from "./lab.mjs";

const file = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

/** The checksum that the golden transcript of a scenario ends with; the command line's tests hold it to that. */
const golden = (name) => file(`../golden/raft/${name}.txt`).trimEnd().split("checksum ").at(-1);

test("every link that was ever given away opens in a fresh browser to the same run", async (t) => {
  const links = file("../links.tsv").split("\n").filter((line) => line.startsWith("#/"));
  assert.ok(links.length >= 5);
  const opens = async (line) => {
    const [rest, checksum] = line.split("\t");
    const page = await openLab(t, { rest, reducedMotion: "reduce" });
    await page.waitForSelector("#lab[data-checksum]");
    assert.equal(await page.locator("#lab").getAttribute("data-checksum"), checksum, rest);
    await page.close();
  };
  // Two at a time: half of opening a page is waiting.
  while (links.length) await Promise.all(links.splice(0, 2).map(opens));
});

test("Figures 7 and 8 open from their names and end as the paper has them", async (t) => {
  for (const [name, leader, violated] of [
    ["figure-7", "n1", false],
    ["figure-8", "n5", false],
    ["figure-8-unsafe", "n5", true],
  ]) {
    const page = await openLab(t, { rest: `#/raft/${name}` });
    assert.equal((await settle(page)).checksum, golden(name));
    await page.keyboard.press("End");
    const { nodes, claims } = await settle(page);
    assert.deepEqual(nodes.filter(([, role]) => role === "leader").map(([node]) => node), [leader], name);
    const [, standing] = claims.find(([claim]) => claim === "state-machine-safety");
    assert.equal(standing === "violated", violated, `${name}: ${standing}`);
  }
});
