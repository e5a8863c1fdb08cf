import { Command, CommanderError } from "commander";
import { asksForJson, printFailure, type Io } from "./io.ts";
import { absolute } from "./option-parsers.ts";

/** Takes the exit code of the command that ran. */
export type Done = (exitCode: number) => void;

/** A program of ours: what it is called, what it says of itself, and its commands. */
export type Program = {
  readonly name: string;
  readonly description: string;
  /** Examples and exit codes, below the help. */
  readonly help: string;
  readonly add: (command: Command, io: Io, done: Done) => void;
};

/**
 * Reads the arguments, runs the command, and returns the exit code. On stdout there is the command's result only; a
 * usage error is 2, and with `--json` a document.
 */
export const runProgram = async (
  program: Program,
  argv: readonly string[],
  version: string,
  io: Io,
): Promise<number> => {
  const isJson = asksForJson(argv);
  const command = createCommand(program, version, io, isJson);
  let exitCode = 0;
  program.add(command, io, (code) => (exitCode = code));
  try {
    await command.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, "");
    if (isJson) printFailure(io, true, { code: "usage", message, fix: `${program.name} --help` });
    return 2;
  }
};

const createCommand = (
  { name, description, help }: Program,
  version: string,
  io: Io,
  isJson: boolean,
): Command =>
  new Command(name)
    .description(description)
    .version(version, "--version")
    .option("--json", "print one JSON document on stdout, and nothing else there")
    .option("--data <dir>", "the data folder (default: GATEHOUSE_DATA, else ~/.gatehouse)", absolute)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError(`fix: ${name} --help`)
    .addHelpText("afterAll", help)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void (isJson || io.stderr.write(text)),
    });
