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
import type { LaunchesFlags } from "../launch/launches-command.ts";
import type { LaunchFlags } from "../launch/read-request.ts";
import type { MemberFlags } from "./with-member.ts";
import type { StopFlags } from "./stop-command.ts";
import type { HeldLogsFlags } from "./held-logs-command.ts";
import type { HostForPs, PsFlags } from "./ps-command.ts";

/** Examples for the help of a program with these commands. */
export const agentExamples: readonly string[] = [
  "gatehouse launch team.yaml                        trusts exactly the team's folders, then starts its agents",
  "gatehouse launch team.yaml --until-ready --json   waits longer than questions; one JSON document",
  "gatehouse launch team.yaml --explain              shows what it would do, and starts nothing",
  "gatehouse launch --agents 5 --provider claude ~/repo      five agents in one folder, without a file",
  "gatehouse launches list                           all launches of this data folder, and how each ended",
  "gatehouse launches show 20261121-2337             one launch, step by step; the beginning of its id is enough",
  "gatehouse ps                                      the held agents, and the state of each",
  "gatehouse ps --waiting --json                     everything that waits for a person: agents' questions, approvals",
  "gatehouse send bo 'Read the API first.'           types a prompt as a person would; --file FILE, or - for stdin",
  "gatehouse screen bo                               what its terminal shows",
  "gatehouse answer bo --seen CODE Yes               chooses an option of the question with this code in ps --waiting",
  "gatehouse attach bo                               your terminal becomes its terminal; Ctrl-\\ disconnects",
  "gatehouse logs bo                                 what happened to it, and who spoke to it",
  "gatehouse stop shop/bo                            ends one agent; shop ends a team and its launch; --all ends all",
];

/** The functions that a program passes to these commands. */
export type AgentCommandsOptions = {
  readonly onOwnHost: OnOwnHost;
  readonly ofHost: HostForPs;
  /** The name of the person's account, for the log of an agent to which the person speaks. */
  readonly accountOf: (env: Io["env"]) => Promise<string>;
  /** Finds the file of the program that holds an agent, `orchestrator-adapter`; null where it is missing. */
  readonly findAdapter: () => string | null;
};

/** Dependencies of the commands. */
type Adding = AgentCommandsOptions & { readonly io: Io; readonly done: Done };

/** Adds the commands that launch teams, and those for held agents. Each loads its code when it runs. */
export const addAgentCommands = (
  program: Command,
  io: Io,
  done: Done,
  options: AgentCommandsOptions,
): void => {
  const adders = [addLaunch, addLaunches, addPs, addSend, addScreen, addAnswer, addAttach, addStop];
  for (const add of adders) add(program, { io, done, ...options });
};

const addLaunch = (program: Command, { io, done, onOwnHost, findAdapter }: Adding): void => {
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
    const { launchCommand } = await import("../launch/launch-command.ts");
    done(await onOwnHost(flags, io, () => launchCommand(team, flags, io, findAdapter())));
  });
};

const addLaunches = (program: Command, { io, done, onOwnHost }: Adding): void => {
  const launches = program.command("launches").description("the launches of this data folder");
  const list = launches
    .command("list")
    .description("list all launches, newest first")
    .action(async () => {
      const { listCommand } = await import("../launch/launches-command.ts");
      const flags = list.optsWithGlobals<LaunchesFlags>();
      done(await onOwnHost(flags, io, () => listCommand(flags, io)));
    });
  const show = launches
    .command("show")
    .argument("<id>", "the launch's id, or the beginning of it", notEmpty)
    .description("show one launch, step by step")
    .action(async (id: string) => {
      const { showCommand } = await import("../launch/launches-command.ts");
      const flags = show.optsWithGlobals<LaunchesFlags>();
      done(await onOwnHost(flags, io, () => showCommand(id, flags, io)));
    });
};

const notEmpty = (text: string): string => {
  if (text === "") throw new InvalidArgumentError("The id is empty.");
  return text;
};

/** `logs MEMBER`, for the program's own `logs`. Returns the exit code. */
export const heldLogs = async (member: string, flags: HeldLogsFlags, io: Io): Promise<number> =>
  (await import("./held-logs-command.ts")).heldLogsCommand(member, flags, io);

