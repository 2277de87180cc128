// The probe in wasm: `node run.cjs MODULE COMMAND < INPUT`, or `node run.cjs MODULE bench`. Its native twin is
// `src/main.rs`.

const [module_, command = ""] = process.argv.slice(2);
const { run } = require(module_);
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

async function main() {
  let input = "";
  if (!process.stdin.isTTY) {
    process.stdin.setEncoding("utf8");
    for await (const part of process.stdin) input += part;
  }
  process.stdout.write(run(command, input));
}

if (command === "bench") bench();
else main();
