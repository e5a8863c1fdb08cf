import { randomUUID } from "node:crypto";
import { installNewest } from "@gatehouse/provider-facts";
import { cliEnvironment, startLineCli, type CliStart, type LineProgram } from "../cli-program.ts";
import { controlTransport } from "../host-tools/control-transport.ts";
import type { HostTools } from "../host-tools/host-tools.ts";
import { hostToolNames } from "../host-tools/tool-names.ts";
import { toolServer } from "../host-tools/tool-server.ts";
import type { OwnTurn, ProviderPlace, ServerState } from "../provider.ts";
import { claudePath, mcpConfigPath, writeClaudeFiles } from "./claude-files.ts";
import { hasLinkOut } from "../real-path.ts";
import {
  commandHookFrame,
  foregroundFrame,
  initializeFrame,
  mcpFrame,
  permissionFrame,
  readFrame,
  refusalFrame,
  type ClaudeFrame,
} from "./frames.ts";
import { followServers } from "./claude-servers.ts";
import { followOwnTurns, type OwnTurns } from "./own-turns.ts";
import { wholeTexts } from "./whole-texts.ts";

/** A running Claude Code. */
export type ClaudeProgram = LineProgram & {
  /** Replaces the listener of frames. With null, between two turns, every request is refused. */
  readonly listen: (listener: ((frame: ClaudeFrame) => void) | null) => void;
  readonly ownTurns: OwnTurns;
};

/** The receivers of requests and reports that come at any time. */
export type ClaudePorts = {
  /** The host tools of the running turn; null between two turns. */
  readonly hostTools: () => HostTools | null;
  readonly onOwnTurn: (turn: OwnTurn) => void;
  readonly onServer: (state: ServerState) => void;
};

/** The conversation and the settings that one process of Claude Code is started with. */
export type ClaudeStart = ClaudePorts & {
  readonly session: string;
  /** The session has a transcript, so it is resumed. `--session-id` would be refused ("already in use"). */
  readonly isResumed: boolean;
  /** It continues the turn that an earlier process did not finish. */
  readonly reruns: boolean;
  /** The pieces of the answer that the earlier process kept in that turn. */
  readonly said: string;
  /** The rules by which it allows tools. */
  readonly rules: readonly string[];
};

/** Starts Claude Code. A program that cannot be started has exited at once. */
export const startClaude = async (place: ProviderPlace, start: ClaudeStart): Promise<ClaudeProgram> => {
  await writeClaudeFiles(place, start.rules);
  const ownTurns = followOwnTurns(start.onOwnTurn);
  const hearServers = followServers(start.onServer, (frame) => program.send(frame));
  const whole = wholeTexts(start.said);
  let listener: ((frame: ClaudeFrame) => void) | null = null;
  const tools = controlTransport();
  void toolServer(start.hostTools).connect(tools);
  const program = startLineCli(cliStart(place, start), (line) => {
    const frame = whole(readFrame(line));
    ownTurns.hear(frame);
    hearServers(frame);
    if (frame.type === "mcp")
      void tools.deliver(frame.message).then((answer) => program.send(mcpFrame(frame.requestId, answer)));
    else if (frame.type === "subagent") program.send(foregroundFrame(frame.requestId, frame.input));
    else if (frame.type === "command")
      // Claude Code asks nobody for commands that only read its folder, also through a link (`cat *`, 2.1.332).
      void hasLinkOut(place).then((asks) => program.send(commandHookFrame(frame.requestId, asks)));
    else if (frame.type === "unknown-request") program.send(refusalFrame(frame.requestId));
    else if (listener !== null) listener(frame);
    else if (frame.type === "may-use-tool") program.send(permissionFrame(frame.requestId, noTurn));
  });
  program.send(initializeFrame(randomUUID()));
  return { ...program, ownTurns, listen: (next) => (listener = next) };
};

const noTurn = {
  behavior: "deny",
  message: "No message of a person is in work, so no person can be asked. Tell them what you would do next.",
} as const;

/**
 * Tools that act without a message, run at the vendor, or that no person is asked for. A command that was started in the
 * background by `Bash` may begin one turn of its own when it ends; some of these tools would begin turns for ever.
 */
const disallowed: readonly string[] = [
  ...["CronCreate", "CronDelete", "CronList", "ScheduleWakeup", "Monitor", "Workflow", "RemoteTrigger"],
  ...["WebSearch"],
  ...["EnterWorktree", "ExitWorktree"],
  // A message takes an ended subagent up again in the background, or goes to another session of the account (2.1.332).
  ...["SendMessage", "ListAgents"],
  // Claude Code asks for it in no case, also against a rule (2.1.332).
  "ReadMcpResourceDirTool",
];

/** The command and environment for one conversation. `--permission-prompt-tool stdio` makes it ask the runner. */
const cliStart = (
  { folder, cwd, env, json, gateway }: ProviderPlace,
  { session, isResumed, reruns }: ClaudeStart,
): CliStart => ({
  name: "Claude Code",
  install: installNewest("claude"),
  hasGroup: false,
  cwd,
  command: [
    "claude",
    ...["-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json"],
    ...["--replay-user-messages", "--include-partial-messages", "--permission-prompt-tool", "stdio"],
    ...["--setting-sources", "user", "--strict-mcp-config", "--mcp-config", mcpConfigPath(folder)],
    ...["--disallowedTools", disallowed.join(","), "--allowedTools", hostToolNames.join(",")],
    ...[isResumed ? "--resume" : "--session-id", session],
    ...(json.model === null ? [] : ["--model", json.model]),
    ...(json.effort === null ? [] : ["--effort", json.effort]),
  ],
  env: {
    ...cliEnvironment(env),
    CLAUDE_CONFIG_DIR: claudePath(folder),
    ...(gateway === null ? {} : { ANTHROPIC_BASE_URL: gateway.url }),
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    // Without it up to 100 ms of the transcript are lost by a kill (2.1.90 - 2.1.330).
    CLAUDE_CODE_EAGER_FLUSH: "1",
    // Otherwise `cd` counts for later commands and turns, and no card shows where a command runs (2.1.332).
    CLAUDE_BASH_MAINTAIN_PROJECT_WORKING_DIR: "1",
    ...(reruns ? { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: "1" } : {}),
  },
});
