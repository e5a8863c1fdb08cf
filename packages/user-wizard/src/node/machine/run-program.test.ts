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

/** A zombie counts as ended: only its parent has not collected its exit status. */
const hasEnded = (pid: string): boolean =>
  !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

describe("runWithin", slow, () => {
  const endless = [
    { name: "its stdout is endless", command: ["cat", "/dev/zero"] },
    { name: "its stderr is endless", command: sh("exec cat /dev/zero >&2") },
    { name: "it writes one byte more than the limit", command: ["head", "-c", "1001", "/dev/zero"] },
  ];
  test.for(endless)("ends a program if $name, and says so", async ({ command }) => {
    const patient = runWithin({ longest: 60_000, mostBytes: 1_000 });
    const ran = await patient(command);
    expect(ran.exitCode).toBeNull();
    expect(ran.stderr).toContain(`${command[0]} was ended: it wrote more than 1000 bytes.`);
    expect(ran.stdout.length).toBeLessThanOrEqual(1_000);
  });

  test("does not end a program that writes exactly the limit", async () => {
    const ran = await runWithin({ longest: 60_000, mostBytes: 1_000 })(["head", "-c", "1000", "/dev/zero"]);
    expect(ran).toEqual({ exitCode: 0, stdout: "\0".repeat(1_000), stderr: "" });
  });

  test("ends a program that waits for ever, with all its child processes", async ({ skip }) => {
    if (process.platform !== "linux") skip("looks into /proc");
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const ran = await brief(sh(`trap "" TERM; cat ${folder}/pipe & echo $!; cat ${folder}/pipe`));
    expect(ran.exitCode).toBeNull();
    expect(ran.stderr).toContain("sh was ended: it took longer than 3 s.");
    await vi.waitFor(() => expect(hasEnded(ran.stdout.trim())).toBe(true));
  });

  test("returns even if a process that left the group keeps the output open", async () => {
    const ran = await brief(sh("setsid sh -c 'echo $$; exec sleep 1000' & "));
    onTestFinished(() => void process.kill(Number(ran.stdout)));
    expect(ran.exitCode).toBeNull();
    expect(hasEnded(ran.stdout.trim())).toBe(false);
  });
});

test("runProgram starts a program in its own session, without the caller's terminal", async ({ skip }) => {
  if (process.platform !== "linux") skip("looks into /proc");
  const { stdout } = await runProgram(
    sh('read -r pid _ _ _ _ session tty _ < /proc/$$/stat; echo "$pid $session $tty"'),
  );
  const [pid, session, terminal] = stdout.trim().split(" ");
  expect({ session, terminal }).toEqual({ session: pid, terminal: "0" });
});

test("runProgram decodes a character that arrives in two parts", async () => {
  const ran = await runProgram(sh("printf '\\303'; exec printf '\\244'"));
  expect(ran).toEqual({ exitCode: 0, stdout: "ä", stderr: "" });
});
