import { cliEnvironment } from "../cli-environment.ts";
import type { ClaudeFolder } from "./claude-files.ts";
import { hostToolNames } from "../host-tools/tool-names.ts";

/** The conversation and the settings that one process of Claude Code is started with. */
export type ClaudeCommandOptions = {
  readonly folder: ClaudeFolder;
  readonly session: string;
  /** The session has a transcript, so it is resumed. `--session-id` would be refused ("already in use"). */
  readonly isResumed: boolean;
  readonly model: string | null;
  readonly effort: string | null;
};

/**
 * Tools that act without a message or run at the vendor. A command that was started in the background by `Bash` may
 * begin one turn of its own when it ends; these would begin turns for ever.
 */
const tools: readonly string[] = [
  ...["CronCreate", "CronDelete", "CronList", "ScheduleWakeup", "Monitor", "Workflow", "RemoteTrigger"],
  ...["WebSearch"],
  ...["EnterWorktree", "ExitWorktree"],
];

/** The argv of Claude Code for one conversation. `--permission-prompt-tool stdio` makes it ask the runner. */
export const claudeCommand = (options: ClaudeCommandOptions): readonly [string, ...string[]] => {
  const { folder, session, isResumed, model, effort } = options;
  return [
    "claude",
    ...["-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json"],
    ...["--replay-user-messages", "--include-partial-messages", "--permission-prompt-tool", "stdio"],
    ...["--setting-sources", "user", "--strict-mcp-config", "--mcp-config", folder.mcpConfig],
    ...["--disallowedTools", tools.join(","), "--allowedTools", hostToolNames.join(",")],
    ...[isResumed ? "--resume" : "--session-id", session],
    ...(model === null ? [] : ["--model", model]),
    ...(effort === null ? [] : ["--effort", effort]),
  ];
};

/** The environment of Claude Code. `reruns`: it continues the turn that an earlier process did not finish. */
export const claudeEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly folder: ClaudeFolder; readonly baseUrl: string | null; readonly reruns: boolean },
): Readonly<Record<string, string | undefined>> => ({
  ...cliEnvironment(env),
  CLAUDE_CONFIG_DIR: options.folder.path,
  ...(options.baseUrl === null ? {} : { ANTHROPIC_BASE_URL: options.baseUrl }),
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  // Without it up to 100 ms of the transcript are lost by a kill (2.1.90 - 2.1.330).
  CLAUDE_CODE_EAGER_FLUSH: "1",
  ...(options.reruns ? { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: "1" } : {}),
});
