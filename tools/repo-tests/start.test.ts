import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/start.mjs", import.meta.url));
const start = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: "utf8", timeout: 20_000 });

describe("npm start without a folder", () => {
  test.each([[[]], [["--install-cli"]]])("and with %j refuses before it sets up", (args) => {
    const { status, stdout, stderr } = start(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^error: No folder was named\.\nfix: Name a folder: npm start -- DIR\..*\n$/);
  });

  test("prints one document with --json", () => {
    const { status, stdout } = start("--json");
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "usage" } });
  });
});