const addPs = (program: Command, { io, done, ofHost }: Adding): void => {
  const command = program
    .command("ps")
    .description("list the held agents: the state of each, and since when; needs no host")
    .option("--waiting", "everything that waits for a person: agents, and approvals in the host's database")
    .option("--wide", "whole folders; a pipe always gets them")
    .option("--watch", "print again every second, until Ctrl-C; with --json one document for each line")
    .option("--database <address>", "with --waiting: a host's PostgreSQL (default: GATEHOUSE_DATABASE)")
    .action(async () => {
      const { psCommand } = await import("./ps-command.ts");
      const flags = command.optsWithGlobals<PsFlags>();
      if (flags.database !== undefined && flags.waiting !== true)
        command.error("error: --database needs --waiting.");
      done(await psCommand(flags, io, ofHost));
    });
};

const memberIs = "TEAM/MEMBER, or MEMBER if only one team has it";

const addSend = (program: Command, { io, done, onOwnHost, accountOf }: Adding): void => {
  const command = program
    .command("send")
    .argument("<member>", memberIs)
    .argument("[text...]", "the prompt")
    .description("type a prompt to an agent; ends when the agent has taken it")
    .option("--file <file>", "read the prompt from this file; - reads stdin", namedPath)
    .option("--command", "allow a command of the agent's CLI, such as /clear, which is refused otherwise")
    .action(async (member: string, text: readonly string[]) => {
      const flags = command.optsWithGlobals<MemberFlags & { file?: string; command?: boolean }>();
      if (text.length > 0 === (flags.file !== undefined))
        command.error("error: Give a text, or --file FILE.");
      const { sendCommand } = await import("./speak-commands.ts");
      const by = await accountOf(io.env);
      done(await onOwnHost(flags, io, () => sendCommand(member, text, { ...flags, by }, io)));
    });
};

const addScreen = (program: Command, { io, done, onOwnHost }: Adding): void => {
  const command = program
    .command("screen")
    .argument("<member>", memberIs)
    .description("print an agent's screen, with secrets masked; for an agent that has ended, its last screen")
    .action(async (member: string) => {
      const { screenCommand } = await import("./speak-commands.ts");
      const flags = command.optsWithGlobals<MemberFlags>();
      done(await onOwnHost(flags, io, () => screenCommand(member, flags, io)));
    });
};

const addAnswer = (program: Command, { io, done, onOwnHost, accountOf }: Adding): void => {
  const command = program
    .command("answer")
    .argument("<member>", memberIs)
    .argument("<option...>", "the option's text, or a beginning that only it has")
    .description("answer the question that an agent waits at")
    .requiredOption(
      "--seen <code>",
      "the code of the question, in ps --waiting or screen: no other is answered",
    )
    .action(async (member: string, option: readonly string[]) => {
      const { answerCommand } = await import("./speak-commands.ts");
      const flags = command.optsWithGlobals<MemberFlags & { readonly seen: string }>();
      const by = await accountOf(io.env);
      done(await onOwnHost(flags, io, () => answerCommand(member, option, { ...flags, by }, io)));
    });
};

const addAttach = (program: Command, { io, done, onOwnHost }: Adding): void => {
  const command = program
    .command("attach")
    .argument("<member>", memberIs)
    .description("connect this terminal to an agent; Ctrl-\\ disconnects, and the agent keeps running")
    .option("--read-only", "only watch, never type")
    .option("--take", "type from this terminal; the one that types now can then only watch")
    .action(async (member: string) => {
      const { attachCommand } = await import("./attach-command.ts");
      const flags = command.optsWithGlobals<MemberFlags>();
      done(await onOwnHost(flags, io, () => attachCommand(member, flags, io)));
    });
};

const addStop = (program: Command, { io, done, onOwnHost }: Adding): void => {
  const command = program
    .command("stop")
    .argument("[member]", `${memberIs}; or a team: TEAM, or TEAM/ if a member has the same name`)
    .description(
      "end an agent and all that it started; with a team or --all also a launch that is still at work",
    )
    .option("--all", "all agents of this data folder, and all launches that are at work")
    .action(async (member: string | undefined) => {
      const flags = command.optsWithGlobals<StopFlags>();
      if ((member === undefined) !== (flags.all === true))
        command.error("error: Name one member or team, or pass --all.");
      const { stopCommand } = await import("./stop-command.ts");
      done(await onOwnHost(flags, io, () => stopCommand(member, flags, io)));
    });
};
