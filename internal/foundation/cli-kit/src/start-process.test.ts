import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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

const module = new URL("start-process.ts", import.meta.url).href;

/** Runs a script of Node with these arguments. */
const runScript = (text: string, ...args: readonly string[]) => {
  const node = ["--import", tsx, "--conditions=@nc/source", "--input-type=module", "-e", text];
  return spawnSync(process.execPath, [...node, "--", ...args], { encoding: "utf8" });
};

const startInRemovedFolder = (...args: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), "start-process-"));
  const ran = runScript(script, folder, module, ...args);
  expect(existsSync(folder)).toBe(false);
  return ran;
};

describe("startProcess in a removed current folder", () => {
  test("fails with the fix", { tags: ["slow"] }, () => {
    const { status, stdout, stderr } = startInRemovedFolder();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(
      "error: The current folder no longer exists.\nfix: Change to an existing folder, and start again.\n",
    );
  });

  test("prints one document with --json", { tags: ["slow"] }, () => {
    const { status, stdout, stderr } = startInRemovedFolder("--json");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "no-current-folder" } });
  });
});

test("startProcess reports an exception as a bug of the program, with its stack", { tags: ["slow"] }, () => {
  const throwing = `
    const { startProcess } = await import(process.argv[1]);
    await startProcess("program", async () => { throw new Error("ran"); });`;
  expect(runScript(throwing, module)).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^Error: ran\n +at [^]*\nThis is a bug in program\.\n$/),
  });
});

describe("startProcess, if its command is interrupted", () => {
  const interrupted = `
    const { startProcess } = await import(process.argv[1]);
    const [, , signal] = process.argv;
    await startProcess("program", async (io) => {
      if (signal !== undefined) process.kill(process.pid, signal);
      while (signal !== undefined && !io.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
      return 130;
    });`;

  test.each([
    { by: "a cancelled question", signals: [], status: 130 },
    { by: "Ctrl-C", signals: ["SIGINT"], status: 130 },
    { by: "SIGTERM", signals: ["SIGTERM"], status: 143 },
    { by: "a hang-up", signals: ["SIGHUP"], status: 143 },
  ])("exits with $status after $by", { tags: ["slow"] }, ({ signals, status }) =>
    expect(runScript(interrupted, module, ...signals)).toMatchObject({ status, stderr: "" }),
  );
});

test(
  "startProcess ends by SIGHUP if its terminal is closed, after its work has ended",
  { tags: ["slow"] },
  async ({ skip, onTestFinished }) => {
    if (process.platform !== "linux") return skip("needs script(1) of util-linux");
    const folder = mkdtempSync(join(tmpdir(), "start-process-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const waiting = `
      const { writeFileSync } = await import("node:fs");
      const { startProcess } = await import(process.argv[1]);
      await startProcess("program", async ({ signal, stdout }) => {
        const awake = setInterval(() => {}, 1_000);
        stdout.write("pid " + process.pid + ".");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        writeFileSync(process.argv[2], "cleaned up");
        clearInterval(awake);
        return 130;
      });`;
    const [done, status] = [join(folder, "done"), join(folder, "status")];
    const node = [process.execPath, "--import", tsx, "--conditions=@nc/source", "--input-type=module"];
    const words = [...node, "-e", waiting, "--", module, done].map(
      (word) => `'${word.replaceAll("'", "'\\''")}'`,
    );
    // The shell lives on without the terminal, and has the status.
    const shell = `trap : HUP; ${words.join(" ")}; echo $? > '${status}'`;
    const terminal = spawn("script", ["-qc", shell, "/dev/null"], { stdio: ["pipe", "pipe", "ignore"] });
    let written = "";
    terminal.stdout.on("data", (text) => (written += String(text)));
    const pidIn = () => Number(/pid (\d+)\./.exec(written)?.[1] ?? 0);
    await expect.poll(pidIn).toBeGreaterThan(0);
    terminal.kill("SIGKILL");
    await once(terminal, "exit");
    // script(1) 2.38 leaves its program without the signal that the system sends for a closed terminal.
    process.kill(pidIn(), "SIGHUP");
    await expect.poll(() => existsSync(status) && readFileSync(status, "utf8")).toBe("129\n");
    expect(readFileSync(done, "utf8")).toBe("cleaned up");
  },
);
