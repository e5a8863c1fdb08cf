import { resolve } from "node:path";
import process from "node:process";
import { text as textOfStream } from "node:stream/consumers";
import { InvalidArgumentError, Option, type Command } from "commander";
import { absolute, runProgram, type Done, type Io, type CliDefinition } from "@gatehouse/cli-kit";
import { dataFolder, readPlainFile } from "@gatehouse/fs-kit";
import type { AdapterFlags } from "./adapter-command.ts";
import { asksForHold, handOverFlag } from "./hold/planned-hold.ts";
import { readHold } from "./hold/read-hold.ts";
import { systemCode, visible } from "@gatehouse/std";
import { providers } from "@gatehouse/provider-facts";

const exitCodes = `
Exit codes:
  the agent's own (128 and the signal's number where one ended it), else
  1 it could not be started   2 usage   3 the folder is not trusted   130 interrupted   143 terminated`;

const help = `
The native CLI's own arguments stand behind "--". Its screen is not shown, and no key is pressed in it.

Examples:
  orchestrator-adapter --provider codex --cwd ~/repo --settings '{}' --json
  orchestrator-adapter --provider codex --cwd ~/repo --settings "$SETTINGS" --dry-run --json -- -m o3
  orchestrator-adapter --provider claude --cwd ~/repo --settings '{}' --cli claude=/opt/bin/claude
  orchestrator-adapter --provider claude --cwd ~/repo --settings '{}' --record casts
  orchestrator-adapter --hold --json <hold.json

With --json, one JSON object a line: held, started, ready, workspace_trust_required, diagnostic, exited.
${exitCodes}`;

/**
 * Parses inline JSON, the JSON in the file after `@`, or for `-` the JSON on stdin. No message repeats the
 * settings, because they may contain secrets.
 */
const parseSettings = async (given: string, cwd: string, command: Command): Promise<unknown> => {
  const file = given.startsWith("@") ? resolve(cwd, given.slice(1)) : null;
  const inline = given === "-" ? await textOfStream(process.stdin) : given;
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

/** `--json` prints events here, not one document. */
const describeJson = ({ options }: Command): void => {
  for (const option of options)
    if (option.long === "--json")
      option.description = "print events on stdout, one JSON object for each line";
};

const add = (command: Command, io: Io, done: Done): void => {
  describeJson(command);
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
    .option("--hold", `${holdDescription}; see --hold --help`)
    .action(async (native: readonly string[]) => {
      const { settings, ...flags } = command.opts<AdapterFlags & { settings: string }>();
      const request = { ...flags, settings: await parseSettings(settings, io.cwd, command) };
      const { adapterCommand } = await import("./adapter-command.ts");
      done(await adapterCommand(request, native, io));
    });
};

const holdDescription = "keep the agent running in a holder, so that you can list, use and stop it";

const holdHelp = `
stdin holds the description of the agent, one JSON object:
  member     its name                          provider   which agent
  folder     where it starts, absolute         team       its team's name (default: none)
  settings   the runtime's settings            args       the native CLI's own arguments, a list
  prompt     typed once the agent is ready     consents   answers to dialogs: {"api-key":"use"}
  cli        the CLI to use (default: the data folder's own, else the first on PATH)
member, provider and folder are required. No key is pressed in its screen but those of a consent, of the
prompt, and of "gatehouse send", "answer" and "attach". "gatehouse ps" finds it by --data, "gatehouse stop" ends it.

Examples:
  echo '{"member":"ana","provider":"claude","folder":"/srv/app"}' | orchestrator-adapter --hold --json
${exitCodes}`;

const addHold = (command: Command, io: Io, done: Done): void => {
  describeJson(command);
  command
    .requiredOption("--hold", holdDescription)
    .addOption(new Option(`${handOverFlag} <holder>`, "plans for a holder").argParser(Number).hideHelp())
    .action(async () => {
      const { json = false, data, handOver: holder = 0 } = command.opts<HoldFlags>();
      if (process.stdin.isTTY) command.error("error: pass the description of the agent on stdin.");
      const read = readHold(await textOfStream(process.stdin));
      if (!read.ok) return command.error(`error: ${visible(read.error)}`);
      const { handOver } = await import("./hold/hand-over.ts");
      done(await handOver(read.value, { dataDir: dataFolder(io.env, data), holder, isJson: json }, io));
    });
};

type HoldFlags = { readonly json?: boolean; readonly data?: string; readonly handOver?: number };

const program: CliDefinition = {
  name: "orchestrator-adapter",
  description: "Starts an agent's own CLI for a team runtime, and reports its start step by step.",
  help,
  add,
};

const holder: CliDefinition = { ...program, help: holdHelp, add: addHold };

/** Reads the arguments, runs the command, and returns the exit code. */
export const runCli = (argv: readonly string[], version: string, io: Io): Promise<number> =>
  runProgram(asksForHold(argv) ? holder : program, argv, version, io);
