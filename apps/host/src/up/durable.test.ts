// @module-tag soak
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { run, runWith } from "./run.fixture.ts";

const { gatehouse } = inject("programs");

const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
if (!canTrace) console.log("The order of fsync and acknowledgement: skipped, strace cannot trace here.");

/** The system calls that write to the database, make it durable, and send frames to a runner. */
const calls = "trace=pwrite64,write,writev,sendmsg,fsync,fdatasync";

/** The steps of the host's main thread: `write`, `sync`, and `acknowledged` for a frame that ends a runner's commit. */
const stepsIn = (trace: string, pid: number): readonly string[] =>
  trace.split("\n").flatMap((line) => {
    if (!line.startsWith(`${pid} `)) return [];
    if (/ pwrite64\(\d+<[^>]*gatehouse\.db(-wal)?>/.test(line)) return ["write"];
    if (/ f(data)?sync\(\d+<[^>]*gatehouse\.db(-wal)?>/.test(line)) return ["sync"];
    return / (write|writev|sendmsg)\(\d+<(UNIX|unix|socket)[^]*\{\\"type\\":\\"(done|batch)\\"/.test(line)
      ? ["acknowledged"]
      : [];
  });

test.skipIf(!canTrace)(
  "the host syncs each commit before it acknowledges it to the runner, so a power cut loses no acknowledged commit",
  { tags: ["slow"] },
  async () => {
    const dataDir = temporaryFolder();
    const trace = join(dataDir, "trace");
    const group = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
    run(gatehouse, "init", ...group, "--data", dataDir);
    const how = ["-f", "-yy", "-s", "100", "-e", calls, "-o", trace];
    const traced = [...how, process.execPath, gatehouse, "up", "--runtime", "process", "--data", dataDir];
    const marks: number[] = [];
    const host = spawn("strace", traced, { stdio: ["ignore", "pipe", "inherit"] });
    const hostPid = (): number => Number(readFileSync(join(dataDir, "host.pid"), "utf8").split("\n")[0]);
    const ended = new Promise((resolve) => host.once("close", resolve));
    onTestFinished(() => void host.kill("SIGKILL"));
    let stdout = "";
    host.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    await vi.waitFor(() => expect(stdout).toMatch(/^ready /));
    const pid = hostPid();
    const said = Array.from({ length: 10 }, (_, count) => `hello ${count}`);
    for (const line of said) {
      expect(runWith(`${line}\n`, gatehouse, "chat", "--group", "ana", "--data", dataDir)).toBe(`${line}\n`);
      marks.push(readFileSync(trace, "utf8").length);
    }
    process.kill(pid, "SIGTERM");
    await ended;
    const whole = readFileSync(trace, "utf8");
    const steps = stepsIn(whole, pid);
    const acknowledged = steps.flatMap((step, index) => (step === "acknowledged" ? [index] : []));
    const unsynced = acknowledged.filter(
      (index) => steps.slice(0, index).findLast((step) => step !== "acknowledged") === "write",
    );
    expect({ isComplete: acknowledged.length >= 2 * said.length, unsynced }).toEqual({
      isComplete: true,
      unsynced: [],
    });
    const later = stepsIn(whole.slice(marks[0], marks.at(-1)), pid).filter((step) => step === "sync").length;
    console.log(
      `${(later / (said.length - 1)).toFixed(1)} syncs of the database for each message but the first`,
    );
  },
);
