import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
