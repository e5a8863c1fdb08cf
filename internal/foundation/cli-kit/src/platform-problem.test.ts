import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { platformProblem } from "./platform-problem.ts";

describe("platformProblem", () => {
  test.for([
    { platform: "win32", code: "unsupported-platform" },
    { platform: "darwin", code: undefined },
    { platform: "linux", code: undefined },
    { platform: "freebsd", code: undefined },
  ] as const)("returns $code on $platform", ({ platform, code }) => {
    expect(platformProblem("gatehouse", platform)?.code).toBe(code);
  });
});

describe("a program that needs Unix, on Windows", () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const script = `
    Object.defineProperty(process, "platform", { value: "win32" });
    const { startProgram } = await import(process.argv[1]);
    const packageFile = new URL("../package.json", process.argv[1]);
    await startProgram({ name: "gatehouse", packageFile, isUnixOnly: true, load: async () => { throw new Error("ran"); } });`;
  const start = (...args: readonly string[]) => {
    const module = new URL("start-program.ts", import.meta.url).href;
    const node = ["--import", tsx, "--conditions=@nc/source", "--input-type=module", "-e", script];
    return spawnSync(process.execPath, [...node, "--", module, ...args], { encoding: "utf8" });
  };

  test("is refused in one sentence, before its commands are loaded", { tags: ["slow"] }, () => {
    const { status, stdout, stderr } = start("up");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^error: gatehouse does not run on Windows: .*\nfix: .*WSL 2.*\n$/);
  });

  test("is refused as one document with --json", { tags: ["slow"] }, () => {
    const { status, stdout, stderr } = start("up", "--json");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "unsupported-platform" } });
  });
});
