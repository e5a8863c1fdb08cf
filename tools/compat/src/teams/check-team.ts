import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createFetchProgress } from "@gatehouse/npm-fetch";
import { openScriptedModel } from "@gatehouse/model-stand-in/testing";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import { offline, type Box } from "../box/box.ts";
import { inBox } from "../box/in-box.ts";
import { dataProblems, findLeftovers, isKept } from "../box/leftovers.ts";
import { filesOfUser, readLedger, textOf } from "../box/state.ts";
import { differs } from "../check/differs.ts";
import { cacheFolder, pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import { clis } from "../clis/clis.ts";
import { obtainCli } from "../clis/obtain-cli.ts";
import { agents } from "../record/agents.ts";
import { programFile } from "../start/programs.ts";
import { codexConfig, modelEnv } from "./model.ts";
import { observe } from "./observed-cli.ts";
import { agentsIn, openStage, type Stage } from "./stage.ts";
import type { TeamProvider, TeamScenario } from "./teams.ts";

const configFile = ".codex/config.toml";

/** The config.toml without the tables that Codex itself adds while it runs: those of its screen. */
const withoutOwnNotes = (config: string | null): string | null =>
  config === null
    ? null
    : config.replaceAll(/^\n?\[tui[.\]][^\n]*\n(?:[^[\n][^\n]*\n|\n(?!\[))*/gm, "").trimEnd();

/** The newest version of another CLI that a team needs. */
const newestOf = async (
  provider: TeamProvider,
  signal: AbortSignal,
): Promise<Result<InstalledCli, string>> => {
  const version = clis[provider].versions.at(-1);
  if (version === undefined) throw new TypeError(`no version of ${provider}`);
  const { megabytes } = clis[provider];
  const cache = cacheFolder(process.env);
  const obtained = await obtainCli(
    { type: "version", provider, version },
    {
      cache,
      signal,
      onInstall: () =>
        createFetchProgress({ name: `${provider}@${version}`, into: cache, megabytes }, process.stderr),
    },
  );
  return obtained.ok ? obtained : fail(obtained.error.message);
};

/** The CLIs of a team: the one that is checked, and the newest version of each other. */
const clisOf = async (
  cli: InstalledCli,
  { providers }: TeamScenario,
  signal: AbortSignal,
): Promise<Result<readonly InstalledCli[], string>> => {
  const found: InstalledCli[] = [];
  for (const provider of providers) {
    const one = provider === cli.provider ? ok(cli) : await newestOf(provider, signal);
    if (!one.ok) return fail(one.error);
    found.push(one.value);
  }
  return ok(found);
};

const arrange = (box: Box, { repositories }: TeamScenario, address: string): void => {
  agents.claude.setUp(box);
  agents.codex.setUp(box);
  box.write(configFile, codexConfig(address));
  for (const name of repositories) box.repository(name);
};

/**
 * Checks the arguments of the real CLIs: `-c` means `--continue` to Claude Code, and to Codex one table of
 * folders. These must be exactly the folders in the ledger for Codex.
 */
const argumentProblems = (stage: Stage): string[] => {
  const recorded = readLedger(stage.box).flatMap(({ provider, event, code, key = "" }) =>
    provider === "codex" && event === "ended" && code === "passed-at-launch" ? [key] : [],
  );
  const handed = stage.starts().flatMap(({ provider, args }) => {
    const given = args.filter((_arg, at) => args[at - 1] === "-c");
    return [{ provider, args, given, folders: given.map(codexFolders) }];
  });
  const odd = handed.filter(({ provider, folders }) =>
    provider === "claude" ? folders.length > 0 : folders.length !== 1 || folders[0] === null,
  );
  const all = handed.flatMap(({ folders }) => folders.flatMap((some) => some ?? []));
  return [
    ...odd.map(({ provider, args }) => `${provider} was started with ${JSON.stringify(args)}`),
    ...differs("the folders that Codex was handed", unique(all), unique(recorded)),
  ];
};

const unique = (folders: readonly string[]): readonly string[] => [...new Set(folders)].sort();

/**
 * The trusted folders of `projects={"/a"={trust_level="trusted"},...}`, in which the user's own refusals are
 * repeated; null for any other value.
 */
const codexFolders = (value: string): readonly string[] | null => {
  const entry = /("(?:[^"\\]|\\.)*")=\{trust_level="(trusted|untrusted)"\}/g;
  const found = [...value.matchAll(entry)];
  const whole = `projects={${found.map(([text]) => text).join(",")}}`;
  const trusted = found.filter(([, , level]) => level === "trusted");
  return whole === value ? trusted.map(([, key = ""]) => parseJson(key) as string) : null;
};

/**
 * Checks Codex's config.toml at each start of Codex and at the end: only Codex itself may have changed it.
 */
const configProblems = (stage: Stage, before: string | null): string[] => {
  const own = withoutOwnNotes(before);
  const atStart = stage.starts().filter(({ provider }) => provider === "codex");
  return [
    ...atStart.flatMap(({ config }) =>
      differs(`${configFile} as Codex was started`, withoutOwnNotes(config) ?? "", own ?? ""),
    ),
    ...differs(configFile, withoutOwnNotes(textOf(stage.box.path(configFile))) ?? "", own ?? ""),
  ];
};

/**
 * True for names that may stay in a data folder: launches and their worktrees, but no files of a stopped
 * agent.
 */
const mayStay = (name: string): boolean =>
  isKept(name) ||
  /^(launches|worktrees)(\/|$)/.test(name) ||
  /^held(\/(groups|holders|logs|names|sockets|states))?$/.test(name);

/** Stops all agents, as a person does. None may be listed afterwards, and nothing may be left of them. */
const stopProblems = async (stage: Stage): Promise<string[]> => {
  const { box } = stage;
  const stopped = await stage.gatehouse("stop", "--all", "--json");
  const isLocked = existsSync(box.path(".claude.json.lock"));
  return [
    ...differs("the exit code of stop --all", stopped.exitCode, 0),
    ...differs("ok of stop --all", Object(parseJson(stopped.stdout))["ok"], true),
    ...differs("the agents that ps lists after stop --all", await agentsIn(stage), []),
    ...dataProblems(join(box.data, "launches", "locks"), () => false),
    ...(await findLeftovers(box, mayStay)),
    ...(isLocked ? ["the CLI's lock is left: .claude.json.lock"] : []),
  ];
};

/**
 * Launches one team in a new box, with the model's API on this machine. Returns one sentence for each problem; an
 * empty list means that it passed.
 */
export const checkTeam = async (
  cli: InstalledCli,
  scenario: TeamScenario,
  signal: AbortSignal,
): Promise<string[]> => {
  const found = await clisOf(cli, scenario, signal);
  if (!found.ok) return [found.error];
  return inBox(async (box) => {
    const model = await openScriptedModel();
    return launchProblems(box, scenario, { clis: found.value, address: model.url, signal }).finally(
      model.close,
    );
  });
};

const launchProblems = async (
  box: Box,
  scenario: TeamScenario,
  {
    clis: installed,
    address,
    signal,
  }: {
    readonly clis: readonly InstalledCli[];
    readonly address: string;
    readonly signal: AbortSignal;
  },
): Promise<string[]> => {
  arrange(box, scenario, address);
  const observed = installed.map((one) => [one.provider, observe(box, one)] as const);
  const path = installed.reduce((PATH, one) => pathFor(one.path, PATH), box.env["PATH"]);
  const env = { ...box.env, ...offline, PATH: path, ...modelEnv(address) };
  const program = await programFile("gatehouse");
  const stage = openStage(box, program, { clis: Object.fromEntries(observed), env, signal });
  const [files, config] = [filesOfUser(box), textOf(box.path(configFile))];
  return [
    ...(await scenario.play(stage)),
    ...argumentProblems(stage),
    ...configProblems(stage, config),
    ...(await stopProblems(stage)),
    ...differs("the user's files", filesOfUser(box), files),
  ];
};
