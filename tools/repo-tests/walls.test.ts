import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Files that the linter has to refuse, and one beside each that it has to allow. */
const rows = [
  {
    what: "a core that reads files",
    file: "packages/preflight/src/plan.ts",
    code: `import "node:fs";`,
    rule: "boundaries(dependencies)",
  },
  {
    what: "an app in a room of the host",
    file: "internal/host/sessions/src/index.ts",
    code: `import "../../../../apps/host/src/main.ts";`,
    rule: "boundaries(dependencies)",
  },
  {
    what: "a room of the host in a room of trust",
    file: "internal/trust/trust-cli/src/index.ts",
    code: `import "../../../host/wire/src/index.ts";`,
    rule: "boundaries(dependencies)",
  },
  {
    what: "a fixture in a file that is no test",
    file: "internal/host/wire/src/frames.ts",
    code: `import "./frames.fixture.ts";`,
    rule: "boundaries(dependencies)",
  },
  {
    what: "a path out of its package",
    file: "apps/ncl/src/out.ts",
    code: `import "../../host/src/main.ts";`,
    rule: "eslint(no-restricted-imports)",
  },
  {
    what: "the time in a core",
    file: "packages/preflight/src/clock.ts",
    code: `export const now: number = Date.now();`,
    rule: "ours(pure-core)",
  },
  {
    what: "a spread of a fresh literal",
    file: "packages/preflight/src/spread.ts",
    code: `export const both: object = { ...{ a: 1, b: 2 } };`,
    rule: "ours(no-fresh-spread)",
  },
];
const allowed = {
  "packages/preflight/src/node/plan-files.ts": `import "node:fs";\nimport "../plan.ts";\nexport const now: number = Date.now();`,
  "apps/host/src/main.ts": `import "./own.ts";`,
  "apps/host/src/own.ts": `export const own: object = { ...globalThis };`,
  "internal/host/wire/src/index.ts": `export const wire: number = 1;`,
  "internal/host/wire/src/frames.fixture.ts": `export const frame: number = 1;`,
  "internal/host/wire/src/frames.test.ts": `import "./frames.fixture.ts";`,
};

type Found = { readonly code: string; readonly filename: string };
let found: readonly Found[] = [];
const folder = mkdtempSync(join(tmpdir(), "gatehouse-walls-"));

beforeAll(() => {
  const files = [...Object.entries(allowed), ...rows.map(({ file, code }) => [file, code] as const)];
  for (const [file, code] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${code}\n`);
  }
  // The patterns of a configuration are relative to its folder.
  const config = ["oxlint.config.mjs", "walls.js", "tools/settings/lint-rules.mjs"];
  for (const file of config) cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const args = [
    join(root, "node_modules/oxlint/bin/oxlint"),
    "-c",
    "oxlint.config.mjs",
    "--format=json",
    "apps",
    "internal",
    "packages",
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (!stdout.startsWith("{")) throw new Error(`${stdout}${stderr}`);
  found = (JSON.parse(stdout) as { readonly diagnostics: readonly Found[] }).diagnostics;
});
afterAll(() => rmSync(folder, { recursive: true }));

// A rule of the linter that was never seen to refuse an import may refuse none.
test.for(rows)("the linter refuses $what", ({ file, rule }) => {
  expect(found.filter(({ filename }) => filename === file).map(({ code }) => code)).toContain(rule);
});

test.for(Object.keys(allowed))("the linter allows %s", (file) => {
  expect(found.filter(({ filename }) => filename === file)).toEqual([]);
});
