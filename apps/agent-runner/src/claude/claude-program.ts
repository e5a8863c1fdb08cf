import { randomUUID } from "node:crypto";
import { startCli, type CliProgram, type CliStart } from "../cli-program.ts";
import { controlTransport } from "../host-tools/control-transport.ts";
import type { HostTools } from "../host-tools/host-tools.ts";
import { toolServer } from "../host-tools/tool-server.ts";
import type { OwnTurn } from "../provider.ts";
import {
  foregroundFrame,
  initializeFrame,
  mcpFrame,
  permissionFrame,
  readFrame,
  refusalFrame,
  type ClaudeFrame,
} from "./frames.ts";
import { followOwnTurns, type OwnTurns } from "./own-turns.ts";

/** A running Claude Code. */
export type ClaudeProgram = CliProgram & {
  /** Replaces the listener of frames. With null, between two turns, every request is refused. */
  readonly listen: (listener: ((frame: ClaudeFrame) => void) | null) => void;
  readonly ownTurns: OwnTurns;
};

export type ClaudeStart = Pick<CliStart, "command" | "cwd" | "env"> & {
  /** The host tools of the running turn; null between two turns. */
  readonly hostTools: () => HostTools | null;
  readonly onOwnTurn: (turn: OwnTurn) => void;
};

/** Starts Claude Code. A program that cannot be started has exited at once. */
export const startClaude = ({ hostTools, onOwnTurn, ...start }: ClaudeStart): ClaudeProgram => {
  const ownTurns = followOwnTurns(onOwnTurn);
  let listener: ((frame: ClaudeFrame) => void) | null = null;
  const tools = controlTransport();
  void toolServer(hostTools).connect(tools);
  const program = startCli({
    ...start,
    ...{ name: "Claude Code", install: "npm install --global @anthropic-ai/claude-code", hasGroup: false },
    onLine: (line) => {
      const frame = readFrame(line);
      ownTurns.hear(frame);
      if (frame.type === "mcp")
        void tools.deliver(frame.message).then((answer) => program.send(mcpFrame(frame.requestId, answer)));
      else if (frame.type === "subagent") program.send(foregroundFrame(frame.requestId, frame.input));
      else if (frame.type === "unknown-request") program.send(refusalFrame(frame.requestId));
      else if (listener !== null) listener(frame);
      else if (frame.type === "may-use-tool") program.send(permissionFrame(frame.requestId, noTurn));
    },
  });
  program.send(initializeFrame(randomUUID()));
  return { ...program, ownTurns, listen: (next) => (listener = next) };
};

const noTurn = {
  behavior: "deny",
  message: "No message of a person is in work, so nobody can be asked. Tell them what you would do next.",
} as const;
