// The probe in wasm: `node run.cjs MODULE COMMAND < INPUT`. Its native twin is `src/main.rs`.

const [module_, command = ""] = process.argv.slice(2);
const { run } = require(module_);

async function main() {
  let input = "";
  if (!process.stdin.isTTY) {
    process.stdin.setEncoding("utf8");
    for await (const part of process.stdin) input += part;
  }
  const start = performance.now();
  const output = run(command, input);
  const took = performance.now() - start;
  process.stdout.write(output);
  process.stderr.write(`${command} took ${took.toFixed(3)} ms in wasm\n`);
}

main();
