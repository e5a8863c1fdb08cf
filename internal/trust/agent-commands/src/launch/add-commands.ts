import { InvalidArgumentError, Option, type Command } from "commander";
import {
  milliseconds,
  namedPath,
  positiveInteger,
  type Done,
  type Io,
  type OnOwnHost,
} from "@gatehouse/cli-kit";
import { anotherConsent } from "@gatehouse/trust-cli/consents";
import { addProviderOptions, flagsOf } from "@gatehouse/trust-cli/options";
import { consentList } from "@trust/preflight";
import type { LaunchesFlags } from "./launches-command.ts";
import type { LaunchFlags } from "./read-request.ts";

/** Examples for the help of a program with these commands. */
export const launchExamples: readonly string[] = [
  "gatehouse launch team.yaml                        trusts exactly the team's folders, then starts its agents",
  "gatehouse launch team.yaml --until-ready --json   waits longer than questions; one JSON document",
  "gatehouse launch team.yaml --explain              shows what it would do, and starts nothing",
  "gatehouse launch --agents 5 --provider claude ~/repo      five agents in one folder, without a file",
  "gatehouse launches list                           all launches of this data folder, and how each ended",
  "gatehouse launches show 20261121-2337             one launch, step by step; the beginning of its id is enough",
];

/** The file of the program that holds an agent, `orchestrator-adapter`; null where it is missing. */
export type FindAdapter = () => string | null;

/** Adds the commands that launch teams. Each command loads its code when it runs. */
export const addLaunchCommands = (
  program: Command,
  io: Io,
  done: Done,
  onOwnHost: OnOwnHost,
  findAdapter: FindAdapter,
): void => {
  addLaunch(program, io, done, onOwnHost, findAdapter);
  addLaunches(program, io, done, onOwnHost);
};

const addLaunch = (
  program: Command,
  io: Io,
  done: Done,
  onOwnHost: OnOwnHost,
  findAdapter: FindAdapter,
): void => {
  const command = program
    .command("launch")
    .argument("<team>", "a team file; with --agents the agents' folder", namedPath)
    .description("start a team's agents together, each in its own folder, and wait until they are ready")
    .option("--agents <n>", "start this many agents in one folder, without a team file", positiveInteger)
    .option("--until-ready", "keep waiting when an agent asks a question")
    .option(
      "--timeout <s>",
      "seconds to wait until the agents are ready (default: 60); they keep running after it. A longer one also extends the limit of trust",
      milliseconds,
    )
    .option("--explain", "print what a launch would trust and start; write and start nothing")
    .option("--stay", "at a terminal: stay until all agents have ended, or Ctrl-C; they keep running")
    .addOption(
      new Option("--consent <kind=answer>", `how to answer another dialog, may be repeated: ${consentList}`)
        .argParser(anotherConsent)
        .default({}, "trust=accept and update=skip"),
    );
  addProviderOptions(command).action(async (team: string) => {
    const flags = flagsOf<LaunchFlags>(command);
    if (flags.agents === undefined && flags.provider.length > 0)
      command.error("error: --provider is for --agents: a team file names the provider of each member");
    if (flags.provider.length > 1) command.error("error: --agents takes one --provider");
    const { launchCommand } = await import("./launch-command.ts");
    done(await onOwnHost(flags, io, () => launchCommand(team, flags, io, findAdapter())));
  });
};

const addLaunches = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const launches = program.command("launches").description("the launches of this data folder");
  const list = launches
    .command("list")
    .description("list all launches, newest first")
    .action(async () => {
      const { listCommand } = await import("./launches-command.ts");
      const flags = list.optsWithGlobals<LaunchesFlags>();
      done(await onOwnHost(flags, io, () => listCommand(flags, io)));
    });
  const show = launches
    .command("show")
    .argument("<id>", "the launch's id, or the beginning of it", notEmpty)
    .description("show one launch, step by step")
    .action(async (id: string) => {
      const { showCommand } = await import("./launches-command.ts");
      const flags = show.optsWithGlobals<LaunchesFlags>();
      done(await onOwnHost(flags, io, () => showCommand(id, flags, io)));
    });
};

const notEmpty = (text: string): string => {
  if (text === "") throw new InvalidArgumentError("The id is empty.");
  return text;
};
