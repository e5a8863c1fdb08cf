import { join } from "node:path";
import { fail, ok, type Result } from "@gatehouse/std";
import { cliProvider, cliSession, exitFailure, interrupted } from "../cli-provider.ts";
import { textIfThere, writeAnew } from "../files.ts";
import { serverName } from "../host-tools/tool-names.ts";
import type { Prompt, Provider, ProviderError, ProviderPlace, ServerState, TurnTools } from "../provider.ts";
import { failureOf, startAcp, type AcpLaunch } from "./acp-program.ts";
import { openSession } from "./open-session.ts";
import { runTurn, type AcpTools, type RunningAgent } from "./run-turn.ts";

/** A turn that the agent has ended as if all were well. */
export type EndedTurn = {
  readonly session: string;
  /** A time before the turn, ms since 1970. */
  readonly began: number;
  /** The last piece of its text; empty without one. */
  readonly last: string;
};

/** An agent that speaks the Agent Client Protocol: how it is started. To add one, add a file with such a value. */
export type AcpAgent = AcpTools & {
  /** The provider's name in the configuration. */
  readonly name: string;
  /** Why the agent may not work in its folder as it is before a turn; null if it may. */
  readonly refusal: (place: ProviderPlace) => Promise<ProviderError | null>;
  /** Writes the agent's own files below the workload's `out`, and returns how it is started. */
  readonly prepare: (place: ProviderPlace) => Promise<AcpLaunch>;
  /**
   * False: the agent gets no MCP server, neither those of the group nor that of the host's tools. `http`: it gets those of the
   * group that have an address.
   */
  readonly takesServers: boolean | "http";
  /** Reads an MCP server that failed from a line of its standard error; null for another line. */
  readonly failedServer: (line: string) => ServerState | null;
  /**
   * Why a turn failed that the agent ended as if all were well; null if it did not fail. Null for an agent whose every failure is
   * in its answer.
   */
  readonly turnError: ((place: ProviderPlace, turn: EndedTurn) => Promise<string | null>) | null;
  /** The mode to set in which every tool is asked for; null if a session begins in it. */
  readonly mode: string | null;
  /** The options to set in each session, by their ids: those that a session keeps, and that would let tools run unasked. */
  readonly options: Readonly<Record<string, string>>;
};

/**
 * An agent that speaks the Agent Client Protocol, as one long-lived process with one batch in flight. The protocol
 * has no id for a prompt that outlives the process, so a batch whose turn did not end is sent again: a message is
 * asked at least once.
 */
export const acp =
  (agent: AcpAgent) =>
  (place: ProviderPlace): Provider => {
    const session = cliSession<RunningAgent>();
    /** The batch that was sent last, by this runner or by one that was killed before its answer was committed. */
    const lastBatch = join(place.folder, "out", `${agent.name}-batch`);
    const servers = followServers(Object.keys(serversFor(agent, place)), agent.failedServer);
    const run = async (prompt: Prompt, tools: TurnTools): Promise<Result<string, ProviderError>> => {
      const refusal = await agent.refusal(place);
      if (refusal !== null) return fail(refusal);
      if (session.running === null) {
        const opened = await open(agent, place, {
          conversation: session.conversation,
          signal: tools.signal,
          onErrorLine: servers.begin(),
        });
        if (!opened.ok) return opened;
        session.running = opened.value;
      }
      session.conversation = session.running.id;
      const isRepeated = (await textIfThere(lastBatch)) === prompt.batch;
      if (!isRepeated) await writeAnew(lastBatch, prompt.batch);
      const { id } = session.running;
      const began = Date.now();
      const turnError = (last: string): Promise<string | null> =>
        agent.turnError?.(place, { session: id, began, last }) ?? Promise.resolve(null);
      const turn = { prompt, tools, isRepeated, agent, cwd: place.cwd, turnError };
      const text = await runTurn(session.running, turn);
      if (text.ok) servers.worked();
      return text;
    };
    return { ...cliProvider(agent.name, session, run), servers: { listen: servers.listen } };
  };

/**
 * Follows the MCP servers of one process after the other. An agent names only those that failed, and before its first turn
 * ends: then the others work.
 */
const followServers = (names: readonly string[], failedServer: AcpAgent["failedServer"]) => {
  let report: (state: ServerState) => void = () => {};
  let failed = new Set<string>();
  return {
    listen: (listener: typeof report): void => void (report = listener),
    /** Returns what takes the lines of a new process. */
    begin: (): ((line: string) => void) => {
      const ofProcess = (failed = new Set());
      return (line) => {
        const state = failedServer(line);
        if (state === null || !names.includes(state.name)) return;
        ofProcess.add(state.name);
        report(state);
      };
    },
    worked: (): void => {
      for (const name of names) if (!failed.has(name)) report({ name, failure: null });
    },
  };
};

type Opening = {
  /** The session to resume; null for a new one. */
  readonly conversation: string | null;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
  readonly onErrorLine: (line: string) => void;
};

/** Time for a new process to open its session, ms. OpenCode 1.18.33 takes three seconds, and waits for MCP servers. */
const openMs = 60_000;

/** Starts a process, and opens its session. An aborted or failed start leaves no process. */
const open = async (
  agent: AcpAgent,
  place: ProviderPlace,
  { conversation, signal, onErrorLine }: Opening,
): Promise<Result<RunningAgent, ProviderError>> => {
  const launch = await agent.prepare(place);
  if (signal.aborted) return interrupted;
  const program = startAcp(launch, onErrorLine);
  signal.addEventListener("abort", program.kill, { once: true });
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Result<never, ProviderError>>((resolve) => {
    late = setTimeout(() => resolve(fail(tooSlow(agent.name))), openMs);
  });
  const own = agent.takesServers === true ? { [serverName]: place.toolProgram } : {};
  const mcpServers = { ...serversFor(agent, place), ...own };
  const { mode, options } = agent;
  const { cwd, signIn } = launch;
  const wanted = { conversation, cwd, mcpServers, signIn, mode, options };
  const opening = openSession(program, wanted).catch((error: unknown) => failureOf(program, error));
  const opened = await Promise.race([opening, program.exited.then(exitFailure), tooLate]);
  clearTimeout(late);
  signal.removeEventListener("abort", program.kill);
  if (opened.ok && !signal.aborted) return ok({ program, ...opened.value });
  program.kill();
  return signal.aborted || opened.ok ? interrupted : opened;
};

/** The group's MCP servers that the agent takes. */
const serversFor = (
  { takesServers }: Pick<AcpAgent, "takesServers">,
  { json }: ProviderPlace,
): ProviderPlace["json"]["mcpServers"] =>
  Object.fromEntries(
    Object.entries(json.mcpServers).filter(([, { url }]) =>
      takesServers === "http" ? url !== undefined : takesServers,
    ),
  );

const tooSlow = (name: string): ProviderError => ({
  code: "unavailable",
  message: `${name} did not open a session within ${openMs / 1_000} s.`,
});
