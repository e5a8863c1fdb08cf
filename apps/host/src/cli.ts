import type { Command } from "commander";
import {
  addCliOptions,
  addRequestOptions,
  flagsOf,
  namedPath,
  runProgram,
  type Done,
  type Io,
  type Program,
} from "@trust/preflight/node";
import { doctorCommand } from "./doctor-command.ts";
import { runCommand } from "./run-command.ts";

const help = `
Examples:
  gatehouse run ~/repo                              trust the folder, start the agent, at this terminal
  gatehouse run ~/repo --consent api-key=use        and answer that question when it asks
  gatehouse run ~/repo --yes --json </dev/null      nobody there: until it is ready, then ended; one JSON document
  gatehouse doctor

Exit codes:
  0 done   1 refused or failed   2 usage   3 a person is needed   130 interrupted   143 terminated
  An agent at the terminal: its own.`;

const addRun = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("run")
    .argument("<dir>", "", namedPath)
    .description("prepare the folder, then start the agent in it: at the terminal, or until it is ready");
  addRequestOptions(command, ["claude"])
    .option("--install-cli", "fetch the agent's CLI from npm into the data folder, if there is none")
    .option("--yes", "answer our own questions with yes; never a question of the CLI")
    .action(async (folder: string) => done(await runCommand(folder, flagsOf(command), io)));
};

const addDoctor = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("doctor")
    .description("look at what a run needs, and say what to do about it");
  addCliOptions(command).action(async () => done(await doctorCommand(flagsOf(command), io)));
};

const program: Program = {
  name: "gatehouse",
  description: "Starts coding agents in their folders: trusted, and with nobody at the keyboard.",
  help,
  add: (command, io, done) => {
    addRun(command, io, done);
    addDoctor(command, io, done);
  },
};

/** Reads the arguments, runs the command, and returns the exit code. */
export const runCli = (argv: readonly string[], version: string, io: Io): Promise<number> =>
  runProgram(program, argv, version, io);
