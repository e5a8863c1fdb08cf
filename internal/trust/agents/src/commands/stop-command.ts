import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { visible, type Result } from "@gatehouse/std";
import {
  type HeldAgent,
  listHeld,
  nameOf,
  stopHeld,
  findMember,
  type NoSuchMember,
} from "@gatehouse/held-client";
import type { StoppedLaunch } from "@trust/team-launch/node";
import { tornIn, tornWarnings } from "./render-ps.ts";
import { memberFailure } from "./with-member.ts";

export type StopFlags = { readonly data?: string; readonly json?: boolean; readonly all?: boolean };

/**
 * Ends one agent, a team, or all agents of a data folder. With a team or all, running launches end first, so
 * that they start no more agents. Returns the exit code.
 */
export const stopCommand = async (
  name: string | undefined,
  { data, json: isJson = false }: StopFlags,
  io: Io,
): Promise<number> => {
  const dataDir = dataFolder(io.env, data);
  const found = await findTarget(name, dataDir);
  if (!found.ok) {
    printFailure(io, isJson, found.error);
    return 1;
  }
  const { target, launching } = found.value;
  const ended = await Promise.all(launching.map((team) => stopTeam(dataDir, team, io.signal)));
  const listed = await listHeld(dataDir);
  if (!listed.ok) {
    printFailure(io, isJson, listed.error);
    return 1;
  }
  // The agents of these files may run, so not all may have been stopped.
  const torn = target.who === "all" ? listed.value.torn : [];
  io.stderr.write(tornWarnings({ torn }));
  const agents = agentsOfTarget(target, listed.value.agents);
  const stopped = await Promise.all(agents.map((agent) => stopOne(dataDir, agent, io.signal)));
  const isOk = torn.length === 0 && [...ended, ...stopped].every(({ ok }) => ok);
  const error = isOk ? {} : { error: failureOf({ ended, stopped, torn }) };
  if (isJson) printJson(io, { ok: isOk, launches: ended, agents: stopped, ...tornIn({ torn }), ...error });
  else io.stdout.write(render(ended, stopped) || (isOk ? "No agents are held here.\n" : ""));
  if (io.signal.aborted && !isOk) return 130;
  return isOk ? 0 : 1;
};

type Found = { readonly target: StopTarget; readonly launching: readonly string[] };

/** Finds the target, and the running launches that belong to it. */
const findTarget = async (name: string | undefined, dataDir: string): Promise<Result<Found, Failure>> => {
  // `team/member` names no launch.
  const isOne = name?.includes("/") === true && !name.endsWith("/");
  const launching = isOne ? [] : await launchingTeamsOf(dataDir);
  if (name === undefined) return { ok: true, value: { target: { who: "all" }, launching } };
  const listed = await listHeld(dataDir);
  if (!listed.ok) return listed;
  const found = stopTargetOf(name, listed.value.agents, launching);
  if (!found.ok) return { ok: false, error: memberFailure(found.error) };
  const target = found.value;
  const theirs = launching.filter((team) => target.who === "team" && target.team === team);
  return { ok: true, value: { target, launching: theirs } };
};

const render = (ended: readonly StoppedTeam[], stopped: readonly StoppedAgent[]): string =>
  [
    ...ended.map(({ team, message }) => `launch of ${visible(team)}: ${visible(message)}\n`),
    ...stopped.map(({ member, team, message }) => `${visible(nameOf({ team, member }))}: ${message}\n`),
  ].join("");

type Stopped = {
  readonly ended: readonly StoppedTeam[];
  readonly stopped: readonly StoppedAgent[];
  readonly torn: readonly string[];
};

/**
 * Why not all were stopped: the reason of a launch that still runs, else the first agent's reason with the
 * names of all that failed, else the torn files.
 */
const failureOf = ({ ended, stopped, torn }: Stopped): Failure => {
  const launch = ended.find(({ ok }) => !ok);
  if (launch !== undefined) {
    const { code = "still-launching", message, fix } = launch;
    return { code, message, ...(fix === undefined ? {} : { fix }) };
  }
  const failed = stopped.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first === undefined)
    return {
      code: "torn-record",
      message: `${torn.join(", ")}: the record is not complete, so its agent may still run.`,
      fix: "Look at the file, then remove it.",
    };
  return {
    code: first.code ?? "still-running",
    message: `${failed.map(nameOf).join(", ")} may still run: ${first.message}`,
    fix: "gatehouse ps, then gatehouse stop again.",
  };
};

