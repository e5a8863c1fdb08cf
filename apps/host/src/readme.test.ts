import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const readme = readFileSync(join(root, "apps/host/README.md"), "utf8");

/**
 * Where the errors of `up`, `init` and `import` are made. `refuse.ts` answers on the socket: those are ncl's.
 */
const sources = [
  ...["apps/host/src/up", "apps/host/src/init", "apps/host/src/import"],
  ...[
    "internal/control-plane/src/database",
    "internal/control-plane/src/groups",
    "internal/nanoclaw-import/src",
  ],
  ...["internal/data-folder/src", "internal/socket-server/src"],
]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  .concat("internal/group-workspace/src/group-folder.ts")
  .filter((file) => file.endsWith(".ts") && !/(\.test|\.fixture|\/refuse|\/read-frame)\.ts$/.test(file));

const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/["`]([a-z-]+)["`]/g)].map(([, code]) => code ?? "");

const madeIn = (file: string): readonly string[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(/\bcode: ("[a-z-]+"(?: \| "[a-z-]+")*)/g)].flatMap(
    ([, codes]) => quoted(codes ?? ""),
  );

describe("the README", () => {
  test("has every code of up, init and import in its table, and no other", () => {
    const [, section = ""] = readme.split("### Errors of up, init and import\n");
    const named = section.split("\n").flatMap((line) => quoted(/^\| (`[a-z-]+`) /.exec(line)?.[1] ?? ""));
    expect(new Set(named)).toEqual(new Set(sources.flatMap(madeIn)));
    expect(named).toHaveLength(new Set(named).size);
  });
});
