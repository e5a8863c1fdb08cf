import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test, vi } from "vitest";
import { runAgentTrial } from "./agent-trial.ts";

test("a trial as a process ends, although its runner hangs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "agent-trial-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const runner = join(folder, "runner.mjs");
  writeFileSync(runner, "console.log(JSON.stringify({ began: true })); setInterval(() => {}, 1_000);");
  const stop = new AbortController();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const began = new Promise<unknown>((resolve) => {
    const trial = runAgentTrial(
      { command: [process.execPath], env: {}, api: "anthropic" },
      {
        runtime: "process",
        runner: [process.execPath, runner],
        env: process.env,
        cwd: folder,
        signal: stop.signal,
        onDocument: () => resolve({ trial }),
      },
    );
  });
  const { trial } = (await began) as { readonly trial: ReturnType<typeof runAgentTrial> };
  stop.abort();
  vi.advanceTimersByTime(60_000);
  expect(await trial).toMatchObject({ ok: false, error: { code: "trial-failed" } });
});

test.each([
  {
    word: "no-such-agent",
    message: 'There is no program "no-such-agent" on the PATH.',
    fix: "install the agent, or name its path",
  },
  { word: "may-not-run", message: 'There is no program "may-not-run" on the PATH.' },
  {
    word: "./no-such",
    message: 'There is no file "./no-such".',
    fix: "name the path of the agent's program",
  },
  {
    word: "./a folder",
    message: '"./a folder" is a folder, and no program.',
    fix: "name the path of the agent's program",
  },
  {
    word: "./may-not-run",
    message: 'The file "./may-not-run" may not be run.',
    fix: "chmod +x ./may-not-run, or name the program that reads it first, such as node",
  },
])("a trial of $word says what is wrong with it", async ({ word, ...says }) => {
  const folder = mkdtempSync(join(tmpdir(), "agent-trial-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "a folder"));
  writeFileSync(join(folder, "may-not-run"), "");
  chmodSync(join(folder, "may-not-run"), 0o600);
  expect(
    await runAgentTrial(
      { command: [word], env: {}, api: "anthropic" },
      {
        runtime: "process",
        runner: [process.execPath, "/no/runner"],
        env: { PATH: folder },
        cwd: folder,
        signal: new AbortController().signal,
        onDocument: () => {},
      },
    ),
  ).toMatchObject({ ok: false, error: { code: "agent-not-found", ...says } });
});
