import { InvalidArgumentError, Option, type Command } from "commander";
import {
  absolute,
  anotherPath,
  folderNotCommand,
  namedPath,
  positiveInteger,
  runProgram,
  type Done,
  type Io,
  type CliDefinition,
} from "@gatehouse/cli-kit";
import { userIdProblem } from "@gatehouse/control-plane/user-id";
import { folderProblem, nameProblem } from "@gatehouse/group-workspace/names";
import type { LogsFlags } from "@gatehouse/logs/command";
import { addDoctorOptions, addRequestOptions, flagsOf } from "@gatehouse/trust-cli/options";
import { addHeldCommands, heldLogs, type OnOwnHost } from "@gatehouse/held-agents/commands";
import { addLaunchCommands, launchesAtWork } from "@gatehouse/launch-commands";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { examples, exitCodes } from "./examples.ts";
import { runnableProviders } from "./init/init-answers.ts";
import { listApprovals } from "./status/list-approvals.ts";
import type { ChatFlags } from "./chat/chat-command.ts";
import type { DownFlags } from "./down/down-command.ts";
import type { StatusFlags } from "./status/status-command.ts";
import { addUp } from "./up/add-up.ts";

// Only imports that every flag needs. Each command loads the rest when it runs.
type UsersCli = typeof import("@gatehouse/user-commands");

const ownHost: OnOwnHost = async (flags, io, act) =>
  (await import("./foreign-host.ts")).onOwnHost(flags, io, act);

/** Shows a command's own examples in its help, and no others. */
const helpOf =
  (users: UsersCli | null) =>
  (words: string): string => {
    const own =
      users?.usersExamples[words] ??
      examples.filter((line) => line.replace("sudo ", "").startsWith(`gatehouse ${words}`));
    return ["", "Examples:", ...own.map((line) => `  ${line}`), exitCodes].join("\n");
  };

const addRun = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("run")
    .argument("<dir>", "", folderNotCommand(program, io.cwd))
    .description("trust the folder and start the agent; without a terminal, end it once it is ready");
  addRequestOptions(command, ["claude"])
    .option("--install-cli", "fetch the agent's CLI from npm into the data folder, if none is installed")
    .option("--yes", "answer gatehouse's own questions with yes; never a question of the CLI")
    .action(async (folder: string) => {
      const { runCommand } = await import("./run/run-command.ts");
      done(await runCommand(folder, flagsOf(command), io));
    });
};

const addDoctor = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("doctor")
    .description("check what a run needs, and say how to fix what is missing");
  addDatabaseOption(addDoctorOptions(command)).action(async () => {
    const { doctorCommand } = await import("./doctor/doctor-command.ts");
    done(await doctorCommand(flagsOf(command), io));
  });
};

/** Refuses a value that has a problem. */
const fit =
  (problem: (text: string) => string | null) =>
  (text: string): string => {
    const found = problem(text);
    if (found !== null) throw new InvalidArgumentError(found);
    return text;
  };

const addInit = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("init")
    .description("make the owner's group, whose agent may use all of ncl; once, before the host starts")
    .option("--name <name>", "the group's name (asked for at a terminal)", fit(nameProblem))
    .option(
      "--folder <folder>",
      "the group's folder under groups/, one name (asked for at a terminal)",
      fit(folderProblem),
    )
    .option("--owner <channel:handle>", "the owner, for example local:ana", fit(userIdProblem))
    .addOption(
      new Option("--provider <name>", "the agent that answers in the group").choices(
        runnableProviders.map(({ name }) => name),
      ),
    );
  addDatabaseOption(command).action(async () => {
    const { initCommand } = await import("./init/init-command.ts");
    done(await initCommand(command.optsWithGlobals(), io));
  });
};

const addImport = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("import")
    .argument("<dir>", "a folder with data/v2.db and groups/ in it", namedPath)
    .description("import a nanoclaw folder, all of it or nothing; stop the host first")
    .option("--dry-run", "show what would be imported, and write nothing");
  addDatabaseOption(command).action(async (folder: string) => {
    const { importCommand } = await import("./import/import-command.ts");
    done(await importCommand(folder, command.optsWithGlobals(), io));
  });
};

const addDown = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("down")
    .description("stop the host of the data folder; its agents finish or are ended, and no message is lost")
    .action(async () => {
      const { downCommand } = await import("./down/down-command.ts");
      const { onOwnHost } = await import("./foreign-host.ts");
      const flags = command.optsWithGlobals<DownFlags>();
      done(await onOwnHost(flags, io, () => downCommand(flags, io)));
    });
};

const addDemo = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("demo")
    .description("show a host at work, in a temporary folder and without network; takes a few seconds")
    .action(async () => {
      const { demoCommand } = await import("./demo/demo-command.ts");
      done(await demoCommand(command.optsWithGlobals(), io));
    });
};

