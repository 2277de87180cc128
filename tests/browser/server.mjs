// A small web server for dist/, under a sub-path, because that is where many hosts will put it.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { gzipSync } from "node:zlib";

export const SUB_PATH = "/a/b/";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const packed = new Map();

/**
 * Serves a folder on a free port of the loopback; the answer has the `url` of the page and a `close`. With `packs` it
 * compresses files, as hosts do. A host that fails is a function `spoil`: of a file's name and bytes it makes what is sent in its
 * place, `{ status, type, body }`, or nothing where all is well; without a body there is never an answer.
 */
export async function serve(folder, packs = false, spoil = () => {}) {
  const server = createServer((request, response) => answer(folder, packs, spoil, request, response));
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${SUB_PATH}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A file, compressed once. */
async function pack(file) {
  if (!packed.has(file)) packed.set(file, gzipSync(await readFile(file), { level: 9 }));
  return packed.get(file);
}

async function answer(folder, packs, spoil, request, response) {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  let name = path.startsWith(SUB_PATH) ? path.slice(SUB_PATH.length) : undefined;
  if (name === "" || name?.endsWith("/")) name += "index.html";
  const file = name && normalize(join(folder, name));
  try {
    if (!file?.startsWith(folder + sep)) throw new Error("outside of the folder");
    const body = await (packs ? pack(file) : readFile(file));
    const spoilt = spoil(name, body);
    if (spoilt) {
      if (!spoilt.body) return;
      response.writeHead(spoilt.status ?? 200, { "content-type": spoilt.type ?? TYPES[extname(file)] });
      response.end(spoilt.body);
      return;
    }
    response.writeHead(200, {
      ...(packs && { "content-encoding": "gzip" }),
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      // As hosts of files do: without it a sandboxed frame may not even run the page.
      "access-control-allow-origin": "*",
    });
    response.end(body);
  } catch {
    response.writeHead(404, { "content-type": "text/plain" });
    response.end("not found\n");
  }
}
