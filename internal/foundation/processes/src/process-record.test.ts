import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { isZombie, thisProcess } from "./process-identity.ts";
import { holdProcess, type ProcessRecord, recordIn, recordOf, stateOf } from "./process-record.ts";

const onLinux = { skip: process.platform !== "linux" };
const rest = { id: "a", account: null, token: 3, label: { what: "test", incarnation: 2 } };

const recordedOf = (pid: number): ProcessRecord => {
  const record = recordOf(pid, rest);
  if (record === null) throw new Error(`${pid} does not run`);
  return record;
};

/** The leader of a group that starts another process in it, prints the pid of that process, and keeps running. */
const startGroup = async () => {
  const child = spawn("/bin/sh", ["-c", "sleep 600 & echo $!; wait"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const pid = child.pid ?? 0;
  onTestFinished(() => void spawnSync("kill", ["-KILL", "--", `-${pid}`]));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, pid, member: Number(line.toString()) };
};

describe("stateOf", onLinux, () => {
  test("returns running while the recorded process runs", () => {
    const record = recordedOf(process.pid);
    expect(stateOf(record)).toBe("running");
  });

  test.for([
    {
      what: "a process with the pid has another start time",
      change: { process: { ...thisProcess(), start: "1" } },
    },
    { what: "the machine was rebooted", change: { boot: "another" } },
    {
      what: "no process has the pid",
      change: { process: { ...thisProcess(), pid: spawnSync("true").pid } },
    },
  ])("returns ended if $what", ({ change }) => {
    expect(stateOf({ ...recordedOf(process.pid), ...change })).toBe("ended");
  });

  test("returns elsewhere for a process of another pid namespace", () => {
    const there = { ...thisProcess(), namespace: "pid:[1]" };
    expect(stateOf({ ...recordedOf(process.pid), process: there })).toBe("elsewhere");
  });

  test("returns left-behind if the leader has ended and other processes of its group run", async () => {
    const { child, pid, member } = await startGroup();
    const record = recordedOf(pid);
    process.kill(pid, "SIGKILL");
    await once(child, "exit");
    expect(stateOf(record)).toBe("left-behind");
    process.kill(member, "SIGKILL");
    await expect.poll(() => stateOf(record)).toBe("ended");
  });

  test("returns ended for a zombie", async () => {
    // The shell becomes a program that waits for no child, so its child stays a zombie.
    const script = `sh -c 'echo $$; read go' & exec ${process.execPath} -e 'setInterval(() => {}, 1000)'`;
    const parent = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    await expect.poll(() => isZombie(pid)).toBe(true);
    const record = { ...recordedOf(parent.pid ?? 0), process: { ...thisProcess(), pid, start: null } };
    expect(stateOf(record)).toBe("ended");
  });

  test("recordOf returns null for an ended process", () => {
    expect(recordOf(spawnSync("true").pid, rest)).toBeNull();
  });
});

describe("recordIn", () => {
  const record: ProcessRecord = { ...rest, process: thisProcess(), boot: null };

  test("reads a record that was written", () => {
    expect(recordIn(JSON.stringify(record))).toEqual(record);
  });

  test.for([
    ["nothing", ""],
    ["half of it", JSON.stringify(record).slice(0, 40)],
    ["a list", "[]"],
    ["no process", JSON.stringify({ ...record, process: null })],
    ["a process of no number", JSON.stringify({ ...record, process: { ...record.process, pid: -1 } })],
    ["a token that is a text", JSON.stringify({ ...record, token: "3" })],
    ["a label with a list in it", JSON.stringify({ ...record, label: { what: [] } })],
    ["an account that is a number", JSON.stringify({ ...record, account: 0 })],
  ] as const)("returns null for %s", ([, text]) => {
    expect(recordIn(text)).toBeNull();
  });
});

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
    await expect.poll(() => isZombie(pid)).toBe(true);
    expect(isRunning()).toBe(false);
    close();
  });

  test.for([
    { what: "another process has the pid", change: { process: { pid: process.pid, start: "1" } } },
    { what: "no process has the pid", change: { process: { pid: spawnSync("true").pid, start: "1" } } },
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
