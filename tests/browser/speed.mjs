// How fast the engine of the page in dist/, which is split into parts, is beside that of the same page in one piece:
// `cargo xtask bench --only split`. A row is an attack on a protocol in a worker, from the click to what came of it. Both pages
// take turns, and of each the best of several rounds counts, since a busy machine makes an attack longer and never shorter.

import { join } from "node:path";
import { test } from "node:test";
import { DIST } from "./harness.mjs";
import { openLab, settle, until } from "./lab.mjs";
import { serve } from "./server.mjs";

const ROUNDS = 5;
const SLUGS = ["raft", "pbft", "gossip", "two-phase-commit"];
const WHOLE = join(DIST, "..", process.env.FAULTLINE_WHOLE);

/** How many milliseconds an attack takes that finds nothing; the parts that it needs are there. */
async function attack(t, folder, slug) {
  const server = await serve(folder);
  t.after(() => server.close());
  const page = await openLab(t, { base: server.url, rest: `#/${slug}` });
  await settle(page);
  const times = [];
  for (let round = 0; round < 2; round += 1) {
    times.push(
      await page.evaluate(
        () =>
          new Promise((done) => {
            const ended = () => document.querySelector("[data-report=nothing] h3")?.textContent === "No violation found";
            const begun = performance.now();
            let under = false;
            const look = () => {
              under ||= !!document.querySelector("[data-report=under-way]");
              if (under && ended()) done(performance.now() - begun);
              else setTimeout(look, 1);
            };
            document.querySelector("[data-tool=attack]").click();
            look();
          }),
      ),
    );
  }
  await page.close();
  server.close();
  return times[1];
}

test("a split page beside one in one piece", { timeout: 1_800_000 }, async (t) => {
  for (const slug of SLUGS) {
    const best = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [place, folder] of [DIST, WHOLE].entries()) best[place] = Math.min(best[place], await attack(t, folder, slug));
    }
    const [split, whole] = best;
    console.log(`${slug}: ${split.toFixed(0)} ms split, ${whole.toFixed(0)} ms in one piece, ratio ${(split / whole).toFixed(3)}`);
  }
});
