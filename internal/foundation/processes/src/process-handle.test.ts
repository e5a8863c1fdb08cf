import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { holdProcess } from "./process-handle.ts";
import { isZombie } from "./process-identity.ts";
import { type ProcessRecord, recordOf } from "./process-record.ts";

const recordedOf = (pid: number): ProcessRecord => {
  const record = recordOf(pid, { id: "a", account: null, token: 1, label: {} });
  if (record === null) throw new Error(`${pid} does not run`);
  return record;
};

describe("holdProcess", { skip: process.platform !== "linux" }, () => {
  test("reports the end of the process, and does not change that later", async () => {
    const child = spawn("sleep", ["600"], { stdio: "ignore" });
    const { isRunning, close } = holdProcess(recordedOf(child.pid ?? 0));
    expect(isRunning()).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([isRunning(), isRunning()]).toEqual([false, false]);
    close();
  });

  test("reports the end of a zombie", async () => {
    // The shell becomes a program that waits for no child, so its child stays a zombie.
    const script = `exec 3<&0; sh -c 'echo $$; read go <&3' & exec ${process.execPath} -e 'setInterval(() => {}, 1000)'`;
    const parent = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    const { isRunning, close } = holdProcess(recordedOf(pid));
    expect(isRunning()).toBe(true);
    parent.stdin.end("go\n");
    await expect.poll(() => isZombie(pid), { timeout: 20_000 }).toBe(true);
    expect(isRunning()).toBe(false);
    close();
  });

  test.for([
    { what: "another process has its number", change: { process: { pid: process.pid, start: "1" } } },
    { what: "no process has its number", change: { process: { pid: spawnSync("true").pid, start: "1" } } },
  ])("reports the end if $what", ({ change }) => {
    const record = recordedOf(process.pid);
    const { isRunning, close } = holdProcess({
      ...record,
      process: { ...record.process, ...change.process },
    });
    expect(isRunning()).toBe(false);
    close();
  });

  test("leaves no file open after close, even if called twice", () => {
    const openFiles = () => readdirSync("/proc/self/fd").length;
    const before = openFiles();
    const { isRunning, close } = holdProcess(recordedOf(process.pid));
    expect([isRunning(), openFiles()]).toEqual([true, before + 1]);
    close();
    close();
    expect([isRunning(), openFiles()]).toEqual([false, before]);
  });
});
