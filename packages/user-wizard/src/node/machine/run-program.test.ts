import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { runProgram, runWithin } from "./run-program.ts";

const slow = { tags: ["slow"] };
const folder = mkdtempSync(join(tmpdir(), "run-program-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sh = (script: string): readonly string[] => ["sh", "-c", script];
const brief = runWithin({ longest: 3_000, mostBytes: 1_000 });

/** A zombie has ended: only its parent has not asked. */
const hasEnded = (pid: string): boolean =>
  !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

describe("a program is ended", slow, () => {
  const endless = [
    { name: "stdout has no end", command: ["cat", "/dev/zero"] },
    { name: "stderr has no end", command: sh("exec cat /dev/zero >&2") },
    { name: "one byte more than may be kept is written", command: ["head", "-c", "1001", "/dev/zero"] },
  ];
  test.for(endless)("where $name, and the result says so", async ({ command }) => {
    const patient = runWithin({ longest: 60_000, mostBytes: 1_000 });
    const ran = await patient(command);
    expect(ran.exitCode).toBeNull();
    expect(ran.stderr).toContain(`${command[0]} was ended: it wrote more than 1000 bytes.`);
    expect(ran.stdout.length).toBeLessThanOrEqual(1_000);
  });

  test("not where it writes as much as may be kept", async () => {
    const ran = await runWithin({ longest: 60_000, mostBytes: 1_000 })(["head", "-c", "1000", "/dev/zero"]);
    expect(ran).toEqual({ exitCode: 0, stdout: "\0".repeat(1_000), stderr: "" });
  });

  test("that waits for ever, with all that it has started", async ({ skip }) => {
    if (process.platform !== "linux") skip("looks into /proc");
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const ran = await brief(sh(`trap "" TERM; cat ${folder}/pipe & echo $!; cat ${folder}/pipe`));
    expect(ran.exitCode).toBeNull();
    expect(ran.stderr).toContain("sh was ended: it took longer than 3 s.");
    await vi.waitFor(() => expect(hasEnded(ran.stdout.trim())).toBe(true), { timeout: 30_000 });
  });

  test("also where something that left it holds its output", async () => {
    const ran = await brief(sh("setsid sh -c 'echo $$; exec sleep 1000' & "));
    onTestFinished(() => void process.kill(Number(ran.stdout)));
    expect(ran.exitCode).toBeNull();
    expect(hasEnded(ran.stdout.trim())).toBe(false);
  });
});

test("a program has a session of its own, and no terminal of its caller's", async ({ skip }) => {
  if (process.platform !== "linux") skip("looks into /proc");
  const { stdout } = await runProgram(
    sh('read -r pid _ _ _ _ session tty _ < /proc/$$/stat; echo "$pid $session $tty"'),
  );
  const [pid, session, terminal] = stdout.trim().split(" ");
  expect({ session, terminal }).toEqual({ session: pid, terminal: "0" });
});

test("a character that comes in two parts is one", async () => {
  const ran = await runProgram(sh("printf '\\303'; exec printf '\\244'"));
  expect(ran).toEqual({ exitCode: 0, stdout: "ä", stderr: "" });
});
