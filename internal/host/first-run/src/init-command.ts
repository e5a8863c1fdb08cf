import { runnableProviders } from "@gatehouse/provider-facts/agents";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ownProviderOf } from "@gatehouse/agent-clis";
import type { CentralPlace } from "@gatehouse/central-database";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import {
  accountOf,
  actForOwner,
  aloneWithCentral,
  explainStart,
  noteActOfOwner,
  type Act,
} from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { chooseForFolder, sentence } from "@gatehouse/places";
import { dataFolder } from "@gatehouse/fs-kit";
import { initGroup, type Initialised, type InitRequest } from "@gatehouse/group-setup";
import { explainInstructions, groupFolder, writeClaudeMd } from "@gatehouse/group-workspace";
import { socketPathProblem } from "@gatehouse/socket-server";
import { fail, ok, wrapRow, type Result } from "@gatehouse/std";
import type { WantedCli } from "./init-answers.ts";
import { chatStep, keyStep, messengerSteps, nextStep, pathStep } from "./next-step.ts";
import { readOwnersGroup } from "./owners-group.ts";
import { settleCli, type FetchCli, type SettledCli } from "./settle-cli.ts";
import { settleKey, type SettledKey } from "./settle-key.ts";

export type { FetchCli } from "./settle-cli.ts";

/** `gatehouse init`, parsed and checked. At a terminal it asks for missing values. */
export type InitFlags = DatabaseFlags & {
  readonly name?: string;
  readonly folder?: string;
  readonly owner?: string;
  readonly provider?: string;
  /** `--fetch CLI[@VERSION]`, parsed. */
  readonly fetch?: WantedCli;
  /** The key of the provider comes from stdin. */
  readonly keyStdin?: boolean;
  readonly data?: string;
  readonly json?: boolean;
};

/** True if `gatehouse start` goes on: it tells what agents run in, and the next steps are its own. */
export type InitOptions = { readonly isFollowed?: boolean };

/** A failed step, with the exit code for it. */
type Failed = Failure & { readonly exitCode?: number };

/**
 * Creates the owner's group in a data folder in which no host runs, finds or fetches the CLI that answers in it, and
 * takes its key. A second run changes nothing that is set, and completes what is missing. Prints the outcome and
 * returns the exit code.
 */