const addStatus = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("status")
    .description("show what the host does and what waits; changes nothing, and needs no running host");
  addDatabaseOption(command).action(async () => {
    const { statusCommand } = await import("./status/status-command.ts");
    const { onOwnHost } = await import("./foreign-host.ts");
    const flags = command.optsWithGlobals<StatusFlags>();
    done(await onOwnHost(flags, io, () => statusCommand(flags, io)));
  });
};

const addLogs = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("logs")
    .argument("[member]", "a held agent; without it, the host")
    .description(
      "show what the host or an agent did, one line for each event; --json prints the log's own JSON Lines",
    )
    .option("-n, --lines <number>", "how many of the last lines to show", positiveInteger, 50)
    .option("-f, --follow", "keep printing new lines, until Ctrl-C or the end of the agent")
    .action(async (member: string | undefined) => {
      const flags = command.optsWithGlobals<LogsFlags>();
      if (member !== undefined) return done(await ownHost(flags, io, () => heldLogs(member, flags, io)));
      const { logsCommand } = await import("@gatehouse/logs/command");
      const { onOwnHost } = await import("./foreign-host.ts");
      done(await onOwnHost(flags, io, () => logsCommand(flags, io)));
    });
};

const addChat = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("chat")
    .description("write to a group's agent; in a pipe, each line of stdin is a message")
    .option("--group <group>", "the group's id, name or folder (default: the group of your direct chat)")
    .option("--as <user>", "write as this user: an id or a name (default: the owner, if there is only one)")
    .option("--attach <file>", "a file to send with the first line; may be repeated", anotherPath)
    .option("--save <dir>", "save the agent's files here (default: only print their paths)", absolute)
    .action(async () => {
      const { chatCommand } = await import("./chat/chat-command.ts");
      const { onOwnHost } = await import("./foreign-host.ts");
      const flags = command.optsWithGlobals<ChatFlags>();
      done(await onOwnHost(flags, io, () => chatCommand(flags, io)));
    });
};

const addDatabase = (program: Command, io: Io, done: Done): void => {
  const database = program.command("database").description("the host's central database");
  const move = database
    .command("move")
    .description("copy the host's database to an empty PostgreSQL and compare it; stop the host first")
    .option("--from <dir>", "the data folder with gatehouse.db (default: as --data)", absolute)
    .option("--to <address>", "the database, without a password (default: GATEHOUSE_DATABASE)")
    .action(async () => {
      const { moveCommand } = await import("./database/move-command.ts");
      done(await moveCommand(move.optsWithGlobals(), io));
    });
};

const addUsers = (program: Command, users: UsersCli | null, io: Io, done: Done): void => {
  const command = program.command("users").description("the people who may use a host: add, remove, check");
  users?.addUsersCommands(command, io, done);
};

const program = (users: UsersCli | null): CliDefinition => ({
  name: "gatehouse",
  description: "Starts coding agents in their folders, trusted, with nobody at the keyboard.",
  help: helpOf(users),
  add: (command, io, done) => {
    const ofHost = [addUp, addDown, addChat, addDemo, addStatus, addLogs];
    const adders = [addRun, addDoctor, ...ofHost, addInit, addImport, addDatabase];
    for (const add of adders) add(command, io, done);
    addLaunchCommands(command, io, done, ownHost);
    const whyForeign = async (dataDir: string) => (await import("./foreign-host.ts")).foreignHost(dataDir);
    addHeldCommands(command, io, done, { listApprovals, launchesAtWork, whyForeign, onOwnHost: ownHost });
    addUsers(command, users, io, done);
    groupHelp(command);
  },
});

/** The headings of `gatehouse --help`, and the commands below each. */
const helpGroups: Readonly<Record<string, readonly string[]>> = {
  "Agents:": ["run", "doctor", "ps", "send", "screen", "answer", "attach", "stop", "restart"],
  "Teams:": ["launch", "launches"],
  "Host:": ["init", "up", "down", "chat", "status", "logs", "import", "database", "demo"],
  "People:": ["users"],
};

const groupHelp = (program: Command): void => {
  for (const [heading, names] of Object.entries(helpGroups))
    for (const each of program.commands) if (names.includes(each.name())) each.helpGroup(heading);
};

/** Reads the arguments, runs the command, and returns the exit code. */
export const runCli = async (argv: readonly string[], version: string, io: Io): Promise<number> => {
  // The flags come from the table of a user's fields. Loading it takes as long as loading everything else.
  const users = argv.includes("users") ? await import("@gatehouse/user-commands") : null;
  return runProgram(program(users), argv, version, io);
};
