import { resolve } from "node:path";
import process from "node:process";
import { text as textOfStream } from "node:stream/consumers";
import { InvalidArgumentError, Option, type Command } from "commander";
import { absolute, runProgram, type Done, type Io, type CliDefinition } from "@gatehouse/cli-kit";
import { readPlainFile } from "@gatehouse/fs-kit";
import { memberName } from "@gatehouse/agents/names";
import type { Consents } from "@trust/dialog-engine";
import { anotherConsent } from "@gatehouse/trust-cli/consents";
import type { AdapterFlags } from "./adapter-command.ts";
import { handOverFlag } from "./hold/planned-hold.ts";
import { parseJson, providers, systemCode, visible } from "@gatehouse/std";

const help = `
The native CLI's own arguments stand behind "--". Its screen is not shown. No key is pressed in it;
with --hold only those of a consent, and of "gatehouse send", "answer" and "attach".

Examples:
  orchestrator-adapter --provider codex --cwd ~/repo --settings '{}' --json
  orchestrator-adapter --provider codex --cwd ~/repo --settings "$SETTINGS" --dry-run --json -- -m o3
  orchestrator-adapter --provider claude --cwd ~/repo --settings '{}' --cli claude=/opt/bin/claude
  orchestrator-adapter --provider claude --cwd ~/repo --settings '{}' --record casts
  orchestrator-adapter --provider claude --cwd ~/repo --settings '{}' --hold --member ana --json

With --json, one JSON object a line: held, started, ready, workspace_trust_required, diagnostic, exited.
With --hold the agent stands in "gatehouse ps", which finds it by --data; "gatehouse stop" ends it.

Exit codes:
  the agent's own (128 and the signal's number where one ended it), else
  1 it could not be started   2 usage   3 the folder is not trusted   130 interrupted   143 terminated`;

/**
 * Parses inline JSON, the JSON in the file after `@`, or for `-` the JSON on stdin. No message repeats the
 * settings, because they may contain secrets.
 */
const parseSettings = async (
  given: string,
  cwd: string,
  stdin: string,
  command: Command,
): Promise<unknown> => {
  const file = given.startsWith("@") ? resolve(cwd, given.slice(1)) : null;
  const inline = given === "-" ? stdin : given;
  const text = file === null ? inline : await textOf(file, command);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return command.error(
      file === null
        ? "error: --settings is not JSON. Pass the settings themselves, or @FILE."
        : `error: --settings: ${visible(file)} is not JSON.`,
    );
  }
};

/**
 * Reads stdin: the settings, a prompt, or the settings on its first line and the prompt after it. The prompt
 * is a JSON string, so that a truncated prompt, of a sender that was killed, is never typed.
 */
const readStdin = async (settings: string, hasPrompt: boolean, command: Command): Promise<Stdin> => {
  if (settings !== "-" && !hasPrompt) return { settings: "" };
  const text = await textOfStream(process.stdin);
  if (!hasPrompt) return { settings: text };
  const end = settings === "-" ? text.indexOf("\n") : 0;
  const prompt = end < 0 ? null : parseJson(text.slice(end));
  if (typeof prompt !== "string")
    return command.error("error: --prompt-stdin: stdin holds no prompt as a JSON string.");
  return { settings: text.slice(0, end), prompt };
};

type Stdin = { readonly settings: string; readonly prompt?: string };

const textOf = async (file: string, command: Command): Promise<string> => {
  try {
    return await readPlainFile(file);
  } catch (error) {
    return command.error(`error: --settings: ${visible(file)} cannot be read (${systemCode(error)}).`);
  }
};

/** Collects `PROVIDER=PATH` options. */
const anotherCli = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => {
  const at = text.indexOf("=");
  const [name, path] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || path === "" || !providers.some((known) => known === name))
    throw new InvalidArgumentError(`Write PROVIDER=PATH; providers: ${providers.join(", ")}.`);
  return { ...before, [name]: resolve(path) };
};

type GivenFlags = Omit<AdapterFlags, "settings" | "prompt"> & { readonly promptStdin?: boolean };

/** Checks that only a held agent has a name, and that it has one. */
const checkHold = (
  { hold = false, handOver, member, team, consent, promptStdin, record, dryRun }: GivenFlags,
  command: Command,
): void => {
  if (hold && member === undefined) command.error("error: --hold needs --member NAME.");
  if (hold && (record !== undefined || dryRun === true))
    command.error("error: --hold cannot be combined with --record or --dry-run.");
  if (!hold && [handOver, member, team, consent, promptStdin].some((given) => given !== undefined))
    command.error("error: --member, --team, --consent and --prompt-stdin need --hold.");
};

/**
 * Rewrites the help of the shared flags for this program: it prints events instead of one document, and uses
 * the data folder for held agents.
 */
const describeOwn = ({ options }: Command): void => {
  for (const option of options) {
    if (option.long === "--json")
      option.description = "print events on stdout, one JSON object for each line";
    if (option.long === "--data") option.description = `with --hold: ${option.description}`;
  }
};

const add = (command: Command, io: Io, done: Done): void => {
  describeOwn(command);
  command
    .argument("[native-args...]")
    .addOption(new Option("--provider <name>", "which agent").choices(providers).makeOptionMandatory())
    .requiredOption("--cwd <dir>", "the folder to start it in")
    .requiredOption("--settings <json|@file>", "the runtime's settings, which may carry trust for Codex")
    .option(
      "--cli <provider=path>",
      "the CLI to use (default: the data folder's own, else the first on PATH)",
      anotherCli,
    )
    .option(
      "--record <dir>",
      "write a recording (asciicast) of the agent's start to this folder, with secrets masked",
      absolute,
    )
    .option("--dry-run", "print the command that would be started, and start nothing")
    .option("--hold", "keep the agent running in a holder, so that you can list, use and stop it")
    .option("--member <name>", "with --hold: the agent's name", memberName)
    .option("--team <name>", "with --hold: the agent's team", memberName)
    .option(
      "--consent <kind=answer>",
      "with --hold: how to answer a dialog, may be repeated",
      (text: string, before?: Consents) => anotherConsent(text, before ?? {}),
    )
    .option(
      "--prompt-stdin",
      "with --hold: read a prompt from stdin, as a JSON string, and type it once the agent is ready; with --settings - it is the second line",
    )
    .addOption(new Option(`${handOverFlag} <holder>`, "plans for a holder").argParser(Number).hideHelp())
    .action(async (native: readonly string[]) => {
      const { settings, ...flags } = command.opts<GivenFlags & { settings: string }>();
      checkHold(flags, command);
      const { prompt, ...stdin } = await readStdin(settings, flags.promptStdin === true, command);
      const request = {
        ...flags,
        settings: await parseSettings(settings, io.cwd, stdin.settings, command),
        ...(prompt === undefined ? {} : { prompt }),
      };
      const { adapterCommand } = await import("./adapter-command.ts");
      done(await adapterCommand(request, native, io));
    });
};

const program: CliDefinition = {
  name: "orchestrator-adapter",
  description: "Starts an agent's own CLI for a team runtime, and reports its start step by step.",
  help,
  add,
};

/** Reads the arguments, runs the command, and returns the exit code. */
export const runCli = (argv: readonly string[], version: string, io: Io): Promise<number> =>
  runProgram(program, argv, version, io);
