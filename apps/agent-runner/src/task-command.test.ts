import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { processTable } from "@gatehouse/processes";
import { expect, onTestFinished, test, vi } from "vitest";
import { limits } from "./limits.ts";
import { runCommand } from "./task-command.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "gh-command-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
};

const run = (command: string, more: Partial<Parameters<typeof runCommand>[1]> = {}) =>
  runCommand(command, {
    cwd: folder(),
    env: { PATH: process.env["PATH"] },
    signal: new AbortController().signal,
    ...more,
  });

test.each([
  { command: "echo two files; echo quiet >&2", code: 0, output: "two files\n" },
  { command: "test -s inbox", code: 1, output: "" },
  { command: "echo half; exit 3", code: 3, output: "half\n" },
  { command: "echo $GATEHOUSE_DATA", code: 0, output: "/d\n", env: { GATEHOUSE_DATA: "/d" } },
  { command: "cat", code: 0, output: "" },
  { command: "sleep 30 & echo done", code: 0, output: "done\n" },
])("'$command' ends with $code and $output", async ({ command, code, output, env }) =>
  expect(await run(command, env === undefined ? {} : { env: { ...process.env, ...env } })).toEqual({
    ok: true,
    value: { code, output },
  }),
);

test("it runs in the agent's folder", async () => {
  const cwd = folder();
  await run("echo hi > inbox", { cwd });
  expect(await run("test -s inbox", { cwd })).toMatchObject({ value: { code: 0 } });
});

test.each([
  {
    what: "a program that is not there",
    command: "no-such-program-xyz",
    says: /could not be run \(code 127\): .*no-such/,
  },
  { what: "a file that is no program", command: "touch a; ./a", says: /could not be run \(code 126\): / },
  { what: "a signal", command: "kill -TERM $$", says: /was ended by SIGTERM\.$/ },
])("fails for $what", async ({ command, says }) => {
  const error = expect.stringMatching(says) as unknown;
  expect(await run(command)).toEqual({ ok: false, error });
});

test("fails if it cannot be started", async () =>
  expect(await run("true", { env: { PATH: "" } })).toEqual({
    ok: false,
    error: "The task's command could not be started (ENOENT).",
  }));

test("the output is cut between two characters, and the end says so", async () => {
  // Three bytes each: the limit is inside one.
  const ended = await run("yes € | tr -d '\\n' | head -c 60000");
  const { output } = ended.ok ? ended.value : { output: "" };
  const [text = "", note] = output.split("\n");
  expect(text).toBe("€".repeat(Math.floor(limits.commandBytes / 3)));
  expect(note).toBe("[Cut off here: the command wrote 60000 bytes, and these are the first 16384.]");
});

test("a text of exactly the limit is not cut", async () =>
  expect(await run(`head -c ${limits.commandBytes} /dev/zero | tr '\\0' a`)).toEqual({
    ok: true,
    value: { code: 0, output: "a".repeat(limits.commandBytes) },
  }));

/** A command that hangs, with a child that has written its id. */
const hangs = "sh -c 'echo $$ > id.new; mv id.new id; exec sleep 300' & sleep 300";

const childIn = (cwd: string): Promise<string> =>
  vi.waitFor(() => readFileSync(join(cwd, "id"), "utf8").trim());

/** Waits until a process has ended. A dead one may wait for its parent. */
const untilGone = (id: string): Promise<void> =>
  vi.waitFor(() => expect(processTable.find(Number(id))?.isZombie).not.toBe(false));

test("a command that hangs is ended with its children, and fails", async () => {
  const cwd = folder();
  const ended = await run(hangs, { cwd, timeoutMs: 2_000 });
  expect(ended).toEqual({ ok: false, error: "The task's command had not ended after 2 s." });
  await untilGone(await childIn(cwd));
});

test("an abort ends it with its children", async () => {
  const [cwd, abort] = [folder(), new AbortController()];
  const ended = run(hangs, { cwd, signal: abort.signal });
  const child = await childIn(cwd);
  abort.abort();
  expect(await ended).toMatchObject({ ok: false });
  await untilGone(child);
});

test("a child that it left behind is ended, too", async () => {
  const cwd = folder();
  await run("sh -c 'echo $$ > id; exec sleep 300' & while ! test -s id; do sleep 0.01; done", { cwd });
  await untilGone(await childIn(cwd));
});
