import type { Result } from "@gatehouse/std";
import { runPreflight } from "@trust/preflight/node";
import { join } from "node:path";
import type { ClaudeCli } from "../claude/find-cli.ts";
import type { ClaudeHome } from "../claude/claude-home.ts";
import type { Competitor } from "./competitor.ts";

/** All of a claudeHome's folders in one batch, in this process, as an application would call it. */
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

/**
 * Gatehouse's own preflight through the dialog, as its competitors do it. The worlds of the measurements that
 * use it for one folder have only that folder.
 */
export const preflight: Competitor = {
  name: "preflight",
  trust: (cli, claudeHome) => preflightBatch(cli, claudeHome, "dialog"),
};