export const initCommand = async (
  flags: InitFlags,
  version: string,
  io: Io,
  fetchCli: FetchCli,
  { isFollowed = false }: InitOptions = {},
): Promise<number> => {
  const { data, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const account = accountOf(io.env);
  const done = await init(flags, { dataDir, ...chosen }, io, fetchCli);
  if (!done.ok) {
    printFailure(io, isJson, done.error);
    return done.error.exitCode ?? (done.error.code === "cancelled" ? 130 : 1);
  }
  const { made, cli, key, warnings } = done.value;
  for (const act of actsOf(done.value)) await noteActOfOwner(dataDir, act, io, account);
  const runtime = await chooseForFolder({}, io.env, version, dataDir);
  if (isJson)
    printJson(io, {
      ok: true,
      ...made.told,
      cli: cli.cli,
      key,
      runtime: runtime.ok ? runtime.value.inUse.name : null,
      warnings,
    });
  else {
    const told = [
      ...linesOf(done.value),
      ...(isFollowed ? [] : runtime.ok ? runtime.value.notes : [`warning: ${sentence(runtime.error)}`]),
    ];
    // The commands to paste stay on one line each.
    const lines = [...wrappedFor(io, told), ...nextLines(done.value, flags, dataDir, io, isFollowed)];
    io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }
  return 0;
};

/** At a terminal, in rows that break between words. The last column stays free: some terminals wrap there at once. */
const wrappedFor = ({ stdout }: Io, lines: readonly string[]): readonly string[] =>
  stdout.isTTY === true ? lines.flatMap((line) => wrapRow(line, (stdout.columns || 80) - 1)) : lines;

/** The owner's group, of this run or of an earlier one. */
type MadeGroup = {
  readonly told: Initialised;
  readonly provider: string;
  readonly isNew: boolean;
};

type Done = {
  readonly made: MadeGroup;
  readonly cli: SettledCli;
  readonly key: SettledKey;
  readonly warnings: readonly string[];
};

/** For the log of decisions: what this run has made and set. */
const actsOf = ({ made, key }: Done): readonly Act[] => {
  const { group, owner } = made.told;
  const args = { group: group.id, name: group.name, ...(owner === null ? {} : { owner: owner.userId }) };
  return [
    ...(made.isNew ? [{ command: "init", args }] : []),
    ...(key?.state === "set" ? [{ command: "secrets set", args: { name: key.vendor } }] : []),
  ];
};

const init = async (
  flags: InitFlags,
  place: CentralPlace,
  io: Io,
  fetchCli: FetchCli,
): Promise<Result<Done, Failed>> => {
  const { dataDir } = place;
  const tooLong = socketPathProblem(join(dataDir, "ncl.sock"));
  if (tooLong !== null) return fail(explainStart(tooLong));
  const isAtTerminal = process.stdin.isTTY && io.stderr.isTTY === true && flags.json !== true;
  const made = await ownersGroup(flags, place, io, isAtTerminal);
  if (!made.ok) return made;
  const { told, provider } = made.value;
  const written = made.value.isNew
    ? await writeClaudeMd(dataDir, told.group.folder, { cli_scope: "global", mcp_servers: {} })
    : ok(null);
  const acting = await actForOwner(dataDir);
  if (!acting.ok) return acting;
  const wanted = { dataDir, provider, wanted: flags.fetch, isAtTerminal, fetchCli };
  const cli = await settleCli(wanted, io);
  if (!cli.ok) return cli;
  const { keyStdin: isOnStdin = false } = flags;
  const key = await settleKey({ dataDir, group: told.group, provider, isOnStdin, isAtTerminal }, io);
  if (!key.ok) return key;
  const warnings = written.ok ? (written.value?.notes ?? []) : [explainInstructions(written.error).message];
  return ok({ made: made.value, cli: cli.value, key: key.value, warnings });
};

/** The group of an earlier run, unless the flags name another group; otherwise a new group. */
const ownersGroup = async (
  flags: InitFlags,
  place: CentralPlace,
  io: Io,
  isAtTerminal: boolean,
): Promise<Result<MadeGroup, Failed>> => {
  const { dataDir } = place;
  const there = existsSync(dataDir) ? await readOwnersGroup(place) : ok(null);
  if (!there.ok) return there;
  const isMeant =
    there.value !== null &&
    (flags.folder ?? there.value.folder) === there.value.folder &&
    (flags.name ?? there.value.name) === there.value.name;
  if (there.value !== null && isMeant) {
    const { provider, ...group } = there.value;
    const told = { group: { ...group, path: groupFolder(dataDir, group.folder) }, owner: null };
    return ok({ told, provider, isNew: false });
  }
  const answered = await answersOf(flags, dataDir, io, isAtTerminal);
  if (!answered.ok) return answered;
  const now = (): string => new Date().toISOString();
  const making = { now, id: (prefix: string) => `${prefix}-${randomUUID()}` };
  const made = await aloneWithCentral(place, now, (central) =>
    initGroup(central, { dataDir, ...making }, answered.value),
  );
  return made.ok ? ok({ told: made.value, provider: answered.value.provider, isNew: true }) : made;
};

/** The values of the flags. At a terminal the person adds missing ones; otherwise one error names all of them. */
const answersOf = async (
  flags: InitFlags,
  dataDir: string,
  io: Io,
  isAtTerminal: boolean,
): Promise<Result<InitRequest & { readonly provider: string }, Failed>> => {
  const { name, folder, owner } = flags;
  const own = await ownProviderOf(dataDir, flags.provider ?? "");
  if (!own.ok)
    return fail({
      code: "no-such-provider",
      message: own.error,
      fix: "gatehouse agents try proposes its ROW; in a new data folder, make the group with another provider first",
    });
  const { provider = flags.fetch?.provider ?? Object.keys(runnableProviders)[0] ?? "echo" } = flags;
  if (name !== undefined && folder !== undefined) return ok({ name, folder, owner: owner ?? null, provider });
  if (!isAtTerminal) {
    const missing = [
      ...(name === undefined ? ["--name"] : []),
      ...(folder === undefined ? ["--folder"] : []),
    ];
    return fail({
      code: "usage",
      message: `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing; at a terminal, init asks.`,
      fix: "gatehouse init --help",
      exitCode: 2,
    });
  }
  const { askInit } = await import("./ask-init.ts");
  const named = flags.provider ?? flags.fetch?.provider;
  const answers = await askInit(named === undefined ? flags : { ...flags, provider: named }, io);
  return answers === null
    ? fail({ code: "cancelled", message: "Cancelled. Nothing was made." })
    : ok(answers);
};

const linesOf = ({ made: { told, isNew }, cli, key, warnings }: Done): readonly string[] => {
  const { group, owner } = told;
  const named = `${JSON.stringify(group.name)}, the owner's group: ${group.id}, in ${group.path}.`;
  return [
    ...(isNew
      ? [
          `Made ${named}`,
          "Its agent may use all of ncl. The agents of groups that you make later may use it for their own group only.",
        ]
      : [`There is ${named} It stays as it is.`]),
    ...(owner === null ? [] : ownerLines(group.id, owner)),
    ...cli.lines,
    ...(key === null || key.state === "missing" ? [] : [keyText[key.state](key.vendor)]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
};

const keyText = {
  set: (vendor: string): string => `The key of ${vendor} is set, for all groups.`,
  there: (vendor: string): string => `There is a key of ${vendor}.`,
} as const;

const nextLines = (
  { made: { told, isNew }, key }: Done,
  flags: InitFlags,
  dataDir: string,
  { env }: Io,
  isFollowed: boolean,
): readonly string[] => [
  ...pathStep(env),
  ...(key?.state === "missing" ? [keyStep(key.vendor, flags, dataDir)] : []),
  ...(isFollowed ? [] : [nextStep(flags, dataDir)]),
  ...(isFollowed || (told.owner === null && isNew)
    ? []
    : [chatStep(told.group.folder, flags, dataDir), ...messengerSteps(flags, dataDir)]),
];

const ownerLines = (
  groupId: string,
  { userId, chat }: NonNullable<Initialised["owner"]>,
): readonly string[] => [
  `${userId} is an owner.`,
  ...(chat !== null
    ? [`What ${userId} writes directly goes to the group (${chat.messagingGroupId}).`]
    : userId.startsWith("local:")
      ? []
      : [
          `The chat with the direct messages of ${userId} is not known yet. Once it is listed by ncl messaging-groups list: ncl wirings create --messaging-group-id ID --agent-group-id ${groupId}`,
        ]),
];
