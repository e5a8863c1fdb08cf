import { fail, ok, type Result } from "@gatehouse/std";
import { interrupted } from "./interrupted.ts";
import { serverName } from "../host-tools/tool-names.ts";
import type { ProviderError, ProviderPlace } from "../provider.ts";
import type { AcpAgent } from "./acp-agent.ts";
import { startAcp } from "./acp-program.ts";
import type { AcpTurn } from "./acp-turn.ts";
import { exited, failureOf } from "./failures.ts";
import { openSession } from "./open-session.ts";
import { runTurn } from "./run-turn.ts";

/** A process of an agent with its open session. */
export type AgentSession = {
  readonly id: string;
  readonly isRunning: () => boolean;
  /** Runs one turn, and returns the agent's text. One at a time. */
  readonly turn: (turn: AcpTurn) => Promise<Result<string, ProviderError>>;
  /** Ends the whole process group at once. */
  readonly kill: () => void;
};

export type AgentSessionOptions = {
  readonly place: ProviderPlace;
  /** The session to resume; null for a new one. */
  readonly conversation: string | null;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
};

/** Time for a new process to open its session, ms. OpenCode 1.18.33 takes three seconds, and waits for MCP servers. */
const openMs = 60_000;

/** Starts a process, and opens its session. An aborted or failed start leaves no process. */
export const openAgentSession = async (
  agent: AcpAgent,
  { place, conversation, signal }: AgentSessionOptions,
): Promise<Result<AgentSession, ProviderError>> => {
  const launch = await agent.prepare(place);
  if (signal.aborted) return interrupted;
  const program = startAcp(launch);
  signal.addEventListener("abort", program.kill, { once: true });
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Result<never, ProviderError>>((resolve) => {
    late = setTimeout(() => resolve(fail(tooSlow(agent.name))), openMs);
  });
  const mcpServers = { ...place.json.mcpServers, [serverName]: place.toolProgram };
  const options = { conversation, cwd: launch.cwd, mcpServers };
  const opening = openSession(program, options).catch((error: unknown) => failureOf(program, error));
  const opened = await Promise.race([opening, program.exited.then(exited), tooLate]);
  clearTimeout(late);
  signal.removeEventListener("abort", program.kill);
  if (!opened.ok || signal.aborted) {
    program.kill();
    return signal.aborted || opened.ok ? interrupted : opened;
  }
  const { toolTimeMs } = agent;
  const session = opened.value;
  return ok({
    ...{ id: session.id, isRunning: program.isRunning, kill: program.kill },
    turn: (turn) => runTurn({ program, session, toolTimeMs }, turn),
  });
};

const tooSlow = (name: string): ProviderError => ({
  code: "unavailable",
  message: `${name} did not open a session within ${openMs / 1_000} s.`,
});
