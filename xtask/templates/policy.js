// Writes into every page of a folder the policy that it keeps (Content-Security-Policy): nothing comes from elsewhere, and the
// scripts and styles that stand in the page itself are named by their hashes. Run by Node with the folder.

const { createHash } = require("node:crypto");
const { readFileSync, readdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

/** The hashes of all elements of a name that hold their text. */
const hashes = (page, name) =>
  [...page.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^]*?)</${name}>`, "g"))]
    .filter(([, text]) => text)
    .map(([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);

/** A worker takes the program's script from a blob, which the page has made of the file that it has. */
const policy = (page) =>
  [
    "default-src 'none'",
    ["script-src 'self' blob: 'wasm-unsafe-eval'", ...hashes(page, "script")].join(" "),
    ["style-src 'self'", ...hashes(page, "style")].join(" "),
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "frame-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

const folder = process.argv[1];
for (const name of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html"))) {
  const page = readFileSync(join(folder, name), "utf8");
  const first = '<meta charset="utf-8">';
  if (!page.includes(first)) throw new Error(`${name} does not say how it is encoded`);
  writeFileSync(join(folder, name), page.replace(first, () => `${first}\n    <meta http-equiv="Content-Security-Policy" content="${policy(page)}">`));
}
