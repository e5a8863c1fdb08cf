import { Command, CommanderError } from "commander";
import { printFailure, type Io } from "./io.ts";
import { absolute } from "./option-parsers.ts";
import { addCliOptions, addProviderOptions, addRequestOptions, flagsOf } from "./request-options.ts";

const examples = `
Examples:
  workspace-trust ~/repo                        trust one folder; a first word that is no command means preflight
  workspace-trust ~/a ~/b --json                two folders, one JSON document
  workspace-trust ~/repo --record casts         and keep a recording of what was seen and pressed
  workspace-trust explain casts/claude-repo.cast
  workspace-trust status ~/repo && claude

Exit codes:
  0 done   1 refused or failed   2 usage   3 a person is needed   130 interrupted   143 terminated`;

/** Reads the arguments, runs the command, and returns the exit code. On stdout there is the command's result only. */
export const runCli = async (argv: readonly string[], version: string, io: Io): Promise<number> => {
  const isJson = argv.includes("--json");
  let exitCode = 0;
  const program = createProgram(version, io, isJson, (code) => (exitCode = code));
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, "");
    if (isJson) printFailure(io, true, { code: "usage", message, fix: "workspace-trust --help" });
    return 2;
  }
};

type Done = (exitCode: number) => void;

const createProgram = (version: string, io: Io, isJson: boolean, done: Done): Command => {
  const program = new Command("workspace-trust")
    .description("Prepares folders so that coding agents start in them without asking for trust.")
    .version(version, "--version")
    .option("--json", "print one JSON document on stdout, and nothing else there")
    .option("--data <dir>", "the data folder (default: GATEHOUSE_DATA, else ~/.gatehouse)", absolute)
    .addHelpText("after", examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void (isJson || io.stderr.write(text)),
    });
  for (const add of [addPreflight, addStatus, addExplain, addDoctor, addConsents]) add(program, io, done);
  return program;
};

const addPreflight = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("preflight <dir...>", { isDefault: true })
    .description("trust folders, asking their CLI where it has to be asked (the default command)");
  addRequestOptions(command).action(async (folders: string[]) => {
    const { preflightCommand } = await import("./preflight-command.ts");
    done(await preflightCommand(folders, flagsOf(command), io));
  });
};

const addStatus = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("status <dir...>")
    .description("say whether folders would be asked about; reads only");
  addProviderOptions(command).action(async (folders: string[]) => {
    const { statusCommand } = await import("./status-command.ts");
    done(await statusCommand(folders, flagsOf(command), io));
  });
};

const addExplain = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("explain <file.cast>")
    .description("replay a recording: each screen, the rule that matched or nearly did, the decision")
    .action(async (file: string) => {
      const { explainCommand } = await import("./explain-command.ts");
      done(await explainCommand(file, flagsOf(command), io));
    });
};

const addDoctor = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("doctor")
    .description("look at what a preflight needs: CLIs and their versions, PTY, locks, state");
  addCliOptions(command).action(async () => {
    const { doctorCommand } = await import("./doctor-command.ts");
    done(await doctorCommand(flagsOf(command), io));
  });
};

const addConsents = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("consents [dir]")
    .description("print who asked for which folder, when, and what came of it")
    .action(async (folder: string | undefined) => {
      const { consentsCommand } = await import("./consents-command.ts");
      done(await consentsCommand(folder, flagsOf(command), io));
    });
};
