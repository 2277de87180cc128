// The probe in wasm: `node run.mjs BINDINGS COMMAND < INPUT`, or `node run.mjs BINDINGS bench`. Its native twin is
// `src/main.rs`.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [bindings, command = ""] = process.argv.slice(2);
// They are the page's, which has its program fetched; here it is a file beside them.
const { initSync, run } = await import(pathToFileURL(bindings));
initSync({ module: readFileSync(bindings.replace(/\.js$/, "_bg.wasm")) });
const ROUNDS = 7;

// Times all workloads in turn, round after round; the quickest run of each counts.
function bench() {
  const names = run("workloads", "").split("\n");
  const best = new Map(names.map((name) => [name, { ms: Infinity, events: "" }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, row] of best) {
      const start = performance.now();
      row.events = run(name, "");
      row.ms = Math.min(row.ms, performance.now() - start);
    }
  }
  for (const [name, row] of best) console.log(`${name} ${row.events} ${row.ms.toFixed(3)}`);
}

if (command === "bench") {
  bench();
} else {
  let input = "";
  if (!process.stdin.isTTY) {
    process.stdin.setEncoding("utf8");
    for await (const part of process.stdin) input += part;
  }
  process.stdout.write(run(command, input));
}
