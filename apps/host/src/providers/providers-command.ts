import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { text as textOf } from "node:stream/consumers";
import {
  changeOwnProviders,
  explainOwnProviders,
  ownPrefix,
  parseOwnProvider,
  readOwnProviders,
  type OwnProvider,
} from "@gatehouse/agent-clis";
import { paintFor, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { runInFolder } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder } from "@gatehouse/fs-kit";
import { isModelPath } from "@gatehouse/gateway/options";
import { fail, ok, parseJson, shellWord, systemCode, visible, type Result } from "@gatehouse/std";

/** The flags of all `gatehouse providers` commands, parsed. */
export type ProvidersFlags = DatabaseFlags & { readonly data?: string; readonly json?: boolean };

/** `gatehouse providers add`. Returns the exit code. */
export const addCommand = (file: string, flags: ProvidersFlags, io: Io): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const text = await rowText(file, io);
    if (!text.ok) return text;
    const row = parseOwnProvider(text.value);
    if (!row.ok) return fail(invalid(row.error));
    const unrouted = row.value.paths.filter((path) => !isModelPath(path));
    if (unrouted.length > 0) return fail(noRoute(row.value, unrouted));
    const { name, command } = row.value;
    const changed = await changeOwnProviders(dataDir, (before) => [
      ...before.filter((each) => each.name !== name),
      row.value,
    ]);
    if (!changed.ok) return fail(explainOwnProviders(changed.error));
    const use = `to use it: ncl groups config update GROUP --provider ${ownPrefix}${name}`;
    return ok({
      document: row.value,
      text: `${paintFor(io).good("added")} ${ownPrefix}${name}, which runs: ${shownCommand(command)}\n${use}`,
      act: { command: "providers add", args: { name, command: command.join(" ") } },
    });
  });

const shownCommand = (command: OwnProvider["command"]): string => visible(command.map(shellWord).join(" "));

/** The document of `agents try --json`, as far as it says why there is no row. */
type TrialDocument = {
  readonly row?: unknown;
  readonly lacks?: unknown;
  readonly error?: { readonly message?: unknown };
};

/** The text of a row: a file's, or stdin's. The document of `agents try --json` has it as its `row`. */
const rowText = async (
  file: string,
  { cwd, stdin = process.stdin }: Io,
): Promise<Result<string, Failure>> => {
  try {
    const text = file === "-" ? await textOf(stdin) : await readFile(resolve(cwd, file), "utf8");
    const { row, lacks, error } = (parseJson(text) ?? {}) as TrialDocument;
    if (row === null && Array.isArray(lacks)) return fail(noRow(`the agent lacks ${lacks.join(", ")}.`));
    if (typeof error?.message === "string") return fail(noRow(error.message));
    return ok(row === undefined ? text : JSON.stringify(row));
  } catch (error) {
    const message = `The row in ${file} cannot be read (${systemCode(error)}).`;
    return fail({ code: "row-unreadable", message, fix: "name a file that this account can read" });
  }
};

const noRow = (why: string): Failure => ({
  code: "no-row",
  message: `The trial proposed no row: ${visible(why)}`,
  fix: "try the agent without --json, which shows what it does step by step: gatehouse agents try --help",
});

const invalid = (problems: readonly string[]): Failure => ({
  code: "invalid-row",
  message: `The row is not valid: ${problems.join("; ")}.`,
  fix: "take a row that gatehouse agents try has proposed (docs/host/acp-agents.md)",
});

const noRoute = ({ agent }: OwnProvider, paths: readonly string[]): Failure => ({
  code: "no-route",
  message: `${agent} asks its model at ${paths.join(", ")}, for which the gateway has no route.`,
  fix: "set the agent to Anthropic's Messages, OpenAI's Responses or Google's Gemini API, and try it again",
});

/** `gatehouse providers list`. Returns the exit code. */
export const listCommand = async (flags: ProvidersFlags, io: Io): Promise<number> => {
  const read = await readOwnProviders(dataFolder(io.env, flags.data));
  if (!read.ok) {
    printFailure(io, flags.json ?? false, explainOwnProviders(read.error));
    return 1;
  }
  if (flags.json === true) printJson(io, { ok: true, providers: read.value });
  else if (read.value.length === 0) io.stdout.write("There is none: gatehouse providers add --help\n");
  else
    for (const { name, agent, command } of read.value)
      io.stdout.write(`${ownPrefix}${name}  ${visible(agent)}: ${shownCommand(command)}\n`);
  return 0;
};

/** `gatehouse providers remove`. Returns the exit code. */
export const removeCommand = async (typed: string, flags: ProvidersFlags, io: Io): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  return runInFolder(flags, io, async (dataDir) => {
    const name = typed.startsWith(ownPrefix) ? typed.slice(ownPrefix.length) : typed;
    const changed = await changeOwnProviders(dataDir, (before) =>
      before.filter((each) => each.name !== name),
    );
    if (!changed.ok) return fail(explainOwnProviders(changed.error));
    if (!changed.value.some((each) => each.name === name))
      return fail({
        code: "not-listed",
        message: `There is no provider ${ownPrefix}${visible(name)}.`,
        fix: "choose one of gatehouse providers list",
      });
    const users = await usersOf(`${ownPrefix}${name}`, { dataDir, ...chosen });
    const removed = `${paintFor(io).good("removed")} ${ownPrefix}${name}; an agent that runs keeps it until it ends`;
    return ok({
      document: { name, ...users },
      text: [removed, ...users.warnings.map((line) => `warning: ${line}`)].join("\n"),
      act: { command: "providers remove", args: { name } },
    });
  });
};

/** The groups and active sessions that name a provider, with a warning for each. No person of users.yaml can name it. */
const usersOf = async (provider: string, place: CentralPlace) => {
  const read = await readCentral(place, async (db) => ({
    groups: await db
      .selectFrom("agent_groups")
      .innerJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
      .select(["id", "name"])
      .where("provider", "=", provider)
      .orderBy("name")
      .execute(),
    sessions: await db
      .selectFrom("sessions")
      .select("id")
      .where("agent_provider", "=", provider)
      .where("status", "=", "active")
      .orderBy("id")
      .execute(),
  }));
  const { groups = [], sessions = [] } = (read.ok ? read.value : null) ?? {};
  const warnings = [
    ...(read.ok ? [] : [`What has it is not known: ${read.error.message}`]),
    ...groups.map(({ id, name }) => starts(`the group ${visible(name)}`, `ncl groups config update ${id}`)),
    ...sessions.map(({ id }) => starts(`the session ${id}`, `ncl sessions config update ${id}`)),
  ];
  return { groups: groups.map(({ id }) => id), sessions: sessions.map(({ id }) => id), warnings };
};

const starts = (what: string, update: string): string =>
  `${what} has it, and starts no agent until it has another one: ${update} --provider NAME`;
