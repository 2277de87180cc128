// The parts of the program that arrive when they are needed. This stands at the head of the bindings, where the program asks
// for parts. A part shares memory and functions with one build of the program only; that build is in its name.

/** The parts that are here, compiled, by their addresses. A worker begins with those of its page. */
const here = (globalThis.faultlineParts ??= {});
/** After so many milliseconds a part is taken not to come. */
const PATIENCE = 60_000;

async function compile(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return WebAssembly.compile(await answer.arrayBuffer());
}

const arriving = {};

/** What loads a part: it calls the function that stands at a place of the program's table, and says whether the part is here. */
const load = (name) => async (place, data) => {
  const arrive = async () => {
    here[name] ??= await compile(new URL(name, import.meta.url));
    await WebAssembly.instantiate(here[name], { __wasm_split: wasm });
  };
  const came = await (arriving[name] ??= arrive()).then(() => true, () => false);
  if (!came) delete arriving[name];
  wasm.__indirect_function_table.get(place)(data, came);
};

