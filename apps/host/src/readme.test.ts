import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = readFileSync(join(root, "docs/host/errors.md"), "utf8");

/**
 * The files that make the errors of `up`, `init`, `import`, `backup`, `restore` and `uninstall`. `refuse.ts` is not one of them: it makes the errors
 * that `ncl` gets on the socket.
 */
const sources = [
  ...["apps/host/src/up", "apps/host/src/init", "apps/host/src/import", "apps/host/src/backup"],
  ...["apps/host/src/uninstall", "apps/host/src/upgrade"],
  "internal/host/backup/src",
  ...[
    "internal/host/central-database/src",
    "internal/host/first-run/src",
    "internal/host/group-setup/src",
    "internal/host/nanoclaw-import/src",
  ],
  ...["internal/host/data-folder/src", "internal/foundation/socket-server/src"],
]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  .concat("internal/host/group-workspace/src/group-folder.ts", "internal/host/gateway/src/kept-upstreams.ts")
  .concat("internal/foundation/fs-kit/src/private-file.ts")
  .concat(["serve-console", "console-certificate"].map((name) => `internal/host/console/src/${name}.ts`))
  .concat(
    ["choose-place", "local/engine-row", "local/find-engine", "runtime-in-use"].map(
      (name) => `internal/host/places/src/${name}.ts`,
    ),
  )
  .concat(
    ["kube-client", "kube-config", "read-pod-template"].map(
      (name) => `packages/kubernetes-runtime/src/node/${name}.ts`,
    ),
  )
  .filter(
    (file) => file.endsWith(".ts") && !/(\.test|\.fixture|\/refuse|\/read-frame|\/ask-host)\.ts$/.test(file),
  );

const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/["`]([a-z-]+)["`]/g)].map(([, code]) => code ?? "");

const madeIn = (file: string): readonly string[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(/\bcode: ("[a-z-]+"(?: \| "[a-z-]+")*)/g)].flatMap(
    ([, codes]) => quoted(codes ?? ""),
  );

describe("docs/host/errors.md", () => {
  test("has exactly the codes of up, init, import, backup, restore, upgrade and uninstall in its table", () => {
    const named = page.split("\n").flatMap((line) => quoted(/^\| (`[a-z-]+`) /.exec(line)?.[1] ?? ""));
    expect(new Set(named)).toEqual(new Set(sources.flatMap(madeIn)));
    expect(named).toHaveLength(new Set(named).size);
  });
});
