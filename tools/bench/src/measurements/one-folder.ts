import type { Result } from "@gatehouse/std";
import { runBareScript } from "../claude/bare-script.ts";
import { makeClaudeHome, type ClaudeHome } from "../claude/claude-home.ts";
import { preflightBatch } from "../claude/preflight-batch.ts";
import type { Contender, Measurement } from "../measurement.ts";

/** The floor knows the dialog and answers it as soon as the CLI takes keys: a loop that polls a screen is slower. */
const floor = "bare script";
const ours = "preflight";

type Trust = (claudeHome: ClaudeHome, folder: string) => Promise<Result<unknown, string>>;

/** A new HOME and folder each time. A run counts if trust is on disk after the contender is done. */
const trusts = (name: string, trust: Trust): Contender => ({
  name,
  run: async () => {
    const claudeHome = await makeClaudeHome(1);
    const folder = claudeHome.folders[0] ?? "";
    const startedAt = performance.now();
    const done = await trust(claudeHome, folder);
    const value = performance.now() - startedAt;
    const isTrusted = claudeHome.isTrusted(folder);
    await claudeHome.dispose();
    if (!done.ok) return done;
    return isTrusted ? { ok: true, value } : { ok: false, error: "trust was lost" };
  },
});

export const oneFolder: Measurement = {
  name: "one-folder",
  title: "One new folder trusted by the real Claude Code, from spawning it to its end",
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 1.15 } },
  rounds: { full: 25, quick: 5 },
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    const contenders = [
      trusts(floor, (claudeHome, folder) => runBareScript(cli.value, claudeHome, folder)),
      trusts(ours, (claudeHome) => preflightBatch(cli.value, claudeHome, "dialog")),
    ];
    return { ok: true, value: { contenders } };
  },
};
