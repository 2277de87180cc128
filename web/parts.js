// The parts of the program that arrive when they are needed. This stands at the head of the bindings, where the program asks
// for parts. A part shares memory and functions with one build of the program only; that build is in its name.

/** The files that are here, compiled, by their names. A worker begins with those of its page. */
const here = (globalThis.faultlineParts ??= {});
/** After so many milliseconds a part is taken not to come. */
const PATIENCE = 60_000;

async function compile(address, cache = "default") {
  const answer = await fetch(address, { cache, signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  // Some hosts do not know what wasm is.
  const known = answer.headers.get("content-type")?.startsWith("application/wasm");
  return known ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
}

/** Compiles a part. One that was kept on the way may be damaged, and that of its origin whole. */
async function whole(name) {
  const address = new URL(name, import.meta.url);
  try {
    return await compile(address);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return compile(address, "reload");
  }
}

// The page's policy forbids the attribute, and not what a script sets. A worker has no elements.
if (globalThis.Element) {
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}

/** Puts a style into its place among those of the page. A worker has none. */
const dress = (name) =>
  new Promise((onload, onerror) => {
    const place = globalThis.document?.querySelector(`meta[content="${name}"]`);
    if (!place) return onload();
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL(name, import.meta.url).href, onload });
    const fail = () => {
      link.remove();
      onerror(new Error(`${name} did not come`));
    };
    link.onerror = fail;
    const patience = setTimeout(fail, PATIENCE);
    link.addEventListener("load", () => clearTimeout(patience));
    place.after(link);
  });

const arriving = {};

async function arrive(name) {
  try {
    if (name.endsWith(".css")) return await dress(name);
    here[name] ??= await whole(name);
    // Pieces that were joined to one file import from the second (xtask/src/imports.rs).
    await WebAssembly.instantiate(here[name], { __wasm_split: wasm, lent: wasm });
  } catch (error) {
    delete arriving[name];
    throw error;
  }
}

/** What loads a part, by its files: it calls the function at a place of the program's table, and says whether all are here. */
const load = (names) => async (place, data) => {
  const all = Promise.all(names.map((name) => (arriving[name] ??= arrive(name))));
  const came = await all.then(() => true, () => false);
  wasm.__indirect_function_table.get(place)(data, came);
};

