// Every run that comes with a protocol plays in the page, whose protocols are parts of their own, as it does natively: the
// command line's tests hold the golden transcripts to the same checksums.

import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TITLES, openLab, until } from "./lab.mjs";

const GOLDEN = fileURLToPath(new URL("../golden/", import.meta.url));

for (const slug of Object.keys(TITLES)) {
  test(`the runs of ${slug} have the checksums of their transcripts`, async (t) => {
    const page = await openLab(t, { rest: `#/${slug}`, reducedMotion: "reduce" });
    for (const file of await readdir(GOLDEN + slug)) {
      const checksum = (await readFile(`${GOLDEN}${slug}/${file}`, "utf8")).trimEnd().split("checksum ").at(-1);
      await page.evaluate((hash) => (location.hash = hash), `#/${slug}/${file.replace(".txt", "")}`);
      await until(page, (checksum) => document.querySelector("#lab").dataset.checksum === checksum, checksum);
    }
  });
}
