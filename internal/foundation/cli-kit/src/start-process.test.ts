import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Changes to a folder, removes it, and starts one of our programs there. */
const script = `
  const [, folder, module] = process.argv;
  const { rmdirSync } = await import("node:fs");
  const { startProcess } = await import(module);
  process.chdir(folder);
  rmdirSync(folder);
  await startProcess("program", async () => { throw new Error("ran"); });`;

const startInRemovedFolder = (...args: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), "start-process-"));
  const module = new URL("start-process.ts", import.meta.url).href;
  const node = ["--import", tsx, "--conditions=@nc/source", "--input-type=module", "-e", script];
  const ran = spawnSync(process.execPath, [...node, "--", folder, module, ...args], { encoding: "utf8" });
  expect(existsSync(folder)).toBe(false);
  return ran;
};

describe("a current folder that was removed", () => {
  test("is a failure with its fix", { tags: ["slow"] }, () => {
    const { status, stdout, stderr } = startInRemovedFolder();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(
      "error: The current folder no longer exists.\nfix: Change to a folder that is there, and start again.\n",
    );
  });

  test("is one document with --json", { tags: ["slow"] }, () => {
    const { status, stdout, stderr } = startInRemovedFolder("--json");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "no-current-folder" } });
  });
});

describe("a command that was interrupted", () => {
  const interrupted = `
    const { startProcess } = await import(process.argv[1]);
    const [, , signal] = process.argv;
    await startProcess("program", async (io) => {
      if (signal !== undefined) process.kill(process.pid, signal);
      while (signal !== undefined && !io.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
      return 130;
    });`;
  const module = new URL("start-process.ts", import.meta.url).href;
  const node = [
    "--import",
    tsx,
    "--conditions=@nc/source",
    "--input-type=module",
    "-e",
    interrupted,
    "--",
    module,
  ];

  test.each([
    { by: "a cancelled question", signals: [], status: 130 },
    { by: "Ctrl-C", signals: ["SIGINT"], status: 130 },
    { by: "SIGTERM", signals: ["SIGTERM"], status: 143 },
    { by: "a hang-up", signals: ["SIGHUP"], status: 143 },
  ])("by $by exits with $status", { tags: ["slow"] }, ({ signals, status }) =>
    expect(spawnSync(process.execPath, [...node, ...signals], { encoding: "utf8" })).toMatchObject({
      status,
      stderr: "",
    }),
  );
});
