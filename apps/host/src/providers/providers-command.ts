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
import { runInFolder } from "@gatehouse/data-folder";
import { dataFolder } from "@gatehouse/fs-kit";
import { isModelPath } from "@gatehouse/gateway/options";
import { fail, ok, parseJson, shellWord, systemCode, visible, type Result } from "@gatehouse/std";

/** The flags of all `gatehouse providers` commands, parsed. */
export type ProvidersFlags = { readonly data?: string; readonly json?: boolean };

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
export const removeCommand = (typed: string, flags: ProvidersFlags, io: Io): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
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
    const text = `${paintFor(io).good("removed")} ${ownPrefix}${name}; an agent that runs keeps it until it ends`;
    return ok({ document: { name }, text, act: { command: "providers remove", args: { name } } });
  });
