import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/start.mjs", import.meta.url));
const start = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: "utf8", timeout: 100_000 });

describe("npm start without a folder", () => {
  // Without arguments it sets up, which takes a minute.
  test.each([[["--install-cli"]], [["--yes", "--install-cli"]]])(
    "and with %j refuses before it sets up",
    (args) => {
      const { status, stdout, stderr } = start(...args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^error: No folder was named\.\nfix: Name a folder: npm start -- DIR\..*\n$/);
    },
  );

  test("prints one document with --json", () => {
    const { status, stdout } = start("--json");
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "usage" } });
  });
});

const setup: string = new URL("../scripts/setup.mjs", import.meta.url).href;

describe("a set-up", async () => {
  const { builtSources } = (await import(setup)) as { builtSources: () => readonly string[] };
  test.for([
    { what: "an app", file: "apps/host/src/main.ts" },
    { what: "a library", file: "packages/preflight/src/index.ts" },
    { what: "a room that only the programs bundle", file: "internal/host/sessions/src/host.ts" },
    { what: "a package's list of dependencies", file: "internal/foundation/std/package.json" },
  ])("builds again after a change in $what", ({ file }) =>
    expect(builtSources()).toContain(fileURLToPath(new URL(`../../${file}`, import.meta.url))),
  );

  test("does not build again after a change in a test", () =>
    expect(builtSources().filter((file) => file.endsWith(".test.ts"))).toEqual([]));
});
