// What the tests of the laboratory have in common.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openPage } from "./harness.mjs";

/** Waits for all of the laboratory: the column at the side comes after the stage. */
export const whole = (page) => page.waitForSelector("#lab .tabs");

/** Opens a fresh page, and waits for the laboratory. */
export async function openLab(t, options = {}) {
  const page = await openPage(t, { rest: "#/raft", ...options });
  await whole(page);
  return page;
}

/** The protocols by their slugs, as the page calls them. */
export const TITLES = {
  amqp: "AMQP exchanges and queues",
  "two-generals": "Two generals",
  "causal-broadcast": "Causal broadcast",
  gossip: "Gossip",
  chord: "Chord",
  "two-phase-commit": "Two-phase commit",
  raft: "Raft",
  paxos: "Paxos",
  pbft: "Practical Byzantine fault tolerance",
  bully: "Bully election",
  "quorum-kv": "Quorums without a leader",
  snapshot: "Distributed snapshots",
  rpc: "Remote procedure calls",
  "reliable-transport": "Reliable transport",
  swim: "SWIM",
  crdt: "CRDTs",
  "load-balancing": "Load balancing",
  "log-shipping": "Log shipping",
  kafka: "Kafka",
  "proof-of-work": "Proof of work",
};

/** Waits until the laboratory shows a protocol. */
export const shows = (page, slug) =>
  until(page, (title) => document.querySelector(".where .protocol")?.textContent === title && !!document.querySelector("#lab .tabs"), TITLES[slug]);

/** Everything that two pages of the same run at the same moment must agree in. */
export const state = (page) =>
  page.evaluate(() => {
    const { event, time, checksum, playing } = document.querySelector("#lab").dataset;
    const nodes = [...document.querySelectorAll(".stage [data-node]")].map(({ dataset }) => [
      dataset.node,
      dataset.role,
      dataset.up,
    ]);
    const claims = [...document.querySelectorAll("[data-claim]")].map(({ dataset }) => [
      dataset.claim,
      dataset.standing,
    ]);
    return { event: Number(event), time: Number(time), checksum, playing, nodes, claims };
  });

/** Waits until the page is as the function wants it; it runs in the page. */
export const until = (page, wanted, argument) => page.waitForFunction(wanted, argument, { timeout: 60_000 });

/** Waits until everything that the page has used is kept. (`until` takes the promise of a function for its answer.) */
export async function kept(page) {
  const all = async () => {
    await navigator.serviceWorker.ready;
    const used = performance.getEntriesByType("resource").filter(({ name }) => /\.(wasm|css|txt)$/.test(name));
    const files = await Promise.all(used.map(({ name }) => caches.match(name)));
    return files.length > 1 && files.every(Boolean) && !!(await caches.match("./"));
  };
  while (!(await page.evaluate(all))) await page.waitForTimeout(50);
}

/** Stops time, and waits until the checksum is there and the address holds this very moment. */
export async function settle(page) {
  if ((await state(page)).playing === "true") await page.keyboard.press("Space");
  await until(page, () => document.querySelector("#lab[data-playing=false][data-checksum]"));
  await page.evaluate(() => delete window.settledHash);
  await until(page, () => {
    const hash = location.hash;
    const same = window.settledHash === hash;
    const since = same ? window.settledSince : performance.now();
    Object.assign(window, { settledHash: hash, settledSince: since });
    return performance.now() - since > 600;
  });
  return state(page);
}

/** The role of a node. */
export const role = async (page, node) => page.locator(`.stage [data-node="${node}"]`).getAttribute("data-role");

/** The node that leads. */
export const leader = async (page) =>
  page.locator('.stage [data-role="leader"]').last().getAttribute("data-node", { timeout: 20_000 });

/** Opens a scenario text through the dialog. */
export async function openText(page, text) {
  await page.keyboard.press("o");
  await page.fill("#open-text", text);
  await page.locator("dialog form button").click();
}

/** The text of a scenario that comes with a protocol. */
export const preset = (name) =>
  readFile(fileURLToPath(new URL(`../../core/protocols/consensus/scenarios/raft/${name}.txt`, import.meta.url)), "utf8");

/** Which of the elements are wholly in sight: within the window, and cut by nothing that scrolls. */
export const inSight = (page, selector) =>
  page.locator(selector).evaluateAll((all) =>
    all.map((it) => {
      const box = it.getBoundingClientRect();
      if (!box.width || box.top < 0 || box.bottom > innerHeight + 0.5) return false;
      for (let above = it.parentElement; above; above = above.parentElement) {
        const frame = above.getBoundingClientRect();
        const clips = getComputedStyle(above).overflowY !== "visible";
        if (clips && (box.bottom > frame.bottom + 0.5 || box.top < frame.top - 0.5)) return false;
      }
      return true;
    }),
  );
