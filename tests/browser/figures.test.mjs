// Links open in the browser to the very run that the command line plays: the same checksum, the same end.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openLab, openText, settle, until } from "./lab.mjs";

const file = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

/** The checksum that the golden transcript of a scenario ends with; the command line's tests hold it to that. */
const golden = (name) => file(`../golden/raft/${name}.txt`).trimEnd().split("checksum ").at(-1);

test("every link that was ever given away opens to the same run", async (t) => {
  const links = file("../links.tsv").split("\n").filter((line) => line.startsWith("#/")).map((line) => line.split("\t"));
  assert.ok(links.length >= 5);
  const opened = (page, rest, checksum) =>
    page.waitForSelector(`#lab[data-checksum="${checksum}"]`, { timeout: 20_000 }).catch(() => assert.fail(rest));
  // The first of each protocol in a fresh browser, the others one after the other in the address of an open page.
  const first = new Map(links.toReversed().map(([rest, checksum]) => [rest.split(/[/?]/)[1], [rest, checksum]]));
  let page;
  for (const [rest, checksum] of first.values()) {
    await page?.close();
    page = await openLab(t, { rest, reducedMotion: "reduce" });
    await opened(page, rest, checksum);
  }
  for (const [rest, checksum] of links) {
    await page.evaluate((rest) => (location.hash = rest), rest);
    await opened(page, rest, checksum);
  }
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

test("the client is the first line of PBFT's figure 1, as in the paper", async (t) => {
  const page = await openLab(t, { rest: "#/pbft/figure-1", width: 1440, height: 900, reducedMotion: "reduce" });
  await settle(page);
  const names = await page.locator("#diagram .names .name").allTextContents();
  assert.deepEqual(names, ["C", "n6", "R0", "R1", "R2", "R3"]);
  // A line's messages begin on it: the request leaves the first line.
  const [line, arrow] = await page.evaluate(() => {
    const line = document.querySelector("#diagram .lives .life");
    const arrow = document.querySelector('#diagram .arrow[data-is*=":n5>n1"] line');
    return [line.getAttribute("y1"), arrow.getAttribute("y1")];
  });
  assert.equal(arrow, line);
});

// Both are links to Raft with seed 42; their last five letters are of the run, and `aaaaa` is of none that comes of it.
const FITS = "#/raft?2&seed+42&k=ixgvuc8vvz";
const ANOTHER = "#/raft?2&seed+42&k=aptqaaaaaa";

test("a link whose run comes out differently says so until that is dismissed", async (t) => {
  for (const reducedMotion of ["reduce", "no-preference"]) {
    const page = await openLab(t, { rest: ANOTHER, reducedMotion });
    const banner = page.locator(".banner");
    await banner.waitFor();
    assert.match(await banner.innerText(), /differs from the one shared.*another version of Faultline/s);
    await settle(page);
    await page.keyboard.press("End");
    await settle(page);
    assert.equal(await banner.count(), 1, "it stays while the playhead moves");
    await banner.getByRole("button", { name: "Dismiss", exact: true }).click();
    await banner.waitFor({ state: "detached" });

    await openText(page, FITS);
    await settle(page);
    assert.equal(await banner.count(), 0, "nothing is said of a run that is the same");
    // The address has the letters of the run, too, once they are known.
    await until(page, () => location.hash.startsWith("#/raft?") && /&k=.{5}c8vvz$/.test(location.hash));
  }
});
