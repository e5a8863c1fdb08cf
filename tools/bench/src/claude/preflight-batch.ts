import type { Result } from "@gatehouse/std";
import { runPreflight } from "@trust/preflight/node";
import { join } from "node:path";
import type { ClaudeCli } from "./find-cli.ts";
import type { ClaudeHome } from "./claude-home.ts";

/** Trusts all of a claudeHome's folders in one batch, in this process, as an application would call it. */
export const preflightBatch = async (
  cli: ClaudeCli,
  claudeHome: ClaudeHome,
  via: Via,
): Promise<Result<null, string>> => {
  const { results } = await runPreflight({
    folders: claudeHome.folders,
    env: claudeHome.env,
    dataDir: join(claudeHome.root, "data"),
    cli: { claude: cli.path },
    via,
  });
  const failed = results.filter(({ status }) => status !== "trusted");
  return failed.length === 0
    ? { ok: true, value: null }
    : { ok: false, error: failed.map(({ code, message }) => `${code}: ${message}`).join(" ") };
};

/** How a batch confirms its folders: over the CLI's control protocol, or through its dialogs. */
export type Via = "control" | "dialog";
