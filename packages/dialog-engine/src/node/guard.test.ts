// @module-tag rest
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";
import { describe, expect, onTestFinished, test } from "vitest";
import { createGuard } from "./guard.ts";

const slow = { tags: ["slow"] };
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * Starts three programs that lead groups and ignore a hangup, watches all three, and stops watching the
 * second one.
 */
const holder = `
  import { spawn } from "node:child_process";
  import { createGuard } from ${JSON.stringify(fileURLToPath(new URL("guard.ts", import.meta.url)))};
  const guard = createGuard((detail) => console.error(detail));
  const pids = [1, 2, 3].map(() => spawn("sh", ["-c", "trap '' HUP; sleep 60 & wait"], { detached: true, stdio: "ignore" }).pid);
  const stops = pids.map((pid) => guard.watch(pid));
  stops[1]();
  console.log(pids.join(" "));
  setInterval(() => {}, 1000);
`;

const startHolder = async (): Promise<{ child: ChildProcess; pids: readonly number[] }> => {
  const child = spawn(
    process.execPath,
    ["--conditions=@nc/source", "--import", tsx, "--input-type=module", "-e", holder],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  return { child, pids: await pidsOf(child) };
};

/** Reads the ids of the processes that the holder started. They end with the test. */
const pidsOf = async (child: ChildProcess): Promise<readonly number[]> => {
  const text = await new Promise<string>((resolve) =>
    child.stdout?.setEncoding("utf8").once("data", (data: string) => resolve(data)),
  );
  const pids = text.trim().split(" ").map(Number);
  onTestFinished(() => {
    for (const pid of pids) if (isRunning(pid)) process.kill(-pid, "SIGKILL");
    child.kill("SIGKILL");
  });
  return pids;
};

describe("a guard", () => {
  test("ends only the watched groups when its program is killed", { tags: ["slow"] }, async () => {
    const { child, pids } = await startHolder();
    expect(pids.map(isRunning)).toEqual([true, true, true]);
    child.kill("SIGKILL");
    await expect.poll(() => pids.map(isRunning)).toEqual([false, true, false]);
  });

  test("reports that it no longer guards when it is killed", slow, async () => {
    const program = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    onTestFinished(() => void program.kill("SIGKILL"));
    const said: string[] = [];
    const guard = createGuard((detail) => said.push(detail));
    guard.watch(program.pid ?? 0);
    const pidOf = () =>
      spawnSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
        .stdout.split("\n")
        .find((line) => line.includes(`dialog-engine-guard ${program.pid}:`))
        ?.trim()
        .split(" ")[0];
    await expect.poll(pidOf).toBeDefined();
    process.kill(Number(pidOf()), "SIGKILL");
    await expect.poll(() => said).toEqual(["the guard has ended (SIGKILL)"]);
    guard.stop();
  });

  test("works in a program that is bundled into one file", slow, async () => {
    const folder = mkdtempSync(join(tmpdir(), "guard-bundle-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const entry = join(folder, "entry.ts");
    writeFileSync(entry, holder);
    const config = { entry: { bundled: entry }, outDir: folder, format: "esm", platform: "node" } as const;
    const outExtension = () => ({ js: ".mjs" });
    await build({ ...config, outExtension, config: false, silent: true, dts: false });
    const child = spawn(process.execPath, [join(folder, "bundled.mjs")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pids = await pidsOf(child);
    child.kill("SIGKILL");
    await expect.poll(() => pids.map(isRunning)).toEqual([false, true, false]);
  });

  test("ends nothing after it was stopped", slow, async () => {
    const program = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    onTestFinished(() => void program.kill("SIGKILL"));
    const guard = createGuard((detail) => expect.fail(detail));
    guard.watch(program.pid ?? 0);
    guard.stop();
    guard.stop();
    expect(isRunning(program.pid ?? 0)).toBe(true);
  });
});
