import { dirname, resolve } from "node:path";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { cliHomes, dataFolder, homeOf, readPlainFile } from "@gatehouse/fs-kit";
import { defined, fail, ok, systemCode, type Result } from "@gatehouse/std";
import { namedOrOwnClis, type PreflightFlags } from "@gatehouse/trust-cli";
import {
  everyMember,
  explain,
  readFlags,
  readTeam,
  teamOfAgents,
  type LaunchRequest,
  type Team,
} from "@trust/team-launch";
import { thisPlatform, launchingTeams } from "@trust/team-launch/node";
import { listHeld } from "@gatehouse/held-client";

/** The parsed flags of `gatehouse launch`. */
export type LaunchFlags = Pick<
  PreflightFlags,
  "provider" | "consent" | "cli" | "timeout" | "data" | "json"
> & {
  readonly agents?: number;
  readonly untilReady?: boolean;
  readonly explain?: boolean;
  readonly stay?: boolean;
};

/** The request of a command line; the warnings are for stderr. */
export type ReadRequest = { readonly request: LaunchRequest; readonly warnings: readonly string[] };

/** Reads the team, from its file or from `--agents`, and finds the CLIs of its providers. */
export const readRequest = async (
  named: string,
  flags: LaunchFlags,
  io: Io,
): Promise<Result<ReadRequest, Failure>> => {
  const { env } = io;
  const dataDir = dataFolder(env, flags.data);
  const team = flags.agents === undefined ? await teamIn(named, io) : await agentsIn(named, flags, io);
  if (!team.ok) return team;
  const providers = [...new Set(everyMember(team.value).map(({ provider }) => provider))];
  const { flags: trustFlags, diagnostics } = readFlags(env);
  const request: LaunchRequest = {
    team: team.value,
    flags: trustFlags,
    env,
    dataDir,
    consents: flags.consent,
    cli: await namedOrOwnClis(flags.cli, cliHomes(env, dataDir), providers),
    // The agents of one folder are a new team.
    isNew: flags.agents !== undefined,
    ...defined({ untilReady: flags.untilReady, timeoutMs: flags.timeout }),
  };
  const warnings = diagnostics.map((diagnostic) => explain(diagnostic).message);
  return ok({ request, warnings });
};

const teamIn = async (named: string, { cwd, env }: Io): Promise<Result<Team, Failure>> => {
  const file = resolve(cwd, named);
  const text = await textOf(file);
  if (!text.ok) return text;
  const team = readTeam(text.value, { home: homeOf(env), base: dirname(file), platform: thisPlatform });
  if (team.ok) return team;
  const problems = team.error.map((problem) => {
    const { message, fix } = explain(problem);
    const isCommand = problem.code === "command-in-prompt" && problem.does === "is-command";
    return `${named}:${message} ${fix}${isCommand ? " (gatehouse send --command)" : ""}`;
  });
  return fail({ code: "team-file-invalid", message: problems.join("\n") });
};

const textOf = async (file: string): Promise<Result<string, Failure>> => {
  try {
    return ok(await readPlainFile(file));
  } catch (error) {
    const code = systemCode(error);
    const message = unreadableText(file, code);
    const fix = code === "EISDIR" ? "add --agents N" : "name a team file, or a folder with --agents N";
    return fail({ code: "team-file-unreadable", message, fix });
  }
};

const unreadableText = (file: string, code: string): string => {
  if (code === "EISDIR") return `${file} is a folder.`;
  return code === "not-a-file" ? `${file} is not a regular file.` : `${file} cannot be read: ${code}.`;
};

/** The agents of one folder, as a new team: they never join a running team. */
const agentsIn = async (
  folder: string,
  { agents = 1, provider, data }: LaunchFlags,
  { cwd, env }: Io,
): Promise<Result<Team, Failure>> => {
  const team = teamOfAgents(agents, provider[0] ?? "claude", resolve(cwd, folder));
  if (!team.ok) return fail({ code: team.error.code, ...explain(team.error) });
  const name = ownTeamName(team.value.name, await runningTeams(dataFolder(env, data)));
  return ok({ ...team.value, name });
};

/** Maximum length of a team's name: see the team file. */
const mostCharacters = 64;

/** The name, or the first of `name-2`, `name-3`, ... without a running team. */
export const ownTeamName = (name: string, running: ReadonlySet<string>): string => {
  let own = name;
  for (let at = 2; running.has(own); at += 1) {
    const end = `-${at}`;
    own = name.slice(0, mostCharacters - end.length) + end;
  }
  return own;
};

/** The teams with an agent that has not ended, or with a running launch. */
const runningTeams = async (dataDir: string): Promise<ReadonlySet<string>> => {
  const listed = await listHeld(dataDir);
  const agents = listed.ok ? listed.value.agents.filter(({ state }) => state !== "ended") : [];
  const teams = agents.flatMap(({ team }) => (team === null ? [] : [team]));
  return new Set([...teams, ...(await launchingTeams(dataDir))]);
};