type StoppedAgent = {
  readonly ok: boolean;
  readonly member: string;
  readonly team: string | null;
  readonly exitCode?: number;
  readonly code?: string;
  readonly message: string;
};

const stopOne = async (dataDir: string, agent: HeldAgent, signal: AbortSignal): Promise<StoppedAgent> => {
  const { member, team } = agent;
  const stopped = await stopHeld(dataDir, agent, signal);
  if (!stopped.ok) return { ok: false, member, team, ...stopped.error };
  const { exitCode } = stopped.value;
  const message =
    agent.state === "ended" ? "had ended" : `ended${exitCode === null ? "" : ` (exit ${exitCode})`}`;
  return { ok: true, member, team, ...(exitCode === null ? {} : { exitCode }), message };
};

/** The target of `stop`: one agent; a team, with its running launch; or all. */
type StopTarget =
  | { readonly who: "all" }
  | { readonly who: "team"; readonly team: string }
  | { readonly who: "agent"; readonly agent: HeldAgent };

/**
 * Finds the target that a name means. `TEAM/` is always a team. Without the slash, an agent without a team
 * takes precedence, since it has no other name; the name is ambiguous if both a team and a member of a team
 * have it.
 */
export const stopTargetOf = (
  name: string,
  agents: readonly HeldAgent[],
  launching: readonly string[],
): Result<StopTarget, NoSuchMember> => {
  const found = findMember(agents, name);
  if (found.ok && nameOf(found.value) === name)
    return { ok: true, value: { who: "agent", agent: found.value } };
  const team = name.endsWith("/") ? name.slice(0, -1) : name;
  const isTeam = launching.includes(team) || agents.some((agent) => agent.team === team);
  const isMember = found.ok || found.error.code === "ambiguous-member";
  if (isTeam && isMember) {
    const known = [`${team}/`, ...agents.filter(({ member }) => member === name).map(nameOf)];
    return { ok: false, error: { code: "ambiguous-member", name, known } };
  }
  if (isTeam) return { ok: true, value: { who: "team", team } };
  return found.ok ? { ok: true, value: { who: "agent", agent: found.value } } : found;
};

/** The agents of a target. */
export const agentsOfTarget = (target: StopTarget, agents: readonly HeldAgent[]): readonly HeldAgent[] => {
  switch (target.who) {
    case "all":
      return agents;
    case "team":
      return agents.filter(({ team }) => team === target.team);
    case "agent":
      return [target.agent];
  }
};

/** The result of stopping a team's launch. */
type StoppedTeam = {
  readonly ok: boolean;
  readonly team: string;
  readonly code?: string;
  readonly message: string;
  readonly fix?: string;
};

/**
 * Timeout of a stop, ms. A stopping launch ends a CLI and a start, and removes worktrees; each takes seconds
 * on a busy machine.
 */
const mostMs = 60_000;

/** Ends the launches of a team. On return none of them starts an agent any more. */
const stopTeam = async (dataDir: string, team: string, signal: AbortSignal): Promise<StoppedTeam> => {
  const { stopLaunch } = await import("@trust/team-launch/node");
  const stopped = await stopLaunch(dataDir, team, { timeoutMs: mostMs, signal });
  return stopped.ok
    ? { ok: true, team, message: textOf(stopped.value) }
    : { ok: false, team, ...stopped.error };
};

/** The teams with a running launch, whether one of their agents runs or not. */
const launchingTeamsOf = async (dataDir: string): Promise<readonly string[]> =>
  (await import("@trust/team-launch/node")).launchingTeams(dataDir);

const textOf = ({ launch, state }: StoppedLaunch): string => {
  if (launch === null || state === null) return "stopped before it began";
  return state === "cancelled" ? `stopped (${launch})` : `had ended as ${state} (${launch})`;
};
