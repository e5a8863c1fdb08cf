import type { Command } from "commander";
import {
  type Io,
  anotherPath,
  folderOrCommand,
  namedPath,
  runProgram,
  type Done,
  type CliDefinition,
} from "@gatehouse/cli-kit";
import {
  addDoctorOptions,
  addProviderOptions,
  addRequestOptions,
  flagsOf,
} from "@gatehouse/trust-cli/options";

const help = `
Examples:
  workspace-trust ~/repo                        trust one folder: the command is preflight by default
  workspace-trust ~/a ~/b --json                two folders, one JSON document
  workspace-trust ~/repo --record casts         record each screen and key
  workspace-trust ~/repo --provider codex       print the flags for Codex; write no file of Codex
  workspace-trust ~/repo --provider copilot --persist
  workspace-trust explain casts/claude-repo-*.cast      show each screen and decision of a recording
  workspace-trust explain run.cast --html run.html      the same as one page, to send to a colleague
  workspace-trust status ~/repo && claude

Exit codes:
  0 done   1 refused or failed   2 usage   3 a person is needed   130 interrupted   143 terminated`;

const addPreflight = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("preflight", { isDefault: true })
    .argument("<dir...>", "", folderOrCommand(program, io.cwd))
    .description("trust folders (the default command)");
  const persist =
    "have codex (by its app-server), gemini, copilot, qwen, kimi and pi (by their dialog) record the trust";
  addRequestOptions(command)
    .option("--persist", persist)
    .action(async (folders: string[]) => {
      const { preflightCommand } = await import("./preflight-command.ts");
      done(await preflightCommand(folders, flagsOf(command), io));
    });
};

const addStatus = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("status")
    .argument("<dir...>", "", anotherPath)
    .description("show whether folders are trusted; changes nothing");
  addProviderOptions(command).action(async (folders: string[]) => {
    const { statusCommand } = await import("./status-command.ts");
    done(await statusCommand(folders, flagsOf(command), io));
  });
};

const addExplain = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("explain <file.cast>")
    .description("replay a recording: each screen, the rule that matched or nearly matched, the decision")
    .option("--html <file>", "write it as one page, which needs no network and no script")
    .action(async (file: string) => {
      const { explainCommand } = await import("./explain-command.ts");
      done(await explainCommand(file, flagsOf(command), io));
    });
};

const addDoctor = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("doctor")
    .description("check what a preflight needs: CLIs and their versions, PTY, locks, state");
  addDoctorOptions(command).action(async () => {
    const { doctorCommand } = await import("./doctor-command.ts");
    done(await doctorCommand(flagsOf(command), io));
  });
};

const addConsents = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("consents")
    .argument("[dir]", "", namedPath)
    .description("list who asked for which folder, when, and with what result")
    .action(async (folder: string | undefined) => {
      const { consentsCommand } = await import("./consents-command.ts");
      done(await consentsCommand(folder, flagsOf(command), io));
    });
};

const program: CliDefinition = {
  name: "workspace-trust",
  description: "Prepares folders so that coding agents start in them without asking for trust.",
  help,
  add: (command, io, done) => {
    for (const add of [addPreflight, addStatus, addExplain, addDoctor, addConsents]) add(command, io, done);
  },
};

/** Reads the arguments, runs the command, and returns the exit code. */
export const runCli = (argv: readonly string[], version: string, io: Io): Promise<number> =>
  runProgram(program, argv, version, io);
