import {
  listHeld,
  nameOf,
  startHeld,
  untrustedEnd,
  type HeldAgent,
  type HeldStart,
} from "@gatehouse/held-client";
import { fail, ok, systemCode } from "@gatehouse/std";
import { agentClis, explain, type Provider } from "@trust/preflight";
import { findCli } from "@trust/preflight/node";
import type { AgentPort, AgentSight, AgentStart, LaunchRequest, TeamMember } from "@trust/team-launch";

/**
 * The agent port of team-launch: each agent has its own holder, which outlives this process. `adapter` is the program that
 * holds one.
 */
export const heldAgentPort = (
  { dataDir, env, cli = {}, consents = {} }: LaunchRequest,
  signal: AbortSignal,
  adapter: string | null,
): AgentPort => ({
  list: async (team) => {
    const listed = await listHeld(dataDir);
    if (!listed.ok) return null;
    return listed.value.agents.filter((agent) => agent.team === team).map(sightOf);
  },
  findCli: async (provider) => {
    const found = await findCli(provider, { env, explicit: cli[provider] });
    if (found.ok) return found;
    const place = { workspace: "", cli: agentClis[provider] };
    return fail({ code: found.error.code, ...explain(found.error, place) });
  },
  start: async (start, ofLaunch = signal) => {
    const { member, team, args, settings } = start;
    if (adapter === null)
      return fail({
        code: "adapter-missing",
        message: "The program orchestrator-adapter is missing beside this one.",
      });
    const named = cli[member.provider];
    const { typed, args: promptArgs } = promptOf(member);
    const held = await tryStart(
      {
        dataDir,
        team,
        member: member.name,
        provider: member.provider,
        folder: member.cwd,
        adapter,
        ...(settings === null ? {} : { settings }),
        args: [...args, ...promptArgs],
        ...(typed === undefined ? {} : { prompt: typed }),
        consents,
        env: { ...env, ...start.env },
        ...(named === undefined ? {} : { cli: named }),
      },
      AbortSignal.any([signal, ofLaunch]),
    );
    if (held.ok) return ok({ id: held.value.id });
    // If an earlier launcher was killed while it started this agent, the agent runs already: use it.
    const there = held.error.code === "already-held" ? await aliveAgent(dataDir, start) : undefined;
    return there === undefined ? held : ok({ id: there.id });
  },
});

/** Timeout for a holder's start of an agent, ms: a busy machine takes seconds. */
const mostStartMs = 120_000;

/** Starts an agent. The caller's signal or the timeout ends the wait and the holder. */
const tryStart = async (start: HeldStart, signal: AbortSignal): ReturnType<typeof startHeld> => {
  const limit = AbortSignal.timeout(mostStartMs);
  try {
    const held = await startHeld(start, AbortSignal.any([signal, limit]));
    if (held.ok || signal.aborted || !limit.aborted) return held;
    return fail({ code: "start-timeout", message: `It did not start within ${mostStartMs / 1000} s.` });
  } catch (error) {
    // Node throws errors that the kernel reports at once: E2BIG if arguments and environment are too long.
    const message = `The holder cannot be started: ${systemCode(error)}.`;
    return fail({ code: "spawn-failed", message });
  }
};

const aliveAgent = async (dataDir: string, { team, member }: AgentStart): Promise<HeldAgent | undefined> => {
  const listed = await listHeld(dataDir);
  const agents = listed.ok ? listed.value.agents : [];
  return agents.find((it) => it.team === team && it.member === member.name && it.state !== "ended");
};

const sightOf = ({
  id,
  team,
  member,
  provider,
  folder,
  state,
  question,
  notice,
  exitCode,
  endedAt,
  screen,
}: HeldAgent): AgentSight => ({
  id,
  member,
  provider: provider as Provider,
  folder,
  state,
  ...(notice ?? {}),
  ...(notice?.code === "readiness-unproven" ? { isProvable: false } : {}),
  ...(question === undefined ? {} : { code: question.code, question: question.text }),
  ...(state === "ended" ? endOf({ exitCode, endedAt, screen }) : {}),
  ...(state === "lost"
    ? {
        code: "agent-lost",
        message: "Its holder has ended, but one of its processes still runs.",
        fix: `gatehouse stop ${nameOf({ team, member })}, and launch again`,
      }
    : {}),
});

type End = { readonly [K in "exitCode" | "endedAt" | "screen"]: HeldAgent[K] | undefined };

const endOf = ({
  exitCode,
  endedAt = "agent-ended",
  screen = "",
}: End): Pick<AgentSight, "code" | "message" | "fix"> => {
  const last = screen
    .split("\n")
    .filter((row) => row.trim() !== "")
    .slice(-3)
    .join(" ");
  if (endedAt === untrustedEnd)
    return {
      code: endedAt,
      message: "It asked whether its folder is trusted, and was ended. No key was pressed.",
      fix: "prepare its folder, then launch again",
    };
  const how =
    exitCode === undefined ? "It has ended; its exit was not seen" : `It has ended with ${exitCode}`;
  return { code: endedAt, message: last === "" ? `${how}.` : `${how}: ${last}` };
};

/** How a member's prompt reaches its CLI. */
export type PromptPassed = {
  /** The holder types it once the agent is ready. */
  readonly typed?: string;
  /** Arguments for the CLI's command line. */
  readonly args: readonly string[];
};

/**
 * A prompt is typed, as by `send`: every account of the machine could read it on a command line. Only
 * OpenCode gets it as an argument, since no rule reads its screen.
 */
export const promptOf = ({ prompt, provider }: Pick<TeamMember, "prompt" | "provider">): PromptPassed => {
  if (prompt === undefined) return { args: [] };
  if (provider !== "opencode") return { typed: prompt, args: [] };
  // A prompt with a leading dash would be read as a flag. A leading space prevents that, and changes nothing
  // else.
  return { args: ["--prompt", prompt.startsWith("-") ? ` ${prompt}` : prompt] };
};
